"""Log lines: their two formats, the request they belong to, and the data that they never contain."""

import http.client
import json
import logging
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client

from common.telemetry import logs
from tests.conftest import PASSWORD, ApiClient
from tests.environment import settings_in
from tests.gunicorn_server import Server, serving
from tests.watched import get

GIVEN = "0123456789abcdef0123456789abcdef"  # as nginx generates one
ACCESS = logging.getLogger(logs.ACCESS)
JSON_LINES = {"LOG_FORMAT": "json", "WEB_CONCURRENCY": "1"}
NOT_PREPARED = {"Cookie": "sessionid=" + "s" * 32}  # its lookup fails: the database has no tables


def record_of(message: str, **attached: Any) -> logging.LogRecord:
    return logging.getLogger("some.logger").makeRecord(
        "some.logger", logging.WARNING, "file.py", 1, message, (), None, extra=attached
    )


def as_json(record: logging.LogRecord) -> dict[str, Any]:
    line = logs.formatter("json").format(record)
    assert "\n" not in line
    fields: dict[str, Any] = json.loads(line)
    return fields


# --- The formats ---


def test_json_line_has_the_standard_fields() -> None:
    line = as_json(record_of("Two\nlines of “text”"))
    assert (line["level"], line["logger"], line["message"]) == ("WARNING", "some.logger", "Two\nlines of “text”")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", line["time"])
    assert "request_id" not in line


def test_traceback_is_part_of_its_line() -> None:
    record = record_of("failed")
    try:
        raise ValueError("some\nreason")
    except ValueError:
        record.exc_info = sys.exc_info()
    assert "ValueError: some\nreason" in as_json(record)["traceback"]


def test_unknown_extra_fields_are_not_logged() -> None:
    line = as_json(record_of("text", request="<GET /?token=secret>", frame=b"\xff\xd8", status=200, user_id=5))
    assert set(line) == {"time", "level", "logger", "message", "pid", "status", "user_id"}


@pytest.mark.parametrize("name", logs.FORMATS)
def test_line_contains_its_request_id(name: str) -> None:
    token = logs.request_id.set(GIVEN)
    try:
        assert GIVEN in logs.formatter(name).format(record_of("text"))
    finally:
        logs.request_id.reset(token)


# --- The request's id ---


def test_invalid_request_id_is_replaced(client: Client) -> None:
    generated = "[0-9a-f]{32}"
    for given, expected in (
        (GIVEN, GIVEN),
        ("7f9c24e8-3b12-4fef-91e0-9d8f3a2b1c0d", "7f9c24e8-3b12-4fef-91e0-9d8f3a2b1c0d"),
        ("", generated),
        ("short", generated),
        ("a" * 65, generated),
        (GIVEN + "\nERROR forged", generated),
        ("eyJhbGciOiJIUzI1NiJ9.eyJ1c2VyIjo1fQ.c2lnbmF0dXJl", generated),
    ):
        response = client.get("/healthz", headers={"X-Request-ID": given})
        assert re.fullmatch(expected, response["X-Request-ID"]), given


def test_every_response_has_its_own_id(client: Client) -> None:
    responses = [client.get(path) for path in ("/", "/api/nothing/", "/healthz", "/api/reports/", "/static/no.css")]
    assert len({response["X-Request-ID"] for response in responses}) == len(responses)


def test_other_origins_may_read_the_id(client: Client, settings: Any) -> None:
    settings.CORS_ALLOWED_ORIGINS = ["https://app.example.com"]
    response = client.get("/api/nothing/", headers={"Origin": "https://app.example.com"})
    assert "x-request-id" in response["Access-Control-Expose-Headers"].split(", ")


