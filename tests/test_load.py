"""common.load and common.http.shedding: frames that wait too long are refused, and clients asked to slow down."""

import json
import socket
import time
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from django.test import RequestFactory
from django.utils.datastructures import CaseInsensitiveMapping
from rest_framework.settings import api_settings

from common import load as load_module
from common.http import shedding as shedding_module
from common.http.shedding import shedding
from common.load import SLOWER_AFTER_S, Load, age_of
from common.telemetry import metrics, worker
from tests.conftest import ApiClient

PATHS = ["/api/detections/neck/", "/api/detections/blink/", "/api/detections/sessions/0a-1b/frames/"]
REFUSED_AFTER_S = 0.6  # FRAME_MAX_WAIT_MS
OTHERS = [
    ("GET", "/api/detections/neck/"),
    ("POST", "/api/accounts/login/"),
    ("POST", "/api/detections/sessions/0a-1b/stop/"),
    ("DELETE", "/api/accounts/"),
]


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Load:
    own = Load()
    monkeypatch.setattr(shedding_module, "load", own)
    monkeypatch.setattr("detections.sessions.views.load", own)
    return own


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0), backlog=100) as listening:
        yield listening


def respond(method: str, path: str, **environ: str) -> tuple[str, CaseInsensitiveMapping[str], bytes]:
    """What a client gets; 200 if the application was asked."""
    started: list[Any] = []

    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", [])
        return [b"judged"]

    def start(status: str, headers: list[tuple[str, str]]) -> None:
        started.extend((status, CaseInsensitiveMapping(headers)))

    environ = RequestFactory().request(REQUEST_METHOD=method, PATH_INFO=path, **environ).environ
    body = b"".join(shedding(application)(environ, start))
    return started[0], started[1], body


# --- The wait ---


@pytest.mark.parametrize(
    ("header", "is_known"), [("t=1796000000.123", True), ("", False), ("t=", False), ("t=1e9", False), ("t=nan", False)]
)
def test_age_is_read_from_nginx_header_only(header: str, is_known: bool) -> None:
    assert (age_of(header) is not None) == is_known


def test_wait_counts_from_the_youngest_frame_so_a_clock_may_differ() -> None:
    for skew_s in (-100.0, 0.0, 100.0):
        load = Load()
        assert load.arrive(skew_s)
        assert load.arrive(skew_s + REFUSED_AFTER_S)
        assert not load.arrive(skew_s + REFUSED_AFTER_S + 0.01)
        assert load.arrive(skew_s + 0.01)


def test_zero_lets_every_frame_wait(settings: Any) -> None:
    settings.FRAME_MAX_WAIT_MS = 0
    load = Load()
    assert load.arrive(0.0)
    assert load.arrive(100.0)


def test_long_queue_of_the_listener_is_an_overload(listener: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "count", 2)
    load = Load()
    load.listeners = [listener]
    load._work_s = 0.125
    waiting = [socket.create_connection(listener.getsockname()) for _ in range(4)]
    assert load.arrive(None)
    assert (load.is_overloaded, load.slowdown) == (False, 2.5)  # 4 × 0.125 s / 2; the limit is 0.6 s
    assert load.share_of(listener) == 2
    waiting.append(socket.create_connection(listener.getsockname()))
    assert load.arrive(None)  # it has not waited itself
    assert (load.is_overloaded, load.slowdown) == (True, 3.125)
    assert load.share_of(listener) == 3
    for _ in range(3):
        listener.accept()[0].close()
    is_overloaded = []
    for load.held in (0, 2):  # what a worker holds waits for that worker
        is_overloaded.append(load.is_overloaded)
    assert is_overloaded == [False, True]
    for connection in waiting:
        connection.close()


def test_worker_holds_what_it_can_judge_in_time(settings: Any) -> None:
    load = Load()
    depths = []
    for load._work_s in (0.25, 0.125, 0.0001, 10.0):
        depths.append(load.depth())
    assert depths == [2, 4, load_module.MAX_HELD, 1]
    settings.FRAME_MAX_WAIT_MS = 0
    assert load.depth() == load_module.MAX_HELD


@pytest.mark.skipif(not hasattr(socket, "TCP_INFO"), reason="this system does not tell when bytes came")
def test_time_since_the_bytes_came_is_a_wait_even_if_the_queue_is_empty(listener: socket.socket, settings: Any) -> None:
    """The last frames of a burst have waited longest, and none is behind them."""
    load = Load()
    load.listeners = [listener]
    with socket.create_connection(listener.getsockname()) as client:
        client.sendall(b"POST")
        came_at = time.monotonic()
        server, _ = listener.accept()
        with server:
            settings.FRAME_MAX_WAIT_MS = 60_000
            assert load.arrive(None, server)
            settings.FRAME_MAX_WAIT_MS = 50
            while load.arrive(None, server):
                assert time.monotonic() < came_at + 20
            assert time.monotonic() >= came_at + 0.04
            settings.FRAME_MAX_WAIT_MS = 60_000
            client.sendall(b" /api/")
            assert load.arrive(None, server)
            assert server.recv(20) == b"POST /api/"


