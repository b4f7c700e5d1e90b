"""A face's outline in an answer."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from ai_models.outlines import OUTLINE_POINTS, Outline, unpack_outline

EXAMPLE: dict[str, Any] = {
    "width": 640,
    "height": 480,
    "points": [[220 + 5 * number, 200 + number % 3] for number in range(OUTLINE_POINTS)],
}
POINTS: dict[str, Any] = {
    "type": "array",
    "minItems": OUTLINE_POINTS,
    "maxItems": OUTLINE_POINTS,
    "items": {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2},
    "description": "x and y: 17 points along the jaw from the right ear to the left, 5 of each brow, 9 of the nose",
}


@extend_schema_field(POINTS)
class PointsField(serializers.ListField):
    pass


class OutlineSerializer(serializers.Serializer[Any]):
    """A face's outline, in pixels of a picture of this size; not mirrored."""

    width = serializers.IntegerField(help_text="640, whatever the camera's resolution")
    height = serializers.IntegerField()
    points = PointsField()


class OutlinesSerializer(serializers.Serializer[Any]):
    """A session's."""

    now = OutlineSerializer(allow_null=True, help_text="in the frame that was sent")
    best = OutlineSerializer(
        allow_null=True, help_text="as calibrated; null while it is not, or if an earlier release did it"
    )


@extend_schema_field(OutlineSerializer)
class PackedOutlineField(serializers.Field[Any, Any, Any, Any]):
    """An outline of the database."""

    def __init__(self, **options: Any) -> None:
        super().__init__(read_only=True, **options)

    def to_representation(self, value: Any) -> Outline:
        return unpack_outline(bytes(value))
