"""Request serializers of sessions."""

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from ai_models.vision.frame import Frame, InvalidFrame, read_frame
from common.http.fields import CapturedAtField
from common.http.messages import frame_error_message
from detections.models import MAX_NAME_LENGTH

MIN_BURST, MAX_BURST = 2, 75
MAX_BURST_S = 15
BURST_MAX_SIDE_PX = 1920  # one without a face takes 0.1 s to search at this size
MAX_ID = 2**63 - 1


class StartSerializer(serializers.Serializer[Any]):
    profile = serializers.IntegerField(
        required=False,
        allow_null=True,
        default=None,
        min_value=1,
        max_value=MAX_ID,
        help_text="a saved profile's id; without one the session calibrates first",
    )


class FrameQuerySerializer(serializers.Serializer[Any]):
    captured_at = CapturedAtField(required=False, default=None)


class NumberedField(serializers.ListField):
    """A list whose errors name the item by its number, counted from 1."""

    def run_child_validation(self, data: Any) -> Any:
        try:
            return super().run_child_validation(data)
        except serializers.ValidationError as error:
            items: Any = error.detail
            problems = [f"{index + 1}: {message}" for index, messages in items.items() for message in messages]
            raise serializers.ValidationError(problems) from None


class BurstSerializer(serializers.Serializer[Any]):
    """A multipart body: one time for each picture, in chronological order."""

    frames = NumberedField(
        child=serializers.FileField(allow_empty_file=True), min_length=MIN_BURST, max_length=MAX_BURST
    )
    captured_at = NumberedField(child=CapturedAtField(), min_length=MIN_BURST, max_length=MAX_BURST)

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
        return attrs


class ProfileNameSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=MAX_NAME_LENGTH)


def _frame(file: Any, number: int) -> Frame:
    try:
        frame = read_frame(file.read())
        if max(frame.width, frame.height) > BURST_MAX_SIDE_PX:
            raise InvalidFrame("In a burst, a picture has at most {limit} pixels a side.", limit=BURST_MAX_SIDE_PX)
    except InvalidFrame as error:
        message = _("Frame %(number)d: %(reason)s") % {"number": number, "reason": frame_error_message(error)}
        raise serializers.ValidationError(message) from None
    return frame
