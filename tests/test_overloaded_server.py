"""A real gunicorn with one worker and too many requests: common.http.newest_first in its place."""

import http.client
import json
import socket
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Any

import pytest

from common.load import MAX_HELD
from tests import pictures
from tests.detections.frames import NECK, neck_body
from tests.environment import Template
from tests.gunicorn_server import CONTINUE, DEADLINE_S, Server

pytestmark = pytest.mark.skipif(
    not hasattr(socket, "TCP_INFO"), reason="this system does not tell how long its queues are"
)

MAX_WAIT_MS = "20000"  # so that a busy machine makes no frame late
# With the first frame. A tenth of it counts as the usual work, so that as many requests as OTHERS may take longer than
# half of the limit.
BUSY_S = 1.5
OTHERS = 100

Serve = Callable[..., AbstractContextManager[Server]]


@pytest.fixture
def serve(template: Template, tmp_path: Path) -> Serve:
    settings = {"WEB_CONCURRENCY": "1", "FRAME_MAX_WAIT_MS": MAX_WAIT_MS}
    return template.service_in(tmp_path, **settings).serve


@pytest.fixture
def clients() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


class Client:
    """One request, as a socket of its own; what is sent waits in the kernel until a worker takes it."""

    def __init__(self, server: Server, clients: ExitStack, method: str, path: str, body: bytes, *headers: str) -> None:
        self._socket = clients.enter_context(socket.create_connection(("127.0.0.1", server.port), DEADLINE_S * 2))
        self._body = body
        lines = [f"{method} {path} HTTP/1.1", "Host: localhost", f"Content-Length: {len(body)}", *headers]
        self._socket.sendall("\r\n".join([*lines, "", ""]).encode())

    def send_body(self) -> "Client":
        self._socket.sendall(self._body)
        return self

    def await_turn(self) -> None:
        """Until a worker reads its body."""
        assert self._socket.recv(len(CONTINUE), socket.MSG_WAITALL) == CONTINUE

    def response(self) -> tuple[int, Any]:
        response = http.client.HTTPResponse(self._socket)
        response.begin()
        with self._socket, response:
            return response.status, json.loads(response.read())


class People:
    """Who sends requests to a server."""

    def __init__(self, server: Server, clients: ExitStack, access: str) -> None:
        self._server, self._clients = server, clients
        self._token = f"Authorization: Bearer {access}"
        self._session = server.post("detections/sessions/", {}).json["id"]

    def frame(self, picture: bytes) -> Client:
        """Of the session."""
        path = f"/api/detections/sessions/{self._session}/frames/"
        return self._client("POST", path, picture, "Content-Type: image/jpeg").send_body()

    def slow_frame(self) -> Client:
        """Of version 1, without its body yet."""
        body = json.dumps(neck_body(pictures.jpeg(pictures.coffee()))).encode()
        return self._client("POST", f"/api/{NECK}", body, "Content-Type: application/json", "Expect: 100-continue")

    def others(self) -> Iterable[int]:
        """The statuses of requests that are no frames; 0 without a response."""
        waiting = [self._client("GET", "/healthz", b"") for _ in range(OTHERS)]
        # Each client reads and closes at once, for which gunicorn waits.
        return self._clients.enter_context(ThreadPoolExecutor(OTHERS)).map(_status_of, waiting)

    def busy_worker(self) -> Client:
        """A frame whose body the worker waits for."""
        client = self.slow_frame()
        client.await_turn()
        time.sleep(BUSY_S)  # the worker counts how long a frame takes
        return client

    def _client(self, method: str, path: str, body: bytes, *headers: str) -> Client:
        return Client(self._server, self._clients, method, path, body, self._token, *headers)


def test_newest_frame_of_a_session_is_judged_and_the_older_one_refused(
    serve: Serve, clients: ExitStack, template: Template
) -> None:
    with serve() as server:
        people = People(server, clients, template.people[0].access)
        busy = people.busy_worker()
        older, newer = (people.frame(pictures.jpeg(picture)) for picture in (pictures.at_desk(), pictures.coffee()))
        others = people.others()
        busy.send_body()
        assert busy.response()[0] == 200
        assert older.response()[0] == 503
        status, verdict = newer.response()
        assert (status, verdict["accepted"], verdict["face"]) == (200, True, None)
        assert set(others) == {200}


def test_graceful_stop_answers_what_the_worker_holds(serve: Serve, clients: ExitStack, template: Template) -> None:
    with serve() as server:
        people = People(server, clients, template.people[0].access)
        busy = people.busy_worker()
        held, newest = people.frame(pictures.jpeg(pictures.at_desk())), people.slow_frame()
        others = people.others()
        busy.send_body()
        newest.await_turn()  # so the worker has taken those before it, and has not begun with them
        server.terminate()
        newest.send_body()
        assert [client.response()[0] for client in (newest, held)] == [200, 200]
        assert list(others).count(200) >= MAX_HELD
        assert server.exit_code() == 0


def _status_of(client: Client) -> int:
    try:
        return client.response()[0]
    except (OSError, http.client.HTTPException):  # a connection that nobody took before the end
        return 0
