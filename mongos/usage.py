"""How many bytes of frames are in the spool, and how many frames were dropped: a small file that all workers share."""

import fcntl
import logging
import os
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from mongos import lost

_USAGE = struct.Struct("<QQ")  # bytes on disk, frames dropped for lack of space

_log = logging.getLogger(__name__)


class Usage:
    """The file `usage` in the spool's folder. Its cost does not grow with the spool, as a stat of every frame would."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self) -> tuple[int, int]:
        """Bytes, and drops."""
        if not self._folder.is_dir():
            return 0, lost.lost.totals()[0]
        with self.open() as (used, dropped, _):
            return used, dropped + lost.lost.totals()[0]

    def reserve(self, size: int, limit: int) -> bool:
        """Count `size` more bytes; False if they would be more than the limit."""
        with self.open() as (used, dropped, write):
            if used + size > limit:
                return False
            write(used + size, dropped)
        return True

    def free(self, size: int) -> None:
        # A full disk must not keep a frame from being deleted.
        with suppress(OSError), self.open() as (used, dropped, write):
            write(max(0, used - size), dropped)

    def drop(self, why: str) -> None:
        """Count a frame that is judged but kept nowhere, and log it now and then."""
        try:
            with self.open() as (used, dropped, write):
                write(used, dropped + 1)
            lost.lost.add(uncounted=0)
            dropped += 1
        except OSError:  # the disk has no room for the count either
            lost.lost.add(uncounted=1)
            dropped = lost.lost.totals()[0]
        if set(str(dropped)[1:]) <= {"0"}:  # 1, 2, … 9, 10, 20, … 100, 200: an outage may drop a million
            _log.error("%s: %d frames dropped so far.", why, dropped)

    @contextmanager
    def open(self) -> Iterator[tuple[int, int, Callable[[int, int], None]]]:
        """Bytes, drops on file, and what writes both, under a lock."""
        with os.fdopen(os.open(self._folder / "usage", os.O_RDWR | os.O_CREAT, 0o600), "r+b", buffering=0) as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            stored = file.read(_USAGE.size)

            def write(used: int, dropped: int) -> None:
                os.pwrite(file.fileno(), _USAGE.pack(used, dropped), 0)

            used, dropped = _USAGE.unpack(stored) if len(stored) == _USAGE.size else (0, 0)
            yield used, dropped, write
