"""Clients outside the service: they post frames at a fixed rate, each with its own key, and record the responses."""

import http.client
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import count
from typing import Any
from uuid import UUID, uuid4, uuid5

from detections.views import FRAME_KEYS
from tests import pictures
from tests.detections.frames import NECK, neck_body
from tests.environment import Person
from tests.gunicorn_server import DEADLINE_S

JSON = {"Content-Type": "application/json"}
JPEG_START = b"\xff\xd8"
KEY_LENGTH = 32
RETRY_AFTER_S = 0.2
COMMENT_START = JPEG_START + b"\xff\xfe" + (2 + KEY_LENGTH).to_bytes(2, "big")


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    json: Any
    retry_after: str | None


@dataclass(frozen=True, slots=True)
class Post:
    """One posted frame. The status is None if no response came; sent_at is a value of time.monotonic()."""

    key: str
    frame_id: UUID
    status: int | None
    sent_at: float
    took_ms: float

    @property
    def is_acknowledged(self) -> bool:
        return self.status == 200


class Client(threading.Thread):
    """Posts a person's frames at a fixed rate until stopped; catches up one after another when late.

    retrying: a frame that is not acknowledged is posted again, with the same key, until it is.
    """

    def __init__(
        self, port: int, person: Person, rate_hz: float, jpegs: list[bytes], crew: "Crew", *, retrying: bool
    ) -> None:
        super().__init__(name=f"client of {person.username}")
        self.posts: list[Post] = []
        self._port = port
        self._person = person
        self._rate_hz = rate_hz
        self._jpegs = jpegs
        self._crew = crew
        self._retrying = retrying

    def run(self) -> None:
        started_at = time.monotonic()
        for number in count():
            due_in_s = started_at + number / self._rate_hz - time.monotonic()
            if self._crew.is_stopped(timeout_s=max(0.0, due_in_s)):
                return
            self._post(self._jpegs[number % len(self._jpegs)])

    def _post(self, picture: bytes) -> None:
        key = uuid4().hex
        while True:
            post = post_frame(self._port, self._person, picture, key)
            self._crew.record(self, post)
            if post.is_acknowledged or not self._retrying or self._crew.is_stopped(timeout_s=RETRY_AFTER_S):
                return


class Crew:
    """Clients that post at the same time."""

    def __init__(self, port: int, people: list[Person], rate_hz: float, jpegs: list[bytes], *, retrying: bool) -> None:
        self._stopped = threading.Event()
        self._changed = threading.Condition()
        self.clients = [Client(port, person, rate_hz, jpegs, self, retrying=retrying) for person in people]

    @property
    def posts(self) -> list[Post]:
        with self._changed:
            return [post for client in self.clients for post in client.posts]

    def is_stopped(self, timeout_s: float) -> bool:
        return self._stopped.wait(timeout_s)

    def record(self, client: Client, post: Post) -> None:
        with self._changed:
            client.posts.append(post)
            self._changed.notify_all()

    def await_posts(self, number: int) -> None:
        """Wait until each client has sent that many posts."""
        self._await(lambda posts: len(posts) >= number, DEADLINE_S)

    def await_posts_sent_after(self, moment: float) -> None:
        """Wait until each client has a response to a post sent after a moment of time.monotonic()."""
        late = max(0.0, moment - time.monotonic())
        self._await(lambda posts: bool(posts) and posts[-1].sent_at > moment, DEADLINE_S + late)

    def stop(self) -> None:
        self._stopped.set()
        for client in self.clients:
            client.join()

    def _await(self, condition: Callable[[list[Post]], bool], deadline_s: float) -> None:
        with self._changed:
            ready = self._changed.wait_for(lambda: all(condition(client.posts) for client in self.clients), deadline_s)
        assert ready, f"clients are slow or have ended: {[len(client.posts) for client in self.clients]} posts"


@contextmanager
def posting(
    port: int,
    people: list[Person],
    *,
    rate_hz: float = 10,
    jpegs: list[bytes] | None = None,
    retrying: bool = False,
) -> Iterator[Crew]:
    """A client for each of the people; all are stopped afterwards."""
    crew = Crew(port, people, rate_hz, jpegs or small_pictures(), retrying=retrying)
    for client in crew.clients:
        client.start()
    try:
        yield crew
    finally:
        crew.stop()


def call(port: int, method: str, path: str, body: Any = None, *, access: str = "") -> Reply:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=DEADLINE_S)
    try:
        _send(connection, method, path, body, {"Authorization": f"Bearer {access}"} if access else {})
        return _reply(connection)
    finally:
        connection.close()


def post_frame(port: int, person: Person, picture: bytes, key: str | None = None) -> Post:
    """Post a calibration frame to the neck call."""
    key = key or uuid4().hex
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=DEADLINE_S)
    sent_at = time.monotonic()
    status: int | None
    try:
        _send_frame(connection, person, picture, key)
        status = _reply(connection).status
    except (OSError, http.client.HTTPException):
        status = None
    finally:
        connection.close()
    return Post(key, key_in_archive(person, key), status, sent_at, (time.monotonic() - sent_at) * 1000)


def post_frame_and_hang_up(port: int, person: Person, picture: bytes, key: str) -> None:
    """The same, by a client that disconnects as soon as it has sent everything."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=DEADLINE_S)
    _send_frame(connection, person, picture, key)
    connection.close()


def key_in_archive(person: Person, key: str) -> UUID:
    """The key of a frame in the archive, from its request's Idempotency-Key."""
    return uuid5(FRAME_KEYS, f"{person.id} {key}")


@cache
def small_pictures() -> list[bytes]:
    """JPEGs 320 pixels wide, every second one with a face."""
    face = pictures.jpeg(pictures.framed(100, (160, 120), size=(320, 240)))
    nobody = pictures.jpeg(pictures.smaller(pictures.coffee(), 0.5333))
    return [face, nobody]


def marked(picture: bytes, key: str) -> bytes:
    """A JPEG with its request's key in a comment: every frame is different and can be identified."""
    assert picture.startswith(JPEG_START)
    assert len(key) == KEY_LENGTH
    return COMMENT_START + key.encode() + picture[len(JPEG_START) :]


def mark_of(picture: bytes) -> str | None:
    """The key in a marked JPEG, None for other pictures."""
    text = picture[len(COMMENT_START) : len(COMMENT_START) + KEY_LENGTH]
    return text.decode() if picture.startswith(COMMENT_START) else None


def _send_frame(connection: http.client.HTTPConnection, person: Person, picture: bytes, key: str) -> None:
    body = neck_body(b"") | {"blob_data": pictures.data_url(marked(picture, key), "image/jpeg")}
    _send(connection, "POST", NECK, body, {"Authorization": f"Bearer {person.access}", "Idempotency-Key": key})


def _send(connection: http.client.HTTPConnection, method: str, path: str, body: Any, headers: dict[str, str]) -> None:
    data = None if body is None else json.dumps(body)
    connection.request(method, f"/api/{path}", data, headers | (JSON if data else {}))


def _reply(connection: http.client.HTTPConnection) -> Reply:
    response = connection.getresponse()
    data = response.read()
    return Reply(response.status, json.loads(data) if data else None, response.headers["Retry-After"])
