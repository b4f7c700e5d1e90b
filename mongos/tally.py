"""The frames that this process has stored and deleted, until they are added to the users' totals."""

import threading
from collections import Counter
from datetime import date
from typing import NamedTuple

UserDay = tuple[int, date]


class Amount(NamedTuple):
    bytes: int
    frames: int


class Tally:
    """Bytes and frames by user and day (UTC)."""

    def __init__(self) -> None:
        self._bytes: Counter[UserDay] = Counter()
        self._frames: Counter[UserDay] = Counter()
        self._lock = threading.Lock()

    def add(self, user_id: int, day: date, size: int) -> None:
        """Count a frame of so many bytes; below 0: one that was deleted."""
        with self._lock:
            self._bytes[user_id, day] += size
            self._frames[user_id, day] += 1 if size > 0 else -1

    def take(self) -> dict[UserDay, Amount]:
        """All of them; from now on they are counted from 0."""
        with self._lock:
            sizes, self._bytes = self._bytes, Counter()
            frames, self._frames = self._frames, Counter()
        return {key: Amount(size, frames[key]) for key, size in sizes.items()}
