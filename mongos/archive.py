"""The frame archive: all access to the stored frames goes through this module.

With MongoDB configured, frames are stored there. It may be down, slow or full: then new frames wait on disk, and
reading and deleting raise ArchiveUnavailable. Without MongoDB, frames are stored in `default`, and fail with it.
"""

import logging
import time
from datetime import datetime
from functools import cache
from itertools import accumulate
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import DEFAULT_DB_ALIAS, IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from ai_models.vision.frame import Frame as ReceivedFrame
from common.db.compiled import CompiledInsert
from common.disk import MIB
from mongos import space
from mongos.guard import ArchiveUnavailable, FrameRejected, alias, archive_guard, is_remote, with_timeout
from mongos.listing import EARLIEST, LATEST, FrameSummary, list_frames
from mongos.models import Frame
from mongos.spool import CorruptEntry, Entry, Spool
from mongos.tally import Tally

DELETE_TIMEOUT_S = 5.0  # for one slice
COUNT_TIMEOUT_S = 600.0  # for a query that visits every frame
SLICE = 200  # frames deleted by one query
# Their bytes at most: SQLite writes zeros over deleted frames, by way of its log, which has to fit on a full disk.
SLICE_BYTES = 4 * MIB

_log = logging.getLogger(__name__)
tally = Tally()


def spool() -> Spool:
    """The spool, where frames wait while the archive is unavailable."""
    return _spool_in(settings.SPOOL_DIR, settings.SPOOL_MAX_MB * 2**20)


@cache
def _spool_in(folder: Path, max_bytes: int) -> Spool:
    return Spool(folder, max_bytes)


def now() -> datetime:
    """The current time to the millisecond, the precision that every store has."""
    moment = timezone.now()
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def store(
    *,
    user_id: int,
    frame: ReceivedFrame,
    face_found: bool,
    captured_at: datetime,
    frame_id: UUID,
    session_id: UUID | None = None,
) -> None:
    """Store a frame's bytes as they were received, once for each key.

    While the archive is unavailable, the frame is spooled; if the spool is full, or this machine's disk nearly so, it
    is dropped, counted and logged.
    """
    if not is_remote() and space.is_low():
        spool().drop("The database's disk is nearly full, and frames are no longer kept")
        return
    row = Frame(
        id=frame_id,
        user_id=user_id,
        session_id=session_id,
        captured_at=captured_at,
        content_type=frame.content_type,
        size=len(frame.data),
        image=frame.data,
        face_found=face_found,
    )
    try:
        with archive_guard():
            _insert(row)
    except ArchiveUnavailable:
        _spool(row, refused=False)
    except FrameRejected as error:
        _log.error("Frame %s is set aside because it can never be stored: %s", row.id, error)
        _spool(row, refused=True)


def store_spooled(entry: Entry) -> bool:
    """Store a spooled frame; False if it was deleted in the meantime.

    Raises ArchiveUnavailable, FrameRejected, CorruptEntry.
    """
    try:
        fields = spool().read(entry)
    except FileNotFoundError:
        return False
    try:
        with archive_guard():
            _insert(Frame(**fields))
    except (TypeError, ValueError, ValidationError) as error:
        raise CorruptEntry(f"{entry.path.name}: {type(error).__name__}") from None
    if spool().delete(entry):
        return True
    delete_one(user_id=entry.user_id, frame_id=entry.frame_id)  # its user has just deleted the file
    return False


def newest(
    *,
    user_id: int,
    since: datetime | None = None,
    until: datetime | None = None,
    face_found: bool | None = None,
    skip: int = 0,
    limit: int,
) -> list[FrameSummary]:
    """A user's frames captured in a span, both ends included, newest first, without reading the images."""
    with archive_guard():
        return list_frames(user_id=user_id, since=since, until=until, face_found=face_found, skip=skip, limit=limit)


def read(*, user_id: int, frame_id: UUID, since: datetime | None = None) -> Frame | None:
    """One of a user's frames with its image, or None if there is no such frame captured at or after `since`."""
    with archive_guard():
        return _span(user_id, since, None).filter(pk=frame_id).first()


def count(*, user_id: int, until: datetime | None = None) -> int:
    """The number of a user's frames captured at or before `until`."""
    with archive_guard(), with_timeout(COUNT_TIMEOUT_S):
        return _span(user_id, None, until).count()