def test_unexpected_error_returns_its_request_id(owner: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reports.views.ReportsView.get", lambda *_: 1 / 0)
    client = Client(raise_request_exception=False)
    response = client.get("/api/reports/", headers={"X-Request-ID": GIVEN, "Authorization": f"Bearer {owner.access}"})
    assert (response.status_code, response.json()["request_id"]) == (500, GIVEN)


def test_id_is_reset_after_the_response(client: Client) -> None:
    client.get("/api/nothing/", headers={"X-Request-ID": GIVEN})
    assert logs.request_id.get() == ""


# --- Access lines ---


def test_access_line_names_the_user_by_number(owner: ApiClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logs.ACCESS):
        owner("get", "reports/?secret=1")
    [line] = [record for record in caplog.records if record.name == logs.ACCESS]
    fields = {name: getattr(line, name) for name in ("method", "path", "status", "user_id")}
    assert fields == {"method": "GET", "path": "/api/reports/", "status": 200, "user_id": owner.user.pk}
    assert re.fullmatch(rf"GET /api/reports/ 200 [\d.]+ ms user {owner.user.pk}", line.getMessage())


def test_access_line_needs_no_query(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    client.cookies["sessionid"] = "s" * 32  # a query would fail: this test may not use the database
    with caplog.at_level(logging.INFO, logs.ACCESS):
        client.get("/api/nothing/")
    assert "GET /api/nothing/ 404" in caplog.text


def test_path_cannot_forge_a_line(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logs.ACCESS):
        client.get("/api/x%0AERROR forged")
    [line] = [record.getMessage() for record in caplog.records if record.name == logs.ACCESS]
    assert line.startswith("GET /api/x%0AERROR%20forged 404")


@pytest.mark.parametrize(("log_format", "expected"), [("line", "WARNING"), ("json", "INFO")])
def test_access_lines_are_on_by_default_for_json(log_format: str, expected: str) -> None:
    config = logs.config(log_format, "INFO", with_access=log_format == "json")
    assert config["loggers"][logs.ACCESS]["level"] == expected
    assert django_settings.LOG_FORMAT == "line"
    assert not ACCESS.isEnabledFor(logging.INFO)


# --- A real server ---


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """JSON lines; its database has no tables, so that some requests fail."""
    environment = settings_in(tmp_path_factory.mktemp("logs"), **JSON_LINES, ALLOWED_HOSTS="127.0.0.1")
    with serving("", **environment) as running:
        running.started_workers(1)
        yield running


def lines_of(server: Server) -> list[dict[str, Any]]:
    return [json.loads(line) for line in server.log.splitlines()]


@pytest.mark.server
def test_every_line_from_boot_to_exit_is_json(tmp_path: Path) -> None:
    with serving("", **settings_in(tmp_path, **JSON_LINES)) as server:
        server.started_workers(1)
        assert get(server, "/api/admin/", **NOT_PREPARED).status == 500
        get(server, "/healthz", **{"X-Request-ID": GIVEN})
        server.wait_for_log("Housekeeping waits for the database")
        server.terminate()
        assert server.exit_code(within_s=20) == 0
        server.reader.join()
    lines = lines_of(server)
    messages = [line["message"] for line in lines]
    for expected in ("Starting gunicorn", "Listening at", "Booting worker", "Worker exiting", "Shutting down"):
        assert [message for message in messages if message.startswith(expected)], expected
    [access] = [line for line in lines if line.get("path") == "/healthz"]
    assert (access["logger"], access["request_id"], access["status"]) == (logs.ACCESS, GIVEN, 200)
    assert access["duration_ms"] >= 0
    outside = ("gunicorn.error", "posesmart.housekeeping")
    assert not [line for line in lines if line["logger"] in outside and "request_id" in line]


def test_lines_of_a_failed_request_have_its_id(server: Server) -> None:
    page = get(server, "/api/admin/", **NOT_PREPARED, **{"X-Request-ID": GIVEN})
    assert (page.status, page.headers["X-Request-ID"]) == (500, GIVEN)
    server.wait_for_log(rf'"logger": "{re.escape(logs.ACCESS)}".*{GIVEN}')  # the last of its lines
    lines = [line for line in lines_of(server) if line.get("request_id") == GIVEN]
    assert {line["logger"] for line in lines} == {logs.ACCESS, "django.request"}
    assert [line for line in lines if "no such table" in line.get("traceback", "")]


def test_no_query_password_token_or_frame_is_logged(server: Server) -> None:
    secrets = ("the-query", PASSWORD, "the.token.signature", "/9j/4AAQSkZJRg")
    body = {"username": "mina", "password": PASSWORD, "blob_data": f"data:image/jpeg;base64,{secrets[3]}"}
    for path in ("accounts/login/", "accounts/", "detections/neck/", "nothing/"):
        server.post(f"{path}?q={secrets[0]}", body, access=secrets[2])
        ask = http.client.HTTPConnection("127.0.0.1", server.port)
        ask.request("GET", f"/api/{path}?q={secrets[0]}", headers={"Host": "unknown.example"})
        assert ask.getresponse().status == 400
        ask.close()
    assert len(server.wait_for_log('"path": "/api/nothing/"', 2)) == 2
    assert not [secret for secret in secrets if secret in server.log]


@pytest.mark.server
def test_plain_lines_have_one_format(tmp_path: Path) -> None:
    with serving("", **settings_in(tmp_path, LOG_ACCESS="true", WEB_CONCURRENCY="1")) as server:
        server.started_workers(1)
        get(server, "/healthz", **{"X-Request-ID": GIVEN})
        server.wait_for_log(rf"INFO posesmart\.access \[{GIVEN}\] GET /healthz 200 [\d.]+ ms\n")
    start = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d (INFO|WARNING) [\w.]+ "
    assert [line for line in server.log.splitlines() if not re.match(start, line)] == []
