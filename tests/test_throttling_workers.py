"""Counts that workers share, and counts of each worker: a real gunicorn, with and without a real Redis."""

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import pictures, redis_server
from tests.detections.frames import BLINK, blink_body
from tests.gunicorn_server import ROOT, Response, Server, serving
from tests.redis_server import RedisServer

WORKERS = 2
LOGIN = "accounts/login/"
WRONG = {"username": "mina", "password": "wrong"}
FRAME = blink_body(pictures.jpeg(pictures.small()))
RATES = {"LOGIN_FAILURE_RATE": "4/hour", "FRAME_RATE": "2/hour"}
PREPARE = """
import django; django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from accounts.services import user_create
from accounts.tokens import tokens_for
tokens = tokens_for(user_create(username="mina", password="12341234"))
print(tokens["access"], tokens["refresh"])
from django.db import connections
connections.close_all()  # then the file alone is the whole database
"""


@dataclass(frozen=True, slots=True)
class Prepared:
    environment: dict[str, str]
    access: str
    refresh: str


@pytest.fixture
def prepared(tmp_path: Path) -> Prepared:
    environment = {
        "DEBUG": "false",
        "SECRET_KEY": "k" * 50,
        "DATABASE_URL": f"sqlite:///{tmp_path / 'db.sqlite3'}",
        "SPOOL_DIR": str(tmp_path / "spool"),
        "MODEL_CACHE_DIR": os.environ["MODEL_CACHE_DIR"],
        "HOME": str(tmp_path),
        "WEB_CONCURRENCY": str(WORKERS),
    }
    base = {"PATH": os.environ["PATH"], "ENV_FILE": "/nonexistent", "DJANGO_SETTINGS_MODULE": "posesmart.settings"}
    command = [sys.executable, "-c", PREPARE]
    result = subprocess.run(command, cwd=ROOT, env=base | environment, stdout=subprocess.PIPE, text=True, check=True)
    return Prepared(environment, *result.stdout.split())


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


def test_workers_share_only_login_counts_without_redis(prepared: Prepared) -> None:
    with serving(prepared.access, **(prepared.environment | RATES)) as server:
        server.started_workers(WORKERS)
        assert [post_frames(server) for _ in range(3)] == [[200, 200], [200, 200], [429, 429]]
        assert [server.post(LOGIN, WRONG).status for _ in range(4)] == [401] * 4
        assert post_wrong_logins(server) == [429, 429]


def test_workers_share_all_counts_with_redis(prepared: Prepared, redis: RedisServer) -> None:
    environment = prepared.environment | RATES | {"REDIS_URL": redis.url}
    with serving(prepared.access, **environment) as server:
        server.started_workers(WORKERS)
        assert [server.post(LOGIN, WRONG).status for _ in range(4)] == [401] * 4
        assert post_wrong_logins(server) == [429, 429]
        assert [server.post(BLINK, FRAME).status for _ in range(3)] == [200, 200, 429]
        assert post_frames(server) == [429, 429]
        redis.kill()
        assert post_frames(server) == [200, 200]
        assert server.wait_for_log("Redis is unavailable", WORKERS) == ["Redis is unavailable"] * WORKERS
        assert post_wrong_logins(server) == [401, 401]
        assert redis_server.PASSWORD not in server.log


def test_only_one_concurrent_refresh_succeeds(prepared: Prepared) -> None:
    body = {"refresh": prepared.refresh}
    with serving(prepared.access, **prepared.environment) as server:
        server.started_workers(WORKERS)
        with ThreadPoolExecutor(8) as pool:
            responses = [*pool.map(lambda _: server.post("token/refresh/", body), range(8))]
        assert sorted(statuses(responses)) == [200] + [401] * 7
        [tokens] = [response.json for response in responses if response.status == 200]
        assert server.post("token/refresh/", {"refresh": tokens["refresh"]}).status == 200
