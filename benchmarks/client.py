"""A small HTTP client that measures: a connection for each request, a thread for each user."""

import json
import socket
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from urllib3.filepost import encode_multipart_formdata

from ai_models.vision.faces import find_face
from ai_models.vision.frame import Frame, decode, read_frame
from benchmarks import frames
from benchmarks.turns import TOTAL, WALL, Sample, timed
from tests.gunicorn_server import Server
from tests.pictures import data_url

NECK, BLINK, CALIBRATING = "neck", "blink", "calibrating"
PATHS = {NECK: "/api/detections/neck/", BLINK: "/api/detections/blink/"}
CALIBRATION_FRAMES = 4
NEW: dict[str, Any] = {"cnt": 0}  # what a user sends who is not calibrated yet
LISTS, MEANS = ("face_x", "face_y", "nose_to_center"), ("cnt", "face_x_mean", "face_y_mean", "nose_mean")
LANDMARK_MODEL = "bench@1"
SESSIONS = "/api/detections/sessions/"
SESSION_CALIBRATION_FRAMES, SESSION_CALIBRATION_STEP_S = 8, 0.5
JSON = "application/json"
WAIT_S = 60
SETTLE_S = 0.001  # until a worker that has answered has finished
CHUNK_BYTES = 65_536

Body = dict[str, Any]
Request = tuple[str, Any, str]  # of a POST: path, body (of JSON if it is a dictionary, otherwise bytes), content type


class User:
    """A new user of the server at a port."""

    def __init__(self, port: int, name: str) -> None:
        self.port, self.token = port, ""
        credentials = {"username": f"{name}@example.com", "password": "12341234"}
        self.post("/api/accounts/", credentials)
        self.token = str(self.post("/api/accounts/login/", credentials)["access"])

    def message(self, path: str, body: Body | bytes, content_type: str = JSON) -> bytes:
        """A request as it goes over the wire."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        head = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Type: {content_type}"]
        head += [f"Content-Length: {len(content)}", "Connection: close"]
        head += [f"Authorization: Bearer {self.token}"] if self.token else []
        return "\r\n".join([*head, "", ""]).encode() + content

    def post(self, path: str, body: Body | bytes, content_type: str = JSON) -> Any:
        """The response's JSON. Raises RuntimeError for an error status."""
        head, _, answer = send(self.port, self.message(path, body, content_type)).partition(b"\r\n\r\n")
        if int(head.split(b" ", 2)[1]) >= 400:
            raise RuntimeError(f"{path} was answered {head[:40]!r}: {answer[:300]!r}")
        return json.loads(answer)

    def calibrated(self, pictures: Sequence[bytes]) -> dict[str, list[Request]]:
        """Requests by call, of each picture; the user is calibrated and enrolled on the first ones with a face."""
        urls, state = [data_url(data, "image/jpeg") for data in pictures], NEW
        for url in urls:
            state = self.post(*neck(url, state))
            if state["cnt"] == CALIBRATION_FRAMES:
                means = {name: state[name] for name in MEANS}
                return {
                    CALIBRATING: [neck(url, NEW) for url in urls],
                    NECK: [neck(url, means) for url in urls],
                    BLINK: [blink(url) for url in urls],
                }
        raise RuntimeError("Fewer than four frames show a face to calibrate on.")


