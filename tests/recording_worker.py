"""A worker of common.http.newest_first in the test's own process, which records what it serves."""

import socket
from collections.abc import Callable
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

from gunicorn.config import Config

from common.http.newest_first import NewestFirstWorker


class Recording(NewestFirstWorker):
    """Answers each request with 200, and keeps their first lines in the order of service."""

    def __init__(self, *listeners: socket.socket) -> None:
        for listener in listeners:
            listener.setblocking(False)  # noqa: FBT003 - socket's own
        super().__init__(1, 1, [*map(_Listener, listeners)], app=None, timeout=30, cfg=Config(), log=None)
        self.served: list[str] = []
        self.then: Callable[[], object] = lambda: None

    def handle(self, listener: Any, client: socket.socket, addr: Any) -> None:
        self.served.append(client.recv(100).split(b"\r\n")[0].decode())
        client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        client.close()
        self.then()

    def serve_all(self) -> list[str]:
        """Serve until nobody waits."""
        with suppress(BlockingIOError):
            while True:
                self.accept(self.sockets[0])
        return self.served

    def close(self) -> None:
        held = [waiting.connection for waiting in (*self._held.frames, *self._held.others)]
        for connection in (*held, *self._closing):
            connection.close()
        self.tmp.close()


class _Listener(SimpleNamespace):
    """As gunicorn wraps a socket."""

    def __init__(self, sock: socket.socket) -> None:
        super().__init__(sock=sock, accept=sock.accept)
