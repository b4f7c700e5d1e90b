"""A least pace for answers that are made while they are sent: a sync worker serves nobody else until the last byte."""

import errno
import logging
import math
import select
import socket
import time
from collections.abc import Callable, Iterator
from typing import Self

from django.http import HttpRequest

LEAST_BYTES_PER_S = 100_000  # a slow mobile line; behind nginx, which reads ahead, only long answers come to that
STRETCH_S = 10.0  # each is judged by itself
# The system would take 4 MB and more before the client has read anything, and then make the worker wait for a third of
# it at a time: half a minute at the least pace.
BUFFER_BYTES = 2**17
PIECE_BYTES = 2**16  # a buffer that has room at all, by poll(), takes so many without waiting

_log = logging.getLogger(__name__)


class Paced:
    """The chunks, in pieces, until their client has read for STRETCH_S more slowly than LEAST_BYTES_PER_S on average.

    Only the time between pieces counts, in which the server sends. Then raises BrokenPipeError, which gunicorn takes as
    a client that has gone: the connection ends, and the client sees that the answer is not complete. connection: the
    client's, if it is known; a piece is then handed over when the connection takes it, so that no sending blocks.
    """

    def __init__(
        self,
        chunks: Iterator[bytes],
        connection: socket.socket | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._chunks = chunks
        self._pieces = (chunk[at : at + PIECE_BYTES] for chunk in chunks for at in range(0, len(chunk), PIECE_BYTES))
        self._room = _room_in(connection) if connection else None
        self._clock = clock
        self._sent_bytes = 0
        self._sending_s = 0.0
        self._handed_over_at = clock()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> bytes:
        while not self._has_room():
            self._check_pace()
        self._check_pace()
        piece = next(self._pieces)
        self._sent_bytes += len(piece)
        self._handed_over_at = self._clock()
        return piece

    def close(self) -> None:
        close = getattr(self._chunks, "close", None)
        if close:
            close()

    def _has_room(self) -> bool:
        """True once the connection takes more, or has ended; False at the end of the stretch."""
        if self._room is None:
            return True
        left_s = STRETCH_S - self._sending_s - (self._clock() - self._handed_over_at)
        return bool(self._room.poll(max(0, math.ceil(1000 * left_s))))

    def _check_pace(self) -> None:
        now = self._clock()
        self._sending_s += now - self._handed_over_at
        self._handed_over_at = now
        if self._sending_s < STRETCH_S:
            return
        if self._sent_bytes < self._sending_s * LEAST_BYTES_PER_S:
            self.close()
            _log.warning("A long answer is ended: its client read %d bytes in %d s.", self._sent_bytes, self._sending_s)
            raise BrokenPipeError(errno.EPIPE, "the client reads too slowly")
        self._sent_bytes, self._sending_s = 0, 0.0


def connection_of(request: HttpRequest) -> socket.socket | None:
    """The connection on which the answer is sent; None if that is not known."""
    connection: socket.socket | None = request.META.get("gunicorn.socket")
    return connection


def _room_in(connection: socket.socket) -> select.poll:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER_BYTES)
    room = select.poll()
    room.register(connection, select.POLLOUT)
    return room
