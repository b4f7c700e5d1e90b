"""The connections that a worker has accepted and not begun with, and which of them goes next.

Frames go newest first: under overload the newest one can still be judged in time, and the oldest one cannot. Of a
session's frames only the newest is judged. Other requests go in their order, by turns with frames.
"""

import socket
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_to_bytes

from common.http.shedding import Environ, age_s, is_frame
from common.load import limit_s, load

HEAD_BYTES = 8192  # of a request, as far as its kind is read from it
SESSION_FRAMES = "/api/detections/sessions/"


@dataclass(slots=True, eq=False)
class Waiting:
    """A connection. environ: the request's path and headers, as far as they have come; empty if it is no frame.

    came_at: when its bytes came, a value of time.monotonic(). series: what is the same for all frames of a session by
    a user; None if it is no session's frame.
    """

    connection: socket.socket
    address: Any
    listener: Any
    environ: Environ
    came_at: float
    series: tuple[str, str] | None = None

    @classmethod
    def of(cls, connection: socket.socket, address: Any, listener: Any) -> "Waiting":
        """As it has just been accepted; nothing is taken from it."""
        environ = _environ_of(_peeked(connection))
        if not environ or not is_frame(environ):
            return cls(connection, address, listener, {}, time.monotonic())
        waited_s = load.waited_s(age_s(environ), connection)
        came_at, path = time.monotonic() - waited_s, environ["PATH_INFO"]
        series = (path, environ.get("HTTP_AUTHORIZATION", "")) if path.startswith(SESSION_FRAMES) else None
        return cls(connection, address, listener, environ, came_at, series)


@dataclass(slots=True)
class Held:
    """Those that wait, oldest first."""

    frames: deque[Waiting] = field(default_factory=deque)
    others: deque[Waiting] = field(default_factory=deque)
    _is_frames_turn: bool = False

    def __len__(self) -> int:
        return len(self.frames) + len(self.others)

    def add(self, waiting: Waiting, depth: int) -> Waiting | None:
        """Hold one more. Returns one that it replaces, or for which there is no time left: it is held no more."""
        if not waiting.environ:
            self.others.append(waiting)
            return None
        replaced = self._of_series(waiting.series)
        self.frames.append(waiting)
        if replaced:
            self.frames.remove(replaced)
            return replaced
        return self.frames.popleft() if len(self.frames) > depth else None

    def pop_late(self) -> list[Waiting]:
        """The frames that have waited too long, held no more."""
        due = time.monotonic() - limit_s()
        late = [frame for frame in self.frames if frame.came_at < due]
        for frame in late:
            self.frames.remove(frame)
        return late

    def pop(self) -> Waiting | None:
        """The next one, held no more."""
        self._is_frames_turn = bool(self.frames) and (not self._is_frames_turn or not self.others)
        if self._is_frames_turn:
            return self.frames.pop()
        return self.others.popleft() if self.others else None

    def _of_series(self, series: tuple[str, str] | None) -> Waiting | None:
        return next((frame for frame in self.frames if frame.series == series), None) if series else None


def _peeked(connection: socket.socket) -> bytes:
    with suppress(OSError):  # nothing has come
        return connection.recv(HEAD_BYTES, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    return b""


def _environ_of(head: bytes) -> Environ:
    """Method, path and headers as in a WSGI environment, as far as they are there; empty if it is no request."""
    head, end, _ = head.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    method, _, rest = lines[0].partition(b" ")
    target, _, version = rest.rpartition(b" ")
    if not version.startswith(b"HTTP/1."):
        return {}
    path = target.partition(b"?")[0]
    environ = {"REQUEST_METHOD": method.decode("latin-1"), "PATH_INFO": unquote_to_bytes(path).decode("latin-1")}
    for line in lines[1:] if end else lines[1:-1]:
        name, _, value = line.partition(b":")
        if b"_" not in name:  # gunicorn drops those, which could pass for others
            environ["HTTP_" + name.decode("latin-1").upper().replace("-", "_")] = value.strip().decode("latin-1")
    return environ
