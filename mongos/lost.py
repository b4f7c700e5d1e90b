"""Drops that no file could count, in memory that all of a server's workers share: a full disk takes no count."""

import mmap
import struct
import threading
import time

from common.telemetry import worker

SLOTS = 256
_SLOT = struct.Struct("<Qd")  # drops that are counted nowhere else; when a frame was dropped last, in Unix seconds


class Lost:
    """Made before the workers fork. Each writes into a slot of its own, so none waits for another."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, SLOTS * _SLOT.size)
        self._lock = threading.Lock()  # between the threads of one worker

    def add(self, *, uncounted: int) -> None:
        """Note that a frame was dropped now; uncounted: 1 unless it is counted elsewhere."""
        offset = self._slot() * _SLOT.size
        with self._lock:
            count, _ = _SLOT.unpack_from(self._memory, offset)
            _SLOT.pack_into(self._memory, offset, count + uncounted, time.time())

    def totals(self) -> tuple[int, float]:
        """The drops counted here, and when a frame was dropped last: 0 if never."""
        counts, times = zip(*_SLOT.iter_unpack(self._memory[:]), strict=True)
        return sum(counts), max(times)

    @staticmethod
    def _slot() -> int:
        return 1 + int(worker.slot) % (SLOTS - 1) if worker.slot.isdecimal() else 0


lost = Lost()
