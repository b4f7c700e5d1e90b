"""A user's weekly goal, and how their weeks went."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median
from zoneinfo import ZoneInfo

from django.db import transaction

from accounts.models import User
from accounts.services import user_lock
from reports.days import Span, first_day
from reports.models import Goal
from reports.summaries import Totals, summary_of

STREAK_WEEKS = 52  # looked at
COMPARED_WEEKS = 8  # the user's own, before a week


@dataclass(frozen=True, slots=True)
class Standing:
    """A goal, None if there is none, and this week's share of good posture, None if too little is known.

    median_good_share: of the weeks before. streak_weeks: how many of them in a row reached the goal.
    """

    good_share: float | None
    this_week: float | None
    median_good_share: float | None
    streak_weeks: int

    @property
    def is_reached(self) -> bool:
        return self.good_share is not None and self.this_week is not None and self.this_week >= self.good_share


@dataclass(frozen=True, slots=True)
class Before:
    """The medians of the weeks before one; weeks: how many had enough known posture. None if none had."""

    weeks: int
    desk_s: float | None
    good_share: float | None
    neck_per_hour: float | None


def goal_set(*, user: User, good_share: float | None) -> None:
    """Set the goal, or drop it. Raises AccountDeleted."""
    with transaction.atomic():
        user_lock(user_id=user.pk)
        if good_share is None:
            Goal.objects.filter(user=user).delete()
        else:
            Goal.objects.update_or_create(user=user, defaults={"good_share": good_share})


def standing_of(*, user: User, today: date, zone: ZoneInfo) -> Standing:
    goal = Goal.objects.filter(user=user).values_list("good_share", flat=True).first()
    *before, this_week = _weeks(user, today, zone, STREAK_WEEKS)
    shares = [week.known_good_share for week in before]
    compared = [share for share in shares[-COMPARED_WEEKS:] if share is not None]
    return Standing(
        good_share=goal,
        this_week=this_week.known_good_share,
        median_good_share=median(compared) if compared else None,
        streak_weeks=0 if goal is None else streak_of(shares, goal),
    )


def streak_of(shares: Sequence[float | None], goal: float) -> int:
    """How many of the last weeks in a row reached a goal. Weeks of which too little is known are left out."""
    streak = 0
    for share in reversed([share for share in shares if share is not None]):
        if share < goal:
            break
        streak += 1
    return streak


def before_week(*, user: User, first: date, zone: ZoneInfo) -> Before:
    """The medians of the weeks before the one that starts on a day."""
    known = [week for week in _weeks(user, first, zone, COMPARED_WEEKS)[:-1] if week.known_good_share is not None]
    if not known:
        return Before(0, None, None, None)
    necks = [week.neck_per_hour for week in known if week.neck_per_hour is not None]
    return Before(
        weeks=len(known),
        desk_s=median(week.active_s for week in known),
        good_share=median(week.known_good_share or 0.0 for week in known),
        neck_per_hour=median(necks) if necks else None,
    )


def _weeks(user: User, day: date, zone: ZoneInfo, count: int) -> tuple[Totals, ...]:
    """So many weeks, and after them the one of a day, up to that day."""
    first = first_day(day, "week") - timedelta(weeks=count)
    return summary_of(user=user, span=Span(first, day), bucket="week", zone=zone).totals