def test_unix_socket_has_no_queue_to_read(tmp_path: Any) -> None:
    load = Load()
    with socket.socket(socket.AF_UNIX) as listening:
        load.listeners = [listening]
        assert load.arrive(None, listening)
        assert load.share_of(listening) is None


def test_clients_are_slowed_down_before_any_is_refused() -> None:
    load = Load()
    load.arrive(0.0)
    slowdowns = []
    for wait_s in (0.0, SLOWER_AFTER_S, 2 * SLOWER_AFTER_S, REFUSED_AFTER_S, 100.0):
        load.arrive(wait_s)
        slowdowns.append(load.slowdown)
    assert slowdowns == pytest.approx([1, 1, 2, REFUSED_AFTER_S / SLOWER_AFTER_S, load_module.MAX_SLOWDOWN])


# --- Refusals ---


@pytest.mark.parametrize("path", PATHS)
def test_frame_that_waited_too_long_is_refused(load: Load, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    before = metrics.frames_shed._value.get()
    monkeypatch.setattr(load, "arrive", lambda age_s, connection: False)
    status, headers, body = respond("POST", path)
    assert (status, headers["Retry-After"]) == ("503 Service Unavailable", "2")
    assert json.loads(body)["detail"].startswith("The service has more to do than it can.")
    assert int(headers["Content-Length"]) == len(body)
    assert metrics.frames_shed._value.get() == before + 1
    assert "요청이 많아요" in respond("POST", path, HTTP_ACCEPT_LANGUAGE="ko-KR,ko;q=0.9")[2].decode()


@pytest.mark.parametrize(("origin", "may_read"), [("https://app.example.com", True), ("https://evil.example", False)])
def test_allowed_origin_can_read_a_refusal(
    load: Load, monkeypatch: pytest.MonkeyPatch, settings: Any, origin: str, may_read: bool
) -> None:
    settings.CORS_ALLOWED_ORIGINS = ["https://app.example.com"]
    monkeypatch.setattr(load, "arrive", lambda age_s, connection: False)
    status, headers, _ = respond("POST", PATHS[0], HTTP_ORIGIN=origin)
    assert (status, headers["vary"]) == ("503 Service Unavailable", "origin")
    assert headers.get("access-control-allow-origin") == (origin if may_read else None)
    assert ("retry-after" in headers.get("access-control-expose-headers", "")) == may_read


@pytest.mark.parametrize(("method", "path"), OTHERS)
def test_other_calls_are_never_shed(load: Load, monkeypatch: pytest.MonkeyPatch, method: str, path: str) -> None:
    monkeypatch.setattr(load, "arrive", lambda age_s, connection: False)
    assert respond(method, path)[0] == "200 OK"


@pytest.mark.parametrize(("proxies", "status"), [(0, "200 OK"), (1, "503 Service Unavailable")])
def test_age_is_believed_from_a_proxy_only(
    load: Load, monkeypatch: pytest.MonkeyPatch, proxies: int, status: str
) -> None:
    monkeypatch.setattr(api_settings, "NUM_PROXIES", proxies)
    respond("POST", PATHS[0], HTTP_X_REQUEST_START="t=1796000010.000")
    assert respond("POST", PATHS[0], HTTP_X_REQUEST_START="t=1796000000.000")[0] == status


def test_refusal_takes_what_has_arrived_of_the_body(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "arrive", lambda age_s, connection: False)
    client, server = socket.socketpair()
    with client, server:
        server.settimeout(7)
        client.sendall(bytes(50_000))
        respond("POST", PATHS[0], **{"gunicorn.socket": server})  # type: ignore[arg-type]
        assert server.gettimeout() == 7
        server.setblocking(False)  # noqa: FBT003 - socket's own
        with pytest.raises(BlockingIOError):
            server.recv(1)


def test_busy_service_asks_sessions_for_fewer_frames(owner: ApiClient, load: Load) -> None:
    session = owner("post", "detections/sessions/", {}).json()["id"]

    def next_after_ms() -> int:
        from tests import pictures

        picture = pictures.jpeg(pictures.small())
        headers = {"Authorization": f"Bearer {owner.access}"}
        path = f"/api/detections/sessions/{session}/frames/"
        response = owner._client.post(path, picture, content_type="image/jpeg", headers=headers)
        assert response.status_code == 200, response.content
        return int(response.json()["next_after_ms"])

    calm = next_after_ms()
    load.arrive(0.0)
    load.arrive(3 * SLOWER_AFTER_S)
    assert next_after_ms() == pytest.approx(3 * calm, abs=2)
