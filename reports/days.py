"""Days, weeks and months as a user's clock has them, and the moments at which they begin."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

Bucket = Literal["day", "week", "month"]

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Span:
    """Whole days, both of them in it."""

    first: date
    last: date


def day_start(day: date, zone: ZoneInfo) -> datetime:
    """The moment at which a day begins; where clocks skip midnight, as soon as there is a time."""
    return datetime.combine(day, time.min, zone).astimezone(UTC)


def span_bounds(span: Span, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """From when, and until before when, a span lasts."""
    return day_start(span.first, zone), day_start(span.last + ONE_DAY, zone)


def first_day(day: date, bucket: Bucket) -> date:
    """The first day of the day's own, week (from Monday) or month."""
    if bucket == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if bucket == "month" else day


def after(first: date, bucket: Bucket) -> date:
    """The first day of the next one."""
    if bucket == "month":
        return first_day(first + timedelta(days=31), bucket)
    return first + (timedelta(days=7) if bucket == "week" else ONE_DAY)


def bucket_starts(span: Span, bucket: Bucket) -> Iterator[date]:
    """The first day of each day, week or month that the span touches."""
    day = first_day(span.first, bucket)
    while day <= span.last:
        yield day
        day = after(day, bucket)


def default_span(today: date, bucket: Bucket) -> Span:
    """What is looked at where nothing is asked for: a week by days, twelve weeks, or twelve months."""
    if bucket == "day":
        return Span(today - timedelta(days=6), today)
    if bucket == "week":
        return Span(today - timedelta(weeks=11), today)
    return Span(first_day(first_day(today, "month") - timedelta(days=330), "month"), today)
