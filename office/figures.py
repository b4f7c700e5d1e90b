"""Keeps UserFigures up to date: in the background, so that neither a frame nor a page pays for it."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, F, Max, Q, Sum
from django.utils import timezone

from accounts.models import User
from detections.models import Session
from detections.running import running_sessions
from office.models import UserFigures
from personal_data.models import ArchivedDay
from reports.models import Report

BATCH_SIZE = 500


def seen_refresh() -> int:
    """Note who was seen since the last time: by frames of running sessions, and by logins. Returns how many."""
    running = running_sessions().values_list("user_id", "received_at")
    late = Q(figures__seen_at=None) | Q(figures__seen_at__lt=F("last_login"))
    logins = User.objects.filter(late, last_login__isnull=False).values_list("pk", "last_login")
    return _note_seen([*running, *logins])


def seen_recount() -> int:
    """The same by everything that is stored: also sessions too short for the other, and clients without sessions."""
    now = timezone.now()
    started = Session.objects.values_list("user_id").annotate(Max("started_at")).order_by()
    reports = Report.objects.filter(started_at__lte=now).values_list("user_id").annotate(Max("started_at")).order_by()
    return _note_seen([*started, *reports]) + seen_refresh()


def storage_refresh() -> int:
    """Add up what is stored of each user; returns for how many that has changed."""
    days = ArchivedDay.objects.all()
    if settings.FRAME_RETENTION_DAYS:
        days = days.filter(day__gte=timezone.now().date() - timedelta(days=settings.FRAME_RETENTION_DAYS))
    sums = days.values_list("user_id").annotate(Sum("bytes"), Sum("frames"), Count("pk"), Count("frames")).order_by()
    stored: dict[int, tuple[int, int | None]] = {
        user_id: (max(0, size), max(0, frames or 0) if counted == rows else None)
        for user_id, size, frames, rows, counted in sums
    }
    before = {pk: (size, frames) for pk, size, frames in UserFigures.objects.values_list("pk", "bytes", "frames")}
    empty = dict.fromkeys((pk for pk, figures in before.items() if figures != (0, 0)), (0, 0))
    changed = {pk: figures for pk, figures in (empty | stored).items() if before.get(pk) != figures}
    rows = [UserFigures(user_id=pk, bytes=size, frames=frames) for pk, (size, frames) in changed.items()]
    return _save(rows, ["bytes", "frames"])


def _note_seen(seen: Iterable[tuple[Any, ...]]) -> int:
    latest: dict[int, datetime] = {}
    for user_id, at in seen:
        latest[user_id] = max(at, latest.get(user_id, at))
    before = _seen_before(latest)
    rows = [
        UserFigures(user_id=user_id, seen_at=at)
        for user_id, at in latest.items()
        if (earlier := before.get(user_id)) is None or earlier < at
    ]
    return _save(rows, ["seen_at"])


def _seen_before(latest: Mapping[int, datetime]) -> dict[int, datetime | None]:
    figures = UserFigures.objects.all() if len(latest) > BATCH_SIZE else UserFigures.objects.filter(pk__in=latest)
    return dict(figures.values_list("pk", "seen_at"))


def _save(rows: list[UserFigures], fields: list[str]) -> int:
    """Insert or update these fields. Whoever was deleted meanwhile is left out."""
    target: dict[str, Any] = (
        {"unique_fields": ["user"]} if connection.features.supports_update_conflicts_with_target else {}
    )
    saved = 0
    for start in range(0, len(rows), BATCH_SIZE):
        part = rows[start : start + BATCH_SIZE]
        with transaction.atomic():
            existing = set(
                User.objects.filter(pk__in=[row.pk for row in part]).select_for_update().values_list("pk", flat=True)
            )
            present = [row for row in part if row.pk in existing]
            UserFigures.objects.bulk_create(present, update_conflicts=True, update_fields=fields, **target)
        saved += len(present)
    return saved
