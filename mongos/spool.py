"""Frames that wait on disk for the archive: one file each, written atomically, in a folder shared by all workers."""

import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import bson
from bson.codec_options import CodecOptions
from bson.errors import InvalidBSON

from common.file_lock import lock
from mongos import lost
from mongos.usage import Usage

WAITING = ".frame"
REFUSED = ".refused"  # the archive will never accept it
_PART = ".part"
_AWARE = CodecOptions[dict[str, Any]](tz_aware=True)


class CorruptEntry(Exception):
    """A spooled file does not contain a frame."""


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """A spooled frame, as described by its file's name."""

    captured_ms: int
    user_id: int
    frame_id: UUID
    path: Path

    @classmethod
    def of(cls, path: Path) -> "Entry":
        """The entry of a spooled file. Raises ValueError for any other file."""
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
    dropped_at: float = field(default=0.0, compare=False)  # the last time since the service started, in Unix seconds


class Spool:
    """At most `max_bytes` of frames in `folder`, which is created with the first one."""

    def __init__(self, folder: Path, max_bytes: int) -> None:
        self.folder = folder
        self._max_bytes = max_bytes
        self._usage = Usage(folder)

    def put(self, fields: dict[str, Any], *, refused: bool = False) -> bool:
        """Store a frame's fields; once this returns, they survive a crash.

        False if the frame is dropped because the spool or the disk is full, or the disk fails; that is counted.
        """
        data = bson.encode(fields)
        path = self.folder / _name(fields, REFUSED if refused else WAITING)
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with self._lock(fcntl.LOCK_SH):
                if path.exists():
                    return True
                if self._usage.reserve(len(data), self._max_bytes):
                    self._write(path, data)
                    return True
            self.drop(f"The spool in {self.folder} is full")
        except OSError as error:  # the disk itself is full or missing
            self.drop(f"The spool in {self.folder} cannot be written to ({error.strerror})")
        return False

    def drop(self, why: str) -> None:
        """Count a frame that is judged but kept nowhere."""
        self._usage.drop(why)

    def entries(self, kind: str = WAITING) -> list[Entry]:
        """The spooled frames of a kind, oldest first."""
        return sorted(_entries(self.folder.glob(f"*{kind}")))

    def read(self, entry: Entry) -> dict[str, Any]:
        """A frame's fields. Raises CorruptEntry, or FileNotFoundError if it was deleted in the meantime."""
        data = entry.path.read_bytes()
        try:
            return bson.decode(data, _AWARE)
        except InvalidBSON as error:
            raise CorruptEntry(entry.path.name) from error

    def delete(self, entry: Entry) -> bool:
        """Delete a frame; False if it was deleted already."""
        with self._lock(fcntl.LOCK_SH):
            try:
                size = entry.path.stat().st_size
                entry.path.unlink()
            except FileNotFoundError:
                return False
            self._usage.free(size)
        return True

    def delete_of_user(
        self,
        user_id: int,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        frame_id: UUID | None = None,
    ) -> int:
        """Delete a user's frames of a span of time, or one of them; returns their number."""
        first, last = _milliseconds(since) if since else 0, _milliseconds(until) if until else float("inf")
        entries = [
            entry
            for entry in _entries(self.folder.glob(f"*.{user_id}.*"))
            if first <= entry.captured_ms <= last and frame_id in (None, entry.frame_id)
        ]
        return sum(map(self.delete, entries))

    def reject(self, entry: Entry) -> None:
        """Take a frame that the archive will never accept out of the queue, without deleting it."""
        self._rename(entry, REFUSED)

    def requeue(self) -> int:
        """Put the frames that were set aside back into the queue; returns their number."""
        refused = self.entries(REFUSED)
        for entry in refused:
            self._rename(entry, WAITING)
        return len(refused)

    def state(self) -> State:
        used, dropped = self._usage.read()
        # Names only: this is called often, also with thousands of frames waiting.
        names = os.listdir(self.folder) if self.folder.is_dir() else []
        waiting, refused = (sum(name.endswith(kind) for name in names) for kind in (WAITING, REFUSED))
        return State(waiting, refused, used, dropped, lost.lost.totals()[1])

    def reconcile(self) -> None:
        """Recompute the disk usage and delete partial files, after a crash between reserving space and writing."""
        if not self.folder.is_dir():
            return
        with self._lock(fcntl.LOCK_EX), self._usage.open() as (_, dropped, write):  # no change is half done
            for part in self.folder.glob(f".*{_PART}"):
                part.unlink()
            files = [path for kind in (WAITING, REFUSED) for path in self.folder.glob(f"*{kind}")]
            write(sum(path.stat().st_size for path in files), dropped)

    @contextmanager
    def exclusive(self) -> Iterator[bool]:
        """Yields True if nobody else, in this or another process, is in this block for the same folder."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            descriptor = lock(self.folder / "drain.lock")
        except BlockingIOError:
            yield False
            return
        try:
            yield True
        finally:
            os.close(descriptor)

    def _write(self, path: Path, data: bytes) -> None:
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
            self._usage.free(len(data))
            raise

    def _sync_names(self) -> None:
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(folder)  # so that the new name survives a power cut
        finally:
            os.close(folder)

    def _rename(self, entry: Entry, kind: str) -> None:
        with self._lock(fcntl.LOCK_SH), suppress(FileNotFoundError):
            entry.path.rename(entry.path.with_suffix(kind))

    @contextmanager
    def _lock(self, mode: int) -> Iterator[None]:
        """Shared while files are added or deleted; exclusive while they are counted, with no change half done."""
        descriptor = lock(self.folder / "change.lock", mode=mode)
        try:
            yield
        finally:
            os.close(descriptor)


def _entries(paths: Iterable[Path]) -> Iterator[Entry]:
    for path in paths:
        with suppress(ValueError):  # another file
            yield Entry.of(path)


def _name(fields: dict[str, Any], kind: str) -> str:
    # The time comes first, so that names sort by it. The user id says whose file it is without opening it.
    return f"{_milliseconds(fields['captured_at']):015}.{fields['user_id']}.{UUID(fields['id']).hex}{kind}"


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
