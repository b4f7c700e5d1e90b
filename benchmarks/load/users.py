"""Locust users at their desks. Importing Locust replaces this process's sockets by cooperative ones (gevent).

Each request is due by the user's clock. It is sent then, even if the one before has not been answered, and its time
counts from then: so neither a slow service nor a slow client delays or drops the requests that would have been slow.
"""

import random
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import count, cycle
from typing import Any

import gevent
from gevent.event import AsyncResult
from gevent.lock import Semaphore
from gevent.pool import Group
from locust import FastHttpUser, task
from locust.exception import StopUser
from urllib3.filepost import encode_multipart_formdata

from ai_models.monitoring.pacing import BURST_FRAMES, BURST_INTERVAL_MS
from benchmarks.client import BLINK, NECK, PATHS
from benchmarks.load.results import CALIBRATING, MONITORING, OK, SESSION_BURST, SESSION_FRAME, TimedResponse
from tests.pictures import data_url

SESSIONS_PATH = "/api/detections/sessions/"
NECK_EVERY_S, BLINK_EVERY_S, FRAME_EVERY_S, BURST_EVERY_S = 1.0, 0.5, 1.0, 60.0
BURST_S = BURST_FRAMES * BURST_INTERVAL_MS / 1000
CALIBRATION_FRAMES, SESSION_CALIBRATION_FRAMES = 4, 8
CONNECTIONS = 6  # that a browser opens to one host
RESPONSE_WITHIN_S = 60.0
HEAD_START_S = 1.0
LISTS = ("face_x", "face_y", "nose_to_center")
FACE_FOUND = {"detected": True, "false": False}


class Crowd:
    """All users: the clock that they share, and their responses. images: JPEGs of each user."""

    def __init__(self, images: Sequence[Sequence[bytes]], blinkers: int, seconds: int, *, sessions: bool) -> None:
        self.images, self.blinkers, self.seconds, self.sessions = images, blinkers, seconds, sessions
        self.start: AsyncResult[float] = AsyncResult()
        self.responses: list[TimedResponse] = []
        self.numbers = count()
        self.signing_in = Semaphore(2)
        self.random = random.Random(5)  # noqa: S311
        self._signed_in = 0

    def signed_in(self) -> None:
        """The clock starts once all have signed in."""
        self._signed_in += 1
        if self._signed_in == len(self.images):
            self.start.set(time.monotonic() + HEAD_START_S)

    def failed(self, exception: Exception, **_: Any) -> None:
        self.start.set_exception(exception)


