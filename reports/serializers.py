from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from common.http.fields import EARLIEST_YEAR, LATEST_YEAR, parse_time
from common.http.paging import MAX_PAGE_SIZE, CursorField
from reports.days import ONE_DAY, Span, day_start, default_span
from reports.paging import Cursor

MAX_COUNT = 2**31 - 1


def _count() -> serializers.IntegerField:
    return serializers.IntegerField(min_value=0, max_value=MAX_COUNT)


class EchoedTextField(serializers.CharField):
    """Text that is returned exactly as it was sent; refuses numbers, which would be returned as text."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=40, trim_whitespace=False, **options)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


@extend_schema_field({"type": "string", "format": "report-time", "description": "YYMMDDHHmm or ISO 8601"})
class ReportTimeField(EchoedTextField):
    """A time as text; parsed in validate(), since the datetime is stored beside the text."""


class ReportSerializer(serializers.Serializer[Any]):
    """Times are YYMMDDHHmm or ISO 8601, and are returned exactly as they were sent.

    A time without a time zone is in the context's `zone`.
    """

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
                moments[moment] = parse_time(attrs[field], self.context["zone"])
            except ValueError:
                message = _("This is not a time. Send YYMMDDHHmm, or ISO 8601 as JavaScript's toISOString() writes it.")
                raise serializers.ValidationError({field: [message]}) from None
        if moments["ended_at"] < moments["started_at"]:
            raise serializers.ValidationError({"end_time": [_("The end is before the start.")]})
        return attrs | moments


class BlinkRateSerializer(serializers.Serializer[Any]):
    per_minute = serializers.FloatField()
    low = serializers.FloatField(help_text="the true rate is between low and high 95 times in 100")
    high = serializers.FloatField()
    watched_s = serializers.FloatField(help_text="seconds in bursts, in which blinks could be seen")


class SessionReportSerializer(ReportSerializer):
    """A report with a monitoring session's measurements; they are null if a client counted by itself.

    A session's blink_cnt is watched_blinks where nearly all of active_s was watched, and otherwise their rate times
    active_s. Where less than half a minute was watched, it is the blinks, or closed eyes in single frames, that were
    seen.
    """

    active_s = serializers.FloatField(allow_null=True, read_only=True, help_text="seconds at the desk")
    good_s = serializers.FloatField(allow_null=True, read_only=True, help_text="seconds at the desk in good posture")
    bad_s = serializers.FloatField(allow_null=True, read_only=True, help_text="seconds at the desk in bad posture")
    unreliable_s = serializers.FloatField(
        allow_null=True, read_only=True, help_text="seconds at the desk with unknown posture"
    )
    watched_s = serializers.FloatField(
        allow_null=True, read_only=True, help_text="seconds in bursts, in which blinks could be seen"
    )
    watched_blinks = serializers.IntegerField(allow_null=True, read_only=True, help_text="blinks seen in bursts")
    rests = serializers.IntegerField(allow_null=True, read_only=True, help_text="breaks of a minute or more")
    blink_rate = BlinkRateSerializer(
        allow_null=True, read_only=True, help_text="null if less than half a minute was watched"
    )
    good_share = serializers.FloatField(
        allow_null=True, read_only=True, help_text="of the time with known posture; 0 to 1"
    )
    neck_per_hour = serializers.FloatField(
        allow_null=True, read_only=True, help_text="neck alarms in an hour at the desk; null below ten minutes there"
    )


# --- Queries ---

MAX_BUCKETS = 400  # a little more than a year of days


class DayField(serializers.DateField):
    """A day in a year that every database and every time zone supports."""

    default_error_messages = {
        "years": _("The year must be from {first} to {last}."),
    }

    def __init__(self, **options: Any) -> None:
        super().__init__(input_formats=["iso-8601"], **options)

    def to_internal_value(self, value: Any) -> date:
        day: date = super().to_internal_value(value)
        if not EARLIEST_YEAR < day.year < LATEST_YEAR:
            self.fail("years", first=EARLIEST_YEAR + 1, last=LATEST_YEAR - 1)
        return day


class DateOrDateTimeField(serializers.CharField):
    """A day or a time. A time without a time zone is in the context's `zone`; a day means its start or end."""

    def to_internal_value(self, data: Any) -> Any:
        text = super().to_internal_value(data)
        try:
            return DayField().run_validation(text)
        except serializers.ValidationError:
            pass
        try:
            return parse_time(text.replace(" ", "+"), self.context["zone"])
        except ValueError:
            message = _("This is neither a day, such as 2026-11-25, nor a time, such as 2026-11-25T09:00:00Z.")
            raise serializers.ValidationError(message) from None


class ReportsQuerySerializer(serializers.Serializer[Any]):
    """A query for the reports of one day or of a span, in the time zone of the context."""

    date = DayField(required=False)

    def get_fields(self) -> dict[str, Any]:  # `from` is a keyword in Python
        return super().get_fields() | {
            "from": DateOrDateTimeField(required=False),
            "to": DateOrDateTimeField(required=False),
        }

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        zone: ZoneInfo = self.context["zone"]
        first, last = attrs.pop("from", None), attrs.pop("to", None)
        if day := attrs.pop("date", None):
            if first or last:
                raise serializers.ValidationError({"date": [_("Send either a date, or from and to.")]})
            first = last = day
        since = _start_of(first, zone)
        if isinstance(last, datetime):
            until: datetime | None = last + timedelta(microseconds=1)  # the end is included
        else:
            until = None if last is None else day_start(last + ONE_DAY, zone)
        # A day that a zone skipped, as Samoa did in 2011, ends when it starts: that is no error.
        if since and until and until <= since and not (first == last and until == since):
            raise serializers.ValidationError({"to": [_("The end is before the start.")]})
        return attrs | {"since": since, "until": until}


def _start_of(bound: date | datetime | None, zone: ZoneInfo) -> datetime | None:
    return bound if isinstance(bound, datetime) or bound is None else day_start(bound, zone)


class ListQuerySerializer(ReportsQuerySerializer):
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=MAX_PAGE_SIZE)
    cursor = CursorField(Cursor.from_text, required=False)


class DownloadQuerySerializer(ReportsQuerySerializer):
    format = serializers.ChoiceField(choices=["csv", "json"], required=False, default="csv")


class SummaryQuerySerializer(serializers.Serializer[Any]):
    """The bucket and span of a summary."""

    bucket = serializers.ChoiceField(choices=["day", "week", "month"], required=False, default="day")

    def get_fields(self) -> dict[str, Any]:
        return super().get_fields() | {"from": DayField(required=False), "to": DayField(required=False)}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        bucket = attrs["bucket"]
        last: date = attrs.get("to", self.context["today"])
        span = Span(attrs["from"], last) if "from" in attrs else default_span(last, bucket)
        if span.last < span.first:
            raise serializers.ValidationError({"to": [_("The end is before the start.")]})
        days = {"day": 1, "week": 7, "month": 28}[bucket]
        if (span.last - span.first).days / days > MAX_BUCKETS:
            message = _("The span is too long: at most %(limit)d %(bucket)ss.")
            raise serializers.ValidationError({"from": [message % {"bucket": bucket, "limit": MAX_BUCKETS}]})
        return {"bucket": bucket, "span": span}
