"""Locust users at their desks. Importing Locust replaces this process's sockets by cooperative ones (gevent).

Each request is due by the user's clock. It is sent then, even if the one before has not been answered, and its time
counts from then: so neither a slow service nor a slow client delays or drops the requests that would have been slow.
"""

import json
import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count, cycle
from typing import Any

import gevent
from gevent.pool import Group
from locust import FastHttpUser, task
from locust.env import Environment
from locust.exception import StopUser

from benchmarks.client import CALIBRATION_FRAMES, NEW, Request, User, blink, neck
from benchmarks.load.results import BLINK, CALIBRATING, MONITORING, Response
from tests.pictures import data_url

NECK_EVERY_S, BLINK_EVERY_S = 1.0, 0.5
CONNECTIONS = 6  # that a browser opens to one host
RESPONSE_WITHIN_S, END_WITHIN_S, HEAD_START_S = 60.0, 90.0, 1.0


class Crowd:
    """Users who have signed in, their clock's start, as a value of time.monotonic(), and their responses."""

    def __init__(self, port: int, pictures: Sequence[Sequence[bytes]], blinkers: int, seconds: int) -> None:
        """pictures: JPEGs of each user. blinkers: so many of them have blink frames, too."""
        self.host = f"http://127.0.0.1:{port}"
        self.pictures, self.blinkers, self.seconds = pictures, blinkers, seconds
        self.tokens = [User(port, f"user{number}").token for number, _ in enumerate(pictures)]
        self.numbers, self.random = count(), random.Random(5)  # noqa: S311
        self.responses: list[Response] = []

    @contextmanager
    def posting(self) -> Iterator[None]:
        """Inside, they post; it ends with the last response."""
        DeskUser.crowd, DeskUser.host = self, self.host
        self.start = time.monotonic() + HEAD_START_S
        environment = Environment(user_classes=[DeskUser], catch_exceptions=False)
        environment.events.request.add_listener(self._on_response)  # type: ignore[no-untyped-call]
        runner = environment.create_local_runner()
        runner.start(len(self.tokens), spawn_rate=len(self.tokens))
        self.wait_until(0)
        yield
        with gevent.Timeout(END_WITHIN_S):
            while runner.user_count:
                gevent.sleep(0.1)
        runner.quit()

    def wait_until(self, second: float) -> None:
        gevent.sleep(max(0.0, -self.ms_since(second) / 1000))

    def ms_since(self, second: float) -> float:
        return 1000 * (time.monotonic() - self.start - second)

    def _on_response(
        self, name: str, response_time: float, exception: Exception | None, context: dict[str, float], **_: object
    ) -> None:
        self.responses.append(Response(name, ms=response_time, problem=str(exception or ""), **context))


class DeskUser(FastHttpUser):
    crowd: Crowd
    concurrency = CONNECTIONS
    network_timeout = connection_timeout = RESPONSE_WITHIN_S

    @task
    def sit(self) -> None:
        number = next(self.crowd.numbers)
        self._token, self._pictures = self.crowd.tokens[number], cycle(self.crowd.pictures[number])
        self._means, self._pending = NEW, Group()
        acts = [(NECK_EVERY_S, self._neck)] + [(BLINK_EVERY_S, self._blink)] * (number < self.crowd.blinkers)
        gevent.joinall([gevent.spawn(self._by_the_clock, *act) for act in acts], raise_error=True)
        self._pending.join(raise_error=True)
        raise StopUser

    def _by_the_clock(self, every_s: float, act: Callable[[float], None]) -> None:
        due_s = self.crowd.random.uniform(0, every_s)
        while due_s < self.crowd.seconds:
            self.crowd.wait_until(due_s)
            self._pending.spawn(act, due_s)
            due_s += every_s

    def _neck(self, due_s: float) -> None:
        call = MONITORING if self._means["cnt"] >= CALIBRATION_FRAMES else CALIBRATING
        answer = self._send(call, neck(data_url(next(self._pictures), "image/jpeg"), self._means), due_s)
        if answer.get("cnt", 0) > self._means["cnt"]:
            self._means = answer

    def _blink(self, due_s: float) -> None:
        self._send(BLINK, blink(data_url(next(self._pictures), "image/jpeg")), due_s)

    def _send(self, call: str, request: Request, due_s: float) -> dict[str, Any]:
        """The response's JSON, if it is one to a frame with a face."""
        path, body, content_type = request
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": content_type}
        context = {"due_s": due_s, "late_ms": self.crowd.ms_since(due_s)}
        with self.client.post(
            path, name=call, data=json.dumps(body), headers=headers, context=context, catch_response=True
        ) as response:
            response.request_meta["response_time"] = self.crowd.ms_since(due_s)
            try:
                answer: dict[str, Any] = response.json() if response.status_code == 200 else {}
            except ValueError:
                answer = {}
            if answer.get("detection_flag") == "detected":
                return answer
            reason = "no face found" if response.status_code == 200 else f"status {response.status_code or 'none'}"
            response.failure(f"{call}, {reason}")
        return {}
