"""A user's day, hour by hour."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from django.db.models import BooleanField, ExpressionWrapper, Q

from accounts.models import User
from ai_models.monitoring.eyes import MIN_RATED_S, BlinkRate
from reports.days import Span, span_bounds
from reports.insights.hours import Hour
from reports.models import Quarter, neck_per_hour
from reports.quarters import hour_of, quarters_between
from reports.running import running_quarters

Direction = Literal["closer", "lower", "tilted"]
DIRECTIONS: tuple[Direction, ...] = ("closer", "lower", "tilted")


@dataclass(frozen=True, slots=True)
class StripHour:
    """An hour of a strip, or all of them together.

    worst: how far posture went in each direction, 1 is at the limit; tilted is negative to the left in the picture.
    outlines: the ids of its quarters that have one.
    """

    starts_at: datetime
    sums: Hour
    worst: dict[Direction, float]
    outlines: tuple[int, ...] = ()

    def __add__(self, other: "StripHour") -> "StripHour":
        """Both, with the start of the first."""
        worst = {name: max(self.worst[name], other.worst[name], key=abs) for name in DIRECTIONS}
        return StripHour(self.starts_at, self.sums + other.sums, worst, self.outlines + other.outlines)

    @property
    def shares(self) -> dict[Direction, float] | None:
        """The share of bad posture in each direction; they may overlap. None without bad posture."""
        sums = self.sums
        if not sums.bad_s:
            return None
        seconds = {"closer": sums.closer_s, "lower": sums.lower_s, "tilted": sums.tilted_s}
        return {name: min(1.0, seconds[name] / sums.bad_s) for name in DIRECTIONS}

    @property
    def direction(self) -> Direction | None:
        """The direction of most of the bad posture; None without any."""
        if (shares := self.shares) is None:
            return None
        direction: Direction = max(DIRECTIONS, key=shares.__getitem__)
        return direction

    @property
    def blink_rate(self) -> BlinkRate | None:
        """None if less than MIN_RATED_S were watched."""
        return self.sums.blink_rate if self.sums.watched_s >= MIN_RATED_S else None

    @property
    def neck_per_hour(self) -> float | None:
        return neck_per_hour(self.sums.neck, self.sums.desk_s)


def strips_of(*, user: User, span: Span, zone: ZoneInfo) -> dict[date, list[StripHour]]:
    """The hours in which a user was there, in order, by their day; the running session's present quarter included."""
    since, until = span_bounds(span, zone)
    has_outline = ExpressionWrapper(Q(outline__isnull=False), BooleanField())
    quarters: Sequence[Quarter] = [
        *quarters_between(user=user, since=since, until=until).annotate(has_outline=has_outline).defer("outline"),
        *(quarter for quarter in running_quarters(user) if since <= quarter.starts_at < until),
    ]
    hours: dict[datetime, StripHour] = {}
    for quarter in quarters:
        hour = _as_hour(quarter, zone)
        key = hour.starts_at.astimezone(UTC)  # where clocks go back, an hour comes twice
        hours[key] = hours[key] + hour if key in hours else hour
    days: dict[date, list[StripHour]] = {}
    for key in sorted(hours):
        days.setdefault(hours[key].sums.day, []).append(hours[key])
    return days


def total_of(hours: Sequence[StripHour]) -> StripHour | None:
    """All hours together; None if there are none."""
    total: StripHour | None = None
    for hour in hours:
        total = total + hour if total else hour
    return total and replace(total, outlines=())


def _as_hour(quarter: Quarter, zone: ZoneInfo) -> StripHour:
    worst: dict[Direction, float] = {
        "closer": quarter.worst_closer,
        "lower": quarter.worst_lower,
        "tilted": quarter.worst_tilted,
    }
    outlines = (quarter.pk,) if getattr(quarter, "has_outline", False) else ()
    starts_at = quarter.starts_at.astimezone(zone).replace(minute=0)
    return StripHour(starts_at, hour_of(quarter, zone), worst, outlines)
