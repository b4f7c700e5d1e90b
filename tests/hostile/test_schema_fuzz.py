"""Schemathesis over the whole schema, against a real gunicorn: no 5xx, and nothing that the schema does not tell.

On SQLite the archive is embedded; on MySQL or MariaDB (`make test-mysql`) it is on MongoDB. `make fuzz` runs longer, at
random.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection
from pytest_django import DjangoDbBlocker

from tests.gunicorn_server import Server, serving
from tests.hostile.amount import SECONDS, SEED
from tests.hostile.target import Given, Ran, environment_of, fuzz, prepare, schema_of

AS_MUCH = ["--max-time", str(SECONDS), "--max-examples", "1000"] if SECONDS else ["--max-examples", "10"]
NOBODY = Given()
TIME, FACE, ARCHIVE = "/api/accounts/time/", "/api/accounts/face/", "/api/accounts/archive/"
LIES = [
    "Undocumented status code",
    "Response violates schema",
    "Undocumented Content-Type",
    "a valid request was refused",
]
QUICKLY = ["--phases", "coverage", "--max-examples", "5"]
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Target:
    server: Server
    environment: dict[str, str]
    given: Given
    schema: dict[str, Any]
    operations: dict[str, dict[str, Any]]  # by label, as schemathesis tells it

    def fuzz(self, folder: Path, given: Given, *options: str, schema: dict[str, Any] | None = None) -> Ran:
        return fuzz(self.server.port, schema or self.schema, given, folder, SEED, *options)


@pytest.fixture(scope="module")
def target(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest, django_db_blocker: DjangoDbBlocker
) -> Iterator[Target]:
    folder = tmp_path_factory.mktemp("fuzz")
    with django_db_blocker.unblock(), _own_database(folder) as database_url:
        is_mysql = database_url.startswith("mysql")
        mongodb_uri = request.getfixturevalue("mongod_server").uri if is_mysql else ""
        environment = environment_of(database_url, folder, mongodb_uri)
        given = prepare(environment)
        with serving(given.access, **environment) as server:
            schema = schema_of(server.port)
            yield Target(server, environment, given, schema, _operations(schema))


@contextmanager
def _own_database(folder: Path) -> Iterator[str]:
    """Where this server's users are kept; on MySQL a database that is dropped afterwards."""
    if connection.vendor != "mysql":
        yield f"sqlite:///{folder / 'db.sqlite3'}"
        return
    name = f"posesmart_fuzz_{os.getpid()}"
    with connection._nodb_cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
        try:
            yield urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
        finally:
            cursor.execute(f"DROP DATABASE {name}")


def _operations(schema: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        f"{method.upper()} {path}": operation
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
    }


@pytest.fixture
def tell(record_property: Callable[[str, object], None]) -> Tell:
    return lambda line: record_property("fuzz", line)


def told(tell: Tell, title: str, ran: Ran) -> None:
    """Records what came of a run; fails where schemathesis found something."""
    total = sum(counted.total() for counted in ran.statuses.values())
    tell(f"{title}, {connection.vendor}, seed {SEED}: {total} requests")
    for line in ran.table():
        tell(f"  {line}")
    assert ran.exit_code == 0, ran.output


@pytest.mark.mysql
def test_somebody_logged_in_finds_no_fault(target: Target, tmp_path: Path, tell: Tell) -> None:
    ran = target.fuzz(tmp_path, target.given, *AS_MUCH)
    assert "Traceback" not in target.server.log, target.server.log.partition("Traceback")[2][:5000]
    told(tell, "with a token", ran)
    assert_all_is_documented(target, ran)
    never = [label for label in target.operations if not any(status < 300 for status in ran.statuses[label])]
    assert never == [], "these never succeeded: the fuzz is not let in to what they do"
    assert target.server.post("accounts/login/", {"username": "person-0", "password": "12341234"}).status == 200


@pytest.mark.mysql
def test_nobody_gets_any_further_than_a_401(target: Target, tmp_path: Path, tell: Tell) -> None:
    ran = target.fuzz(tmp_path, NOBODY, *QUICKLY)
    told(tell, "without a token", ran)
    assert_all_is_documented(target, ran)
    for label, operation in target.operations.items():
        if "security" in operation:  # 404: no such path, whoever asks; 411: nor is the body read
            assert set(ran.statuses[label]) <= {401, 404, 411}, label
            assert ran.statuses[label][401], label


def assert_all_is_documented(target: Target, ran: Ran) -> None:
    statuses = dict(ran.statuses)
    other_methods = set(statuses.pop("other methods", ()))
    assert statuses.keys() == target.operations.keys()
    for label, counted in statuses.items():
        responses = target.operations[label]["responses"]
        assert {str(status) for status in counted} <= responses.keys(), label
    assert other_methods <= {200, 401, 405}  # 200: OPTIONS
    undescribed = [
        (label, status)
        for label, operation in target.operations.items()
        for status, response in operation["responses"].items()
        if status >= "400" and not response["description"]
    ]
    assert undescribed == []


# --- That the fuzz can fail ---


def test_a_schema_that_lies_is_found_out(target: Target, tmp_path: Path) -> None:
    schema = deepcopy(target.schema)
    schema["paths"] = {path: schema["paths"][path] for path in (TIME, FACE, ARCHIVE)}
    del schema["paths"][FACE]["get"]["responses"]["401"]
    times = schema["components"]["schemas"]["AlarmTimes"]
    times["properties"]["alarm_sound"]["minimum"] = 0
    times["required"] += ["snooze"]
    content = schema["paths"][ARCHIVE]["get"]["responses"]["200"]["content"]
    content["text/html"] = content.pop("application/json")
    ran = target.fuzz(tmp_path, target.given, *QUICKLY, schema=schema)
    assert ran.exit_code == 1
    for found in LIES:
        assert found in ran.output


def test_a_server_in_trouble_is_found_out(target: Target, tmp_path: Path) -> None:
    nowhere = {"MONGODB_URI": "mongodb://127.0.0.1:1/", "MONGODB_TIMEOUT_MS": "50", "SPOOL_DIR": str(tmp_path)}
    with serving(target.given.access, **target.environment | nowhere) as server:
        schema = deepcopy(target.schema)
        schema["paths"] = {"/api/accounts/frames/": {"get": schema["paths"]["/api/accounts/frames/"]["get"]}}
        ran = fuzz(server.port, schema, target.given, tmp_path, SEED, *QUICKLY)
    assert ran.exit_code == 1
    assert "Server error" in ran.output
    assert set(ran.statuses["GET /api/accounts/frames/"]) >= {503}
