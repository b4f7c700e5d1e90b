"""People at their desks, in a process of their own: `python -m benchmarks.load.people ORDER`.

Locust makes the standard library's sockets its own, so nothing imports this module. Each request is due by the clock.
It is sent then, whether or not the one before has been answered, and its time counts from then: neither a slow service
nor a slow client puts off, or leaves out, what would have been slow.
"""

import base64
import random
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count, cycle
from pathlib import Path
from typing import Any

import gevent
from gevent.event import AsyncResult
from gevent.pool import Group
from locust import FastHttpUser, task
from locust.env import Environment
from locust.exception import StopUser
from urllib3.filepost import encode_multipart_formdata

from ai_models.monitoring.pacing import BURST_FRAMES, BURST_INTERVAL_MS
from benchmarks.load.wire import (
    BLINK,
    CALIBRATING,
    CLOCK,
    MONITORING,
    OK,
    SESSION_BURST,
    SESSION_FRAME,
    Order,
    TimedResponse,
)

NECK_PATH, BLINK_PATH = "/api/detections/neck/", "/api/detections/blink/"
SESSIONS_PATH = "/api/detections/sessions/"
NECK_EVERY_S, BLINK_EVERY_S = 1.0, 0.5
FRAME_EVERY_S, BURST_EVERY_S = 1.0, 60.0
BURST_S = BURST_FRAMES * BURST_INTERVAL_MS / 1000
SESSION_CALIBRATION_FRAMES = 8
CALIBRATION_FRAMES = 4
CONNECTIONS = 6  # that a browser opens to one host
SIGN_IN_WITHIN_S = 180
ANSWER_WITHIN_S = 60.0
HEAD_START_S = 1.0
NOTHING_HELD = {"cnt": 0, "face_x_mean": 0, "face_y_mean": 0, "nose_mean": 0}
LISTS = ("face_x", "face_y", "nose_to_center")
FOUND = {"detected": True, "false": False}


