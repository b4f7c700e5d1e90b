"""The bytes that this process has stored and deleted, until they are added to the users' totals."""

import threading
from collections import Counter
from datetime import date

UserDay = tuple[int, date]


class Tally:
    """Bytes by user and day (UTC)."""

    def __init__(self) -> None:
        self._bytes: Counter[UserDay] = Counter()
        self._lock = threading.Lock()

    def add(self, user_id: int, day: date, size: int) -> None:
        with self._lock:
            self._bytes[user_id, day] += size

    def take(self) -> dict[UserDay, int]:
        """All of them; from now on they are counted from 0."""
        with self._lock:
            taken, self._bytes = self._bytes, Counter()
        return dict(taken)
