"""/healthz and /readyz; with databases that are killed: tests/faults/test_health.py."""

from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import Mock, patch
from wsgiref.util import setup_testing_defaults

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import Erasure
from ai_models.vision.descriptor import open_quick_network
from ai_models.vision.weights import WeightsMissing
from common.db import redis_cache
from common.db.breaker import Breaker
from personal_data import erasures
from posesmart.wsgi import application
from tests.conftest import ApiClient
from tests.test_database_down import ERRORS
from tests.watched import spool_frames

PROBES = ("/healthz", "/readyz", "/metrics")
HEALTHY = {
    "status": "ok",
    "database": {"status": "ok"},
    "erasures": {"status": "ok", "pending": 0},
    "archive": {"status": "ok", "place": "in the database"},
    "weights": {"status": "ok", "precision": "fp32"},
    "spool": {"status": "ok", "waiting": 0, "refused": 0, "dropped": 0, "used_share": 0.0},
    "disk": {"status": "ok"},
}


@pytest.fixture(autouse=True)
def _fp32(settings: Any) -> None:
    settings.DESCRIPTOR_PRECISION = "fp32"


def sent(method: str, path: str, **headers: str) -> tuple[str, dict[str, str], bytes]:
    """What the server is given to send: Django's test client would drop the body of HEAD itself."""
    environ: dict[str, Any] = {"REQUEST_METHOD": method, "PATH_INFO": path, "HTTP_HOST": "localhost", **headers}
    setup_testing_defaults(environ)
    start = Mock()
    # On MySQL, it would close the connection in whose transaction the test runs.
    with patch.object(connection, "close_if_unusable_or_obsolete"):
        response = application(environ, start)
        try:
            body = b"".join(response)
        finally:
            response.close()  # type: ignore[attr-defined]
    status, headers = start.call_args.args[:2]
    return status, dict(headers), body


@pytest.mark.parametrize("path", ["/healthz", "/", "/api/schema/", "/api/accounts/alarms/", "/nothing"])
def test_head_has_the_length_of_get_and_no_body(path: str, db: None) -> None:
    status, headers, body = sent("GET", path)
    assert body
    head = sent("HEAD", path)
    assert head[::2] == (status, b"")
    assert head[1]["Content-Length"] == str(len(body)) == headers.get("Content-Length", str(len(body)))


def test_head_of_an_export_has_no_body_and_lets_the_next_one_start(owner: ApiClient) -> None:
    export = partial(sent, path="/api/accounts/export/", HTTP_AUTHORIZATION=f"Bearer {owner.access}")
    assert [export("HEAD")[::2] for _ in range(2)] == [("200 OK", b"")] * 2
    status, _, body = export("GET")
    assert status == "200 OK"
    assert body.startswith(b"PK")


def test_healthz_does_not_use_the_database(client: Client) -> None:
    response = client.get("/healthz")  # a query would fail: this test may not use the database
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


def test_readyz_names_every_dependency(db: None, client: Client) -> None:
    response = client.get("/readyz")
    assert (response.status_code, response.json()) == (200, HEALTHY)
    assert "no-store" in response["Cache-Control"]


def test_readyz_tells_the_precision_once_it_is_decided(db: None, client: Client, settings: Any, tmp_path: Path) -> None:
    settings.DESCRIPTOR_PRECISION, settings.MODEL_CACHE_DIR = "auto", tmp_path
    assert client.get("/readyz").json()["weights"] == {"status": "ok", "precision": None}
    open_quick_network(tmp_path)
    assert client.get("/readyz").json()["weights"]["precision"] in {"fp32", "int8"}


@pytest.mark.parametrize("path", PROBES)
def test_probes_accept_any_host_and_plain_http(db: None, client: Client, settings: Any, path: str) -> None:
    settings.ALLOWED_HOSTS = ["pose.example.com"]
    settings.SECURE_SSL_REDIRECT = True
    response = client.get(path, headers={"Host": "10.1.2.3:8000"})
    assert response.status_code == 200
    assert "Set-Cookie" not in response
    assert client.get("/", headers={"Host": "10.1.2.3:8000"}).status_code == 400  # other pages are refused


@pytest.mark.parametrize("path", PROBES)
def test_probes_accept_only_get(client: Client, path: str) -> None:
    assert client.post(path).status_code == 405


def test_service_is_not_ready_without_its_database(db: None, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    for error in ERRORS:
        with monkeypatch.context() as patch:
            patch.setattr(erasures, "pending", Mock(side_effect=error))
            response = client.get("/readyz")
        assert response.status_code == 503
        assert response.json()["status"] == response.json()["database"]["status"] == "unavailable"
        assert "127.0.0.1" not in response.content.decode()
    assert client.get("/readyz").status_code == 200


def test_service_is_not_ready_without_weights(db: None, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> Path:
        raise WeightsMissing(f"/secret/place/{name}")

    monkeypatch.setattr("office.readiness.weight_path", missing)
    response = client.get("/readyz")
    assert (response.status_code, response.json()) == (
        503,
        HEALTHY | {"status": "unavailable", "weights": {"status": "unavailable"}},
    )


def test_filling_spool_is_degraded(db: None, client: Client, settings: Any) -> None:
    settings.SPOOL_MAX_MB = 1
    spool_frames(1, size=300_000)
    assert client.get("/readyz").json()["spool"]["status"] == "ok"
    spool_frames(1, size=300_000)
    response = client.get("/readyz")
    assert (response.status_code, response.json()["status"]) == (200, "degraded")
    spool = response.json()["spool"]
    assert (spool["status"], spool["waiting"]) == ("degraded", 2)
    assert 0.57 < spool["used_share"] < 0.58
    spool_frames(1, size=600_000, fits=False)
    assert client.get("/readyz").json()["spool"]["dropped"] == 1


def test_unusable_spool_is_degraded(db: None, client: Client, settings: Any, tmp_path: Path) -> None:
    settings.SPOOL_DIR = tmp_path / "spool with a folder where a file should be"
    (settings.SPOOL_DIR / "usage").mkdir(parents=True)
    response = client.get("/readyz")
    assert (response.status_code, response.json()["spool"]) == (200, {"status": "degraded"})
    assert client.get("/metrics").status_code == 200


def test_overdue_erasure_is_degraded(transactional_db: None, client: Client) -> None:
    Erasure.objects.create(user_id=1)
    assert client.get("/readyz").json()["erasures"] == {"status": "ok", "pending": 1}
    Erasure.objects.update(requested_at=timezone.now() - timedelta(hours=2))
    response = client.get("/readyz")
    assert (response.status_code, response.json()["status"]) == (200, "degraded")
    assert response.json()["erasures"] == {"status": "degraded", "pending": 1}


def test_unreachable_redis_is_degraded(
    db: None, client: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.REDIS_URL = "redis://:secret@127.0.0.1:1/"
    options = {"serializer": "common.db.redis_cache.Timestamps", "socket_connect_timeout": 0.25, "socket_timeout": 0.25}
    cache = redis_cache.RedisOrMemory(settings.REDIS_URL, {"OPTIONS": options})
    monkeypatch.setattr("office.readiness.caches", {"default": cache})
    monkeypatch.setattr(redis_cache, "breaker", Breaker(5.0))
    response = client.get("/readyz")
    assert (response.status_code, response.json()["redis"]) == (200, {"status": "degraded"})
    assert "secret" not in response.content.decode()
