"""Request serializers of sessions."""

import re
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.serializers import MAX_PASSWORD_LENGTH
from ai_models.analysis import Crop
from ai_models.monitoring.alarm_kinds import ALARM_KINDS
from ai_models.monitoring.silence import MAX_SNOOZE_S
from ai_models.vision.frame import MAX_SIDE_PX, Frame, InvalidFrame, read_frame
from common.http.fields import CapturedAtField, NumberedField
from common.http.messages import frame_error_message
from common.http.serializers import FixedSerializer
from detections.models import MAX_CAMERA_LENGTH, MAX_NAME_LENGTH

MIN_BURST, MAX_BURST = 2, 75
MAX_BURST_S = 15
BURST_MAX_SIDE_PX = 1920  # one without a face takes 0.1 s to search at this size
CROP = re.compile(r"[0-9]{1,4}(,[0-9]{1,4}){3}")
MAX_ID = 2**63 - 1


class CameraField(serializers.CharField):
    """The client's own name for its camera, such as a browser's `deviceId`; empty if it does not tell."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=MAX_CAMERA_LENGTH, required=False, allow_blank=True, default="", **options)


class StartSerializer(serializers.Serializer[Any]):
    profile = serializers.IntegerField(
        required=False,
        allow_null=True,
        default=None,
        min_value=1,
        max_value=MAX_ID,
        help_text="a saved profile's id; without one the session calibrates first",
    )
    camera = CameraField(help_text="your name for the camera, such as a browser's deviceId")
    ask = serializers.BooleanField(
        default=False, help_text="409 if another session is running, which is otherwise stopped"
    )
    take_over = serializers.BooleanField(default=False, help_text="stop it: the user was asked")


@extend_schema_field(OpenApiTypes.DATETIME)
class UntilField(CapturedAtField):
    """A time with its time zone, in JSON."""


class SnoozeSerializer(serializers.Serializer[Any]):
    """Which alarms are silent, and for how long; or a meeting."""

    kind = serializers.ChoiceField(
        choices=ALARM_KINDS, required=False, allow_null=True, default=None, help_text="null: all"
    )
    seconds = serializers.IntegerField(required=False, min_value=0, max_value=int(MAX_SNOOZE_S))
    until = UntilField(required=False, help_text="ISO 8601 with its time zone; at most 24 hours ahead")
    meeting = serializers.BooleanField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if len(attrs.keys() & {"seconds", "until", "meeting"}) != 1:
            raise serializers.ValidationError({"seconds": [_("Send exactly one of seconds, until and meeting.")]})
        if "until" not in attrs:
            return attrs
        seconds = (attrs["until"] - timezone.now()).total_seconds()
        if not 0 < seconds <= MAX_SNOOZE_S:
            raise serializers.ValidationError({"until": [_("This must be within the next 24 hours.")]})
        return attrs | {"seconds": seconds}


class ConfirmFaceSerializer(FixedSerializer):
    password = serializers.CharField(trim_whitespace=False, max_length=MAX_PASSWORD_LENGTH)
    keep = serializers.BooleanField(
        default=True, help_text="learn this face beside those learned so far; false: forget those, learn only this one"
    )


class FrameQuerySerializer(FixedSerializer):
    captured_at = CapturedAtField(required=False, default=None)


class CameraQuerySerializer(FixedSerializer):
    camera = CameraField()


class CropField(serializers.Field[Crop | None, str, str, Any]):
    """A picture's place in a larger one, `left,top,width,height`; empty for a whole picture."""

    default_error_messages = {
        "place": _("This is not a place: send left,top,width,height as whole numbers, or nothing for a whole picture."),
    }

    def to_internal_value(self, data: str) -> Crop | None:
        if not data:
            return None
        if not CROP.fullmatch(data):
            self.fail("place")
        return Crop(*map(int, data.split(",")))


class BurstSerializer(FixedSerializer):
    """A multipart body: one time for each picture, in chronological order, and maybe a place for each."""

    frames = NumberedField(
        child=serializers.FileField(allow_empty_file=True), min_length=MIN_BURST, max_length=MAX_BURST
    )
    captured_at = NumberedField(child=CapturedAtField(), min_length=MIN_BURST, max_length=MAX_BURST)

    crop = NumberedField(child=CropField(), required=False, max_length=MAX_BURST, default=list)

    def validate_frames(self, files: list[Any]) -> list[Frame]:
        return [_frame(file, number) for number, file in enumerate(files, 1)]

    def validate_captured_at(self, moments: list[datetime]) -> list[datetime]:
        if any(later <= earlier for earlier, later in pairwise(moments)):
            raise serializers.ValidationError(_("Each frame must be captured after the one before."))
        if moments[-1] - moments[0] > timedelta(seconds=MAX_BURST_S):
            raise serializers.ValidationError(_("A burst spans at most %(limit)d seconds.") % {"limit": MAX_BURST_S})
        return moments

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if len(attrs["frames"]) != len(attrs["captured_at"]):
            raise serializers.ValidationError({"captured_at": [_("Send one for each of the frames, in their order.")]})
        if attrs["crop"]:
            attrs["frames"] = _placed(attrs["frames"], attrs["crop"])
        return attrs


class CameraMovedSerializer(serializers.Serializer[Any]):
    moved = serializers.BooleanField()


class ProfileNameSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=MAX_NAME_LENGTH)


def _placed(frames: list[Frame], crops: list[Crop | None]) -> list[Frame]:
    """The frames with their places. Raises ValidationError."""
    if len(frames) != len(crops):
        raise serializers.ValidationError({"crop": [_("Send one for each of the frames, in their order.")]})
    for number, (frame, crop) in enumerate(zip(frames, crops, strict=True), 1):
        if crop and not _is_inside(frame, crop):
            message = _("%(number)d: The picture reaches beyond the whole one, or that is too large.")
            raise serializers.ValidationError({"crop": [message % {"number": number}]})
    return [replace(frame, crop=crop) for frame, crop in zip(frames, crops, strict=True)]


def _is_inside(frame: Frame, crop: Crop) -> bool:
    is_inside = crop.left + frame.width <= crop.width and crop.top + frame.height <= crop.height
    return is_inside and max(crop.width, crop.height) <= MAX_SIDE_PX


def _frame(file: Any, number: int) -> Frame:
    try:
        frame = read_frame(file.read())
        if max(frame.width, frame.height) > BURST_MAX_SIDE_PX:
            raise InvalidFrame("In a burst, a picture has at most {limit} pixels a side.", limit=BURST_MAX_SIDE_PX)
    except InvalidFrame as error:
        message = _("Frame %(number)d: %(reason)s") % {"number": number, "reason": frame_error_message(error)}
        raise serializers.ValidationError(message) from None
    return frame
