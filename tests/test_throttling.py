"""common.http.throttling and common.db.redis_cache: who is counted as whom, where, and what if that is away."""

import json
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
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
from tests.processes import answers_of
from tests.redis_server import RedisServer
from tests.test_settings import _start

PATIENCE_S = 1.0  # of a request whose Redis does not answer: 0.25 s, on a busy machine
BLINK = {"blob_data": pictures.data_url(pictures.png(pictures.small())), "count": 0, "total": 0, "time": 0}


def rate(monkeypatch: pytest.MonkeyPatch, scope: str, value: str) -> None:
    monkeypatch.setitem(SimpleRateThrottle.THROTTLE_RATES, scope, value)


def log_in(**meta: str) -> int:
    body = {"username": "nobody", "password": PASSWORD}
    response = Client(**meta).post("/api/accounts/login/", body, content_type="application/json")  # type: ignore[arg-type]
    return response.status_code


def kept_counts() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM posesmart_attempts")
        count: int = cursor.fetchone()[0]
        return count


# --- The client's address ---


@pytest.mark.parametrize(
    ("hops", "forwarded", "expected"),
    [
        (0, None, "203.0.113.9"),
        (0, "198.51.100.1", "203.0.113.9"),  # whoever asks has made it up
        (1, "198.51.100.1", "198.51.100.1"),
        (1, "192.0.2.66, 198.51.100.1", "198.51.100.1"),  # the proxy wrote the last one, the client the others
        (1, None, "203.0.113.9"),
        (2, "192.0.2.66, 198.51.100.1, 10.0.0.1", "198.51.100.1"),
        (2, "192.0.2.66,192.0.2.77, 198.51.100.1 , 10.0.0.1", "198.51.100.1"),
        (1, "unknown", "203.0.113.9"),  # a proxy that tells no addresses
        (1, "198.51.100.1:4711", "203.0.113.9"),
        (1, "", "203.0.113.9"),
    ],
)
def test_the_address_is_what_the_outermost_trusted_proxy_saw(
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
        ("", ""),  # a socket that is a file
    ],
)
def test_of_ipv6_the_network_is_counted(address: str, expected: str) -> None:
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
def test_addresses_that_a_client_makes_up_do_not_help(
    monkeypatch: pytest.MonkeyPatch, hops: int, forwarded: list[str], expected: list[int]
) -> None:
    rate(monkeypatch, "login", "2/min")
    monkeypatch.setattr(api_settings, "NUM_PROXIES", hops)
    seen = [log_in(HTTP_X_FORWARDED_FOR=forwarded[n % len(forwarded)].format(n=n)) for n in range(4)]
    assert seen == expected


@pytest.mark.django_db
def test_a_household_counts_once_however_many_ipv6_addresses_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    rate(monkeypatch, "login", "2/min")
    assert [log_in(REMOTE_ADDR=f"2001:db8::{n}") for n in range(1, 4)] == [401, 401, 429]
    assert log_in(REMOTE_ADDR="2001:db8:0:1::1") == 401


# --- Where it is counted ---


@pytest.mark.django_db
def test_the_keys_tell_neither_names_nor_addresses(owner: ApiClient) -> None:
    body = {"username": owner.user.username, "password": "wrong"}
    Client(REMOTE_ADDR="198.51.100.7").post("/api/accounts/login/", body, content_type="application/json")
    with connection.cursor() as cursor:
        cursor.execute("SELECT cache_key, value FROM posesmart_attempts")
        rows = cursor.fetchall()
    assert len(rows) == 3  # two addresses, and the name
    assert not [row for row in rows if "mina" in str(row) or "198.51" in str(row)]
    keys = {key.rpartition(":")[2] for key, _ in rows}
    assert {len(key) for key in keys} == {64}


def test_the_same_name_has_another_key_under_another_secret(settings: Settings) -> None:
    before = FailureThrottle("login_failure", "mina").get_cache_key(None, None)
    settings.SECRET_KEY = "another" * 10
    assert FailureThrottle("login_failure", "mina").get_cache_key(None, None) != before


