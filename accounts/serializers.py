from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.validators import UnicodeUsernameValidator
from rest_framework import serializers
from rest_framework_simplejwt.serializers import TokenObtainPairSerializer

from accounts.models import AlarmSound, User

MAX_PASSWORD_LENGTH = 256
MAX_SECONDS = 2**31 - 1


class UsernameField(serializers.CharField):
    """A name as it is stored: what a keyboard composes of parts (macOS, Hangul) is the same name in one piece."""

    def to_internal_value(self, data: Any) -> str:
        return User.normalize_username(super().to_internal_value(data))


class SignUpSerializer(serializers.Serializer[User]):
    username = UsernameField(max_length=150, validators=[UnicodeUsernameValidator()])
    password = serializers.CharField(
        write_only=True, trim_whitespace=False, max_length=MAX_PASSWORD_LENGTH, validators=[validate_password]
    )


class LoginSerializer(TokenObtainPairSerializer):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"] = UsernameField(write_only=True)
        self.fields["password"] = serializers.CharField(write_only=True, trim_whitespace=False)


class WithdrawalSerializer(serializers.Serializer[Any]):
    password = serializers.CharField(
        required=False, trim_whitespace=False, allow_blank=True, max_length=MAX_PASSWORD_LENGTH
    )


class WithdrawnSerializer(serializers.Serializer[Any]):
    message = serializers.CharField()


class AlarmTimesSerializer(serializers.Serializer[User]):
    blink_time = serializers.IntegerField(min_value=1, max_value=MAX_SECONDS, help_text="seconds without a blink")
    neck_time = serializers.IntegerField(min_value=1, max_value=MAX_SECONDS, help_text="seconds of bad posture")
    stretching_time = serializers.IntegerField(min_value=1, max_value=MAX_SECONDS, help_text="seconds")
    alarm_sound = serializers.IntegerField(
        min_value=min(AlarmSound.values), max_value=max(AlarmSound.values), help_text="1 man, 2 woman, 3 boy, 4 girl"
    )


class ArchiveSerializer(serializers.Serializer[Any]):
    archive_frames = serializers.BooleanField(help_text="keep the pictures that are posted")
    retention_days = serializers.IntegerField(
        read_only=True, help_text="a frame older than this is deleted; 0: frames are kept until their user deletes them"
    )


class FaceSerializer(serializers.Serializer[Any]):
    enrolled = serializers.BooleanField()
    frame_count = serializers.IntegerField(help_text="frames that the enrolled face is the mean of")
    updated_at = serializers.DateTimeField(allow_null=True)


class ExportQuerySerializer(serializers.Serializer[Any]):
    frames = serializers.BooleanField(required=False, default=False)
