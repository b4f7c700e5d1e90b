"""Behaviour in which MySQL and MariaDB differ from SQLite: `make test-mysql` runs this on a real server."""

import json
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from wsgiref.util import setup_testing_defaults

import pytest
from django.core.wsgi import get_wsgi_application
from django.db import DataError, OperationalError, connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings
from rest_framework_simplejwt.tokens import AccessToken

from accounts.models import Erasure, User
from accounts.services import user_lock_with_face
from reports.models import Report
from tests.conftest import PASSWORD, ApiClient

pytestmark = [
    pytest.mark.skipif(connection.vendor != "mysql", reason="the default database is not MySQL or MariaDB"),
    pytest.mark.django_db,
]

NAMES = ["Mina", "mina", "MINA", "mína", "민아", "미나", "みな", "ミナ"]
REPORT = {"blink_cnt": 1, "neck_cnt": 2, "stretching_cnt": 3}
TIMES = {"start_time": "2022-04-08T01:12:00.123456Z", "end_time": "2022-04-08T06:42:00.654321Z"}
NO_WAIT = "SELECT id FROM accounts_user WHERE id = %s FOR UPDATE NOWAIT"


def query(sql: str, *values: Any, on: BaseDatabaseWrapper | None = None) -> list[tuple[Any, ...]]:
    with (on or connection).cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


def variables(pattern: str) -> dict[str, str]:
    return dict(query("SHOW SESSION VARIABLES LIKE %s", pattern))


def sign_up(client: Client, username: str, password: str = PASSWORD) -> Any:
    body = {"username": username, "password": password}
    return client.post("/api/accounts/", body, content_type="application/json")


def log_in(client: Client, username: str, password: str = PASSWORD) -> Any:
    body = {"username": username, "password": password}
    return client.post("/api/accounts/login/", body, content_type="application/json")


@contextmanager
def another_connection() -> Iterator[BaseDatabaseWrapper]:
    other = connection.copy()
    try:
        yield other
    finally:
        other.close()


def request_as_server(method: str, path: str, access: str) -> tuple[str, Any]:
    """(status, JSON) of a request that is started and closed as a server does, with Django's signals."""
    environ: dict[str, Any] = {"REQUEST_METHOD": method, "PATH_INFO": path, "HTTP_HOST": "localhost"}
    environ |= {"HTTP_AUTHORIZATION": f"Bearer {access}", "wsgi.input": BytesIO()}
    setup_testing_defaults(environ)
    statuses: list[str] = []
    response = get_wsgi_application()(environ, lambda status, headers, error=None: statuses.append(status))  # type: ignore[arg-type]
    try:
        return statuses[0], json.loads(b"".join(response))
    finally:
        response.close()


# --- The connection and the tables ---


def test_connection_uses_utf8mb4() -> None:
    values = variables("character_set_%")
    assert {values[f"character_set_{part}"] for part in ("client", "connection", "results")} == {"utf8mb4"}


def test_every_text_column_uses_utf8mb4() -> None:
    columns = "SELECT table_name, column_name, character_set_name FROM information_schema.columns"
    found = query(f"{columns} WHERE table_schema = DATABASE() AND character_set_name IS NOT NULL")
    assert ("accounts_user", "username", "utf8mb4") in found
    assert [column for column in found if column[2] != "utf8mb4"] == []


def test_every_table_supports_transactions() -> None:
    found = query("SELECT table_name, engine FROM information_schema.tables WHERE table_schema = DATABASE()")
    assert found
    assert [table for table in found if table[1] != "InnoDB"] == []


def test_sql_mode_is_strict() -> None:
    assert {"STRICT_TRANS_TABLES", "STRICT_ALL_TABLES"} <= set(variables("sql_mode")["sql_mode"].split(","))


def test_oversized_value_is_an_error(owner: ApiClient) -> None:
    with pytest.raises(DataError, match="Data too long"), transaction.atomic():
        User.objects.filter(pk=owner.user.pk).update(first_name="a" * 151)
    with pytest.raises(DataError, match="Out of range"), transaction.atomic():
        User.objects.filter(pk=owner.user.pk).update(blink_time=2**32)


def test_transactions_are_read_committed() -> None:
    found = variables("t%isolation")  # tx_isolation in MariaDB 10, transaction_isolation in MariaDB 11 and MySQL 8
    assert found
    assert set(found.values()) == {"READ-COMMITTED"}


@pytest.mark.django_db(transaction=True)
def test_transaction_sees_later_commits(owner: ApiClient) -> None:
    with another_connection() as other, transaction.atomic():
        before = User.objects.get(pk=owner.user.pk).neck_time
        with other.cursor() as cursor:
            cursor.execute("UPDATE accounts_user SET neck_time = %s WHERE id = %s", [before + 7, owner.user.pk])
        assert User.objects.get(pk=owner.user.pk).neck_time == before + 7


