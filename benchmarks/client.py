"""A small HTTP client that measures: one connection a request, from as many threads as there are users."""

import base64
import json
import socket
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import cycle, islice
from typing import Any

WAIT_S = 60
RECEIVED_AT_ONCE = 65_536


@dataclass(frozen=True, slots=True)
class Request:
    """A POST, ready to be sent."""

    path: str
    body: bytes
    token: str = ""

    @property
    def message(self) -> bytes:
        """The request as it goes over the wire."""
        head = [
            f"POST {self.path} HTTP/1.1",
            "Host: 127.0.0.1",
            "Content-Type: application/json",
            f"Content-Length: {len(self.body)}",
            "Connection: close",
            *([f"Authorization: Bearer {self.token}"] if self.token else []),
        ]
        return "\r\n".join([*head, "", ""]).encode() + self.body


@dataclass(frozen=True, slots=True)
class Responses:
    """Milliseconds of each answered request, how many failed, and how long it took together."""

    ms: list[float]
    errors: int
    seconds: float

    @property
    def per_second(self) -> float:
        return len(self.ms) / self.seconds if self.seconds else 0.0

    def __add__(self, other: "Responses") -> "Responses":
        return Responses(self.ms + other.ms, self.errors + other.errors, self.seconds + other.seconds)


def frame_body(data: bytes, **fields: Any) -> bytes:
    """A frame as the contract's client sends it."""
    url = f"data:image/jpeg;base64,{base64.b64encode(data).decode()}"
    return json.dumps({"blob_data": url, **fields}).encode()


def post(port: int, request: Request) -> Any:
    """The answer's JSON. Raises RuntimeError where it is an error."""
    head, _, body = _send(port, request.message).partition(b"\r\n\r\n")
    status = int(head.split(b" ", 2)[1])
    if status >= 400:
        raise RuntimeError(f"{request.path} answered {status}: {body[:300]!r}")
    return json.loads(body)


def ask(port: int, requests: Sequence[Request], count: int, users: int = 1) -> Responses:
    """So many requests, taken in turn, by so many users at once, each of whom waits for every answer."""
    start = time.perf_counter()
    with ThreadPoolExecutor(users) as pool:
        taken = list(pool.map(lambda request: _timed(port, request), islice(cycle(requests), count)))
    seconds = time.perf_counter() - start
    ms = [each for each in taken if each is not None]
    return Responses(ms, count - len(ms), seconds)


def _timed(port: int, request: Request) -> float | None:
    message = request.message
    start = time.perf_counter_ns()
    try:
        response = _send(port, message)
    except OSError:
        return None
    taken = (time.perf_counter_ns() - start) / 1e6
    return taken if response.startswith(b"HTTP/1.1 200 ") and b'"detected"' in response else None


def _send(port: int, message: bytes) -> bytes:
    # By hand: http.client's own work, a third of a millisecond, would count as the service's.
    with socket.create_connection(("127.0.0.1", port), timeout=WAIT_S) as connection:
        connection.sendall(message)
        return b"".join(iter(lambda: connection.recv(RECEIVED_AT_ONCE), b""))