@pytest.mark.django_db
def test_counts_that_are_over_are_deleted_from_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    attempts = caches[throttling.ATTEMPTS_ALIAS]
    attempts.set("over", [1.0], 1)
    attempts.set("going-on", [1.0], 3600)
    later = timezone.now() + timedelta(seconds=3)
    monkeypatch.setattr(timezone, "now", lambda: later)
    throttling.delete_expired()
    assert kept_counts() == 1
    assert attempts.get("going-on") == [1.0]


@pytest.mark.django_db
def test_sixty_sign_ups_and_logins_of_one_name_and_address_in_a_minute_are_normal() -> None:
    body = {"username": "testuser", "password": PASSWORD}
    for _ in range(60):
        assert Client().post("/api/accounts/", body, content_type="application/json").status_code in (201, 400)
        assert Client().post("/api/accounts/login/", body, content_type="application/json").status_code == 200


def test_two_hundred_frames_in_three_seconds_are_normal_and_cost_the_database_nothing(owner: ApiClient) -> None:
    with CaptureQueriesContext(connection) as queries:
        assert [owner("post", "detections/blink/", BLINK).status_code for _ in range(200)] == [200] * 200
    assert len(queries) == 200  # the user


def test_frames_of_a_user_over_the_rate_are_429(
    owner: ApiClient, stranger: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    rate(monkeypatch, "frames", "3/min")
    responses = [owner("post", "detections/blink/", BLINK) for _ in range(4)]
    assert [response.status_code for response in responses] == [200, 200, 200, 429]
    assert 1 <= int(responses[-1]["Retry-After"]) <= 60
    assert stranger("post", "detections/blink/", BLINK).status_code == 200


# --- In Redis ---


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    if reason := redis_server.missing():
        pytest.skip(reason)
    with redis_server.running(tmp_path_factory.mktemp("redis")) as running:
        yield running


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[RedisServer]:
    """One to stop and kill."""
    if reason := redis_server.missing():
        pytest.skip(reason)
    with redis_server.running(tmp_path) as running:
        yield running


def caches_in(url: str) -> dict[str, Any]:
    """As posesmart/settings.py has them where REDIS_URL is set."""
    options = {"serializer": "common.db.redis_cache.Timestamps", "socket_connect_timeout": 0.25, "socket_timeout": 0.25}
    place = {"BACKEND": "common.db.redis_cache.RedisOrMemory", "LOCATION": url, "KEY_PREFIX": "posesmart"}
    return {alias: {**place, "OPTIONS": options} for alias in ("default", "attempts")}


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


def test_settings_have_these_caches_where_redis_url_is_set() -> None:
    url = "redis://:p4ssword@127.0.0.1:6379/0"
    result = _start("import json; print(json.dumps(settings.CACHES))", REDIS_URL=url)
    assert json.loads(result.stdout) == caches_in(url)


def test_an_address_of_no_redis_stops_the_start_and_is_not_told() -> None:
    result = _start(REDIS_URL="http://:p4ssword@127.0.0.1/")
    assert result.returncode == 1
    assert "REDIS_URL must begin with one of redis, rediss, unix" in result.stderr
    assert "p4ssword" not in result.stderr


@pytest.mark.parametrize("value", ["many", "60", "60/fortnight", "0/min", "-1/min", "1.5/s", "60 / min"])
def test_a_rate_that_makes_no_sense_stops_the_start(value: str) -> None:
    result = _start(LOGIN_FAILURE_RATE=value)
    assert result.returncode == 1
    assert f"LOGIN_FAILURE_RATE is '{value}'; it must be a number per" in result.stderr


def test_all_is_counted_in_redis_and_nothing_in_the_database(
    owner: ApiClient, in_redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = kept_counts()
    rate(monkeypatch, "login", "2/min")
    assert [log_in() for _ in range(3)] == [401, 401, 429]
    assert owner("post", "detections/blink/", BLINK).status_code == 200
    with in_redis.client as client:
        keys = client.keys()
        assert len(keys) == 3  # an address, a name, a user
        assert all(0 < client.ttl(key) <= 3600 for key in keys)
        assert not [key for key in keys if b"nobody" in key or b"127.0" in key]
    assert kept_counts() == before


def test_what_one_process_counts_another_sees(in_redis: RedisServer) -> None:
    answers_of("fork", 1, count_failures, "mina", 35)
    answers_of("fork", 1, count_failures, "mina", 24)
    assert FailureThrottle("login_failure", "mina").wait_s() == 0
    answers_of("fork", 1, count_failures, "mina", 1)
    assert 0 < FailureThrottle("login_failure", "mina").wait_s() <= 3600
    FailureThrottle("login_failure", "mina").reset()
    assert FailureThrottle("login_failure", "mina").wait_s() == 0


def count_failures(who: str, times: int) -> None:
    for _ in range(times):
        FailureThrottle("login_failure", who).count()


@pytest.mark.parametrize("rubbish", [b"x", b"not numbers", b"cos\nsystem\n(S'true'\ntR."])
def test_what_somebody_else_wrote_to_redis_is_not_run_and_fails_nothing(in_redis: RedisServer, rubbish: bytes) -> None:
    failures = FailureThrottle("login_failure", "mina")
    failures.count()
    with in_redis.client as client:
        [key] = client.keys()
        client.set(key, rubbish)
    assert failures.wait_s() == 0


# --- Redis away ---


def test_while_redis_is_away_this_process_counts_for_itself_and_says_so_once(
    own_server: RedisServer, settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    settings.CACHES = caches_in(own_server.url)
    rate(monkeypatch, "login_failure", "2/hour")
    FailureThrottle("login_failure", "mina").count()
    own_server.kill()
    for who in ("mina", "mina", "junho"):
        FailureThrottle("login_failure", who).count()
    assert FailureThrottle("login_failure", "mina").wait_s() > 0
    assert FailureThrottle("login_failure", "junho").wait_s() == 0
    assert [record.getMessage() for record in caplog.records] == [
        "Redis is unavailable (ConnectionError). Each worker counts for itself."
    ]
    assert redis_server.PASSWORD not in caplog.text


def test_when_redis_is_back_it_counts_again(
    own_server: RedisServer, settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    now = [1000.0]
    monkeypatch.setattr(redis_cache, "breaker", Breaker(redis_cache.RETRY_AFTER_S, lambda: now[0]))
    settings.CACHES = caches_in(own_server.url)
    own_server.kill()
    FailureThrottle("login_failure", "mina").count()
    own_server.start()
    FailureThrottle("login_failure", "mina").count()  # nobody asks yet
    with own_server.client as client:
        assert client.dbsize() == 0
        now[0] += redis_cache.RETRY_AFTER_S
        FailureThrottle("login_failure", "mina").count()
        assert client.dbsize() == 1
    assert [record.getMessage() for record in caplog.records][1:] == ["Redis is available again."]


def test_a_redis_that_stands_still_is_waited_for_once_and_shortly(
    own_server: RedisServer, settings: Settings, db: None
) -> None:
    settings.CACHES = caches_in(own_server.url)
    own_server.stand_still()
    began = time.monotonic()
    assert log_in() == 401
    assert time.monotonic() - began < PATIENCE_S
    with CaptureQueriesContext(connection) as queries:
        assert [log_in() for _ in range(20)] == [401] * 20
    assert not [query for query in queries if "posesmart_attempts" in query["sql"]]


@pytest.mark.parametrize("address", ["redis://127.0.0.1:1/0", "redis://name.invalid:6379/0", "unix:///nowhere/redis"])
def test_an_address_where_nothing_is_fails_no_request(owner: ApiClient, settings: Settings, address: str) -> None:
    settings.CACHES = caches_in(address)
    assert owner("post", "detections/blink/", BLINK).status_code == 200
    assert log_in() == 401
