"""The past that the overview draws: samples of each machine, and sums of each day. Bounded, written by housekeeping."""

import json
import socket
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, Sum
from django.utils import timezone

from detections.running import running_sessions
from detections.sessions.finish import SILENT_AFTER
from mongos import archive, space
from mongos.guard import ArchiveUnavailable
from mongos.room import archive_room
from office import figures
from office.forecast import Forecast, forecast
from office.models import Day, Sample, UserFigures
from office.rates import SLOT
from office.reading import reading_take
from personal_data.models import ArchivedDay
from reports.models import Report

FINE_FOR = timedelta(hours=48)  # then one sample an hour is left
SAMPLES_FOR = timedelta(days=28)
DAYS_SHOWN = 28
DAYS_KEPT = 400
MACHINE_LENGTH = 64


def sample_take(now: datetime | None = None) -> bool:
    """Write the present slot's sample; False if there is one already."""
    now = now or timezone.now()
    machine, slot = socket.gethostname()[:MACHINE_LENGTH], _slot(now)
    if Sample.objects.filter(machine=machine, at=slot).exists():
        return False
    figures.storage_refresh()
    reading, stored = reading_take(), _stored()
    free, growth = _growth(now.date())
    row = Sample(
        machine=machine,
        at=slot,
        frames=reading.frames,
        unusable=reading.unusable,
        shed=reading.shed,
        dropped=_dropped(),
        requests=reading.requests,
        errors=reading.errors,
        histograms=json.dumps(reading.histograms),
        watching=running_sessions().filter(received_at__gte=now - SILENT_AFTER).count(),
        stored_bytes=stored[0],
        stored_frames=stored[1],
        free_bytes=free,
        intake_bytes=growth.intake_per_day,
        full_on=growth.full_on,
        levels_at=growth.levels_at,
    )
    Sample.objects.bulk_create([row], ignore_conflicts=True)  # another worker may have been as quick
    return True


def samples_thin(now: datetime | None = None) -> int:
    """Delete the samples that are no longer drawn; returns how many."""
    now = now or timezone.now()
    with timezone.override(UTC):  # for other zones MySQL needs its tables of zones, which are often not there
        thinned, _ = Sample.objects.filter(at__lt=now - FINE_FOR).exclude(at__minute=0).delete()
    return thinned + Sample.objects.filter(at__lt=now - SAMPLES_FOR).delete()[0]


def days_fill(now: datetime | None = None) -> int:
    """Add up the days that are missing, and again the last two; returns how many were written."""
    now = now or timezone.now()
    zone = ZoneInfo(settings.TIME_ZONE)
    today = now.astimezone(zone).date()
    shown = [today - timedelta(days=n) for n in range(DAYS_SHOWN)]
    known = set(Day.objects.filter(day__in=shown).values_list("day", flat=True))
    due = sorted({*shown[:2], *(day for day in shown if day not in known)})
    sums = _sums(due[0], now, zone)
    rows = [sums.get(day) or Day(day=day, people=0, desk_s=0.0, wrong_alarms=0) for day in due]
    Day.objects.filter(day__in=due).delete()
    Day.objects.bulk_create(rows, ignore_conflicts=True)
    Day.objects.filter(day__lt=today - timedelta(days=DAYS_KEPT)).delete()
    return len(rows)


def _sums(first: date, now: datetime, zone: ZoneInfo) -> dict[date, Day]:
    since = datetime(first.year, first.month, first.day, tzinfo=zone)
    reports = Report.objects.filter(started_at__gte=since, started_at__lte=now, day__gte=first)
    rows = reports.values("day").annotate(
        people=Count("user", distinct=True), desk_s=Sum("active_s"), wrong_alarms=Sum("wrong_alarms")
    )
    return {
        row["day"]: Day(
            day=row["day"], people=row["people"], desk_s=row["desk_s"] or 0.0, wrong_alarms=row["wrong_alarms"] or 0
        )
        for row in rows.order_by()
    }


def _slot(now: datetime) -> datetime:
    seconds = SLOT.total_seconds()
    return datetime.fromtimestamp(now.timestamp() // seconds * seconds, tz=now.tzinfo)


def _stored() -> tuple[int, int]:
    sums = UserFigures.objects.aggregate(bytes=Sum("bytes"), frames=Sum("frames"))
    return sums["bytes"] or 0, sums["frames"] or 0


def _dropped() -> int:
    try:
        return archive.spool().state().dropped
    except OSError:  # /readyz reports it
        return 0


def _growth(today: date) -> tuple[int | None, Forecast]:
    """The bytes that are free where frames are kept, and how that will go on."""
    days = ArchivedDay.objects.values_list("day").annotate(Sum("bytes")).order_by()
    if settings.FRAME_RETENTION_DAYS:
        days = days.filter(day__gte=today - timedelta(days=settings.FRAME_RETENTION_DAYS))
    try:
        room = archive_room()
    except (ArchiveUnavailable, OSError):
        room = None
    usable = None if room is None else max(0, room.free - space.mark(room))
    by_day = {day: max(0, size) for day, size in days}
    growth = forecast(by_day, today=today, room=usable, retention_days=settings.FRAME_RETENTION_DAYS)
    return (None if room is None else room.free), growth
