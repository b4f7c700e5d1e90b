"""Whether it is worth asking a store that may be away."""

import threading
import time
from collections.abc import Callable


class Breaker:
    """Lets calls through until one fails; then none for a while, so that only the first caller waits for nothing."""

    def __init__(self, retry_after_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._retry_after_s = retry_after_s
        self._clock = clock
        self._failed_at: float | None = None
        self._lock = threading.Lock()

    @property
    def is_open(self) -> bool:
        """Whether the last call failed."""
        return self._failed_at is not None

    def allows(self) -> bool:
        """Whether to try. Of those who ask when the while is over one may, on behalf of all."""
        with self._lock:
            if self._failed_at is None:
                return True
            now = self._clock()
            if now - self._failed_at < self._retry_after_s:
                return False
            self._failed_at = now
            return True

    def succeeded(self) -> bool:
        """Note that a call came through; whether that ends an outage."""
        with self._lock:
            ended, self._failed_at = self._failed_at is not None, None
            return ended

    def failed(self) -> bool:
        """Note that a call failed; whether that begins an outage."""
        with self._lock:
            began, self._failed_at = self._failed_at is None, self._clock()
            return began
