"""POST /api/accounts/password-reset/ and …/confirm/: a forgotten password."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.tokens import default_token_generator
from django.core import mail
from django.test import Client
from pytest_django import Settings

from accounts import outbox
from common.http.throttling import FailureThrottle
from tests.conftest import PASSWORD, ApiClient

NEW = "another-password"
LINK = re.compile(r"http://testserver/#/reset/(?P<uid>\S+)/(?P<token>\S+)")
USED = {"token": ["This link has been used or is too old. Ask for another one."]}


@pytest.fixture
def mails(settings: Settings) -> Callable[[], list[Any]]:
    """The mails that have been sent; the service sends mail."""
    settings.EMAIL_URL = {"EMAIL_BACKEND": "django.core.mail.backends.locmem.EmailBackend"}

    def sent() -> list[Any]:
        outbox.sender.submit(lambda: None).result(timeout=30)  # one thread: those before it have been sent
        return mail.outbox

    return sent


def post(path: str, body: dict[str, Any], **headers: str) -> Any:
    return Client().post(f"/api/accounts/{path}", body, content_type="application/json", headers=headers)


def ask(username: str, **headers: str) -> Any:
    return post("password-reset/", {"username": username}, **headers)


def confirm(link: dict[str, str], new_password: str = NEW) -> Any:
    return post("password-reset/confirm/", link | {"new_password": new_password})


def log_in(username: str, password: str) -> int:
    status: int = post("login/", {"username": username, "password": password}).status_code
    return status


def link_of(message: Any) -> dict[str, str]:
    found = LINK.search(message.body)
    assert found, message.body
    return found.groupdict()


@pytest.fixture
def member(owner: ApiClient) -> ApiClient:
    """Somebody whose mail address is known."""
    owner.user.email = "mina@example.com"
    owner.user.save(update_fields=["email"])
    return owner


def test_link_sets_a_new_password_and_ends_all_logins(member: ApiClient, mails: Any) -> None:
    assert (ask(member.user.username).status_code, len(mails())) == (202, 1)
    (message,) = mails()
    assert message.to == ["mina@example.com"]
    assert confirm(link_of(message)).status_code == 204
    assert member("get", "accounts/time/").status_code == 401
    assert (log_in(member.user.username, PASSWORD), log_in(member.user.username, NEW)) == (401, 200)


def test_link_works_once(member: ApiClient, mails: Any) -> None:
    ask(member.user.username)
    link = link_of(mails()[0])
    assert confirm(link).status_code == 204
    response = confirm(link, "a third password")
    assert (response.status_code, response.json()) == (400, USED)


def test_link_expires(member: ApiClient, mails: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    ask(member.user.username)
    link = link_of(mails()[0])
    later = datetime.now() + timedelta(hours=2)  # noqa: DTZ005 - as the generator has it
    monkeypatch.setattr(default_token_generator, "_now", lambda: later)
    assert confirm(link).json() == USED


def test_name_that_is_an_address_gets_the_mail(client: Client, db: None, mails: Any) -> None:
    post("", {"username": "jun@example.com", "password": PASSWORD})
    ask("jun@example.com")
    assert [message.to for message in mails()] == [["jun@example.com"]]


@pytest.mark.parametrize("username", ["nobody", "nobody@example.com", "owner"])
def test_answer_does_not_tell_who_has_an_account(owner: ApiClient, mails: Any, username: str) -> None:
    response = ask(username)
    assert (response.status_code, response.content, mails()) == (202, b"", [])


def test_inactive_users_get_no_mail(member: ApiClient, mails: Any) -> None:
    member.user.is_active = False
    member.user.save(update_fields=["is_active"])
    assert (ask(member.user.username).status_code, mails()) == (202, [])


def test_one_account_gets_few_mails(member: ApiClient, mails: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FailureThrottle.THROTTLE_RATES, "password_reset", "2/hour")
    for number in range(4):
        body = {"username": member.user.username}
        address = f"192.0.2.{number}"
        response = Client(REMOTE_ADDR=address).post("/api/accounts/password-reset/", body, "application/json")
        assert response.status_code == 202
    assert len(mails()) == 2


def test_one_address_asks_a_few_times(db: None, mails: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FailureThrottle.THROTTLE_RATES, "password_reset", "2/hour")
    assert [ask(f"user{number}").status_code for number in range(3)] == [202, 202, 429]


def test_short_password_is_refused(member: ApiClient, mails: Any) -> None:
    ask(member.user.username)
    response = confirm(link_of(mails()[0]), "short")
    assert (response.status_code, list(response.json())) == (400, ["new_password"])


@pytest.mark.parametrize("uid", ["", "MQ", "Zm9v", "!", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5"])
def test_foreign_link_is_refused(member: ApiClient, uid: str) -> None:
    response = confirm({"uid": uid or "AA", "token": "abc-def"})
    assert (response.status_code, response.json()) == (400, USED)


def test_mail_is_in_the_language_of_the_request(member: ApiClient, mails: Any) -> None:
    ask(member.user.username, **{"Accept-Language": "ko"})
    assert mails()[0].subject == "Pose Smart 새 비밀번호"


def test_mail_server_that_is_down_is_logged(
    member: ApiClient, mails: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(message: Any) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr(mail.EmailMessage, "send", refuse)
    assert (ask(member.user.username).status_code, mails()) == (202, [])
    assert "could not be sent: ConnectionRefusedError" in caplog.text


def test_service_without_mail_says_so(owner: ApiClient) -> None:
    response = ask(owner.user.username)
    assert response.status_code == 409
    assert response.json()["detail"].startswith("This service sends no mail.")


def test_page_says_whom_to_ask(client: Client, db: None, settings: Settings) -> None:
    settings.SUPPORT_CONTACT = "Jun, extension 42"
    assert "Ask for a new one: Jun, extension 42" in client.get("/").content.decode()
