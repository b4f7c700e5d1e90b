"""`default` away, or a user who leaves while their request is under way: a clear answer, and nothing half done."""

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
AWAY = [
    OperationalError(2006, "Server has gone away"),
    OperationalError(2002, "Can't connect to server on '127.0.0.1' (111)"),
    InterfaceError("connection already closed"),
]
# All that ask for more than the token's user.
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
    """The database answers so many queries, and none of those that follow."""
    answered = 0

    def refuse(execute: Callable[..., Any], *query: Any) -> Any:
        nonlocal answered
        answered += 1
        if answered > after:
            raise error
        return execute(*query)

    with connection.execute_wrapper(refuse):
        yield
    transaction.set_rollback(False)  # the test's own transaction can go on: nothing really failed in it


def assert_away(response: Any) -> None:
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert response["Content-Type"] == "application/json"
    assert response.json() == {"detail": "The database cannot be reached. Try again in a few seconds."}


@pytest.mark.parametrize("error", AWAY)
def test_a_database_that_is_gone_when_the_token_is_checked_is_503(owner: ApiClient, error: Exception) -> None:
    with failing(error):
        assert_away(owner("get", "accounts/time/"))


def test_a_connection_that_cannot_be_made_is_503(owner: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise OperationalError(2002, "Can't connect")

    with monkeypatch.context() as patch:
        patch.setattr(connection, "ensure_connection", refuse)
        assert_away(owner("get", "accounts/time/"))
    assert owner("get", "accounts/time/").status_code == 200  # and it is over when it is over


@pytest.mark.parametrize(("method", "path", "body"), CALLS)
@pytest.mark.parametrize("error", AWAY[::2])
def test_a_database_that_goes_after_the_token_was_checked_is_503(
    owner: ApiClient, method: str, path: str, body: Any, error: Exception
) -> None:
    with failing(error, after=1):
        assert_away(owner(method, path, body))
    assert User.objects.filter(pk=owner.user.pk).exists()
    assert not Report.objects.exists()


@pytest.mark.parametrize("after", [0, 1, 2, 3])
def test_a_frame_judged_while_the_database_goes_is_503(owner: ApiClient, after: int) -> None:
    with failing(AWAY[0], after=after):
        assert_away(owner("post", NECK, neck_body(upright())))


@pytest.mark.parametrize("path", ["accounts/", "accounts/login/"])
def test_who_has_no_token_yet_is_told_as_well(client: Client, db: None, path: str) -> None:
    body = {"username": "mina", "password": PASSWORD}
    with failing(AWAY[0]):
        assert_away(client.post(f"/api/{path}", body, content_type="application/json"))
    assert not User.objects.exists()


def test_an_outage_is_logged_without_data(owner: ApiClient, caplog: pytest.LogCaptureFixture) -> None:
    # MySQL quotes values in such texts; the client library gives them as this error.
    error = OperationalError(1366, "Incorrect string value: 'her secret' for column 'study_time' at row 1")
    with failing(error, after=1):
        owner("post", "reports/", REPORT)
    assert "The database cannot be used" in caplog.text
    assert "her secret" not in caplog.text
    assert owner.access not in caplog.text


# --- A user who leaves this moment ---


def leaving_before(monkeypatch: pytest.MonkeyPatch, module: Any, name: str) -> None:
    """The user is erased after the token was checked, and before the service does its work."""
    service = getattr(module, name)

    def leave_first(*, user: User, **rest: Any) -> Any:
        user_erase(user_id=user.pk)
        return service(user=user, **rest)

    monkeypatch.setattr(module, name, leave_first)


def test_a_report_of_who_leaves_this_moment_is_401(owner: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    leaving_before(monkeypatch, reports_services, "report_create")
    response = owner("post", "reports/", REPORT)
    assert (response.status_code, set(response.json())) == (401, {"detail"})
    assert not Report.objects.exists()
    assert not User.objects.exists()


def test_alarm_times_of_who_leaves_this_moment_are_401(owner: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    leaving_before(monkeypatch, accounts_services, "alarms_update")
    response = owner("put", "accounts/time/", TIMES)
    assert (response.status_code, set(response.json())) == (401, {"detail"})
    assert not User.objects.exists()


def test_who_leaves_twice_at_once_is_gone_and_no_error(owner: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    leaving_before(monkeypatch, withdrawal, "user_withdraw")
    assert owner("delete", "accounts/").status_code == 204
    assert not User.objects.exists()