class Crowd:
    """All of them: whom the clock waits for, and the answers they had."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self.numbers = count()
        self.random = random.Random(order.seed)  # noqa: S311
        self.clock: AsyncResult[float] = AsyncResult()
        self.finished: AsyncResult[None] = AsyncResult()
        self.responses: list[TimedResponse] = []
        self._signed_in = self._gone = 0

    def one_signed_in(self) -> None:
        self._signed_in += 1
        print(self._signed_in, flush=True)
        if self._signed_in == self.order.people:
            begin = time.monotonic() + HEAD_START_S
            print(CLOCK, begin, flush=True)
            self.clock.set(begin)

    def one_gone(self) -> None:
        self._gone += 1
        if self._gone == self.order.people:
            self.finished.set(None)

    def failed(self, exception: Exception, **_: Any) -> None:
        self.finished.set_exception(exception)


class Person(FastHttpUser):
    crowd: Crowd
    concurrency = CONNECTIONS
    network_timeout = connection_timeout = ANSWER_WITHIN_S

    def on_start(self) -> None:
        number = next(self.crowd.numbers)
        folder = Path(self.crowd.order.frames) / str(number)
        self._files = [path.read_bytes() for path in sorted(folder.iterdir())]
        self._pictures = cycle([_data_url(data) for data in self._files])
        self._does_blink = number < self.crowd.order.blinkers
        self._held: dict[str, Any] = NOTHING_HELD
        self._under_way = Group()
        self._headers = {"Authorization": f"Bearer {self._sign_in(f'person{number}@example.com')}"}
        if self.crowd.order.sessions:
            self._frames_path = f"{SESSIONS_PATH}{self._calibrated_session()}/frames/"
            self._shots = cycle(self._files)
            self._takes_burst = False
        self.crowd.one_signed_in()

    @task
    def sit(self) -> None:
        self.crowd.clock.get()
        acts = [(NECK_EVERY_S, self._neck)] + ([(BLINK_EVERY_S, self._blink)] if self._does_blink else [])
        if self.crowd.order.sessions:
            acts = [(FRAME_EVERY_S, self._frame), (BURST_EVERY_S, self._burst)]
        clocks = [gevent.spawn(self._by_the_clock, *act) for act in acts]
        gevent.joinall(clocks, raise_error=True)
        self._under_way.join(raise_error=True)
        self.crowd.one_gone()
        raise StopUser

    def _sign_in(self, username: str) -> str:
        body = {"username": username, "password": "12341234"}
        for path, status in (("/api/accounts/", 201), ("/api/accounts/login/", OK)):
            response = self.client.post(path, json=body)
            if response.status_code != status:
                raise RuntimeError(f"{path} answered {response.status_code}: {response.text}")
        return str(response.json()["access"])

    def _calibrated_session(self) -> str:
        """A session that has seen its person sit still."""
        session = self.client.post(SESSIONS_PATH, json={}, headers=self._headers).json()["id"]
        now = time.time()
        for number in range(SESSION_CALIBRATION_FRAMES):
            moment = _moment(now + number / 2 - SESSION_CALIBRATION_FRAMES)
            path = f"{SESSIONS_PATH}{session}/frames/?captured_at={moment}"
            body: Any = self._files[0]
            response = self.client.post(path, data=body, headers=self._headers | {"Content-Type": "image/jpeg"})
        if response.json().get("state") != "monitoring":
            raise RuntimeError(f"The session is not calibrated: {response.text}")
        return str(session)

    def _by_the_clock(self, every_s: float, act: Callable[[float], None]) -> None:
        begin = self.crowd.clock.get()
        first_s = self.crowd.random.uniform(0, every_s)
        for place in count():
            due_s = first_s + place * every_s
            if due_s >= self.crowd.order.seconds:
                return
            gevent.sleep(max(0.0, begin + due_s - time.monotonic()))
            self._under_way.start(self._under_way.greenlet_class(act, due_s))

    def _neck(self, due_s: float) -> None:
        call = MONITORING if self._held["cnt"] >= CALIBRATION_FRAMES else CALIBRATING
        lists = {name: ",".join(map(str, self._held.get(name, []))) for name in LISTS}
        response = self._post(call, NECK_PATH, due_s, self._held | lists)
        if response.get("cnt", 0) > self._held["cnt"]:
            self._held = response

    def _blink(self, due_s: float) -> None:
        self._post(BLINK, BLINK_PATH, due_s, {"count": 0, "total": 0, "time": 0})

    def _frame(self, due_s: float) -> None:
        if self._takes_burst:
            return
        headers = {"Content-Type": "image/jpeg"}
        path = f"{self._frames_path}?captured_at={_moment(time.time())}"
        self._send(SESSION_FRAME, path, due_s, headers=headers, data=next(self._shots))

    def _burst(self, due_s: float) -> None:
        # A camera takes a burst in place of single frames: else these were newer, and all of the burst came too late.
        begin, self._takes_burst = time.time(), True
        gevent.sleep(BURST_S)
        self._takes_burst = False
        moments = [_moment(begin + place * BURST_INTERVAL_MS / 1000) for place in range(BURST_FRAMES)]
        parts: list[Any] = [("captured_at", moment) for moment in moments]
        parts += [("frames", (f"{place}.jpg", next(self._shots), "image/jpeg")) for place in range(BURST_FRAMES)]
        body, content_type = encode_multipart_formdata(parts)
        self._send(SESSION_BURST, self._frames_path, due_s + BURST_S, headers={"Content-Type": content_type}, data=body)

    def _post(self, call: str, path: str, due_s: float, fields: dict[str, Any]) -> dict[str, Any]:
        return self._send(call, path, due_s, json={"blob_data": next(self._pictures), **fields})

    def _send(
        self, call: str, path: str, due_s: float, headers: dict[str, str] | None = None, **body: Any
    ) -> dict[str, Any]:
        begin = self.crowd.clock.get()
        sent_s = time.monotonic() - begin
        response = self.client.post(path, headers=self._headers | (headers or {}), **body)
        answered_s = time.monotonic() - begin
        told, problem = _read(response)
        found = bool(told.get("face")) if "face" in told else FOUND.get(told.get("detection_flag", ""), False)
        self.crowd.responses.append(
            TimedResponse(call, due_s, sent_s, answered_s, response.status_code, problem, found)
        )
        return told


def main() -> None:
    order = Order.read(sys.argv[1])
    Person.crowd, Person.host = crowd, _ = Crowd(order), order.host
    environment = Environment(user_classes=[Person], catch_exceptions=False)
    environment.events.user_error.add_listener(crowd.failed)  # type: ignore[no-untyped-call]
    runner = environment.create_local_runner()
    runner.start(order.people, spawn_rate=order.people)
    crowd.finished.get(timeout=SIGN_IN_WITHIN_S + HEAD_START_S + order.seconds + ANSWER_WITHIN_S)
    runner.quit()
    Path(order.responses).write_text("".join(each.line() for each in crowd.responses))


def _data_url(data: bytes) -> str:
    return f"data:image/jpeg;base64,{base64.b64encode(data).decode()}"


def _moment(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S.%f}Z"


def _read(response: Any) -> tuple[dict[str, Any], str]:
    """The answer's JSON, and what is wrong with it, or nothing."""
    if response.status_code != OK:
        return {}, "" if response.status_code else type(response.error).__name__
    try:
        told = response.json()
    except ValueError:
        return {}, "no JSON"
    is_whole = told.get("detection_flag") in FOUND or "next_after_ms" in told
    return (told, "") if is_whole else ({}, "not what was asked for")


if __name__ == "__main__":
    main()
