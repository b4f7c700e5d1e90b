from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from accounts.serializers import MAX_PASSWORD_LENGTH
from common.http.fields import EARLIEST_YEAR, LATEST_YEAR, QueryDateTimeField
from common.http.paging import MAX_PAGE_SIZE, PAGE_SIZE, CursorField
from detections.models import KINDS
from personal_data.frame_pages import Cursor

DAYS, MAX_DAYS = 7, 31  # a page: a day may have thirty thousand frames


def _day_of(text: str) -> date:
    """A day from a client's text. Raises ValueError."""
    day = date.fromisoformat(text)
    if not EARLIEST_YEAR < day.year <= LATEST_YEAR:
        raise ValueError(text)
    return day


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
    events = serializers.ListField(
        child=serializers.ChoiceField(choices=[(kind, kind) for kind, _words in KINDS]),
        help_text="what its session told at that time, such as bad_posture; empty if all was well or no session ran",
    )


class FramePageSerializer(serializers.Serializer[Any]):
    next = serializers.URLField(allow_null=True, help_text="the address of the next page; null on the last")
    results = FrameSummarySerializer(many=True)


class ErasedSerializer(serializers.Serializer[Any]):
    deleted = serializers.IntegerField(help_text="frames deleted so far")
    pending = serializers.BooleanField(help_text="the rest is deleted as soon as the archive can be reached")


class FormatSerializer(serializers.Serializer[Any]):
    format = serializers.ChoiceField(choices=["base64"], required=False)
    size = serializers.ChoiceField(choices=["thumb"], required=False)


class DayQuerySerializer(serializers.Serializer[Any]):
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=MAX_DAYS, default=DAYS)
    cursor = CursorField(_day_of, required=False, default=None)


class FrameTotalsSerializer(serializers.Serializer[Any]):
    frames = serializers.IntegerField()
    bytes = serializers.IntegerField()


class FrameDaySerializer(serializers.Serializer[Any]):
    day = serializers.DateField(help_text="in the user's time zone")
    since = serializers.DateTimeField(help_text="its first moment: `from` and `to` of a list or a deletion")
    until = serializers.DateTimeField(help_text="its last")
    frames = serializers.IntegerField(source="totals.frames")
    bytes = serializers.IntegerField(source="totals.bytes")


class DayPageSerializer(serializers.Serializer[Any]):
    total = FrameTotalsSerializer(allow_null=True, help_text="of all frames; on the first page only")
    next = serializers.URLField(allow_null=True, help_text="the address of the next page; null on the last")
    results = FrameDaySerializer(many=True)


class WithdrawalSerializer(serializers.Serializer[Any]):
    password = serializers.CharField(
        required=False, trim_whitespace=False, allow_blank=True, max_length=MAX_PASSWORD_LENGTH
    )


class ExportQuerySerializer(serializers.Serializer[Any]):
    frames = serializers.BooleanField(required=False, default=False)
