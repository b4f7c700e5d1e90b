from functools import cache
from typing import Any
from zoneinfo import available_timezones

from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import AuthenticationFailed
from rest_framework_simplejwt.serializers import TokenObtainPairSerializer

from accounts.models import AlarmSound, Sensitivity, User
from accounts.tokens import RefreshToken, tokens_refresh
from common.http import throttling

MAX_PASSWORD_LENGTH = 256
MAX_SECONDS = 2**31 - 1


class UsernameField(serializers.CharField):
    """A name as it is stored: what a keyboard composes of parts (macOS, Hangul) is the same name in one piece."""

    def to_internal_value(self, data: Any) -> str:
        return User.normalize_username(super().to_internal_value(data))


class SignUpSerializer(serializers.Serializer[User]):
    username = UsernameField(max_length=150, validators=[UnicodeUsernameValidator()])
    password = serializers.CharField(write_only=True, trim_whitespace=False, max_length=MAX_PASSWORD_LENGTH)

    def validate_password(self, password: str) -> str:
        """Strict rules compare it with the name."""
        validate_password(password, User(username=str(self.initial_data.get("username"))))
        return password


class LoginSerializer(TokenObtainPairSerializer):
    token_class = RefreshToken

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"] = UsernameField(write_only=True)
        self.fields["password"] = serializers.CharField(write_only=True, trim_whitespace=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, str]:
        failures = throttling.password_failures(attrs["username"])
        with throttling.count_failures(failures, failure=AuthenticationFailed):
            return super().validate(attrs)


class RefreshSerializer(serializers.Serializer[Any]):
    refresh = serializers.CharField()
    access = serializers.CharField(read_only=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, str]:
        return tokens_refresh(attrs["refresh"])


class LogoutSerializer(serializers.Serializer[Any]):
    refresh = serializers.CharField(required=False, default=None, help_text="of a login that shall end besides")
    everywhere = serializers.BooleanField(required=False, default=False, help_text="end all logins")


class PasswordSerializer(serializers.Serializer[Any]):
    password = serializers.CharField(trim_whitespace=False, max_length=MAX_PASSWORD_LENGTH)
    new_password = serializers.CharField(trim_whitespace=False, max_length=MAX_PASSWORD_LENGTH)

    def validate_new_password(self, password: str) -> str:
        validate_password(password, self.context["request"].user)
        return password


class TokensSerializer(serializers.Serializer[Any]):
    access = serializers.CharField()
    refresh = serializers.CharField()


class AlarmTimesSerializer(serializers.Serializer[User]):
    blink_time = serializers.IntegerField(min_value=1, max_value=MAX_SECONDS, help_text="seconds without a blink")
    neck_time = serializers.IntegerField(min_value=1, max_value=MAX_SECONDS, help_text="seconds of bad posture")
    stretching_time = serializers.IntegerField(min_value=1, max_value=MAX_SECONDS, help_text="seconds")
    alarm_sound = serializers.IntegerField(
        min_value=min(AlarmSound.values), max_value=max(AlarmSound.values), help_text="1 man, 2 woman, 3 boy, 4 girl"
    )


class AlarmsSerializer(AlarmTimesSerializer):
    """The same four, and what sessions know besides. Of a change, only what is to be changed need be sent."""

    rest_time = serializers.IntegerField(min_value=1, max_value=MAX_SECONDS, help_text="seconds at the desk")
    sensitivity = serializers.ChoiceField(choices=Sensitivity.choices, help_text="high tells small faults of posture")
    neck_on = serializers.BooleanField()
    blink_on = serializers.BooleanField(help_text="off, no bursts are asked for, either")
    stretching_on = serializers.BooleanField()
    rest_on = serializers.BooleanField()
    stranger_on = serializers.BooleanField()
    someone_behind_on = serializers.BooleanField()


@extend_schema_field({"type": "string", "format": "time-zone", "description": "IANA's name; empty: the service's"})
class TimeZoneField(serializers.CharField):
    """IANA's name of a time zone; empty text is the service's own."""

    default_error_messages = {"unknown": _("This is no time zone: send its IANA name, such as Asia/Seoul.")}

    def to_internal_value(self, data: Any) -> str:
        name = super().to_internal_value(data)
        if name and name not in _time_zones():
            self.fail("unknown")
        return name


class TimeZoneSerializer(serializers.Serializer[Any]):
    time_zone = TimeZoneField(allow_blank=True)


class ArchiveSerializer(serializers.Serializer[Any]):
    archive_frames = serializers.BooleanField(help_text="keep the pictures that are posted")
    retention_days = serializers.IntegerField(
        read_only=True, help_text="a frame older than this is deleted; 0: frames are kept until their user deletes them"
    )


class FaceSerializer(serializers.Serializer[Any]):
    enrolled = serializers.BooleanField()
    frame_count = serializers.IntegerField(help_text="frames that the enrolled face is the mean of")
    updated_at = serializers.DateTimeField(allow_null=True)


@cache
def _time_zones() -> set[str]:
    return available_timezones()  # reads a folder of files
