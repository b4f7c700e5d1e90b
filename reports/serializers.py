from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from posesmart.times import parse_time

MAX_COUNT = 2**31 - 1


def _count() -> serializers.IntegerField:
    return serializers.IntegerField(min_value=0, max_value=MAX_COUNT)


class EchoedTextField(serializers.CharField):
    """Text that comes back exactly as it was sent; a number would come back as text, so it is refused."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=40, trim_whitespace=False, **options)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


@extend_schema_field({"type": "string", "format": "report-time", "description": "YYMMDDHHmm or ISO 8601"})
class ReportTimeField(EchoedTextField):
    """A time as text; what it tells is read in validate(), since it is kept beside the text."""


class ReportSerializer(serializers.Serializer[Any]):
    """Times are YYMMDDHHmm or ISO 8601, and come back exactly as they were sent."""

    id = serializers.IntegerField(read_only=True)
    blink_cnt = _count()
    neck_cnt = _count()
    stretching_cnt = _count()
    start_time = ReportTimeField()
    end_time = ReportTimeField()
    study_time = EchoedTextField(required=False, allow_null=True, allow_blank=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        moments = {}
        for field, moment in (("start_time", "started_at"), ("end_time", "ended_at")):
            try:
                moments[moment] = parse_time(attrs[field])
            except ValueError:
                message = _("This is no time: send YYMMDDHHmm, or ISO 8601 as JavaScript's toISOString() gives it.")
                raise serializers.ValidationError({field: [message]}) from None
        if moments["ended_at"] < moments["started_at"]:
            raise serializers.ValidationError({"end_time": [_("The end is before the start.")]})
        return attrs | moments
