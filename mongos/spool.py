"""Frames on disk that wait for the archive: one file each, whole or not there, in a folder that all workers share."""

import fcntl
import logging
import os
import struct
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import bson
from bson.codec_options import CodecOptions
from bson.errors import InvalidBSON

WAITING = ".frame"
REFUSED = ".refused"  # the archive will never take it
_PART = ".part"
_USAGE = struct.Struct("<QQ")  # bytes on disk, frames dropped for want of room
_AWARE = CodecOptions[dict[str, Any]](tz_aware=True)

_log = logging.getLogger(__name__)


class CorruptEntry(Exception):
    """A spooled file does not hold a frame."""


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """A spooled frame; what its file's name tells."""

    captured_ms: int
    user_id: int
    frame_id: UUID
    path: Path

    @classmethod
    def of(cls, path: Path) -> "Entry":
        """Raises ValueError for any other file."""
        captured_ms, user_id, frame_id = path.stem.split(".")
        if path.suffix not in (WAITING, REFUSED):
            raise ValueError(path.name)
        return cls(int(captured_ms), int(user_id), UUID(frame_id), path)


@dataclass(frozen=True, slots=True)
class State:
    waiting: int
    refused: int
    bytes: int
    dropped: int


class Spool:
    """At most `max_bytes` of frames in `folder`, which is made with the first one."""

    def __init__(self, folder: Path, max_bytes: int) -> None:
        self.folder = folder
        self._max_bytes = max_bytes

    def put(self, fields: dict[str, Any], *, refused: bool = False) -> bool:
        """Keep a frame's fields, safe from a crash once this returns. False where there is no room: it is counted."""
        data = bson.encode(fields)
        path = self.folder / _name(fields, REFUSED if refused else WAITING)
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with self._changing(fcntl.LOCK_SH):
                return path.exists() or (self._reserve(len(data)) and self._write(path, data))
        except OSError as error:  # the disk itself is full, or gone
            _log.error("A frame is dropped, it cannot be put into %s: %s", self.folder, error.strerror)
            return False

    def entries(self, kind: str = WAITING) -> list[Entry]:
        """The spooled frames of a kind, oldest first."""
        return sorted(_entries(self.folder.glob(f"*{kind}")))

    def read(self, entry: Entry) -> dict[str, Any]:
        """A frame's fields. Raises FileNotFoundError where it was removed meanwhile, CorruptEntry."""
        data = entry.path.read_bytes()
        try:
            return bson.decode(data, _AWARE)
        except InvalidBSON as error:
            raise CorruptEntry(entry.path.name) from error

    def delete(self, entry: Entry) -> bool:
        """Remove a frame; whether it was still there."""
        with self._changing(fcntl.LOCK_SH):
            try:
                size = entry.path.stat().st_size
                entry.path.unlink()
            except FileNotFoundError:
                return False
            self._change_usage(freed=size)
        return True

    def delete_of_user(
        self,
        user_id: int,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        frame_id: UUID | None = None,
    ) -> int:
        """Remove a user's frames of a span of time, or one; their number comes back."""
        first, last = _milliseconds(since) if since else 0, _milliseconds(until) if until else float("inf")
        chosen = [
            entry
            for entry in _entries(self.folder.glob(f"*.{user_id}.*"))
            if first <= entry.captured_ms <= last and frame_id in (None, entry.frame_id)
        ]
        return sum(map(self.delete, chosen))

    def reject(self, entry: Entry) -> None:
        """Keep a frame that the archive will never take out of the queue."""
        self._rename(entry, REFUSED)

    def requeue(self) -> int:
        """Queue again what was set aside; the number of frames comes back."""
        refused = self.entries(REFUSED)
        for entry in refused:
            self._rename(entry, WAITING)
        return len(refused)

    def state(self) -> State:
        used, dropped = self._change_usage() if self.folder.is_dir() else (0, 0)
        # Names only: it is asked for often, with thousands of frames waiting.
        names = os.listdir(self.folder) if self.folder.is_dir() else []
        waiting, refused = (sum(name.endswith(kind) for name in names) for kind in (WAITING, REFUSED))
        return State(waiting, refused, used, dropped)

    def reconcile(self) -> None:
        """Make the account true after a crash: what was announced and never written leaves it, as do torn files."""
        if not self.folder.is_dir():
            return
        with self._changing(fcntl.LOCK_EX), self._usage() as (_, dropped, write):  # nobody is half-way through a change
            for part in self.folder.glob(f".*{_PART}"):
                part.unlink()
            files = [path for kind in (WAITING, REFUSED) for path in self.folder.glob(f"*{kind}")]
            write(sum(path.stat().st_size for path in files), dropped)

    @contextmanager
    def exclusive(self) -> Iterator[bool]:
        """Whether nobody else, in this or another process, is in this block for the same folder."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self.folder / "drain.lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            yield True

    def _write(self, path: Path, data: bytes) -> bool:
        part = path.with_name(f".{path.name}{_PART}")
        try:
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
            self._sync_names()
        except OSError:
            part.unlink(missing_ok=True)
            path.unlink(missing_ok=True)
            self._change_usage(freed=len(data), dropped=1)
            raise
        return True

    def _sync_names(self) -> None:
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(folder)  # a new name, too, outlasts a power cut
        finally:
            os.close(folder)

    def _rename(self, entry: Entry, kind: str) -> None:
        with self._changing(fcntl.LOCK_SH), suppress(FileNotFoundError):
            entry.path.rename(entry.path.with_suffix(kind))

    def _reserve(self, size: int) -> bool:
        with self._usage() as (used, dropped, write):
            if used + size <= self._max_bytes:
                write(used + size, dropped)
                return True
            write(used, dropped + 1)
        if set(str(dropped + 1)[1:]) <= {"0"}:  # 1, 2, … 9, 10, 20, … 100, 200: an outage may drop a million
            _log.error("The spool in %s is full: %d frames dropped so far.", self.folder, dropped + 1)
        return False

    def _change_usage(self, *, freed: int = 0, dropped: int = 0) -> tuple[int, int]:
        with self._usage() as (used, dropped_so_far, write):
            now = max(0, used - freed), dropped_so_far + dropped
            if freed or dropped:
                write(*now)
            return now

    @contextmanager
    def _changing(self, how: int) -> Iterator[None]:
        """Shared by all who add and remove files, so that whoever counts them can wait until none is at it."""
        with os.fdopen(os.open(self.folder / "change.lock", os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            fcntl.flock(file, how)
            yield

    @contextmanager
    def _usage(self) -> Iterator[tuple[int, int, Callable[[int, int], None]]]:
        # One small file under a lock instead of a look at every file: the cost does not grow with the spool.
        with os.fdopen(os.open(self.folder / "usage", os.O_RDWR | os.O_CREAT, 0o600), "r+b", buffering=0) as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            stored = file.read(_USAGE.size)

            def write(used: int, dropped: int) -> None:
                os.pwrite(file.fileno(), _USAGE.pack(used, dropped), 0)

            used, dropped = _USAGE.unpack(stored) if len(stored) == _USAGE.size else (0, 0)
            yield used, dropped, write


def _entries(paths: Iterable[Path]) -> Iterator[Entry]:
    for path in paths:
        with suppress(ValueError):  # not one of ours
            yield Entry.of(path)


def _name(fields: dict[str, Any], kind: str) -> str:
    # The time leads: names in order are frames in order. The user tells whom a file belongs to without opening it.
    return f"{_milliseconds(fields['captured_at']):015}.{fields['user_id']}.{UUID(fields['id']).hex}{kind}"


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