class DeskUser(FastHttpUser):
    crowd: Crowd
    concurrency = CONNECTIONS
    network_timeout = connection_timeout = RESPONSE_WITHIN_S

    def on_start(self) -> None:
        self._number = next(self.crowd.numbers)
        self._images = cycle(self.crowd.images[self._number])
        self._urls = cycle([data_url(data, "image/jpeg") for data in self.crowd.images[self._number]])
        self._means: dict[str, Any] = {"cnt": 0, "face_x_mean": 0, "face_y_mean": 0, "nose_mean": 0}
        self._pending = Group()
        self._is_in_burst = False
        with self.crowd.signing_in:
            self._sign_in({"username": f"user{self._number}@example.com", "password": "12341234"})
            if self.crowd.sessions:
                self._calibrate_session()
        self.crowd.signed_in()

    @task
    def sit(self) -> None:
        acts = [(NECK_EVERY_S, self._neck)]
        if self.crowd.sessions:
            acts = [(FRAME_EVERY_S, self._frame), (BURST_EVERY_S, self._burst)]
        elif self._number < self.crowd.blinkers:
            acts.append((BLINK_EVERY_S, self._blink))
        gevent.joinall([gevent.spawn(self._by_the_clock, *act) for act in acts], raise_error=True)
        self._pending.join(raise_error=True)
        raise StopUser

    def _sign_in(self, credentials: dict[str, str]) -> None:
        for path, status in (("/api/accounts/", 201), ("/api/accounts/login/", OK)):
            response = self.client.post(path, json=credentials)
            if response.status_code != status:
                raise RuntimeError(f"{path} answered {response.status_code}: {response.text}")
        self._headers = {"Authorization": f"Bearer {response.json()['access']}"}

    def _calibrate_session(self) -> None:
        session = self.client.post(SESSIONS_PATH, json={}, headers=self._headers).json()["id"]
        self._frames_path = f"{SESSIONS_PATH}{session}/frames/"
        start, image = time.time() - SESSION_CALIBRATION_FRAMES, self.crowd.images[self._number][0]
        for number in range(SESSION_CALIBRATION_FRAMES):
            path = f"{self._frames_path}?captured_at={_moment(start + number / 2)}"
            options: Any = {"data": image, "headers": self._headers | {"Content-Type": "image/jpeg"}}
            response = self.client.post(path, **options)
        if response.json().get("state") != "monitoring":
            raise RuntimeError(f"The session is not calibrated: {response.text}")

    def _by_the_clock(self, every_s: float, act: Callable[[float], None]) -> None:
        start = self.crowd.start.get()
        due_s = self.crowd.random.uniform(0, every_s)
        while due_s < self.crowd.seconds:
            gevent.sleep(max(0.0, start + due_s - time.monotonic()))
            self._pending.spawn(act, due_s)
            due_s += every_s

    def _neck(self, due_s: float) -> None:
        call = MONITORING if self._means["cnt"] >= CALIBRATION_FRAMES else CALIBRATING
        lists = {name: ",".join(map(str, self._means.get(name, []))) for name in LISTS}
        body = {"blob_data": next(self._urls), **self._means, **lists}
        response = self._send(call, PATHS[NECK], due_s, json=body)
        if response.get("cnt", 0) > self._means["cnt"]:
            self._means = response

    def _blink(self, due_s: float) -> None:
        body = {"blob_data": next(self._urls), "count": 0, "total": 0, "time": 0}
        self._send("blink", PATHS[BLINK], due_s, json=body)

    def _frame(self, due_s: float) -> None:
        # A burst takes the place of single frames: they would be newer, and the whole burst would be too late.
        if not self._is_in_burst:
            path = f"{self._frames_path}?captured_at={_moment(time.time())}"
            self._send(SESSION_FRAME, path, due_s, {"Content-Type": "image/jpeg"}, data=next(self._images))

    def _burst(self, due_s: float) -> None:
        start, self._is_in_burst = time.time(), True
        gevent.sleep(BURST_S)
        self._is_in_burst = False
        moments = [_moment(start + index * BURST_INTERVAL_MS / 1000) for index in range(BURST_FRAMES)]
        parts: list[Any] = [("captured_at", moment) for moment in moments]
        parts += [("frames", (f"{index}.jpg", next(self._images), "image/jpeg")) for index in range(BURST_FRAMES)]
        body, content_type = encode_multipart_formdata(parts)
        self._send(SESSION_BURST, self._frames_path, due_s + BURST_S, {"Content-Type": content_type}, data=body)

    def _send(
        self, call: str, path: str, due_s: float, headers: dict[str, str] | None = None, **body: Any
    ) -> dict[str, Any]:
        start = self.crowd.start.get()
        sent_s = time.monotonic() - start
        response = self.client.post(path, headers=self._headers | (headers or {}), **body)
        answered_s = time.monotonic() - start
        content, problem = _read(response)
        found = bool(content.get("face")) if "face" in content else FACE_FOUND.get(content.get("detection_flag", ""))
        times = due_s, sent_s, answered_s
        self.crowd.responses.append(TimedResponse(call, *times, response.status_code, problem, face_found=bool(found)))
        return content


def _moment(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S.%f}Z"


def _read(response: Any) -> tuple[dict[str, Any], str]:
    """The response's JSON, and the problem with it, if there is one."""
    if response.status_code != OK:
        return {}, "" if response.status_code else type(response.error).__name__
    try:
        content = response.json()
    except ValueError:
        return {}, "no JSON"
    is_complete = content.get("detection_flag") in FACE_FOUND or "next_after_ms" in content
    return (content, "") if is_complete else ({}, "not a frame's response")
