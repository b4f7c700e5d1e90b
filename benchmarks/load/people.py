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
from itertools import count, cycle
from pathlib import Path
from typing import Any

import gevent
from gevent.event import AsyncResult
from gevent.pool import Group
from locust import FastHttpUser, task
from locust.env import Environment
from locust.exception import StopUser

from benchmarks.load.wire import BLINK, CALIBRATING, CLOCK, MONITORING, OK, Answered, Order

NECK_PATH, BLINK_PATH = "/api/detections/neck/", "/api/detections/blink/"
NECK_EVERY_S, BLINK_EVERY_S = 1.0, 0.5
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
        self.answers: list[Answered] = []
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
        self._pictures = cycle([_data_url(path) for path in sorted(folder.iterdir())])
        self._does_blink = number < self.crowd.order.blinkers
        self._held: dict[str, Any] = NOTHING_HELD
        self._under_way = Group()
        self._headers = {"Authorization": f"Bearer {self._sign_in(f'person{number}@example.com')}"}
        self.crowd.one_signed_in()

    @task
    def sit(self) -> None:
        self.crowd.clock.get()
        clocks = [gevent.spawn(self._by_the_clock, NECK_EVERY_S, self._neck)]
        if self._does_blink:
            clocks.append(gevent.spawn(self._by_the_clock, BLINK_EVERY_S, self._blink))
        gevent.joinall(clocks, raise_error=True)
        self._under_way.join(raise_error=True)
        self.crowd.one_gone()
        raise StopUser

    def _sign_in(self, username: str) -> str:
        body = {"username": username, "password": "12341234"}
        for path, status in (("/api/accounts/", 201), ("/api/accounts/login/", OK)):
            answer = self.client.post(path, json=body)
            if answer.status_code != status:
                raise RuntimeError(f"{path} answered {answer.status_code}: {answer.text}")
        return str(answer.json()["access"])

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
        answer = self._post(call, NECK_PATH, due_s, self._held | lists)
        if answer.get("cnt", 0) > self._held["cnt"]:
            self._held = answer

    def _blink(self, due_s: float) -> None:
        self._post(BLINK, BLINK_PATH, due_s, {"count": 0, "total": 0, "time": 0})

    def _post(self, call: str, path: str, due_s: float, fields: dict[str, Any]) -> dict[str, Any]:
        begin = self.crowd.clock.get()
        sent_s = time.monotonic() - begin
        answer = self.client.post(path, json={"blob_data": next(self._pictures), **fields}, headers=self._headers)
        answered_s = time.monotonic() - begin
        told, problem = _read(answer)
        found = FOUND.get(told.get("detection_flag", ""), False)
        self.crowd.answers.append(Answered(call, due_s, sent_s, answered_s, answer.status_code, problem, found))
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
    Path(order.answers).write_text("".join(each.line() for each in crowd.answers))


def _data_url(path: Path) -> str:
    return f"data:image/jpeg;base64,{base64.b64encode(path.read_bytes()).decode()}"


def _read(answer: Any) -> tuple[dict[str, Any], str]:
    """The answer's JSON, and what is wrong with it, or nothing."""
    if answer.status_code != OK:
        return {}, "" if answer.status_code else type(answer.error).__name__
    try:
        told = answer.json()
    except ValueError:
        return {}, "no JSON"
    return (told, "") if told.get("detection_flag") in FOUND else ({}, "no detection_flag")


if __name__ == "__main__":
    main()
