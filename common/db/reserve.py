"""A file beside SQLite's that only takes up room, and is let go when the disk is full.

So people can still log in, stop a session, delete what is theirs and leave: each of these writes a little, also those
that delete. Whatever makes the database grow is refused before that.
"""

import logging
import os
from contextlib import suppress
from pathlib import Path

from django.db import connection
from django.utils.translation import gettext_lazy as _

from common.disk import MIB, room_for
from common.errors import Unavailable

RESERVE_BYTES = 16 * MIB  # four times the length at which SQLite works off its log
MIN_PARTS = 8  # of a small disk the reserve takes an eighth

_log = logging.getLogger(__name__)


class NoRoom(Unavailable):
    """The database's disk is full but for the reserve."""

    message = _("The service's disk is full. You can still log in, stop a session and delete. Try again later.")
    retry_after_s = 60


def keep() -> None:
    """Let the reserve go if the disk is full, and make it again once there is plenty of room."""
    file = _file()
    if file is None:
        return
    room = room_for(file.parent)
    size = _size(room.total)
    if file.exists():
        if room.free < size // 2:
            file.unlink(missing_ok=True)
            _log.error("The database's disk is full. Its reserve of %d MiB is let go.", size // MIB)
    elif room.free > 4 * size:
        with suppress(OSError):  # another process makes it, or the disk was filled in this moment
            _make(file, size)


def has_room_to_grow() -> bool:
    """False if what is left on the database's disk is needed for logins and deletions."""
    file = _file()
    if file is None:
        return True
    room = room_for(file.parent)
    held = file.stat().st_size if file.exists() else 0
    return room.free + held >= 2 * _size(room.total)


def require_room() -> None:
    """For whatever makes the database grow. Raises NoRoom."""
    if not has_room_to_grow():
        raise NoRoom


def database_file() -> Path | None:
    """SQLite's file; None if the database is another or in memory."""
    if connection.vendor != "sqlite" or connection.is_in_memory_db():  # type: ignore[attr-defined]
        return None
    return Path(connection.settings_dict["NAME"])


def _file() -> Path | None:
    database = database_file()
    return database.with_name(f"{database.name}-reserve") if database else None


def _size(disk_bytes: int) -> int:
    return min(RESERVE_BYTES, disk_bytes // MIN_PARTS)


def _make(file: Path, size: int) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.posix_fallocate(descriptor, 0, size)
    except OSError:
        file.unlink(missing_ok=True)
        raise
    finally:
        os.close(descriptor)
