"""The mark of free space below which frames are judged but no longer kept."""

from pathlib import Path

from django.conf import settings

from common.db.reserve import database_file
from common.disk import MIB, Room, room_for
from mongos.guard import is_remote

MIN_PARTS = 4  # on a small disk the mark is a quarter


def places() -> dict[str, Path]:
    """The folders on this machine whose disks frames fill."""
    database = database_file()
    embedded = {"database": database.parent} if database and not is_remote() else {}
    return embedded | ({"spool": settings.SPOOL_DIR} if is_remote() else {})


def mark(room: Room) -> int:
    """In bytes."""
    return min(settings.ARCHIVE_MIN_FREE_MB * MIB, room.total // MIN_PARTS)


def is_low() -> bool:
    """True if a frame must not be kept on this machine's disks."""
    try:
        return any(room.free < mark(room) for room in map(room_for, places().values()))
    except OSError:  # a disk that does not answer; whoever writes to it learns more
        return False
