"""What a user's last days bear out, computed once a day."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.core.cache import caches
from django.db.models import Count, Max

from accounts.models import User
from reports.days import ONE_DAY, Span, span_bounds
from reports.insights.hours import total_by_hour
from reports.insights.rules import RECENT_DAYS, Insight, insights_of
from reports.quarters import hours_between, quarters_between

DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class UserInsights:
    """The insights of a span of days."""

    span: Span
    insights: list[Insight]


def insights_for(*, user: User, today: date, zone: ZoneInfo) -> UserInsights:
    """What the days before today bear out; today is not over, and its afternoon would be missing.

    The result is kept by each worker for the day. What it rests on is part of its key, so that a deletion in another
    worker, or a part of a session that was reported late, leaves none that is out of date.
    """
    last = today - ONE_DAY
    span = Span(last - timedelta(days=2 * RECENT_DAYS - 1), last)
    since, until = span_bounds(span, zone)
    cache, key = caches["insights"], _key(user, today, zone, since, until)
    insights: list[Insight] | None = cache.get(key)
    if insights is None:
        hours = hours_between(user=user, since=since, until=until, zone=zone)
        insights = insights_of(total_by_hour(hours), last)
        cache.set(key, insights, DAY_S)
    return UserInsights(span, insights)


def _key(user: User, today: date, zone: ZoneInfo, since: datetime, until: datetime) -> str:
    quarters = quarters_between(user=user, since=since, until=until).order_by()
    rests_on: dict[str, Any] = quarters.aggregate(count=Count("pk"), newest=Max("pk"))
    return f"{user.pk}.{today}.{zone.key}.{rests_on['count']}.{rests_on['newest']}"
