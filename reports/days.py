"""Days, weeks and months in a user's time zone, and the times at which they start."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

Bucket = Literal["day", "week", "month"]

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Span:
    """Whole days, both ends included."""

    first: date
    last: date


def day_start(day: date, zone: ZoneInfo) -> datetime:
    """The time in UTC at which a day starts; if clocks skip midnight there, the first time of the day."""
    return datetime.combine(day, time.min, zone).astimezone(UTC)


def span_bounds(span: Span, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The start and the end of a span, the end excluded, in UTC."""
    return day_start(span.first, zone), day_start(span.last + ONE_DAY, zone)


def first_day(day: date, bucket: Bucket) -> date:
    """The first day of the bucket that contains a day; a week starts on Monday."""
    if bucket == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if bucket == "month" else day


def _next_start(first: date, bucket: Bucket) -> date:
    """The first day of the next bucket."""
    if bucket == "month":
        return first_day(first + timedelta(days=31), bucket)
    return first + (timedelta(days=7) if bucket == "week" else ONE_DAY)


def bucket_starts(span: Span, bucket: Bucket) -> Iterator[date]:
    """The first day of each day, week or month that the span overlaps."""
    day = first_day(span.first, bucket)
    while day <= span.last:
        yield day
        day = _next_start(day, bucket)


def default_span(today: date, bucket: Bucket) -> Span:
    """The span if none is requested: the seven days, twelve weeks or twelve months that end with `today`."""
    if bucket == "day":
        return Span(today - timedelta(days=6), today)
    if bucket == "week":
        return Span(today - timedelta(weeks=11), today)
    return Span(first_day(first_day(today, "month") - timedelta(days=330), "month"), today)
