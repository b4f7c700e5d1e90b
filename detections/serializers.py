from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from ai_models.vision.frame import Frame, parse_data_url
from common.http.serializers import FixedSerializer
from detections.services import CALIBRATION_FRAMES

MAX_LIST_NUMBERS = 100
NUMBER = r"-?[0-9]{1,15}(\.[0-9]{1,20})?"  # as clients send them; anything else that float() reads is accepted, too
MAX_LIST_LENGTH = 4096
MAX_COUNT = 2**53 - 1  # the largest whole number that JavaScript counts to


@extend_schema_field(
    {"type": "string", "format": "data-url", "minLength": 1, "description": "JPEG or PNG; bare base64 too"}
)
class FrameField(serializers.Field[Frame, str, str, Any]):
    """A picture as a base64 data URL, or as bare base64."""

    default_error_messages = {
        "invalid": _("This must be text: a picture as a base64 data URL."),
    }

    def to_internal_value(self, data: Any) -> Frame:
        if not isinstance(data, str):
            self.fail("invalid")
        return parse_data_url(data)


@extend_schema_field({"type": "string", "pattern": f"^({NUMBER}(,{NUMBER}){{0,{MAX_LIST_NUMBERS - 1}}})?$"})
class NumberListField(serializers.Field[tuple[str, ...], str, str, Any]):
    """Comma-separated numbers, kept as text; an empty text is an empty list."""

    default_error_messages = {
        "invalid": _("This must be text: numbers with commas between them."),
        "too_many": _("At most {limit} numbers are accepted."),
    }

    def to_internal_value(self, data: Any) -> tuple[str, ...]:
        if not isinstance(data, str):
            self.fail("invalid")
        if len(data) > MAX_LIST_LENGTH or data.count(",") >= MAX_LIST_NUMBERS:
            self.fail("too_many", limit=MAX_LIST_NUMBERS)
        if not data:
            return ()
        texts = tuple(data.split(","))
        if not all(_is_number(text) for text in texts):
            self.fail("invalid")
        return texts


class NumberField(serializers.FloatField):
    """A number; an integer stays one, because responses echo it."""

    def __init__(self, min_value: int = -MAX_COUNT, max_value: int = MAX_COUNT, **options: Any) -> None:
        super().__init__(min_value=min_value, max_value=max_value, **options)

    def to_internal_value(self, data: Any) -> int | float:
        if isinstance(data, bool):
            self.fail("invalid")
        value: float = super().to_internal_value(data)
        return data if isinstance(data, int) else value


class NeckSerializer(FixedSerializer):
    """A frame, and the calibration that the client holds."""

    blob_data = FrameField()
    face_x = NumberListField(required=False, allow_null=True)
    face_y = NumberListField(required=False, allow_null=True)
    nose_to_center = NumberListField(required=False, allow_null=True)
    cnt = serializers.IntegerField(min_value=0, max_value=MAX_COUNT)
    face_x_mean = NumberField(required=False, allow_null=True)
    face_y_mean = NumberField(required=False, allow_null=True)
    nose_mean = NumberField(required=False, allow_null=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        lists = {name: attrs.get(name) or () for name in ("face_x", "face_y", "nose_to_center")}
        means = {name: attrs.get(name) for name in ("face_x_mean", "face_y_mean", "nose_mean")}
        missing = [name for name, mean in means.items() if mean is None]
        if missing and attrs["cnt"] >= CALIBRATION_FRAMES:
            message = _("This is required once cnt is 4: send back what the last calibration response returned.")
            raise serializers.ValidationError({name: [message] for name in missing})
        return attrs | lists | {name: 0 if mean is None else mean for name, mean in means.items()}


class BlinkSerializer(FixedSerializer):
    """A frame, and the counts that the client holds."""

    blob_data = FrameField()
    count = serializers.IntegerField(min_value=0, max_value=MAX_COUNT)
    total = serializers.IntegerField(min_value=0, max_value=MAX_COUNT)
    time = NumberField(min_value=0)


def _is_number(text: str) -> bool:
    try:
        return abs(float(text)) <= MAX_COUNT  # False for NaN
    except ValueError:
        return False
