"""common.http.newest_first: under overload the newest frame goes first, of a session only that, and others by turns."""

import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from rest_framework.settings import api_settings

from common.http import held as held_module
from common.http import newest_first
from common.load import MAX_HELD, Load
from common.telemetry import metrics, worker
from tests.recording_worker import Recording

NECK, SESSION = "/api/detections/neck/", "/api/detections/sessions/{}/frames/"
LIMIT_S, WORK_S = 60, 10.0  # so that a few frames are too many, however busy this machine is
FEW, IN_TIME, MANY = 3, 6, 8

needs_queue_length = pytest.mark.skipif(
    not hasattr(socket, "TCP_INFO"), reason="this system does not tell how long its queues are"
)


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Load:
    settings.FRAME_MAX_WAIT_MS = 1000 * LIMIT_S
    own = Load()
    own._work_s = WORK_S
    for module in (held_module, newest_first):
        monkeypatch.setattr(module, "load", own)
    return own


@pytest.fixture
def listener(load: Load) -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0), backlog=100) as listening:
        load.listeners = [listening]
        yield listening


@pytest.fixture
def clients() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def recording(listener: socket.socket) -> Iterator[Recording]:
    worker = Recording(listener)
    yield worker
    worker.close()


@pytest.fixture
def send(listener: socket.socket, clients: ExitStack) -> Callable[..., socket.socket]:
    """Connect and send a request; nobody has accepted it yet."""

    def send(path: str, *, method: str = "POST", headers: str = "", body: bytes = b"picture") -> socket.socket:
        client = clients.enter_context(socket.socket(listener.family))
        client.settimeout(30)
        client.connect(listener.getsockname())
        client.sendall(f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n".encode() + body)
        return client

    return send


def status_of(client: socket.socket) -> int:
    return int(client.makefile("rb").readline().split()[1])


def paths(lines: list[str]) -> list[str]:
    return [line.split()[1] for line in lines]


# --- The order ---


def test_short_queue_is_served_in_its_order(recording: Recording, send: Callable[..., socket.socket]) -> None:
    sent = [f"{NECK}?{number}" for number in range(FEW)]
    waiting = [send(path) for path in sent]
    assert paths(recording.serve_all()) == sent
    assert [status_of(client) for client in waiting] == [200] * FEW


@needs_queue_length
def test_long_queue_is_served_newest_first(recording: Recording, send: Callable[..., socket.socket]) -> None:
    sent = [f"{NECK}?{number}" for number in range(MANY)]
    waiting = [send(path) for path in sent]
    refused = metrics.frames_shed._value.get()
    assert paths(recording.serve_all()) == sent[: MANY - IN_TIME - 1 : -1]
    assert [status_of(client) for client in waiting] == [503] * (MANY - IN_TIME) + [200] * IN_TIME
    assert metrics.frames_shed._value.get() == refused + MANY - IN_TIME


@needs_queue_length
def test_of_a_sessions_frames_only_the_newest_is_served(
    recording: Recording, send: Callable[..., socket.socket]
) -> None:
    mine, other = SESSION.format("0a-1b"), SESSION.format("0c-2d")
    first = [send(f"{mine}?captured_at={number}", headers="Authorization: Bearer a\r\n") for number in range(4)]
    beside = send(other, headers="Authorization: Bearer a\r\n")
    last = send(f"{mine}?captured_at=4", headers="Authorization: Bearer a\r\n")
    foreign = send(mine, headers="Authorization: Bearer b\r\n")  # nobody replaces another user's
    assert paths(recording.serve_all()) == [mine, f"{mine}?captured_at=4", other]
    assert [status_of(client) for client in (*first, beside, last, foreign)] == [503] * 4 + [200] * 3


@needs_queue_length
def test_refusal_says_when_to_come_back(
    recording: Recording, send: Callable[..., socket.socket], settings: Any
) -> None:
    settings.CORS_ALLOWED_ORIGINS = ["https://app.example.com"]
    path, headers = SESSION.format("0a-1b"), "Accept-Language: ko\r\nOrigin: https://app.example.com\r\n"
    waiting = [send(path, headers=headers) for _ in range(MANY)]
    recording.serve_all()
    response = b"".join(iter(lambda: waiting[0].recv(1000), b""))
    head, _, body = response.partition(b"\r\n\r\n")
    lines = head.decode().lower().split("\r\n")
    assert lines[0] == "http/1.1 503 service unavailable"
    expected = {"retry-after: 2", "connection: close", f"content-length: {len(body)}"}
    assert expected | {"access-control-allow-origin: https://app.example.com"} <= set(lines)
    assert any(line.startswith("date: ") for line in lines)  # by which nginx tells the service's own answers
    assert "요청이 많아요" in body.decode()


@needs_queue_length
def test_other_requests_go_in_their_order_by_turns_with_frames(
    recording: Recording, send: Callable[..., socket.socket]
) -> None:
    for number in range(3):
        send(f"/api/accounts/login/?{number}")
        send(f"{NECK}?{number}")
        send(f"{NECK}{number}", method="GET")
    assert paths(recording.serve_all()) == [
        f"{NECK}?2", "/api/accounts/login/?0", f"{NECK}?1", f"{NECK}0", f"{NECK}?0",
        "/api/accounts/login/?1", f"{NECK}1", "/api/accounts/login/?2", f"{NECK}2",
    ]  # fmt: skip


@needs_queue_length
def test_frames_that_came_meanwhile_go_before_those_held(
    recording: Recording, send: Callable[..., socket.socket]
) -> None:
    for number in range(5):
        send(f"{NECK}?{number}")
    recording.then = lambda: send(f"{NECK}?late") if len(recording.served) == 1 else None
    assert paths(recording.serve_all())[:3] == [f"{NECK}?4", f"{NECK}?late", f"{NECK}?3"]


@needs_queue_length
def test_held_time_counts_as_waiting(recording: Recording, send: Callable[..., socket.socket], settings: Any) -> None:
    waiting = [send(f"{NECK}?{number}") for number in range(4)]

    def wait() -> None:
        settings.FRAME_MAX_WAIT_MS = 1
        time.sleep(0.002)

    recording.then = wait
    assert len(recording.serve_all()) == 1
    assert [status_of(client) for client in waiting] == [503, 503, 503, 200]


@needs_queue_length
def test_worker_takes_only_its_share(
    recording: Recording, send: Callable[..., socket.socket], load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "count", 2)
    for number in range(2 * MANY):
        send(f"{NECK}?{number}")
    first = recording._next()
    assert first
    assert (load.held, load.share_of(load.listeners[0])) == (IN_TIME - 1, MANY // 2)
    first.connection.close()
    monkeypatch.setattr(worker, "count", 1)
    recording.serve_all()
    assert load.held == 0


@needs_queue_length
def test_worker_holds_few_other_requests(recording: Recording, send: Callable[..., socket.socket]) -> None:
    for number in range(MAX_HELD + 10):
        send(f"/{number}", method="GET")
    waiting = recording._next()
    assert waiting
    assert len(recording._held) == MAX_HELD - 1
    waiting.connection.close()
    assert len(recording.serve_all()) == MAX_HELD + 9


@needs_queue_length
def test_worker_takes_from_all_its_listeners(
    listener: socket.socket, load: Load, send: Callable[..., socket.socket]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as second, socket.create_connection(second.getsockname()) as client:
        client.sendall(b"GET /healthz HTTP/1.1\r\n\r\n")
        load.listeners.append(second)
        recording = Recording(listener, second)
        for number in range(IN_TIME):
            send(f"{NECK}?{number}")
        recording.accept(recording.sockets[0])
        assert paths(recording.served)[:3] == [f"{NECK}?5", "/healthz", f"{NECK}?4"]
        assert len(recording.served) == IN_TIME + 1
        recording.close()


# --- The end ---


@needs_queue_length
def test_worker_that_ends_serves_what_it_holds_and_takes_no_more(
    recording: Recording, send: Callable[..., socket.socket], listener: socket.socket
) -> None:
    for number in range(6):
        send(f"{NECK}?{number}")

    def end() -> None:
        if recording.alive:
            recording.alive = False
            send("/for/the/next/worker")

    recording.then = end
    recording.max_requests = 1
    recording.accept(recording.sockets[0])
    assert recording.max_requests == sys.maxsize  # so that gunicorn does not log each time that they are reached
    assert paths(recording.served) == [f"{NECK}?{number}" for number in (5, 4, 3, 2, 1, 0)]
    connection, _ = listener.accept()
    with connection:
        assert connection.recv(100).startswith(b"POST /for/the/next/worker ")


@needs_queue_length
def test_refused_client_that_still_sends_gets_its_answer(
    recording: Recording, send: Callable[..., socket.socket]
) -> None:
    path = SESSION.format("0a-1b")
    waiting = [send(path, headers="Content-Length: 100000\r\n") for _ in range(MANY)]
    recording.then = lambda: waiting[0].sendall(bytes(50_000))
    recording.serve_all()
    waiting[0].sendall(bytes(49_993))
    assert status_of(waiting[0]) == 503
    for client in waiting:
        client.close()
    for _ in range(4):  # a part of what has come each time
        with pytest.raises(BlockingIOError):
            recording.accept(recording.sockets[0])
    assert not recording._closing


@needs_queue_length
def test_clients_that_never_close_use_few_files(recording: Recording, send: Callable[..., socket.socket]) -> None:
    for _ in range(MAX_HELD + MANY):
        send(SESSION.format("0a-1b"))
    recording.serve_all()
    assert len(recording._closing) == MAX_HELD


# --- A Unix socket ---


def test_behind_a_unix_socket_nginx_tells_of_the_overload(
    load: Load, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clients: ExitStack
) -> None:
    monkeypatch.setattr(api_settings, "NUM_PROXIES", 1)
    listener = clients.enter_context(socket.socket(socket.AF_UNIX))
    listener.bind(str(tmp_path / "service.sock"))
    listener.listen(100)
    load.listeners = [listener]
    recording = Recording(listener)
    now = time.time()
    ages = (0.0, 2.0 * LIMIT_S, 0.2, 0.1)
    sent = [f"X-Request-Start: t={now - age:.3f}\r\n" for age in ages]

    def post(header: str) -> socket.socket:
        client = clients.enter_context(socket.socket(socket.AF_UNIX))
        client.connect(str(tmp_path / "service.sock"))
        client.sendall(f"POST {NECK}?{sent.index(header)} HTTP/1.1\r\n{header}\r\n".encode())
        return client

    waiting = [post(header) for header in sent]
    load.arrive(0.0)
    load.arrive(0.6 * LIMIT_S)
    assert paths(recording.serve_all()) == [f"{NECK}?3", f"{NECK}?2", f"{NECK}?0"]
    assert [status_of(client) for client in waiting] == [200, 503, 200, 200]
    recording.close()
