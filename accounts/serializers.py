from functools import cache
from typing import Any
from zoneinfo import available_timezones

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import AuthenticationFailed
from rest_framework_simplejwt.serializers import TokenObtainPairSerializer

from accounts.models import (
    ALARM_STEPS,
    BREAKS_S,
    MAX_BREAK_NOTICE_S,
    MAX_VOLUME,
    WATCHED_S,
    AlarmSound,
    Privacy,
    Sensitivity,
    Sound,
    User,
)
from accounts.privacy import MAX_KEEP_DAYS, PrivacyChoice
from accounts.tokens import RefreshToken, tokens_refresh
from accounts.typed import UsernameValidator
from common.http import throttling
from common.http.fields import NumberedField

MAX_PASSWORD_LENGTH = 256
MAX_SECONDS = 2**31 - 1
HOURS_AND_MINUTES = "%H:%M"


class UsernameField(serializers.CharField):
    """A username, normalized as it is stored: characters typed as several code points (macOS, Hangul) become one."""

    def to_internal_value(self, data: Any) -> str:
        return User.normalize_username(super().to_internal_value(data))


@extend_schema_field(
    {"type": "string", "format": "time-zone", "description": "IANA name; empty: the service's time zone"}
)
class TimeZoneField(serializers.CharField):
    """The IANA name of a time zone; empty for the service's own."""

    default_error_messages = {"unknown": _("This is not a time zone. Send an IANA name, such as Asia/Seoul.")}

    def to_internal_value(self, data: Any) -> str:
        name = super().to_internal_value(data)
        if name and name not in _time_zones():
            self.fail("unknown")
        return name


