"""No secret is logged: a real gunicorn at LOG_LEVEL=DEBUG handles all calls of a user, and many errors."""

import base64
import http.client
import json
import re
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.conf import settings

from ai_models.identity import Descriptor
from ai_models.vision.descriptor import describe_face, open_network
from ai_models.vision.frame import decode, read_frame
from tests import pictures
from tests.detections.frames import BLINK, NECK, blink_body, face_of, neck_body
from tests.environment import IN_OUTAGES, Template
from tests.gunicorn_server import serving

JPEG = pictures.jpeg(pictures.astronaut())
PASSWORDS = {name: f"{name}-{secrets.token_hex(8)}" for name in ("first", "wrong", "second", "broken")}
STORES = {"mongodb": "mongodb-s3cret-password", "redis": "redis-s3cret-password", "mysql": "mysql-s3cret-password"}
PIECE = 24  # characters that identify a long text
STORES_DOWN = IN_OUTAGES | {
    "MONGODB_URI": f"mongodb://pose:{STORES['mongodb']}@127.0.0.1:1/?authSource=posesmart",
    "REDIS_URL": f"redis://:{STORES['redis']}@127.0.0.1:1/0",
    "LOG_FORMAT": "json",
}


class Caller:
    """A client that calls a server and stores every token that it gets."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.access = ""
        self.tokens: list[str] = []

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=120)
        data = body if isinstance(body, str | None) else json.dumps(body)
        headers |= {"Content-Type": "application/json", "Authorization": f"Bearer {self.access}"}
        with closing(connection):
            connection.request(method, f"/api/{path}", data, headers)
            response = connection.getresponse()
            status, content = response.status, response.read()
        if status == 200 and b'"access"' in content:
            self._store(json.loads(content))
        return status, content

    @property
    def refresh(self) -> str:
        return self.tokens[-1]

    def _store(self, tokens: dict[str, str]) -> None:
        self.access = tokens["access"]
        self.tokens += [tokens["access"], tokens["refresh"]]


@pytest.fixture
def environment(template: Template, tmp_path: Path) -> dict[str, str]:
    """A production environment with secrets that occur nowhere else."""
    keys = {"FACE_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()}
    keys["SECRET_KEY"] = secrets.token_urlsafe(50)
    return template.service_in(tmp_path, LOG_LEVEL="DEBUG", **keys).environment


def make_all_calls(call: Caller, database: Path) -> None:
    """Make all calls of a user, and many that fail, and check each status."""
    first, second = PASSWORDS["first"], PASSWORDS["second"]
    mina = {"username": "mina@example.com"}
    assert call("POST", "accounts/", mina | {"password": first})[0] == 201
    assert call("POST", "accounts/", mina | {"password": first})[0] == 400
    assert call("POST", "accounts/login/", mina | {"password": PASSWORDS["wrong"]})[0] == 401
    assert call("POST", "accounts/login/", f'{{"password": "{PASSWORDS["broken"]}')[0] == 400
    assert call("POST", "accounts/login/", mina | {"password": first})[0] == 200
    used = call.refresh
    assert call("POST", "token/refresh/", {"refresh": used})[0] == 200
    assert call("POST", "token/refresh/", {"refresh": used})[0] == 401
    assert call("PUT", "accounts/password/", {"password": PASSWORDS["wrong"], "new_password": second})[0] == 400
    assert call("PUT", "accounts/password/", {"password": first, "new_password": second})[0] == 200
    for cnt in (0, 1, 5):
        assert call("POST", NECK, neck_body(JPEG, cnt=cnt), **{"Idempotency-Key": str(cnt)})[0] == 200
    assert call("POST", BLINK, blink_body(JPEG))[0] == 200
    assert call("POST", NECK, neck_body(JPEG[:2000]))[0] == 400
    assert call("GET", "accounts/export/?frames=1")[0] in (200, 503)
    cause_server_errors(call, database)
    assert call("POST", "accounts/logout/", {"refresh": used})[0] == 400
    assert call("DELETE", "accounts/", {"password": PASSWORDS["wrong"]})[0] == 400
    assert call("DELETE", "accounts/", {"password": second})[0] == 204
    assert call("GET", "accounts/time/")[0] == 401


def cause_server_errors(call: Caller, database: Path) -> None:
    """Cause a 500 with its traceback, by an unreadable row, and a 503, by a missing table."""
    with closing(sqlite3.connect(database, timeout=20, isolation_level=None)) as file:
        file.execute("UPDATE accounts_faceprofile SET last_frame = 'rubbish'")
        assert call("POST", NECK, neck_body(JPEG, cnt=5))[0] == 500
        file.execute("UPDATE accounts_faceprofile SET last_frame = NULL")
        file.execute("ALTER TABLE reports_report RENAME TO elsewhere")
        assert call("GET", "reports/")[0] == 503
        file.execute("ALTER TABLE elsewhere RENAME TO reports_report")


def pieces(text: str) -> Iterator[str]:
    yield from (text[at : at + PIECE] for at in range(0, len(text) - PIECE, max(PIECE, len(text) // 50)))


@cache
def descriptor() -> Descriptor:
    image = decode(read_frame(JPEG))
    return describe_face(image, face_of(image), open_network(settings.MODEL_CACHE_DIR))


def descriptor_numbers() -> list[str]:
    """The descriptor's numbers as a log would show them, to five places."""
    numbers = np.abs(descriptor())
    return [f"{number:.9f}"[:7] for number in numbers if number > 0.01]


