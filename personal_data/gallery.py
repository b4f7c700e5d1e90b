"""What the gallery shows of a user's frames: their days, small pictures, and what was going on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q

from accounts.models import User
from detections.models import Episode
from mongos import archive
from mongos.listing import FrameSummary
from mongos.totals import Totals, totals_of

MOMENT = timedelta(milliseconds=1)  # the precision that every store has


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the user's, from its first moment to its last, and the frames captured in it."""

    day: date
    since: datetime
    until: datetime
    totals: Totals


def days_of(*, user: User, before: date | None, page_size: int) -> tuple[list[Day], date | None]:
    """The newest days with frames, before a day if one is given; and the day before which the next page begins.

    One frame is looked up for each day that has any, and the index of that day alone is read. Raises
    ArchiveUnavailable.
    """
    days: list[Day] = []
    until = _start_of(before, user.zone) - MOMENT if before else None
    while newest := archive.newest(user_id=user.pk, since=user.date_joined, until=until, limit=1):
        if len(days) == page_size:
            return days, days[-1].day
        day = newest[0].captured_at.astimezone(user.zone).date()
        since = _start_of(day, user.zone)
        last = _start_of(day + timedelta(days=1), user.zone) - MOMENT
        totals = totals_of(user_id=user.pk, since=max(since, user.date_joined), until=last)
        days.append(Day(day, since, last, totals))
        until = since - MOMENT
    return days, None


def events_at(*, user: User, frames: Sequence[FrameSummary]) -> list[list[str]]:
    """What was going on when each of successive frames was captured: the kinds of the sessions' episodes."""
    if not frames:
        return []
    newest, oldest = frames[0].captured_at, frames[-1].captured_at
    episodes = Episode.objects.filter(session__user=user, session__started_at__lte=newest, started_at__lte=newest)
    episodes = episodes.filter(Q(session__stopped_at=None) | Q(session__stopped_at__gte=oldest))
    episodes = episodes.filter(Q(ended_at=None) | Q(ended_at__gte=oldest))
    spans = list(episodes.order_by("pk").values_list("kind", "started_at", "ended_at"))
    return [[kind for kind, start, end in spans if _is_in(frame.captured_at, start, end)] for frame in frames]


def _is_in(moment: datetime, start: datetime, end: datetime | None) -> bool:
    return start <= moment and (end is None or moment <= end)


def _start_of(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, zone)