def test_connections_persist_for_a_minute(settings: Settings) -> None:
    database = settings.DATABASES["default"]
    assert (connection.settings_dict["CONN_MAX_AGE"], connection.settings_dict["CONN_HEALTH_CHECKS"]) == (60, True)
    assert (database["CONN_MAX_AGE"], database["CONN_HEALTH_CHECKS"]) == (60, True)


# --- A connection's life ---


@pytest.mark.django_db(transaction=True)
def test_connection_outlives_its_request(owner: ApiClient) -> None:
    first = query("SELECT CONNECTION_ID()")
    assert request_as_server("GET", "/api/accounts/time/", owner.access)[0] == "200 OK"
    assert query("SELECT CONNECTION_ID()") == first


@pytest.mark.django_db(transaction=True)
def test_killed_connection_is_replaced(owner: ApiClient) -> None:
    assert request_as_server("GET", "/api/accounts/time/", owner.access)[0] == "200 OK"
    killed = query("SELECT CONNECTION_ID()")
    with another_connection() as other, other.cursor() as cursor:
        cursor.execute("KILL %s", killed[0])
    status, times = request_as_server("GET", "/api/accounts/time/", owner.access)
    assert (status, times["blink_time"]) == ("200 OK", owner.user.blink_time)
    assert query("SELECT CONNECTION_ID()") != killed


# --- Text ---


def test_case_and_accents_distinguish_usernames(client: Client) -> None:
    passwords = {name: f"{PASSWORD}-{index}" for index, name in enumerate(NAMES)}
    for name, password in passwords.items():
        response = sign_up(client, name, password)
        assert (response.status_code, response.json()) == (201, {"username": name})
    for name, password in passwords.items():
        response = log_in(client, name, password)
        user = User.objects.get(username=name)
        assert AccessToken(response.json()["access"])["user_id"] == str(user.pk)
        assert user.username == name


@pytest.mark.parametrize("name", ["Mina@example.com", "MINA@EXAMPLE.COM", "mína@example.com", "mina@example.co"])
def test_login_matches_the_exact_username(client: Client, owner: ApiClient, name: str) -> None:
    assert log_in(client, owner.user.username).status_code == 200
    assert log_in(client, name).status_code == 401


def test_unicode_forms_of_a_name_are_equal(client: Client) -> None:
    composed, taken_apart = (unicodedata.normalize(form, "민아é") for form in ("NFC", "NFD"))
    responses = [sign_up(client, name) for name in (composed, taken_apart)]
    assert [response.status_code for response in responses] == [201, 400]
    assert User.objects.get().username == composed


@pytest.mark.parametrize("text", ["😀 다섯 시간 반", "👩🏽‍💻", "𠮷野家", "5½ h — ‘ok’", "back\\slash 'quote' %s %%"])
def test_report_text_is_returned_as_sent(owner: ApiClient, text: str) -> None:
    response = owner("post", "reports/", REPORT | TIMES | {"study_time": text})
    assert (response.status_code, response.json()["study_time"]) == (201, text)
    assert [report["study_time"] for report in owner("get", "reports/").json()] == [text]


# --- Times ---


def test_times_are_stored_with_microseconds(owner: ApiClient) -> None:
    owner("post", "reports/", REPORT | TIMES)
    report = Report.objects.get()
    assert report.started_at == datetime(2022, 4, 8, 1, 12, 0, 123456, tzinfo=UTC)
    assert report.ended_at == datetime(2022, 4, 8, 6, 42, 0, 654321, tzinfo=UTC)
    assert [report[name] for report in owner("get", "reports/").json() for name in TIMES] == list(TIMES.values())


def test_times_are_compared_with_microseconds() -> None:
    moment = datetime(2026, 1, 1, 0, 0, 0, 999999, tzinfo=UTC)
    Erasure.objects.create(user_id=1, since=moment)
    assert Erasure.objects.filter(since=moment).exists()
    assert not Erasure.objects.filter(since__lt=moment).exists()
    assert Erasure.objects.filter(since__lt=moment.replace(second=1, microsecond=0)).exists()


# --- Locks ---


def test_user_lock_uses_for_update(owner: ApiClient) -> None:
    with CaptureQueriesContext(connection) as queries, transaction.atomic():
        user_lock_with_face(user_id=owner.user.pk)
    locking = [query["sql"] for query in queries.captured_queries if "accounts_user" in query["sql"]]
    assert len(locking) == 1
    assert locking[0].endswith("FOR UPDATE")


@pytest.mark.django_db(transaction=True)
def test_user_lock_lasts_until_the_transaction_ends(owner: ApiClient) -> None:
    with another_connection() as other:
        with transaction.atomic():
            user_lock_with_face(user_id=owner.user.pk)
            with pytest.raises(OperationalError), other.cursor() as cursor:
                cursor.execute(NO_WAIT, [owner.user.pk])
        assert query(NO_WAIT, owner.user.pk, on=other) == [(owner.user.pk,)]
