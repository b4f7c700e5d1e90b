"""common.http.throttling and common.db.redis_cache: the keys of clients, where they are counted, and outages."""

import json
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as settings_of_django
from django.core.cache import caches
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings
from rest_framework.settings import api_settings
from rest_framework.test import APIRequestFactory
from rest_framework.throttling import SimpleRateThrottle

from common.db import redis_cache
from common.db.breaker import Breaker
from common.http import throttling
from common.http.throttling import FailureThrottle, address_of
from tests import pictures, redis_server
from tests.conftest import PASSWORD, ApiClient
from tests.hostile.calls import schema
from tests.processes import answers_of
from tests.redis_server import RedisServer
from tests.slowness import is_within
from tests.test_settings import _start

PATIENCE_S = 1.0  # for a request while Redis does not respond: 0.25 s, and more on a busy machine
BLINK = {"blob_data": pictures.data_url(pictures.png(pictures.small())), "count": 0, "total": 0, "time": 0}


def set_rate(monkeypatch: pytest.MonkeyPatch, scope: str, value: str) -> None:
    monkeypatch.setitem(SimpleRateThrottle.THROTTLE_RATES, scope, value)


def log_in(**meta: str) -> int:
    body = {"username": "nobody", "password": PASSWORD}
    response = Client(**meta).post("/api/accounts/login/", body, content_type="application/json")  # type: ignore[arg-type]
    return response.status_code


def count_rows() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM posesmart_attempts")
        count: int = cursor.fetchone()[0]
        return count


# --- The client's address ---


@pytest.mark.parametrize(
    ("hops", "forwarded", "expected"),
    [
        (0, None, "203.0.113.9"),
        (0, "198.51.100.1", "203.0.113.9"),  # made up by the client
        (1, "198.51.100.1", "198.51.100.1"),
        (1, "192.0.2.66, 198.51.100.1", "198.51.100.1"),  # the last is from the proxy, the others from the client
        (1, None, "203.0.113.9"),
        (2, "192.0.2.66, 198.51.100.1, 10.0.0.1", "198.51.100.1"),
        (2, "192.0.2.66,192.0.2.77, 198.51.100.1 , 10.0.0.1", "198.51.100.1"),
        (1, "unknown", "203.0.113.9"),  # a proxy that hides addresses
        (1, "198.51.100.1:4711", "203.0.113.9"),
        (1, "", "203.0.113.9"),
    ],
)
def test_address_is_from_the_outermost_trusted_proxy(
    monkeypatch: pytest.MonkeyPatch, hops: int, forwarded: str | None, expected: str
) -> None:
    monkeypatch.setattr(api_settings, "NUM_PROXIES", hops)
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    assert address_of(APIRequestFactory().get("/", REMOTE_ADDR="203.0.113.9", headers=headers)) == expected


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::"),
        ("2001:db8:1:3::1", "2001:db8:1:3::"),
        ("fe80::1%eth0", "fe80::"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("192.0.2.1", "192.0.2.1"),
        ("", ""),  # a Unix socket
    ],
)
def test_ipv6_addresses_count_by_network(address: str, expected: str) -> None:
    assert address_of(APIRequestFactory().get("/", REMOTE_ADDR=address)) == expected


@pytest.mark.parametrize(
    ("hops", "forwarded", "expected"),
    [
        (0, ["198.51.100.{n}", "198.51.100.{n}, 10.0.0.1"], [401, 401, 429, 429]),
        (1, ["192.0.2.{n}, 198.51.100.1"], [401, 401, 429, 429]),
        (1, ["198.51.100.{n}"], [401] * 4),
        (2, ["192.0.2.{n}, 198.51.100.1, 10.0.0.1"], [401, 401, 429, 429]),
        (2, ["198.51.100.{n}, 10.0.0.1"], [401] * 4),
    ],
)
@pytest.mark.django_db
def test_forged_addresses_do_not_help(
    monkeypatch: pytest.MonkeyPatch, hops: int, forwarded: list[str], expected: list[int]
) -> None:
    set_rate(monkeypatch, "login", "2/min")
    monkeypatch.setattr(api_settings, "NUM_PROXIES", hops)
    statuses = [log_in(HTTP_X_FORWARDED_FOR=forwarded[n % len(forwarded)].format(n=n)) for n in range(4)]
    assert statuses == expected


