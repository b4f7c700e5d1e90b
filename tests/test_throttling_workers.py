"""Counts that workers share, and counts of each worker: a real gunicorn, with and without a real Redis."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests import pictures, redis_server
from tests.detections.frames import BLINK, blink_body
from tests.environment import PASSWORD, Service, Template
from tests.gunicorn_server import Response, Server
from tests.redis_server import RedisServer

WORKERS = 2
LOGIN = "accounts/login/"
WRONG = {"username": "mina", "password": "wrong"}
FRAME = blink_body(pictures.jpeg(pictures.small()))
RATES = {"LOGIN_FAILURE_RATE": "4/hour", "BLINK_RATE": "2/hour"}


@pytest.fixture
def service(template: Template, tmp_path: Path) -> Service:
    return template.service_in(tmp_path)


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    if reason := redis_server.missing():
        pytest.skip(reason)
    with redis_server.running(tmp_path) as server:
        yield server


def statuses(responses: list[Response]) -> list[int]:
    return [response.status for response in responses]


def post_frames(server: Server) -> list[int]:
    """The status of a frame from each worker."""
    return statuses(server.post_to_every_worker(WORKERS, BLINK, FRAME))


def post_wrong_logins(server: Server) -> list[int]:
    return statuses(server.post_to_every_worker(WORKERS, LOGIN, WRONG))


def test_workers_share_only_login_counts_without_redis(service: Service) -> None:
    with service.serve(**RATES) as server:
        server.started_workers(WORKERS)
        assert [post_frames(server) for _ in range(3)] == [[200, 200], [200, 200], [429, 429]]
        assert [server.post(LOGIN, WRONG).status for _ in range(4)] == [401] * 4
        assert post_wrong_logins(server) == [429, 429]


def test_workers_share_all_counts_with_redis(service: Service, redis: RedisServer) -> None:
    with service.serve(**RATES, REDIS_URL=redis.url) as server:
        server.started_workers(WORKERS)
        assert [server.post(LOGIN, WRONG).status for _ in range(4)] == [401] * 4
        assert post_wrong_logins(server) == [429, 429]
        assert [server.post(BLINK, FRAME).status for _ in range(3)] == [200, 200, 429]
        assert post_frames(server) == [429, 429]
        redis.kill()
        assert post_frames(server) == [200, 200]
        assert server.wait_for_log("Redis is unavailable", WORKERS) == ["Redis is unavailable"] * WORKERS
        assert post_wrong_logins(server) == [429, 429]  # failures are in the database
        assert redis_server.PASSWORD not in server.log


def test_only_one_concurrent_refresh_succeeds(service: Service) -> None:
    with service.serve() as server:
        server.started_workers(WORKERS)
        login = server.post(LOGIN, {"username": "mina", "password": PASSWORD}).json
        body = {"refresh": login["refresh"]}
        with ThreadPoolExecutor(8) as pool:
            responses = [*pool.map(lambda _: server.post("token/refresh/", body), range(8))]
        assert sorted(statuses(responses)) == [200] + [401] * 7
        [tokens] = [response.json for response in responses if response.status == 200]
        assert server.post("token/refresh/", {"refresh": tokens["refresh"]}).status == 200
