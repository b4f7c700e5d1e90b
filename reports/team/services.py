"""Publishing the team's weeks."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, timedelta

from django.db.models import F, Sum
from django.utils import timezone

from accounts.models import Sharing
from reports.days import first_day
from reports.models import Report
from reports.team.models import TeamWeek
from reports.team.sums import PersonWeek, team_sums

WEEK = timedelta(days=7)
WAIT = timedelta(days=2)  # after a week's end: sessions that nobody stopped are reported in that time
CAUGHT_UP_WEEKS = 8  # of those before, if nothing ran for a while


def weeks_publish() -> int:
    """Publish the weeks that are over and are not yet published; returns how many."""
    last = first_day(timezone.localdate() - WAIT, "week") - WEEK
    due = {last - n * WEEK for n in range(CAUGHT_UP_WEEKS)}
    due -= set(TeamWeek.objects.filter(first_day__in=due).values_list("first_day", flat=True))
    # Several machines may publish a week at the same time: the first one's stays.
    TeamWeek.objects.bulk_create([_week(day) for day in sorted(due)], ignore_conflicts=True)
    return len(due)


def _week(first: date) -> TeamWeek:
    sums = team_sums(_people(first))
    return TeamWeek(first_day=first, **(asdict(sums) if sums else {}))


def _people(first: date) -> Iterator[PersonWeek]:
    """What each person's sessions add, those excepted who do not want to be in it. Version 1 measured no time."""
    opted_out = Sharing.objects.filter(in_team_sums=False).values("user_id")
    reports = Report.objects.filter(day__gte=first, day__lt=first + WEEK, active_s__isnull=False)
    sums = {
        name: Sum(expression, default=0)
        for name, expression in {
            "desk": F("active_s"),
            "good": F("good_s"),
            "known": F("good_s") + F("bad_s"),
            "breaks": F("rests"),
            "wrong": F("wrong_alarms"),
        }.items()
    }
    rows = reports.exclude(user_id__in=opted_out).order_by().values_list("user_id").annotate(**sums)
    for _user_id, desk, good, known, breaks, wrong in rows:
        yield PersonWeek(int(desk), int(good), int(known), int(breaks), int(wrong))
