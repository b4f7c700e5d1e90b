"""What the archive needs done in the background: storing what waits on disk, and letting go of what is too old."""

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
from mongos.guard import ArchiveUnavailable, FrameRejected, archive_guard, is_remote
from mongos.models import Frame
from mongos.router import ARCHIVE_ALIAS
from mongos.spool import REFUSED, WAITING, CorruptEntry, Entry

FOR_EVER_S = 2**31 - 1  # an expiry can be changed, not taken off: 68 years

NOT_PREPARED = "MongoDB is not prepared for frames: run manage.py prepare_archive."
EXPIRY_REFUSALS = {
    13: "MongoDB does not let this user set how long frames are kept: the user needs the role dbAdmin.",  # Unauthorized
    26: NOT_PREPARED,  # NamespaceNotFound
    27: NOT_PREPARED,  # IndexNotFound
}

_log = logging.getLogger(__name__)


class ExpiryRefused(Exception):
    """MongoDB answers, and cannot be told how long frames are kept."""


@dataclass(frozen=True, slots=True)
class Drained:
    """What became of the frames that waited on disk."""

    stored: int = 0
    deleted: int = 0
    refused: int = 0
    is_complete: bool = True


def drain(
    storable: Callable[[Collection[Entry]], Collection[Entry]], *, on_progress: Callable[[int], object] = lambda _: None
) -> Drained:
    """Store what waits on disk, oldest first. What nobody wants is dropped, what can never be stored is set aside.

    The caller holds `archive.spool().exclusive()`. An archive that is away ends it, and the rest waits on.
    """
    waiting = archive.spool().entries()
    stored = deleted = refused = 0
    for start in range(0, len(waiting), archive.SLICE):
        part = waiting[start : start + archive.SLICE]
        keep = storable(part)
        for entry in part:
            try:
                if entry not in keep:
                    deleted += archive.spool().delete(entry)
                else:
                    stored += archive.store_spooled(entry)
            except (FrameRejected, CorruptEntry) as error:
                _log.error("Frame %s is set aside, it can never be stored: %s", entry.frame_id, error)
                archive.spool().reject(entry)
                refused += 1
            except ArchiveUnavailable:
                return Drained(stored, deleted, refused, is_complete=False)
            on_progress(1)
    return Drained(stored, deleted, refused)


def expire() -> int:
    """Let go of frames older than FRAME_RETENTION_DAYS, of none where it is 0; how many were deleted here and now.

    MongoDB deletes by itself from now on, by the age that it is told; what waits on disk is deleted here. Raises
    ArchiveUnavailable, ExpiryRefused.
    """
    _expire_spool()
    if is_remote():
        _expire_mongodb(settings.FRAME_RETENTION_DAYS)
        return 0
    return sum(delete_expired_slices())


def expired_count() -> int:
    """How many frames in `default` are older than FRAME_RETENTION_DAYS."""
    return _expired().count() if settings.FRAME_RETENTION_DAYS else 0


def delete_expired_slices() -> Iterator[int]:
    """Delete what is too old from `default`, oldest first; the number of each slice comes out."""
    if not settings.FRAME_RETENTION_DAYS:
        return
    oldest = _expired().order_by("captured_at").values_list("pk", flat=True)
    while keys := list(oldest[: archive.SLICE]):
        yield Frame.objects.filter(pk__in=keys).delete()[0]


def _expired() -> QuerySet[Frame]:
    return Frame.objects.filter(captured_at__lt=_oldest_kept())


def _oldest_kept() -> datetime:
    return timezone.now() - timedelta(days=settings.FRAME_RETENTION_DAYS)


def _expire_spool() -> None:
    if settings.FRAME_RETENTION_DAYS:
        spool, oldest_ms = archive.spool(), _oldest_kept().timestamp() * 1000
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
