"""A least pace for answers that are made while they are sent: a sync worker serves nobody else until the last byte."""

import errno
import logging
import time
from collections.abc import Callable, Iterator
from typing import Self

LEAST_BYTES_PER_S = 100_000  # a slow mobile line; behind nginx, which reads ahead, only long answers come to that
# The system takes some MB for the client before it has read anything: so each stretch is judged by itself.
STRETCH_S = 10.0

_log = logging.getLogger(__name__)


class Paced:
    """The chunks, until their client has read for STRETCH_S more slowly than LEAST_BYTES_PER_S on average.

    Only the time between chunks counts, in which the server sends. Then raises BrokenPipeError, which gunicorn takes as
    a client that has gone: the connection ends, and the client sees that the answer is not complete.
    """

    def __init__(self, chunks: Iterator[bytes], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._chunks = chunks
        self._clock = clock
        self._sent_bytes = 0
        self._sending_s = 0.0
        self._handed_over_at: float | None = None

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> bytes:
        self._check_pace()
        chunk = next(self._chunks)
        self._sent_bytes += len(chunk)
        self._handed_over_at = self._clock()
        return chunk

    def close(self) -> None:
        close = getattr(self._chunks, "close", None)
        if close:
            close()

    def _check_pace(self) -> None:
        if self._handed_over_at is not None:
            self._sending_s += self._clock() - self._handed_over_at
        if self._sending_s <= STRETCH_S:
            return
        if self._sent_bytes < self._sending_s * LEAST_BYTES_PER_S:
            self.close()
            _log.warning("A long answer is ended: its client read %d bytes in %d s.", self._sent_bytes, self._sending_s)
            raise BrokenPipeError(errno.EPIPE, "the client reads too slowly")
        self._sent_bytes, self._sending_s = 0, 0.0
