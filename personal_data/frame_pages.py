"""A user's frames, newest first, page by page."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from mongos import archive
from mongos.listing import EARLIEST, FrameSummary

CURSOR = re.compile(r"([0-9]{1,15})-([0-9]{1,5})")


@dataclass(frozen=True, slots=True)
class Cursor:
    """The start of a page: a timestamp in milliseconds, and how many of its frames were already returned."""

    captured_ms: int
    skip: int

    @classmethod
    def from_text(cls, text: str) -> "Cursor":
        """The cursor as a client sent it. Raises ValueError."""
        match = CURSOR.fullmatch(text)
        if match is None:
            raise ValueError(text)
        cursor = cls(int(match[1]), int(match[2]))
        _ = cursor.captured_at  # raises ValueError from the year 10000 on
        return cursor

    def __str__(self) -> str:
        return f"{self.captured_ms}-{self.skip}"

    @property
    def captured_at(self) -> datetime:
        try:
            return EARLIEST + timedelta(milliseconds=self.captured_ms)
        except OverflowError as error:
            raise ValueError(str(self)) from error


def page(
    *,
    user_id: int,
    since: datetime | None = None,
    until: datetime | None = None,
    face_found: bool | None = None,
    cursor: Cursor | None = None,
    page_size: int,
) -> tuple[list[FrameSummary], Cursor | None]:
    """A page of frames from the cursor on, and the cursor of the next page, if any. Raises ArchiveUnavailable."""
    frames = archive.newest(
        user_id=user_id,
        since=since,
        until=cursor.captured_at if cursor else until,
        face_found=face_found,
        skip=cursor.skip if cursor else 0,
        limit=page_size + 1,
    )
    if len(frames) <= page_size:
        return frames, None
    return frames[:-1], _after(frames[:-1], cursor)


def _after(frames: list[FrameSummary], cursor: Cursor | None) -> Cursor:
    last = _milliseconds(frames[-1].captured_at)
    skip = sum(_milliseconds(frame.captured_at) == last for frame in frames)
    if cursor and cursor.captured_ms == last:
        skip += cursor.skip
    return Cursor(last, skip)


def _milliseconds(moment: datetime) -> int:
    return (moment.astimezone(UTC) - EARLIEST) // timedelta(milliseconds=1)
