"""A user's quarter hours, read from the database and added up to the hours of their time zone."""

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from accounts.models import User
from reports.insights.hours import SUMMED, Hour
from reports.models import Quarter


def quarters_between(*, user: User, since: datetime, until: datetime) -> QuerySet[Quarter]:
    """A user's quarter hours in a span, its end excluded, in order of time."""
    return Quarter.objects.filter(user=user, starts_at__gte=since, starts_at__lt=until)


def hour_of(quarter: Quarter, zone: ZoneInfo) -> Hour:
    """A quarter as part of its local hour."""
    at = quarter.starts_at.astimezone(zone)
    return Hour(at.date(), at.hour, **{name: getattr(quarter, name) for name in SUMMED})


def hours_between(*, user: User, since: datetime, until: datetime, zone: ZoneInfo) -> Iterator[Hour]:
    """The quarters of a span, each as part of its local hour; without making a model's object of each."""
    rows = quarters_between(user=user, since=since, until=until).order_by()
    for starts_at, *sums in rows.values_list("starts_at", *SUMMED):
        at = starts_at.astimezone(zone)
        yield Hour(at.date(), at.hour, *sums)
