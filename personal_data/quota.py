"""ARCHIVE_MAX_MB_PER_USER: beyond it, a user's oldest frames are deleted.

Each process adds up what it stores and settles it every few seconds, so a frame costs no query, and a user may be over
the quota by what arrives in that time. A total is the sum over days, so its cost does not grow with the number of
frames. MongoDB expires frames without telling anybody: days that have expired no longer count.
"""

import logging
from collections import Counter
from datetime import UTC, date, datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Sum
from django.utils import timezone

from accounts.models import User
from common.disk import MIB
from common.telemetry import metrics
from mongos import archive
from mongos.tally import Amount, UserDay
from personal_data.frame_pages import Cursor, page
from personal_data.models import ArchivedDay

BUDGET_S = 5.0  # for one user; the rest is deleted the next time
PAGE_SIZE = 1000

_log = logging.getLogger(__name__)


def settle() -> int:
    """Add what this process has stored to the totals, and enforce the quota; returns how many frames were deleted.

    Raises ArchiveUnavailable.
    """
    changes = archive.tally.take()
    user_ids = {user_id for user_id, _ in changes}
    existing = set(User.objects.filter(pk__in=user_ids).values_list("pk", flat=True))
    days = ArchivedDay.objects.filter(user_id__in=existing)
    uncounted = set(days.filter(frames=None).values_list("user_id", flat=True))
    known = set(days.values_list("user_id", flat=True)) - uncounted
    for (user_id, day), amount in changes.items():
        if user_id in known:
            _add((user_id, day), amount)
    for user_id in existing - known:
        _recount(user_id)
    return sum(_enforce(user_id) for user_id in existing) if settings.ARCHIVE_MAX_MB_PER_USER else 0


def bytes_of(user_id: int) -> int:
    """The bytes of a user's frames that have not expired."""
    days = ArchivedDay.objects.filter(user_id=user_id)
    if settings.FRAME_RETENTION_DAYS:
        days.filter(day__lt=timezone.now().date() - timedelta(days=settings.FRAME_RETENTION_DAYS)).delete()
    return max(0, days.aggregate(total=Sum("bytes"))["total"] or 0)


def _enforce(user_id: int) -> int:
    surplus = bytes_of(user_id) - settings.ARCHIVE_MAX_MB_PER_USER * MIB
    if surplus <= 0:
        return 0
    deleted = archive.delete_oldest(user_id=user_id, size=surplus, budget_s=BUDGET_S)
    for frame in deleted:
        _add((user_id, frame.captured_at.date()), Amount(-frame.size, -1))
    if not deleted:
        _recount(user_id)  # the total is wrong: there are no frames
    metrics.quota_deleted_frames.inc(len(deleted))
    _log.info("User %s is over the quota; the oldest %d frames are deleted.", user_id, len(deleted))
    return len(deleted)


def _add(key: UserDay, amount: Amount) -> None:
    user_id, day = key
    more = {"bytes": F("bytes") + amount.bytes, "frames": F("frames") + amount.frames}
    with transaction.atomic():
        if ArchivedDay.objects.filter(user_id=user_id, day=day).update(**more) or amount.bytes <= 0:
            return
    try:
        with transaction.atomic():
            ArchivedDay.objects.create(user_id=user_id, day=day, bytes=amount.bytes, frames=amount.frames)
    except IntegrityError:  # another worker was first, or the user has just gone
        ArchivedDay.objects.filter(user_id=user_id, day=day).update(**more)


def _recount(user_id: int) -> None:
    """Once for each user who had frames before they were counted, from the index alone."""
    sizes: Counter[date] = Counter({datetime.now(UTC).date(): 0})
    frames_on: Counter[date] = Counter()
    cursor: Cursor | None = None
    while True:
        frames, cursor = page(user_id=user_id, cursor=cursor, page_size=PAGE_SIZE)
        for frame in frames:
            day = frame.captured_at.astimezone(UTC).date()
            sizes[day] += frame.size
            frames_on[day] += 1
        if cursor is None:
            break
    rows = [ArchivedDay(user_id=user_id, day=day, bytes=size, frames=frames_on[day]) for day, size in sizes.items()]
    with transaction.atomic():
        if not User.objects.filter(pk=user_id).exists():
            return
        ArchivedDay.objects.filter(user_id=user_id).delete()
        ArchivedDay.objects.bulk_create(rows, ignore_conflicts=True)