class PrivacyChoiceSerializer(serializers.Serializer[Any]):
    """What becomes of the pictures; validated it is a PrivacyChoice, under `choice`."""

    privacy = serializers.ChoiceField(
        choices=Privacy.choices,
        write_only=True,
        help_text="browser: no picture is sent, only landmarks; forgotten: judged, never stored; kept: stored",
    )
    keep_days = serializers.IntegerField(
        write_only=True,
        required=False,
        allow_null=True,
        min_value=1,
        max_value=MAX_KEEP_DAYS,
        help_text="of pictures that are kept; at most FRAME_RETENTION_DAYS, which is the default",
    )
    wording = serializers.CharField(
        write_only=True,
        required=False,
        allow_blank=True,
        max_length=32,
        help_text="the version of the text that the user was shown",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        privacy, keep_days, wording = (attrs.pop(name, None) for name in ("privacy", "keep_days", "wording"))
        limit: int = settings.FRAME_RETENTION_DAYS
        if keep_days and privacy != Privacy.KEPT:
            raise serializers.ValidationError({"keep_days": [_("Only pictures that are kept have a number of days.")]})
        if keep_days and 0 < limit < keep_days:
            message = _("Pictures are kept for at most %(limit)d days here.") % {"limit": limit}
            raise serializers.ValidationError({"keep_days": [message]})
        return attrs | {"choice": PrivacyChoice(Privacy(privacy), keep_days, wording or "") if privacy else None}


class SignUpSerializer(PrivacyChoiceSerializer):
    username = UsernameField(max_length=150, validators=[UsernameValidator()])
    password = serializers.CharField(write_only=True, trim_whitespace=False, max_length=MAX_PASSWORD_LENGTH)
    time_zone = TimeZoneField(write_only=True, required=False, allow_blank=True)
    privacy = serializers.ChoiceField(
        choices=Privacy.choices,
        write_only=True,
        required=False,
        allow_null=True,
        help_text="what becomes of the pictures; without it they are stored, as in version 1",
    )
    invitation = serializers.CharField(
        write_only=True,
        required=False,
        allow_blank=True,
        max_length=64,
        help_text="the last part of an invitation's link; needed where only invited people may sign up",
    )

    def validate_password(self, password: str) -> str:
        """Pass the username along: strict rules compare the password with it."""
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
    refresh = serializers.CharField(required=False, default=None, help_text="of another login to end as well")
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


class StepsField(NumberedField):
    """Names of steps, stored as text with commas between them."""

    child = serializers.ChoiceField(choices=ALARM_STEPS)

    def to_representation(self, data: Any) -> list[str]:
        return str(data).split(",")


def _seconds(bounds: tuple[int, int], help_text: str) -> serializers.IntegerField:
    return serializers.IntegerField(min_value=bounds[0], max_value=bounds[1], help_text=help_text)


@extend_schema_field({"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$", "example": "22:00"})
class TimeOfDayField(serializers.TimeField):
    """Hours and minutes, HH:MM."""

    def __init__(self, **options: Any) -> None:
        super().__init__(format=HOURS_AND_MINUTES, input_formats=[HOURS_AND_MINUTES], **options)


class AlarmsSerializer(AlarmTimesSerializer):
    """The alarm times, the sound, and the settings that only sessions use.

    A time that version 1 or an earlier release took may be out of the bounds of a change.
    """

    rest_time = serializers.IntegerField(min_value=1, max_value=MAX_SECONDS, help_text="seconds at the desk")
    sensitivity = serializers.ChoiceField(
        choices=Sensitivity.choices, help_text="high also reports small faults of posture"
    )
    neck_on = serializers.BooleanField()
    blink_on = serializers.BooleanField(help_text="off: no bursts are requested either")
    stretching_on = serializers.BooleanField()
    rest_on = serializers.BooleanField()
    stranger_on = serializers.BooleanField()
    someone_behind_on = serializers.BooleanField()
    sound = serializers.ChoiceField(
        choices=Sound.choices, help_text="of an alarm; voice: the one that alarm_sound names. New users have it off"
    )
    volume = serializers.IntegerField(min_value=0, max_value=MAX_VOLUME)
    steps = StepsField(
        min_length=1, max_length=len(ALARM_STEPS), help_text="how an alarm shows, in this order, before it sounds"
    )
    quiet_from = TimeOfDayField(
        allow_null=True,
        help_text="HH:MM in the user's time zone. Quiet hours need both, may pass midnight, and silence all alarms",
    )
    quiet_to = TimeOfDayField(allow_null=True)
    break_notice_s = serializers.IntegerField(
        min_value=0, max_value=MAX_BREAK_NOTICE_S, help_text="how long before it a break is announced; 0: not at all"
    )


class AlarmsChangeSerializer(AlarmsSerializer):
    """Any part of the alarm settings."""

    blink_time = _seconds(WATCHED_S, "seconds without a blink")
    neck_time = _seconds(WATCHED_S, "seconds of bad posture")
    stretching_time = _seconds(BREAKS_S, "seconds at the desk")
    rest_time = _seconds(BREAKS_S, "seconds at the desk")

    def validate_steps(self, steps: list[str]) -> str:
        """The steps as they are stored: in their own order, each once."""
        return ",".join(step for step in ALARM_STEPS if step in steps)


class TimeZoneSerializer(serializers.Serializer[Any]):
    time_zone = TimeZoneField(allow_blank=True)


class ArchiveSerializer(serializers.Serializer[Any]):
    archive_frames = serializers.BooleanField(help_text="store the pictures that are posted")
    retention_days = serializers.IntegerField(
        read_only=True, help_text="frames older than this are deleted; 0: frames stay until their user deletes them"
    )


class FaceSerializer(serializers.Serializer[Any]):
    enrolled = serializers.BooleanField()
    frame_count = serializers.IntegerField(help_text="number of frames averaged into the enrolled face")
    updated_at = serializers.DateTimeField(allow_null=True)


@cache
def _time_zones() -> set[str]:
    # Without those two that are no place's: "not set" and the machine's own. Slow: it reads a folder of files.
    return available_timezones() - {"Factory", "localtime"}