def user_ids() -> list[int]:
    """All users with frames. Reads every frame's index entry: for an administrator, not for a request."""
    with archive_guard(), with_timeout(COUNT_TIMEOUT_S):
        return list(Frame.objects.order_by("user_id").values_list("user_id", flat=True).distinct())


def delete_one(*, user_id: int, frame_id: UUID, since: datetime | None = None) -> bool:
    """Delete one of a user's frames; False if there is no such frame captured at or after `since`."""
    spooled = spool().delete_of_user(user_id, since=since, frame_id=frame_id)
    with archive_guard():
        frame = _span(user_id, since, None).filter(pk=frame_id)
        sizes = list(frame.values_list("captured_at", "size"))
        deleted = _delete(frame)
    for captured_at, size in sizes[:deleted]:
        tally.add(user_id, captured_at.date(), -size)
    return deleted + spooled > 0


def delete_all(
    *, user_id: int, since: datetime | None = None, until: datetime | None = None, budget_s: float = float("inf")
) -> tuple[int, bool]:
    """Delete a user's frames of a span, also those on disk; returns their number, and whether all were.

    Deletes in slices, oldest first, for at most about `budget_s` seconds. Raises ArchiveUnavailable.
    """
    deadline = time.monotonic() + budget_s
    deleted = spool().delete_of_user(user_id, since=since, until=until)
    with archive_guard():
        while oldest := _oldest(user_id, since=since, until=until):
            deleted += _delete(Frame.objects.filter(user_id=user_id, pk__in=[frame.id for frame in oldest]))
            for frame in oldest:
                tally.add(user_id, frame.captured_at.date(), -frame.size)
            if time.monotonic() > deadline:
                return deleted, False
    return deleted, True


def delete_oldest(*, user_id: int, size: int, budget_s: float) -> list[FrameSummary]:
    """Delete a user's oldest frames, `size` bytes of them or a little more; returns those deleted.

    For at most about `budget_s` seconds. Raises ArchiveUnavailable. They are not tallied.
    """
    deadline = time.monotonic() + budget_s
    deleted: list[FrameSummary] = []
    with archive_guard():
        while size > 0 and time.monotonic() < deadline and (oldest := _oldest(user_id, size=size)):
            _delete(Frame.objects.filter(user_id=user_id, pk__in=[frame.id for frame in oldest]))
            deleted += oldest
            size -= sum(frame.size for frame in oldest)
    return deleted


def _oldest(
    user_id: int, *, since: datetime | None = None, until: datetime | None = None, size: int = SLICE_BYTES
) -> list[FrameSummary]:
    """A user's oldest frames of a span, for one query: until they have `size` bytes, or a slice is full."""
    frames = list_frames(user_id=user_id, since=since, until=until, is_newest_first=False, limit=SLICE)
    before = accumulate((frame.size for frame in frames), initial=0)  # the bytes of those before each
    return [frame for frame, so_far in zip(frames, before, strict=False) if so_far < min(size, SLICE_BYTES)]


def _span(user_id: int, since: datetime | None, until: datetime | None) -> QuerySet[Frame]:
    # Always both ends: for `<=` alone MongoDB also checks "not null" and reads each document, with its image.
    return Frame.objects.filter(user_id=user_id, captured_at__range=(since or EARLIEST, until or LATEST))


def _insert(row: Frame) -> None:
    try:
        with transaction.atomic(using=alias()):
            if alias() == DEFAULT_DB_ALIAS:
                _insert_query().save(row)
            else:
                row.save(force_insert=True, using=alias())
    except IntegrityError:
        if not Frame.objects.filter(user_id=row.user_id, pk=row.pk).exists():
            raise FrameRejected("its key is another user's") from None
        # Otherwise stored before: by an attempt whose response was lost, or because the client repeated the frame.
    else:
        tally.add(row.user_id, row.captured_at.date(), row.size)


@cache
def _insert_query() -> CompiledInsert[Frame]:
    return CompiledInsert(Frame)


def _delete(frames: QuerySet[Frame]) -> int:
    with with_timeout(DELETE_TIMEOUT_S):
        return frames.delete()[0]


def _spool(row: Frame, *, refused: bool) -> None:
    if space.is_low():
        spool().drop("The spool's disk is nearly full, and frames are no longer kept")
        return
    values = {field.attname: getattr(row, field.attname) for field in Frame._meta.concrete_fields}
    fields = {name: value.hex if isinstance(value, UUID) else value for name, value in values.items()}
    spool().put(fields, refused=refused)