def leaked(log: str, hidden: list[str]) -> list[str]:
    return [secret for secret in hidden if secret in log]


@pytest.mark.parametrize("extra", [{}, STORES_DOWN], ids=["healthy", "MongoDB and Redis down, JSON"])
def test_log_contains_no_secret(environment: dict[str, str], tmp_path: Path, extra: dict[str, str]) -> None:
    with serving("", **(environment | extra)) as server:
        server.started_workers(2)
        call = Caller(server.port)
        make_all_calls(call, tmp_path / "db.sqlite3")
        server.terminate()
        server.exit_code(60)
        log = server.log
    assert "ValueError" in log  # the 500's traceback
    assert "The database cannot be used" in log
    assert ("Redis is unavailable" in log) == ("The frame archive is unavailable" in log) == bool(extra)
    hidden = [*PASSWORDS.values(), *STORES.values(), environment["SECRET_KEY"], environment["FACE_KEYS"]]
    assert len(call.tokens) == 6
    hidden += [part for token in call.tokens for part in (token, token.rpartition(".")[2])]
    hidden += pieces(base64.b64encode(JPEG).decode()[1000:])
    hidden += pieces(repr(JPEG[1000:])[2:-1])
    assert leaked(log, hidden) == []
    assert leaked(log, descriptor_numbers()) == []
    assert not re.search(r"gAAAAA|pbkdf2_|eyJhbGci", log)  # an encrypted face, a password's hash, the start of a token


def test_log_contains_no_database_password(environment: dict[str, str]) -> None:
    if find_spec("MySQLdb") is None:
        pytest.skip("no mysqlclient: install requirements-mysql.txt")
    url = f"mysql://pose:{STORES['mysql']}@127.0.0.1:1/posesmart"
    with serving("", **(environment | STORES_DOWN | {"DATABASE_URL": url})) as server:
        server.started_workers(2)
        call = Caller(server.port)
        body = {"username": "mina", "password": PASSWORDS["first"]}
        assert [call("POST", path, body)[0] for path in ("accounts/", "accounts/login/")] == [503, 503]
        server.wait_for_log("The database cannot be used: OperationalError", 2)
        server.terminate()
        server.exit_code(60)
        log = server.log
    assert (
        leaked(log, [*STORES.values(), *PASSWORDS.values(), environment["SECRET_KEY"], environment["FACE_KEYS"]]) == []
    )


def test_search_finds_leaked_secrets() -> None:
    encoded = base64.b64encode(JPEG).decode()
    assert leaked(f"Bad request: {encoded}", list(pieces(encoded[1000:])))
    assert leaked(f"in {JPEG!r}", list(pieces(repr(JPEG[1000:])[2:-1])))
    assert leaked(f"{descriptor().tolist()}", descriptor_numbers())
    assert leaked(f"{descriptor()!r}", descriptor_numbers())