class Session(User):
    """A new user with a calibrated session, in a time of its own, on a server of one worker."""

    def __init__(self, server: Server, picture: bytes, points: Any = None) -> None:
        """points: of the face, for one whose client sends landmarks in place of pictures."""
        super().__init__(server.port, uuid4().hex)
        self._server, self._points, self._now = server, points, time.time() - SESSION_CALIBRATION_FRAMES
        self._path = f"{SESSIONS}{self.post(SESSIONS, {})['id']}/"
        for _ in range(SESSION_CALIBRATION_FRAMES):
            times_s = self._next(SESSION_CALIBRATION_STEP_S, 1)
            request = self._landmarks(times_s) if points else self._frame(picture, *times_s)
            state = self.post(*request)["state"]
        if state != "monitoring":
            raise RuntimeError(f"The session is not calibrated, but {state}.")

    def frame(self, data: bytes, every_s: float) -> Sample:
        return answer(self._server, self.message(*self._frame(data, *self._next(every_s, 1))))

    def burst(self, pictures: Sequence[Frame], every_s: float) -> Sample:
        parts: list[Any] = [("captured_at", moment(at_s)) for at_s in self._next(every_s, len(pictures))]
        for index, picture in enumerate(pictures):
            at = picture.crop
            parts.append(("crop", f"{at.left},{at.top},{at.width},{at.height}" if at else ""))
            parts.append(("frames", (f"{index}.jpg", picture.data, "image/jpeg")))
        return answer(self._server, self.message(f"{self._path}frames/", *encode_multipart_formdata(parts)))

    def landmarks(self, count: int, every_s: float) -> Sample:
        return answer(self._server, self.message(*self._landmarks(self._next(every_s, count))))

    def _frame(self, data: bytes, at_s: float) -> Request:
        return f"{self._path}frames/?captured_at={moment(at_s)}", data, "image/jpeg"

    def _landmarks(self, times_s: Sequence[float]) -> Request:
        return f"{self._path}landmarks/", landmarks_body(self._points, times_s), JSON

    def _next(self, every_s: float, count: int) -> list[float]:
        """The times of the next so many frames."""
        first_s, self._now = self._now, self._now + every_s * count
        return [first_s + every_s * number for number in range(1, count + 1)]


def answer(server: Server, request: bytes) -> Sample:
    """The times of a request to the only worker of a server. Raises RuntimeError for an error status."""
    before_ms = _processor_ms(server)
    response, wall_ms = timed(send, server.port, request)
    time.sleep(SETTLE_S)
    if not response.startswith(b"HTTP/1.1 200 "):
        raise RuntimeError(f"{request[:80]!r} was answered {response[:300]!r}")
    sample = Sample(**{TOTAL: _processor_ms(server) - before_ms, WALL: wall_ms})
    return sample.found(b'"detected"' in response or b'"face":{' in response)


def _processor_ms(server: Server) -> float:
    """Of the thread that answers requests, to the nanosecond; /proc/pid/stat counts in steps of 10 ms."""
    (worker,) = server.started_workers()
    return int(Path(f"/proc/{worker}/schedstat").read_text().split()[0]) / 1e6


def neck(url: str, state: Body) -> Request:
    """A frame as the version-1 client sends it, with what the last response said."""
    lists = {name: ",".join(map(str, state[name])) for name in LISTS if name in state}
    return PATHS[NECK], {**state, **lists, "blob_data": url}, JSON


def blink(url: str) -> Request:
    return PATHS[BLINK], {"blob_data": url, "count": 0, "total": 0, "time": 0}, JSON


def landmarks_body(points: Any, times_s: Sequence[float], digits: int = 2) -> bytes:
    """As the page sends them. The face moves by a pixel, back and forth."""
    picture: Body = {"width": 640, "height": 480, "faces": 1, "others": [], "brightness": 0.5}
    moved = [[[round(x + shift, digits), round(y, digits)] for x, y in points] for shift in (0, 1)]
    observations = [
        picture | {"captured_at": moment(at_s), "points": moved[number % 2]} for number, at_s in enumerate(times_s)
    ]
    return json.dumps({"observations": observations, "model": LANDMARK_MODEL}).encode()


def crowd(port: int, count: int) -> Iterator[dict[str, list[bytes]]]:
    """The messages by call of about so many calibrated users, on pictures with a face."""
    for number, sequence in enumerate(frames.made(count * frames.SEQUENCE_FRAMES)):
        pictures = [data for data in sequence if find_face(decode(read_frame(data)))]
        if len(pictures) >= CALIBRATION_FRAMES:
            user = User(port, f"crowd{number}")
            calls = user.calibrated(pictures).items()
            yield {call: [user.message(*request) for request in requests] for call, requests in calls}


def send(port: int, request: bytes) -> bytes:
    # Not http.client: its own work, a third of a millisecond, would count as the service's.
    with socket.create_connection(("127.0.0.1", port), timeout=WAIT_S) as connection:
        connection.sendall(request)
        return b"".join(iter(lambda: connection.recv(CHUNK_BYTES), b""))


def moment(at_s: float) -> str:
    return f"{datetime.fromtimestamp(at_s, UTC):%Y-%m-%dT%H:%M:%S.%f}Z"
