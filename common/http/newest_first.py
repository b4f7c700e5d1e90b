"""gunicorn's sync worker, which under overload serves the newest frame first instead of the oldest.

The kernel hands over the connection that has waited longest. As long as all are answered in time, that is right, and
the worker is gunicorn's own. When more has come than can be answered in time, it would judge only frames that have
waited almost too long, or none. Then it accepts its part of what waits, refuses the frames for which there is no time
left, without parsing them, and serves the others newest first, until none is left.
"""

import socket
import sys
from collections import deque
from contextlib import suppress
from typing import Any

from gunicorn.util import close_on_exec, http_date
from gunicorn.workers.sync import SyncWorker

from common.http.held import Held, Waiting
from common.http.shedding import REFUSED, UNREAD_STEP_BYTES, discard, refusal
from common.load import MAX_HELD, load


class NewestFirstWorker(SyncWorker):  # type: ignore[misc]  # gunicorn has no types
    """For any number of listeners; whatever it holds is served before it ends."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._held = Held()
        self._closing: deque[socket.socket] = deque()

    def accept(self, listener: Any) -> None:
        """Serve the oldest connection; under overload, all of this worker's part of them."""
        self._close_refused()
        if not (load.is_overloaded and self._serve_newest_first()):
            super().accept(listener)

    def _serve_newest_first(self) -> bool:
        """False if there was nothing to serve."""
        served = 0
        while waiting := self._next():
            waiting.connection.setblocking(True)  # noqa: FBT003 - socket's own
            self.handle(waiting.listener, waiting.connection, waiting.address)
            served += 1
            self._close_refused()
            if not self.alive:
                self.max_requests = sys.maxsize  # gunicorn would log with each that they are reached
        return served > 0

    def _next(self) -> Waiting | None:
        self.notify()
        for listener in self.sockets if self.alive else ():
            self._take_share(listener)
        for late in self._held.pop_late():
            self._refuse(late)
        waiting = self._held.pop()
        load.held = len(self._held)
        return waiting

    def _take_share(self, listener: Any) -> None:
        """A part, so that the other workers are not without work while these wait here."""
        share = load.share_of(listener.sock)
        for _ in range(MAX_HELD if share is None else share):
            if len(self._held.others) >= MAX_HELD:
                return
            try:
                connection, address = listener.accept()
            except OSError:  # there are no more; what else it may be, gunicorn's own loop meets again
                return
            close_on_exec(connection)
            refused = self._held.add(Waiting.of(connection, address, listener), load.depth())
            if refused:
                self._refuse(refused)

    def _refuse(self, waiting: Waiting) -> None:
        """Answer without parsing the body, or waiting for the client."""
        discard(waiting.connection)
        headers, body = refusal(waiting.environ)
        headers = {"Server": "gunicorn", "Date": http_date(), "Connection": "close"} | headers
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        with suppress(OSError):  # the client has gone
            waiting.connection.sendall(f"HTTP/1.1 {REFUSED}\r\n{head}\r\n".encode("latin-1") + body)
            waiting.connection.shutdown(socket.SHUT_WR)
        self._closing.append(waiting.connection)
        if len(self._closing) > MAX_HELD:
            self._closing.popleft().close()

    def _close_refused(self) -> None:
        """Close the connections whose clients have closed them. One that still sends would lose the response."""
        for _ in range(len(self._closing)):
            connection = self._closing.popleft()
            if _is_open(connection):
                self._closing.append(connection)
            else:
                connection.close()


def _is_open(connection: socket.socket) -> bool:
    try:
        return bool(connection.recv(UNREAD_STEP_BYTES, socket.MSG_DONTWAIT))
    except BlockingIOError:
        return True
    except OSError:  # it was reset
        return False
