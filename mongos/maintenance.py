"""Background work for the archive: storing the frames that wait on disk, and deleting those that are too old."""

import logging
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connections
from django.db.models import QuerySet
from django.utils import timezone
from pymongo.errors import OperationFailure

from mongos import archive
from mongos.guard import ARCHIVE_ALIAS, ArchiveUnavailable, FrameRejected, archive_guard, is_remote
from mongos.models import Frame
from mongos.spool import REFUSED, WAITING, CorruptEntry, Entry

FOR_EVER_S = 2**31 - 1  # 68 years: an expiry can be changed, but not removed

NOT_PREPARED = "MongoDB is not prepared for frames: run manage.py prepare_archive."
EXPIRY_REFUSALS = {
    13: "This MongoDB user may not set how long frames are kept: it needs the role dbAdmin.",  # Unauthorized
    26: NOT_PREPARED,  # NamespaceNotFound
    27: NOT_PREPARED,  # IndexNotFound
}

_log = logging.getLogger(__name__)


class ExpiryRefused(Exception):
    """MongoDB responds, but refuses to set how long frames are kept."""


@dataclass(frozen=True, slots=True)
class Drained:
    """The numbers of frames on disk that were stored, deleted or refused, and whether none was left."""

    stored: int = 0
    deleted: int = 0
    refused: int = 0
    is_complete: bool = True


def drain(
    storable: Callable[[Collection[Entry]], Collection[Entry]], *, on_progress: Callable[[int], object] = lambda _: None
) -> Drained:
    """Store the frames on disk, oldest first. Those not `storable` are deleted, those the archive rejects set aside.

    The caller holds `archive.spool().exclusive()`. Ends early if the archive becomes unavailable; the rest stays on
    disk.
    """
    waiting = archive.spool().entries()
    stored = deleted = refused = 0
    for start in range(0, len(waiting), archive.SLICE):
        part = waiting[start : start + archive.SLICE]
        to_store = storable(part)
        for entry in part:
            try:
                if entry not in to_store:
                    deleted += archive.spool().delete(entry)
                else:
                    stored += archive.store_spooled(entry)
            except (FrameRejected, CorruptEntry) as error:
                _log.error("Frame %s is set aside because it can never be stored: %s", entry.frame_id, error)
                archive.spool().reject(entry)
                refused += 1
            except ArchiveUnavailable:
                return Drained(stored, deleted, refused, is_complete=False)
            on_progress(1)
    return Drained(stored, deleted, refused)


def delete_unstorable(storable: Callable[[Collection[Entry]], Collection[Entry]]) -> int:
    """Delete the frames on this machine's disk that are not `storable`, set aside or waiting; returns their number.

    Each machine has to do this for itself: an erasure may have been carried out on another one, which does not see
    these files. It does not need the archive.
    """
    spool = archive.spool()
    entries = [*spool.entries(REFUSED), *spool.entries(WAITING)]
    deleted = 0
    for start in range(0, len(entries), archive.SLICE):
        part = entries[start : start + archive.SLICE]
        wanted = storable(part)
        deleted += sum(spool.delete(entry) for entry in part if entry not in wanted)
    return deleted


def expire() -> int:
    """Expire frames older than FRAME_RETENTION_DAYS (0: never); returns how many were deleted from `default`.

    MongoDB is given the age, and deletes them itself from then on. Frames on disk are deleted here. Raises
    ArchiveUnavailable, ExpiryRefused.
    """
    _expire_spool()
    if is_remote():
        _expire_mongodb(settings.FRAME_RETENTION_DAYS)
        return 0
    return sum(delete_expired_slices())


def expired_count() -> int:
    """The number of frames in `default` older than FRAME_RETENTION_DAYS."""
    return _expired().count() if settings.FRAME_RETENTION_DAYS else 0


def delete_expired_slices() -> Iterator[int]:
    """Delete expired frames from `default`, oldest first; yields the number deleted in each slice."""
    if not settings.FRAME_RETENTION_DAYS:
        return
    oldest = _expired().order_by("captured_at").values_list("pk", flat=True)
    while keys := list(oldest[: archive.SLICE]):
        yield Frame.objects.filter(pk__in=keys).delete()[0]


def _expired() -> QuerySet[Frame]:
    return Frame.objects.filter(captured_at__lt=_cutoff())


def _cutoff() -> datetime:
    return timezone.now() - timedelta(days=settings.FRAME_RETENTION_DAYS)


def _expire_spool() -> None:
    if settings.FRAME_RETENTION_DAYS:
        spool, oldest_ms = archive.spool(), _cutoff().timestamp() * 1000
        for entry in [*spool.entries(WAITING), *spool.entries(REFUSED)]:
            if entry.captured_ms < oldest_ms:
                spool.delete(entry)


def _expire_mongodb(days: int) -> None:
    seconds = int(timedelta(days=days).total_seconds()) if days else FOR_EVER_S
    change = {"collMod": Frame._meta.db_table, "index": {"name": "frame_age", "expireAfterSeconds": seconds}}
    with archive_guard():
        try:
            connections[ARCHIVE_ALIAS].database.command(change)  # type: ignore[attr-defined]
        except OperationFailure as error:
            if error.code not in EXPIRY_REFUSALS:
                raise
            raise ExpiryRefused(EXPIRY_REFUSALS[error.code]) from None
