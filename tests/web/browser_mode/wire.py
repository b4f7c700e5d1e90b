"""What a browser sends, byte by byte, and the signatures of pictures in it."""

import base64
import re
import socket
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self

SIGNATURES = {
    "JPEG": b"\xff\xd8\xff\xe0\x00\x10JFIF",
    "PNG": b"\x89PNG\r\n\x1a\n",
    "WebP": b"WEBPVP8",
}
ANY_JPEG = b"\xff\xd8\xff"  # too short to be looked for in base64
CHUNK = 65_536


def pictures_in(data: bytes) -> list[str]:
    """The kinds of pictures in the data: as they are, or in base64 at any offset."""
    found = [kind for kind, signature in SIGNATURES.items() if signature in data]
    if ANY_JPEG in data:
        found.append("JPEG of any kind")
    return found + [f"{kind} in base64" for kind, pattern in _in_base64.items() if pattern.search(data)]


class Wire:
    """Passes connections on to a service, and keeps what comes from the browser."""

    def __init__(self, port: int) -> None:
        self._service = ("127.0.0.1", port)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self._sent: list[bytearray] = []

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._listening.close()

    def sent(self) -> list[bytes]:
        """What each connection has sent so far."""
        return [bytes(data) for data in self._sent]

    def _accept(self) -> None:
        with suppress(OSError):  # closed
            while True:
                browser, _ = self._listening.accept()
                kept = bytearray()
                self._sent.append(kept)
                threading.Thread(target=self._connect, args=(browser, kept), daemon=True).start()

    def _connect(self, browser: socket.socket, kept: bytearray) -> None:
        with browser, suppress(OSError), socket.create_connection(self._service) as service:
            answers = threading.Thread(target=_pass, args=(service, browser), daemon=True)
            answers.start()
            _pass(browser, service, kept)
            answers.join()


def _pass(source: socket.socket, target: socket.socket, kept: bytearray | None = None) -> None:
    with suppress(OSError):
        while data := source.recv(CHUNK):
            if kept is not None:
                kept += data
            target.sendall(data)
    for end in (source, target):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


def _base64_pattern(signature: bytes) -> re.Pattern[bytes]:
    """Of the characters that do not depend on the bytes around; standard or for addresses."""
    ways = []
    for before in range(3):
        text = base64.b64encode(bytes(before) + signature).rstrip(b"=")
        whole = 4 * ((before + len(signature)) // 3)
        ways.append(text[(0, 2, 3)[before] : whole])
    escaped = (re.escape(way).replace(b"/", b"[/_]").replace(rb"\+", b"[-+]") for way in ways)
    return re.compile(b"|".join(escaped))


_in_base64 = {kind: _base64_pattern(signature) for kind, signature in SIGNATURES.items()}