@pytest.mark.django_db
def test_ipv6_network_shares_one_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    set_rate(monkeypatch, "login", "2/min")
    assert [log_in(REMOTE_ADDR=f"2001:db8::{n}") for n in range(1, 4)] == [401, 401, 429]
    assert log_in(REMOTE_ADDR="2001:db8:0:1::1") == 401


# --- Where attempts are counted ---


@pytest.mark.django_db
def test_keys_contain_no_names_or_addresses(owner: ApiClient) -> None:
    body = {"username": owner.user.username, "password": "wrong"}
    Client(REMOTE_ADDR="198.51.100.7").post("/api/accounts/login/", body, content_type="application/json")
    with connection.cursor() as cursor:
        cursor.execute("SELECT cache_key, value FROM posesmart_attempts")
        rows = cursor.fetchall()
    assert len(rows) == 2  # the address, and the name
    assert not [row for row in rows if "mina" in str(row) or "198.51" in str(row)]
    keys = {key.rpartition(":")[2] for key, _ in rows}
    assert {len(key) for key in keys} == {64}


def test_key_depends_on_the_secret_key(settings: Settings) -> None:
    before = FailureThrottle("login_failure", "mina").get_cache_key(None, None)
    settings.SECRET_KEY = "another" * 10
    assert FailureThrottle("login_failure", "mina").get_cache_key(None, None) != before


@pytest.mark.django_db
def test_expired_counts_are_deleted(monkeypatch: pytest.MonkeyPatch) -> None:
    attempts = caches[throttling.ATTEMPTS_ALIAS]
    attempts.set("over", [1.0], 1)
    attempts.set("going-on", [1.0], 3600)
    later = timezone.now() + timedelta(seconds=3)
    monkeypatch.setattr(timezone, "now", lambda: later)
    throttling.delete_expired()
    assert count_rows() == 1
    assert attempts.get("going-on") == [1.0]


@pytest.mark.django_db
def test_60_sign_ups_and_logins_a_minute_pass() -> None:
    body = {"username": "testuser", "password": PASSWORD}
    for _ in range(60):
        assert Client().post("/api/accounts/", body, content_type="application/json").status_code in (201, 400)
        assert Client().post("/api/accounts/login/", body, content_type="application/json").status_code == 200


def test_200_frames_pass_without_throttle_queries(owner: ApiClient) -> None:
    with CaptureQueriesContext(connection) as queries:
        assert [owner("post", "detections/blink/", BLINK).status_code for _ in range(200)] == [200] * 200
    assert len(queries) == 200  # the user


