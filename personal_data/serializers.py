from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from accounts.serializers import MAX_PASSWORD_LENGTH
from common.http.fields import QueryDateTimeField
from common.http.paging import MAX_PAGE_SIZE, PAGE_SIZE, CursorField
from personal_data.frame_pages import Cursor


class SpanSerializer(serializers.Serializer[Any]):
    """A span of time, both ends included."""

    def get_fields(self) -> dict[str, Any]:  # `from` is a keyword in Python
        moments = {"from": QueryDateTimeField(required=False), "to": QueryDateTimeField(required=False)}
        return moments | super().get_fields()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        since, until = attrs.pop("from", None), attrs.pop("to", None)
        if since and until and until < since:
            raise serializers.ValidationError({"to": [_("The end is before the start.")]})
        return attrs | {"since": since, "until": until}


class ErasedSpanSerializer(SpanSerializer):
    """The span to delete; refuses unknown parameters, so that a typo never deletes more than was meant."""

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if unknown := set(self.initial_data) - set(self.fields):
            raise serializers.ValidationError(
                {name: [_("Unknown parameter: only from and to are accepted.")] for name in unknown}
            )
        return super().validate(attrs)


class FrameQuerySerializer(SpanSerializer):
    face_found = serializers.BooleanField(required=False, allow_null=True, default=None)
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=MAX_PAGE_SIZE, default=PAGE_SIZE)
    cursor = CursorField(Cursor.from_text, required=False, default=None)


class FrameSummarySerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    captured_at = serializers.DateTimeField()
    size = serializers.IntegerField(help_text="of the picture, in bytes")
    face_found = serializers.BooleanField()
    content_type = serializers.ChoiceField(choices=["image/jpeg", "image/png"])


class FramePageSerializer(serializers.Serializer[Any]):
    next = serializers.URLField(allow_null=True, help_text="the address of the next page; null on the last")
    results = FrameSummarySerializer(many=True)


class ErasedSerializer(serializers.Serializer[Any]):
    deleted = serializers.IntegerField(help_text="frames deleted so far")
    pending = serializers.BooleanField(help_text="the rest is deleted as soon as the archive can be reached")


class FormatSerializer(serializers.Serializer[Any]):
    format = serializers.ChoiceField(choices=["base64"], required=False)


class WithdrawalSerializer(serializers.Serializer[Any]):
    password = serializers.CharField(
        required=False, trim_whitespace=False, allow_blank=True, max_length=MAX_PASSWORD_LENGTH
    )


class ExportQuerySerializer(serializers.Serializer[Any]):
    frames = serializers.BooleanField(required=False, default=False)
