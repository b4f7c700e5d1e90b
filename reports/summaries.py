"""Totals and trends of a user's reports by day, week or month."""

import math
from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date
from statistics import median
from typing import Any, Literal
from zoneinfo import ZoneInfo

from django.db.models import Count, Sum

from accounts.models import User
from ai_models.monitoring.eyes import BlinkRate, blink_rate
from reports.days import Bucket, Span, bucket_starts, first_day, span_bounds
from reports.local_day import local_day
from reports.models import ENOUGH_ACTIVE_S, Report, neck_per_hour
from reports.running import running_reports

Direction = Literal["rising", "falling", "level"]

# Minimum data for a trend: a bucket counts from ten minutes (half a minute of bursts) on, and eight buckets are enough
# for the normal approximation of Mann's test (Kendall, Rank Correlation Methods, 1975: good from ten, fair from eight).
ENOUGH_WATCHED_S = 30.0
ENOUGH_BUCKETS = 8
# The columns that are summed, in the order of the fields of Totals from the second on.
SUMMED_COLUMNS = (
    *("active_s", "good_s", "bad_s", "watched_s"),
    *("watched_blinks", "blink_cnt", "neck_cnt", "stretching_cnt", "rests", "wrong_alarms"),
)
WORKDAY_S = 8 * 3600.0
SIGNIFICANT_Z = 1.959964  # standard deviations: two-sided 95 %


@dataclass(frozen=True, slots=True)
class Totals:
    """The sums of reports: seconds and counts. Reports of version-1 clients have counts only."""

    sessions: int = 0
    active_s: float = 0.0
    good_s: float = 0.0
    bad_s: float = 0.0
    watched_s: float = 0.0
    watched_blinks: int = 0
    blinks: int = 0
    neck: int = 0
    stretches: int = 0
    rests: int = 0
    wrong_alarms: int = 0

    def __add__(self, other: "Totals") -> "Totals":
        return Totals(*(getattr(self, field.name) + getattr(other, field.name) for field in fields(Totals)))

    @property
    def wrong_alarms_per_8_h(self) -> float | None:
        """Alarms told wrong in eight hours at the desk; None if less than ENOUGH_ACTIVE_S were spent there."""
        return self.wrong_alarms * WORKDAY_S / self.active_s if self.active_s >= ENOUGH_ACTIVE_S else None

    @property
    def neck_per_hour(self) -> float | None:
        """Neck alarms in an hour at the desk; None if less than ENOUGH_ACTIVE_S were spent there."""
        return neck_per_hour(self.neck, self.active_s)

    @property
    def good_share(self) -> float | None:
        """The share of good posture in the time with known posture, 0 to 1; None without such time."""
        known_s = self.good_s + self.bad_s
        return self.good_s / known_s if known_s else None

    @property
    def known_good_share(self) -> float | None:
        """The same; None if posture was known for less than ENOUGH_ACTIVE_S."""
        return self.good_share if self.good_s + self.bad_s >= ENOUGH_ACTIVE_S else None

    @property
    def blink_rate(self) -> BlinkRate | None:
        return blink_rate(self.watched_blinks, self.watched_s)


@dataclass(frozen=True, slots=True)
class Trend:
    """The direction of a series, or the reason why there is none; `buckets` is how many had enough data."""

    direction: Direction | None
    buckets: int
    reason: Literal["too_few_buckets"] | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    first_days: tuple[date, ...]
    totals: tuple[Totals, ...]
    total: Totals
    median_good_share: float | None
    good_share_trend: Trend
    blink_rate_trend: Trend


def summary_of(*, user: User, span: Span, bucket: Bucket, zone: ZoneInfo) -> Summary:
    """The totals of sessions that started in the span, by the day, week or month in which they started."""
    totals_by_day = _totals(user, span, bucket, zone)
    days = tuple(bucket_starts(span, bucket))
    totals = [totals_by_day.get(day, Totals()) for day in days]
    shares = [share for total in totals if (share := total.known_good_share) is not None]
    rates = [total.blink_rate for total in totals if total.watched_s >= ENOUGH_WATCHED_S]
    return Summary(
        first_days=days,
        totals=tuple(totals),
        total=sum(totals, Totals()),
        median_good_share=median(shares) if shares else None,
        good_share_trend=trend_of(shares),
        blink_rate_trend=trend_of([rate.per_minute for rate in rates if rate is not None]),
    )


def trend_of(values: Sequence[float]) -> Trend:
    """The trend of numbers in order of time: level unless the test of Mann (1945) and Kendall is significant."""
    count = len(values)
    if count < ENOUGH_BUCKETS:
        return Trend(None, count, "too_few_buckets")
    score = _mann_kendall_score(values)
    deviation = math.sqrt(count * (count - 1) * (2 * count + 5) / 18)
    is_significant = (abs(score) - 1) / deviation >= SIGNIFICANT_Z
    return Trend(("rising" if score > 0 else "falling") if is_significant else "level", count)


def _mann_kendall_score(values: Sequence[float]) -> int:
    """The number of pairs, earlier and later, that rise minus those that fall."""
    score = 0
    earlier: list[float] = []
    for value in values:
        lower, not_higher = bisect_left(earlier, value), bisect_right(earlier, value)
        score += lower - (len(earlier) - not_higher)
        insort(earlier, value)
    return score


def _totals(user: User, span: Span, bucket: Bucket, zone: ZoneInfo) -> dict[date, Totals]:
    """The totals of each bucket with a session, also a running one, by its first day. The database adds up each day."""
    since, until = span_bounds(span, zone)
    reports = Report.objects.filter(user=user, started_at__gte=since, started_at__lt=until).order_by()
    columns: dict[str, Any] = {f"sum_{column}": Sum(column, default=0) for column in SUMMED_COLUMNS}
    by_day = reports.annotate(local_day=local_day("started_at", since, until, zone)).values_list("local_day")
    totals: defaultdict[date, Totals] = defaultdict(Totals)
    for day, *numbers in by_day.annotate(sessions=Count("pk"), **columns):
        # If clocks go back over midnight, a day starts, is interrupted by the day before, and continues.
        inside = min(max(day, span.first), span.last)
        totals[first_day(inside, bucket)] += Totals(*numbers)
    for report in running_reports(user):
        if since <= report.started_at < until:
            day = report.started_at.astimezone(zone).date()
            totals[first_day(day, bucket)] += Totals(1, *(getattr(report, column) for column in SUMMED_COLUMNS))
    return totals
