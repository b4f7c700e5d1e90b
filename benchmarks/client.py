"""A small HTTP client that measures: one connection a request, from as many threads as there are users."""

import base64
import http.client
import json
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import cycle, islice
from typing import Any

WAIT_S = 60


@dataclass(frozen=True, slots=True)
class Request:
    """A POST, ready to be sent."""

    path: str
    body: bytes
    token: str = ""


@dataclass(frozen=True, slots=True)
class Answers:
    """Milliseconds of each answered request, how many failed, and how long it took together."""

    ms: list[float]
    errors: int
    seconds: float

    @property
    def per_second(self) -> float:
        return len(self.ms) / self.seconds if self.seconds else 0.0

    def __add__(self, other: "Answers") -> "Answers":
        return Answers(self.ms + other.ms, self.errors + other.errors, self.seconds + other.seconds)


def frame_body(data: bytes, **fields: Any) -> bytes:
    """A frame as the contract's client sends it."""
    url = f"data:image/jpeg;base64,{base64.b64encode(data).decode()}"
    return json.dumps({"blob_data": url, **fields}).encode()


def post(port: int, request: Request) -> Any:
    """The answer's JSON. Raises RuntimeError where it is an error."""
    status, body = _send(port, request)
    if status >= 400:
        raise RuntimeError(f"{request.path} answered {status}: {body[:300]!r}")
    return json.loads(body)


def ask(port: int, requests: Sequence[Request], count: int, users: int = 1) -> Answers:
    """So many requests, taken in turn, by so many users at once, each of whom waits for every answer."""
    start = time.perf_counter()
    with ThreadPoolExecutor(users) as pool:
        taken = list(pool.map(lambda request: _timed(port, request), islice(cycle(requests), count)))
    seconds = time.perf_counter() - start
    ms = [each for each in taken if each is not None]
    return Answers(ms, count - len(ms), seconds)


def _timed(port: int, request: Request) -> float | None:
    start = time.perf_counter_ns()
    try:
        status, body = _send(port, request)
    except (OSError, http.client.HTTPException):
        return None
    taken = (time.perf_counter_ns() - start) / 1e6
    return taken if status == 200 and b'"detected"' in body else None


def _send(port: int, request: Request) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=WAIT_S)
    headers = {"Content-Type": "application/json", "Connection": "close"}
    if request.token:
        headers["Authorization"] = f"Bearer {request.token}"
    try:
        connection.request("POST", request.path, request.body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()
