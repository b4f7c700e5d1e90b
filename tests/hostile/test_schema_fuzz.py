"""Schemathesis over the whole schema, against a real gunicorn: no 5xx, and nothing that the schema does not document.

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

from tests.environment import CHEAP_HASH, Template, prepare, settings_in
from tests.gunicorn_server import Server, serving
from tests.hostile.amount import SECONDS, SEED
from tests.hostile.target import UNLIMITED, Given, Run, add_people, fuzz, schema_of

NOT_REACHED = {
    "POST /api/accounts/password-reset/confirm/": "needs a mailed link",
    "POST /api/accounts/invitation/": "needs an invitation's link",
    "GET /api/reports/team/": "is for staff",
}
AMOUNT = ["--max-time", str(SECONDS), "--max-examples", "1000"] if SECONDS else ["--max-examples", "10"]
ANONYMOUS = Given()
TIME, FACE, ARCHIVE = "/api/accounts/time/", "/api/accounts/face/", "/api/accounts/archive/"
LIES = [
    "Undocumented status code",
    "Response violates schema",
    "Undocumented Content-Type",
    "a valid request was refused",
]
QUICK = ["--phases", "coverage", "--max-examples", "5"]
Record = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Target:
    server: Server
    environment: dict[str, str]
    given: Given
    schema: dict[str, Any]
    operations: dict[str, dict[str, Any]]  # by schemathesis's label

    def fuzz(self, folder: Path, given: Given, *options: str, schema: dict[str, Any] | None = None) -> Run:
        return fuzz(self.server.port, schema or self.schema, given, folder, SEED, *options)


@pytest.fixture(scope="module")
def target(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest, django_db_blocker: DjangoDbBlocker
) -> Iterator[Target]:
    folder = tmp_path_factory.mktemp("fuzz")
    with django_db_blocker.unblock(), _prepared(folder, request) as environment:
        given = add_people(environment)
        with serving(given.access, **environment, EMAIL_URL="dummymail://") as server:
            schema = schema_of(server.port)
            yield Target(server, environment, given, schema, _operations(schema))


@contextmanager
def _prepared(folder: Path, request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    """The environment of this server, whose databases have their tables; on MySQL they are dropped afterwards."""
    if connection.vendor != "mysql":
        template: Template = request.getfixturevalue("template")
        yield template.service_in(folder, **UNLIMITED, **CHEAP_HASH).environment
        return
    name = f"posesmart_fuzz_{os.getpid()}"
    archive = {"MONGODB_URI": request.getfixturevalue("mongod_server").uri, "MONGODB_NAME": "posesmart_fuzz"}
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
    environment = settings_in(folder, DATABASE_URL=url, **archive, **UNLIMITED, **CHEAP_HASH)
    with connection._nodb_cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
        try:
            prepare(environment)
            yield environment
        finally:
            cursor.execute(f"DROP DATABASE {name}")


def _operations(schema: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        f"{method.upper()} {path}": operation
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
    }


@pytest.fixture
def record(record_property: Callable[[str, object], None]) -> Record:
    return lambda line: record_property("fuzz", line)


def check_run(record: Record, title: str, run: Run) -> None:
    """Record the result of a run. Fails if schemathesis found something."""
    total = sum(counts.total() for counts in run.statuses.values())
    record(f"{title}, {connection.vendor}, seed {SEED}: {total} requests")
    for line in run.table():
        record(f"  {line}")
    assert run.exit_code == 0, run.output


@pytest.mark.mysql
def test_fuzzing_with_a_login_finds_no_fault(target: Target, tmp_path: Path, record: Record) -> None:
    run = target.fuzz(tmp_path, target.given, *AMOUNT)
    assert "Traceback" not in target.server.log, target.server.log.partition("Traceback")[2][:5000]
    check_run(record, "with a token", run)
    assert_all_is_documented(target, run)
    reachable = target.operations.keys() - NOT_REACHED.keys()
    never = [label for label in reachable if not any(status < 300 for status in run.statuses[label])]
    assert never == [], "these never succeeded, so the fuzz does not reach their code"
    assert target.server.post("accounts/login/", {"username": "person-0", "password": "12341234"}).status == 200


def test_fuzzing_without_a_login_gets_only_401(target: Target, tmp_path: Path, record: Record) -> None:
    run = target.fuzz(tmp_path, ANONYMOUS, *QUICK)
    check_run(record, "without a token", run)
    assert_all_is_documented(target, run)
    for label, operation in target.operations.items():
        if "security" in operation:  # 404: no such path for any user; 411: the body is not read either
            assert set(run.statuses[label]) <= {401, 404, 411}, label
            assert run.statuses[label][401], label


def assert_all_is_documented(target: Target, run: Run) -> None:
    statuses = dict(run.statuses)
    other_methods = set(statuses.pop("other methods", ()))
    assert statuses.keys() == target.operations.keys()
    for label, counts in statuses.items():
        responses = target.operations[label]["responses"]
        assert {str(status) for status in counts} <= responses.keys(), label
    assert other_methods <= {200, 401, 405}  # 200: OPTIONS
    undescribed = [
        (label, status)
        for label, operation in target.operations.items()
        for status, response in operation["responses"].items()
        if status >= "400" and not response["description"]
    ]
    assert undescribed == []


# --- The fuzz can fail ---


def test_wrong_schema_is_detected(target: Target, tmp_path: Path) -> None:
    schema = deepcopy(target.schema)
    schema["paths"] = {path: schema["paths"][path] for path in (TIME, FACE, ARCHIVE)}
    del schema["paths"][FACE]["get"]["responses"]["401"]
    times = schema["components"]["schemas"]["AlarmTimes"]
    times["properties"]["alarm_sound"]["minimum"] = 0
    times["required"] += ["snooze"]
    content = schema["paths"][ARCHIVE]["get"]["responses"]["200"]["content"]
    content["text/html"] = content.pop("application/json")
    run = target.fuzz(tmp_path, target.given, *QUICK, schema=schema)
    assert run.exit_code == 1
    for found in LIES:
        assert found in run.output


def test_server_error_is_detected(target: Target, tmp_path: Path) -> None:
    nowhere = {"MONGODB_URI": "mongodb://127.0.0.1:1/", "MONGODB_TIMEOUT_MS": "50", "SPOOL_DIR": str(tmp_path)}
    with serving(target.given.access, **target.environment | nowhere) as server:
        schema = deepcopy(target.schema)
        schema["paths"] = {"/api/accounts/frames/": {"get": schema["paths"]["/api/accounts/frames/"]["get"]}}
        run = fuzz(server.port, schema, target.given, tmp_path, SEED, *QUICK)
    assert run.exit_code == 1
    assert "Server error" in run.output
    assert set(run.statuses["GET /api/accounts/frames/"]) >= {503}
