"""A circuit breaker for a store that may be unavailable."""

import threading
import time
from collections.abc import Callable


class Breaker:
    """Allows calls until one fails, then none for `retry_after_s`: only the first caller waits in vain."""

    def __init__(self, retry_after_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._retry_after_s = retry_after_s
        self._clock = clock
        self._failed_at: float | None = None
        self._lock = threading.Lock()

    @property
    def is_open(self) -> bool:
        """True if the last call failed."""
        return self._failed_at is not None

    def allows(self) -> bool:
        """True if a call may be tried. Once `retry_after_s` has passed, one caller may try on behalf of all."""
        with self._lock:
            if self._failed_at is None:
                return True
            now = self._clock()
            if now - self._failed_at < self._retry_after_s:
                return False
            self._failed_at = now
            return True

    def succeeded(self) -> bool:
        """Record that a call succeeded. True if that ends an outage."""
        with self._lock:
            ended, self._failed_at = self._failed_at is not None, None
            return ended

    def failed(self) -> bool:
        """Record that a call failed. True if that starts an outage."""
        with self._lock:
            started, self._failed_at = self._failed_at is None, self._clock()
            return started
