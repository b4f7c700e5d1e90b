"""A small HTTP client that measures: a connection for each request, a thread for each user."""

import json
import socket
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import cycle, islice
from typing import Any

from benchmarks.figures import timed
from tests.pictures import data_url

NECK, BLINK = "neck", "blink"
PATHS = {NECK: "/api/detections/neck/", BLINK: "/api/detections/blink/"}
CREDENTIALS = {"password": "12341234"}
CALIBRATION_FRAMES = 4
LISTS = ("face_x", "face_y", "nose_to_center")
JSON = "application/json"
WAIT_S = 60
CHUNK_BYTES = 65_536

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Responses:
    """Milliseconds of each good response, the number of errors, and the seconds of all together."""

    ms: list[float]
    errors: int
    seconds: float


@dataclass(frozen=True, slots=True)
class User:
    """A user who has calibrated and is enrolled, and the bodies of their requests for each call."""

    token: str
    bodies: dict[str, list[Body]]

    def messages(self, call: str) -> list[bytes]:
        return [message(PATHS[call], body, self.token) for body in self.bodies[call]]


def message(path: str, body: Body | bytes, token: str = "", content_type: str = JSON) -> bytes:
    """A POST as it goes over the wire, of JSON if the body is a dictionary."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    head = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Type: {content_type}"]
    head += [f"Content-Length: {len(content)}", "Connection: close"]
    head += [f"Authorization: Bearer {token}"] if token else []
    return "\r\n".join([*head, "", ""]).encode() + content


def post(port: int, request: bytes) -> Any:
    """The response's JSON. Raises RuntimeError for an error status."""
    head, _, body = send(port, request).partition(b"\r\n\r\n")
    if int(head.split(b" ", 2)[1]) >= 400:
        raise RuntimeError(f"{request[:80]!r} was answered {head[:40]!r}: {body[:300]!r}")
    return json.loads(body)


def send_all(port: int, requests: Sequence[bytes], count: int, users: int = 1) -> Responses:
    """Send `count` requests, taken in turn; each user waits for a response before the next request."""
    start = time.perf_counter()
    with ThreadPoolExecutor(users) as pool:
        times = list(pool.map(lambda request: _milliseconds(port, request), islice(cycle(requests), count)))
    ms = [taken for taken in times if taken is not None]
    return Responses(ms, count - len(ms), time.perf_counter() - start)


def log_in(port: int, name: str) -> str:
    """The token of a new user."""
    credentials = {"username": f"{name}@example.com", **CREDENTIALS}
    post(port, message("/api/accounts/", credentials))
    return str(post(port, message("/api/accounts/login/", credentials))["access"])


def sign_up(port: int, name: str, frames: Sequence[bytes]) -> User:
    """A new user, calibrated and enrolled on the first frames with a face."""
    token = log_in(port, name)
    means = _calibrate(port, token, frames)
    necks = [frame_body(data, cnt=CALIBRATION_FRAMES, **means) for data in frames]
    return User(token, {NECK: necks, BLINK: [frame_body(data, count=0, total=0, time=0) for data in frames]})


def frame_body(data: bytes, **fields: Any) -> Body:
    """A frame as the version-1 client sends it."""
    return {"blob_data": data_url(data, "image/jpeg"), **fields}


def send(port: int, request: bytes) -> bytes:
    # Not http.client: its own work, a third of a millisecond, would count as the service's.
    with socket.create_connection(("127.0.0.1", port), timeout=WAIT_S) as connection:
        connection.sendall(request)
        return b"".join(iter(lambda: connection.recv(CHUNK_BYTES), b""))


def _calibrate(port: int, token: str, frames: Sequence[bytes]) -> Body:
    state: Body = {"cnt": 0}
    for data in frames:
        lists = {name: ",".join(map(str, state.get(name, []))) for name in LISTS}
        state = post(port, message(PATHS[NECK], frame_body(data, cnt=state["cnt"], **lists), token))
        if state["cnt"] == CALIBRATION_FRAMES:
            return {name: state[name] for name in ("face_x_mean", "face_y_mean", "nose_mean")}
    raise RuntimeError("Fewer than four frames show a face to calibrate on.")


def _milliseconds(port: int, request: bytes) -> float | None:
    try:
        response, taken = timed(send, port, request)
    except OSError:
        return None
    return taken if response.startswith(b"HTTP/1.1 200 ") and b'"detected"' in response else None
