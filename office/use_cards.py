"""Who uses the service, and what that fills: sums of everybody, never one person's posture or times."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import User
from common import units
from detections.running import running_sessions
from detections.sessions.finish import SILENT_AFTER
from office import limits
from office.cards import Card, Level
from office.models import Day, Sample, UserFigures

WEEK_DAYS = 7
TOP_USERS = 5
EIGHT_HOURS_S = 8 * 3600
FULL_SOON, FULL_NOW = timedelta(days=30), timedelta(days=7)


def use_cards(days: Sequence[Day], now: datetime) -> list[Card]:
    """days: those of the overview, oldest first."""
    local = timezone.localtime(now)
    midnight = datetime.combine(local, time(), local.tzinfo)
    week = midnight - timedelta(days=WEEK_DAYS - 1)
    open_now = running_sessions().aggregate(
        all=Count("pk"), watching=Count("pk", filter=Q(received_at__gte=now - SILENT_AFTER))
    )
    users = User.objects.aggregate(
        all=Count("pk"),
        off=Count("pk", filter=Q(is_active=False)),
        today=Count("pk", filter=Q(figures__seen_at__gte=midnight)),
        week=Count("pk", filter=Q(figures__seen_at__gte=week)),
    )
    silent = open_now["all"] - open_now["watching"]
    return [
        Card(
            _("Sessions running now"),
            units.number(open_now["watching"]),
            note=_("%(count)s more are open, silent for ten minutes or longer") % {"count": units.number(silent)},
        ),
        Card(_("Active today"), units.people(users["today"]), note=_("since midnight, in your time zone")),
        Card(_("Active this week"), units.people(users["week"]), note=_("in the last seven days")),
        Card(
            _("Accounts"),
            units.people(users["all"]),
            note=_("%(count)s deactivated") % {"count": units.number(users["off"])},
        ),
        _wrong_alarms(days[-WEEK_DAYS:]),
    ]


def storage_cards(newest: Sample | None, today: Any) -> list[Card]:
    if newest is None:
        return [Card(_("Stored pictures"), _("not known yet"), note=_("A sample is taken every five minutes."))]
    return [
        Card(_("Stored pictures"), units.size(newest.stored_bytes), note=units.pictures(newest.stored_frames)),
        Card(_("Kept on a day"), units.size(newest.intake_bytes), note=_("mean of the last seven whole days")),
        _full(newest, today),
        Card(_("Kept for"), _kept_for(), note=_quota()),
    ]


def top_users() -> list[tuple[User, str, str]]:
    """Those with the most stored, with bytes and pictures."""
    largest = UserFigures.objects.filter(bytes__gt=0).select_related("user").order_by("-bytes", "pk")[:TOP_USERS]
    return [
        (figures.user, units.size(figures.bytes), units.pictures(figures.frames) if figures.frames is not None else "")
        for figures in largest
    ]


def wrong_per_8h(day: Day) -> float | None:
    """None for fewer people than MIN_PEOPLE: it would say something about one of them."""
    return day.wrong_alarms / day.desk_s * EIGHT_HOURS_S if day.people >= limits.MIN_PEOPLE and day.desk_s else None


def _wrong_alarms(week: Sequence[Day]) -> Card:
    label, limit = (
        _("Wrong alarms in 8 hours"),
        _("%(share)s of a kind’s alarms") % {"share": units.percent(limits.WRONG_SHARE)},
    )
    enough = [day for day in week if day.people >= limits.MIN_PEOPLE and day.desk_s]
    if not enough:
        return Card(label, _("not told"), limit=limit, note=_("On no day did five people or more have a report."))
    rate = sum(day.wrong_alarms for day in enough) / sum(day.desk_s for day in enough) * EIGHT_HOURS_S
    note = _("at the desk; told by their users, all together, in seven days")
    return Card(label, units.number(rate, 2), limit=limit, note=note)


def _full(newest: Sample, today: Any) -> Card:
    label = _("Disk full")
    if newest.free_bytes is None:
        return Card(label, _("not known"), note=_("The free space of the archive cannot be read."))
    levels = "" if newest.levels_at is None else _levels(newest.levels_at)
    if newest.full_on is None:
        return Card(label, _("not at this pace"), Level.GOOD, limit=_soon(), note=levels)
    left = newest.full_on - today
    level = Level.ACT if left <= FULL_NOW else Level.LOOK if left <= FULL_SOON else Level.GOOD
    note = _("in %(time)s at this pace") % {"time": units.duration(left.total_seconds())}
    return Card(label, date_format(newest.full_on, "DATE_FORMAT"), level, limit=_soon(), note=f"{note}. {levels}")


def _soon() -> str:
    return _("%(time)s ahead") % {"time": units.duration(FULL_SOON.total_seconds())}


def _levels(size: int) -> str:
    return _("Older pictures are deleted: it levels off at %(size)s.") % {"size": units.size(size)}


def _kept_for() -> str:
    days = settings.FRAME_RETENTION_DAYS
    return units.duration(days * units.DAY_S) if days else _("ever")


def _quota() -> str:
    quota = settings.ARCHIVE_MAX_MB_PER_USER
    return _("%(size)s a person at most") % {"size": units.size(quota * 2**20)} if quota else ""
