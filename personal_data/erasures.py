"""Erasures of frames: recorded when they are requested, carried out as soon as the archive can be reached.

A frame may arrive after its erasure: it was being processed, waited on a disk, or a server was late. So an erasure is
carried out again once no such frame can be left, and frames that wait on disk are checked with `storable` first.
"""

import logging
from collections.abc import Collection
from datetime import datetime, timedelta

from django.conf import settings
from django.db import OperationalError, transaction
from django.db.models import Count, Min, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Erasure, User
from accounts.services import user_lock
from common.db.sqlite_log import truncate_log
from common.errors import TooManyRequests
from mongos import archive
from mongos.guard import ArchiveUnavailable, is_remote
from mongos.spool import Entry

_log = logging.getLogger(__name__)

REQUEST_BUDGET_S = 5.0  # for a request; the rest is done in the background
MAX_ERASURES = 1000  # of a user, with gaps between their spans
RETENTION_DAYS = 7  # a machine that was down this long may still have such frames on its disk


class TooManyErasures(TooManyRequests):
    """The user has erased very many separate spans."""

    message = _("You have deleted very many separate spans. Delete a longer one, or all frames.")


def frames_erase(*, user_id: int, since: datetime | None, until: datetime) -> tuple[int, bool]:
    """Delete a user's frames of a span; returns how many, and whether all were. Any others are deleted later.

    Raises AccountDeleted, TooManyErasures.
    """
    erasure = span_record(user_id=user_id, since=since, until=until)
    return erasure_run(erasure, budget_s=REQUEST_BUDGET_S)


def span_record(*, user_id: int, since: datetime | None, until: datetime) -> Erasure:
    """A new erasure, which takes the place of those whose spans it meets: together they cover the same time.

    To be run after the transaction. Raises AccountDeleted, TooManyErasures.
    """
    with transaction.atomic():
        user_lock(user_id=user_id)
        own = Erasure.objects.filter(user_id=user_id)
        met = own.filter(Q(since=None) | Q(since__lte=until))
        met = met.filter(until__gte=since) if since else met
        first, last = since, until
        for erasure in met:
            first = min(first, erasure.since) if first and erasure.since else None
            last = max(last, erasure.until or last)
        met.delete()
        if own.count() >= MAX_ERASURES:
            raise TooManyErasures(RETENTION_DAYS * 86_400)
        return Erasure.objects.create(user_id=user_id, since=first, until=last)


def withdrawal_record(*, user_id: int) -> Erasure:
    """Record a withdrawal; replaces the user's other erasures.

    To be called in the transaction that deletes the user, and run after it.
    """
    Erasure.objects.filter(user_id=user_id).delete()
    return Erasure.objects.create(user_id=user_id)


def erasure_run(erasure: Erasure, *, budget_s: float = float("inf")) -> tuple[int, bool]:
    """Run an erasure; returns how many frames were deleted, and whether all were.

    If the archive is unavailable, or the database's disk is full, the erasure is left for later.
    """
    try:
        deleted, is_complete = archive.delete_all(
            user_id=erasure.user_id, since=erasure.since, until=erasure.until, budget_s=budget_s
        )
        if is_complete:
            _advance(erasure)
    except ArchiveUnavailable:
        return 0, False
    except OperationalError as error:
        if is_remote():
            raise
        _log.error("An erasure is left for later: %s", type(error).__name__)  # without the text, which may quote data
        return 0, False
    if is_complete:
        truncate_log()
    return deleted, is_complete


def erasures_run_due() -> int:
    """Run the recorded erasures that are due; returns how many were completed."""
    now = timezone.now()
    settling = Q(carried_out_at__isnull=False, carried_out_at__gt=now - timedelta(seconds=settings.FRAME_UNDER_WAY_S))
    due = list(Erasure.objects.filter(is_settled=False).exclude(settling).order_by("pk"))
    Erasure.objects.filter(is_settled=True, requested_at__lt=now - timedelta(days=RETENTION_DAYS)).delete()
    return sum(erasure_run(erasure)[1] for erasure in due)


def pending_count() -> int:
    """The number of erasures that the archive has not carried out yet."""
    return pending()[0]


def pending(*, using: str = "default") -> tuple[int, datetime | None]:
    """The number of erasures not carried out yet, and when the oldest was requested."""
    rows = Erasure.objects.using(using).filter(carried_out_at__isnull=True)
    totals = rows.aggregate(count=Count("pk"), oldest=Min("requested_at"))
    return totals["count"], totals["oldest"]


def storable(entries: Collection[Entry]) -> set[Entry]:
    """Those frames on disk that may still be stored: their user exists and has not erased them."""
    user_ids = {entry.user_id for entry in entries}
    existing = set(User.objects.filter(pk__in=user_ids).values_list("pk", flat=True))
    erasures = list(Erasure.objects.filter(user_id__in=user_ids))
    return {
        entry
        for entry in entries
        if entry.user_id in existing and not any(_covers(erasure, entry) for erasure in erasures)
    }


def _covers(erasure: Erasure, entry: Entry) -> bool:
    if entry.user_id != erasure.user_id:
        return False
    after_start = erasure.since is None or erasure.since.timestamp() * 1000 <= entry.captured_ms
    return after_start and (erasure.until is None or entry.captured_ms <= erasure.until.timestamp() * 1000)


def _advance(erasure: Erasure) -> None:
    if erasure.carried_out_at is None:
        Erasure.objects.filter(pk=erasure.pk).update(carried_out_at=timezone.now())
    elif erasure.until is None:
        erasure.delete()  # no longer needed: storable() knows that the user does not exist
    else:
        Erasure.objects.filter(pk=erasure.pk).update(is_settled=True)