def test_frames_over_the_rate_are_429(owner: ApiClient, stranger: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    set_rate(monkeypatch, "blinks", "3/min")
    responses = [owner("post", "detections/blink/", BLINK) for _ in range(4)]
    assert [response.status_code for response in responses] == [200, 200, 200, 429]
    assert 1 <= int(responses[-1]["Retry-After"]) <= 60
    assert stranger("post", "detections/blink/", BLINK).status_code == 200


REPORT = {"blink_cnt": 1, "neck_cnt": 1, "stretching_cnt": 1, "start_time": "2203300738", "end_time": "2203300800"}


def test_writes_of_a_user_are_counted_together(
    owner: ApiClient, stranger: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_rate(monkeypatch, "writes", "6/min")
    calls = [
        ("post", "reports/", REPORT, 201),
        ("post", "detections/sessions/", {}, 201),
        ("delete", "accounts/frames/", None, 200),
        ("delete", "accounts/face/", None, 204),
        ("put", "accounts/alarms/", {"neck_on": True}, 200),
        ("delete", "reports/987654321/", None, 404),
    ]
    assert [owner(method, path, body).status_code for method, path, body, _ in calls] == [call[3] for call in calls]
    for method, path, body, _ in calls:
        response = owner(method, path, body)
        assert response.status_code == 429, path
        assert 1 <= int(response["Retry-After"]) <= 60
    assert owner("get", "reports/").status_code == 200  # reading is not counted
    assert owner("post", "detections/blink/", BLINK).status_code == 200  # frames have a rate of their own
    assert stranger("post", "reports/", REPORT).status_code == 201
    assert owner("delete", "accounts/").status_code == 204  # and everybody can leave


def test_every_call_that_changes_something_has_a_rate() -> None:
    """But for those that end a login or an account."""
    paths = schema()["paths"]
    unlimited = {
        f"{method} {path}"
        for path, operations in paths.items()
        for method, operation in operations.items()
        if method in ("post", "put", "patch", "delete") and "429" not in operation["responses"]
    }
    assert unlimited == set()


def test_200_reports_a_minute_pass(owner: ApiClient) -> None:
    assert {owner("post", "reports/", REPORT).status_code for _ in range(200)} == {201}


# --- In Redis ---


class Attempts(FailureThrottle):
    """Counts where sign-ups and logins are counted."""

    cache = throttling._attempts


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    if reason := redis_server.missing():
        pytest.skip(reason)
    with redis_server.running(tmp_path_factory.mktemp("redis")) as running:
        yield running


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[RedisServer]:
    """A server that the test may stop and kill."""
    if reason := redis_server.missing():
        pytest.skip(reason)
    with redis_server.running(tmp_path) as running:
        yield running


def caches_in(url: str) -> dict[str, Any]:
    """CACHES as in posesmart/settings.py with REDIS_URL set."""
    options = {"serializer": "common.db.redis_cache.Timestamps", "socket_connect_timeout": 0.25, "socket_timeout": 0.25}
    backend = {"BACKEND": "common.db.redis_cache.RedisOrMemory", "LOCATION": url, "KEY_PREFIX": "posesmart"}
    in_redis = {alias: {**backend, "OPTIONS": options} for alias in ("default", "attempts")}
    return in_redis | {alias: settings_of_django.CACHES[alias] for alias in ("failures", "insights")}


@pytest.fixture(autouse=True)
def breaker(monkeypatch: pytest.MonkeyPatch) -> Breaker:
    fresh = Breaker(redis_cache.RETRY_AFTER_S)
    monkeypatch.setattr(redis_cache, "breaker", fresh)
    return fresh


@pytest.fixture
def in_redis(server: RedisServer, settings: Settings) -> RedisServer:
    settings.CACHES = caches_in(server.url)
    with server.client as client:
        client.flushall()
    return server


def test_redis_url_configures_all_caches_but_that_of_failures() -> None:
    url = "redis://:p4ssword@127.0.0.1:6379/0"
    result = _start("import json; print(json.dumps(settings.CACHES))", REDIS_URL=url)
    assert json.loads(result.stdout) == caches_in(url)


def test_invalid_redis_url_is_not_printed() -> None:
    result = _start(REDIS_URL="http://:p4ssword@127.0.0.1/")
    assert result.returncode == 1
    assert "REDIS_URL must begin with one of redis, rediss, unix" in result.stderr
    assert "p4ssword" not in result.stderr


@pytest.mark.parametrize("value", ["many", "60", "60/fortnight", "0/min", "-1/min", "1.5/s", "60 / min"])
def test_invalid_rate_stops_startup(value: str) -> None:
    result = _start(LOGIN_FAILURE_RATE=value)
    assert result.returncode == 1
    assert f"LOGIN_FAILURE_RATE is '{value}'; it must be a number per" in result.stderr


def test_all_but_failures_is_counted_in_redis(
    owner: ApiClient, in_redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = count_rows()
    set_rate(monkeypatch, "login", "2/min")
    assert [log_in() for _ in range(3)] == [401, 401, 429]
    assert owner("post", "detections/blink/", BLINK).status_code == 200
    with in_redis.client as client:
        keys = client.keys()
        assert len(keys) == 2  # an address, a user
        assert all(0 < client.ttl(key) <= 3600 for key in keys)
        assert not [key for key in keys if b"nobody" in key or b"127.0" in key]
    assert count_rows() == before + 1  # the name


def test_locked_name_stays_locked_when_redis_restarts(
    own_server: RedisServer, settings: Settings, monkeypatch: pytest.MonkeyPatch, db: None
) -> None:
    settings.CACHES = caches_in(own_server.url)
    set_rate(monkeypatch, "login_failure", "2/hour")
    assert [log_in() for _ in range(3)] == [401, 401, 429]
    own_server.kill()
    assert log_in() == 429
    own_server.start()
    assert log_in() == 429


def test_processes_share_their_counts(in_redis: RedisServer) -> None:
    answers_of("fork", 1, count_failures, "mina", 35)
    answers_of("fork", 1, count_failures, "mina", 24)
    assert Attempts("login_failure", "mina").wait_s() == 0
    answers_of("fork", 1, count_failures, "mina", 1)
    assert 0 < Attempts("login_failure", "mina").wait_s() <= 3600
    Attempts("login_failure", "mina").reset()
    assert Attempts("login_failure", "mina").wait_s() == 0


def count_failures(name: str, times: int) -> None:
    for _ in range(times):
        Attempts("login_failure", name).count()


@pytest.mark.parametrize("rubbish", [b"x", b"not numbers", b"cos\nsystem\n(S'true'\ntR."])
def test_foreign_data_in_redis_is_ignored(in_redis: RedisServer, rubbish: bytes) -> None:
    failures = Attempts("login_failure", "mina")
    failures.count()
    with in_redis.client as client:
        [key] = client.keys()
        client.set(key, rubbish)
    assert failures.wait_s() == 0


# --- Redis down ---


def test_process_counts_alone_while_redis_is_down(
    own_server: RedisServer, settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    settings.CACHES = caches_in(own_server.url)
    set_rate(monkeypatch, "login_failure", "2/hour")
    Attempts("login_failure", "mina").count()
    own_server.kill()
    for name in ("mina", "mina", "junho"):
        Attempts("login_failure", name).count()
    assert Attempts("login_failure", "mina").wait_s() > 0
    assert Attempts("login_failure", "junho").wait_s() == 0
    assert [record.getMessage() for record in caplog.records] == [
        "Redis is unavailable (ConnectionError). Each worker counts for itself."
    ]
    assert redis_server.PASSWORD not in caplog.text


def test_redis_counts_again_after_recovery(
    own_server: RedisServer, settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    now = [1000.0]
    monkeypatch.setattr(redis_cache, "breaker", Breaker(redis_cache.RETRY_AFTER_S, lambda: now[0]))
    settings.CACHES = caches_in(own_server.url)
    own_server.kill()
    Attempts("login_failure", "mina").count()
    own_server.start()
    Attempts("login_failure", "mina").count()  # it is too early for a retry
    with own_server.client as client:
        assert client.dbsize() == 0
        now[0] += redis_cache.RETRY_AFTER_S
        Attempts("login_failure", "mina").count()
        assert client.dbsize() == 1
    assert [record.getMessage() for record in caplog.records][1:] == ["Redis is available again."]


def test_hanging_redis_delays_only_one_request(own_server: RedisServer, settings: Settings, db: None) -> None:
    settings.CACHES = caches_in(own_server.url)
    own_server.hang()
    started = time.monotonic()
    assert log_in() == 401
    assert is_within(PATIENCE_S, time.monotonic() - started)
    assert [log_in() for _ in range(20)] == [401] * 20
    assert redis_cache.breaker.is_open


@pytest.mark.parametrize("address", ["redis://127.0.0.1:1/0", "redis://name.invalid:6379/0", "unix:///nowhere/redis"])
def test_unreachable_redis_fails_no_request(owner: ApiClient, settings: Settings, address: str) -> None:
    settings.CACHES = caches_in(address)
    assert owner("post", "detections/blink/", BLINK).status_code == 200
    assert log_in() == 401
