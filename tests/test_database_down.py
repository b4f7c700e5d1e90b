"""`default` down, or a user deleted during their request: a clear response, and nothing left half done."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import InterfaceError, OperationalError, connection, transaction
from django.test import Client

from accounts import services as accounts_services
from accounts.models import User
from personal_data import withdrawal
from personal_data.withdrawal import user_erase
from reports import services as reports_services
from reports.models import Report
from tests.conftest import PASSWORD, ApiClient
from tests.detections.frames import NECK, neck_body, upright

REPORT = {"blink_cnt": 1, "neck_cnt": 2, "stretching_cnt": 3, "start_time": "2203300738", "end_time": "2203300800"}
TIMES = {"blink_time": 1, "neck_time": 2, "stretching_time": 3, "alarm_sound": 4}
ERRORS = [
    OperationalError(2006, "Server has gone away"),
    OperationalError(2002, "Can't connect to server on '127.0.0.1' (111)"),
    InterfaceError("connection already closed"),
]
# All calls that query more than the token's user.
CALLS: list[tuple[str, str, Any]] = [
    ("put", "accounts/time/", TIMES),
    ("put", "accounts/archive/", {"archive_frames": False}),
    ("get", "accounts/face/", None),
    ("delete", "accounts/face/", None),
    ("get", "accounts/frames/", None),
    ("delete", "accounts/frames/", None),
    ("get", "accounts/export/", None),
    ("delete", "accounts/", None),
    ("get", "reports/", None),
    ("post", "reports/", REPORT),
]


@contextmanager
def failing(error: Exception, *, after: int = 0) -> Iterator[None]:
    """The database answers the first `after` queries, and fails with an error from then on."""
    answered = 0

    def execute_or_fail(execute: Callable[..., Any], *query: Any) -> Any:
        nonlocal answered
        answered += 1
        if answered > after:
            raise error
        return execute(*query)

    with connection.execute_wrapper(execute_or_fail):
        yield
    transaction.set_rollback(False)  # the test's transaction can continue: nothing really failed in it


def assert_unavailable(response: Any) -> None:
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert response["Content-Type"] == "application/json"
    assert response.json() == {"detail": "The database cannot be reached. Try again in a few seconds."}


@pytest.mark.parametrize("error", ERRORS)
def test_outage_during_authentication_is_503(owner: ApiClient, error: Exception) -> None:
    with failing(error):
        assert_unavailable(owner("get", "accounts/time/"))


def test_failed_connection_is_503(owner: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise OperationalError(2002, "Can't connect")

    with monkeypatch.context() as patch:
        patch.setattr(connection, "ensure_connection", refuse)
        assert_unavailable(owner("get", "accounts/time/"))
    assert owner("get", "accounts/time/").status_code == 200  # it works again after the outage


@pytest.mark.parametrize(("method", "path", "body"), CALLS)
@pytest.mark.parametrize("error", ERRORS[::2])
def test_outage_after_authentication_is_503(
    owner: ApiClient, method: str, path: str, body: Any, error: Exception
) -> None:
    with failing(error, after=1):
        assert_unavailable(owner(method, path, body))
    assert User.objects.filter(pk=owner.user.pk).exists()
    assert not Report.objects.exists()


@pytest.mark.parametrize("after", [0, 1, 2, 3])
def test_outage_during_a_frame_is_503(owner: ApiClient, after: int) -> None:
    with failing(ERRORS[0], after=after):
        assert_unavailable(owner("post", NECK, neck_body(upright())))


@pytest.mark.parametrize("path", ["accounts/", "accounts/login/"])
def test_outage_during_sign_up_and_login_is_503(client: Client, db: None, path: str) -> None:
    body = {"username": "mina", "password": PASSWORD}
    with failing(ERRORS[0]):
        assert_unavailable(client.post(f"/api/{path}", body, content_type="application/json"))
    assert not User.objects.exists()


def test_outage_is_logged_without_data(owner: ApiClient, caplog: pytest.LogCaptureFixture) -> None:
    # MySQL quotes values in such messages; the client library raises them as this error.
    error = OperationalError(1366, "Incorrect string value: 'her secret' for column 'study_time' at row 1")
    with failing(error, after=1):
        owner("post", "reports/", REPORT)
    assert "The database cannot be used" in caplog.text
    assert "her secret" not in caplog.text
    assert owner.access not in caplog.text


# --- A user who is deleted during their request ---


def withdraw_before(monkeypatch: pytest.MonkeyPatch, module: Any, name: str) -> None:
    """Erase the user after the token is checked and before the service does its work."""
    service = getattr(module, name)

    def withdraw_first(*, user: User, **rest: Any) -> Any:
        user_erase(user_id=user.pk)
        return service(user=user, **rest)

    monkeypatch.setattr(module, name, withdraw_first)


def test_report_of_a_deleted_user_is_401(owner: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    withdraw_before(monkeypatch, reports_services, "report_create")
    response = owner("post", "reports/", REPORT)
    assert (response.status_code, set(response.json())) == (401, {"detail"})
    assert not Report.objects.exists()
    assert not User.objects.exists()


def test_alarm_times_of_a_deleted_user_are_401(owner: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    withdraw_before(monkeypatch, accounts_services, "alarms_update")
    response = owner("put", "accounts/time/", TIMES)
    assert (response.status_code, set(response.json())) == (401, {"detail"})
    assert not User.objects.exists()


def test_concurrent_second_withdrawal_is_no_error(owner: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    withdraw_before(monkeypatch, withdrawal, "user_withdraw")
    assert owner("delete", "accounts/").status_code == 204
    assert not User.objects.exists()
