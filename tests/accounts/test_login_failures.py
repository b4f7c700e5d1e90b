"""Wrong passwords: how many a name may have, and that nobody learns from them which names there are."""

from typing import Any

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.test import Client
from pytest_django import Settings
from rest_framework.throttling import SimpleRateThrottle

from accounts.models import User
from accounts.services import user_create
from tests.conftest import PASSWORD, ApiClient

LOGIN = "/api/accounts/login/"
ADMIN_LOGIN = "/api/admin/login/"
TOO_MANY = "Request was throttled. Expected available in"
LIMIT = 3


@pytest.fixture(autouse=True)
def _few_may_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    rates = {"login_failure": f"{LIMIT}/hour", "admin_login": f"{LIMIT}/hour"}
    for scope, rate in rates.items():
        monkeypatch.setitem(SimpleRateThrottle.THROTTLE_RATES, scope, rate)


def log_in(username: str, password: str = PASSWORD, address: str = "192.0.2.1") -> Any:
    body = {"username": username, "password": password}
    return Client(REMOTE_ADDR=address).post(LOGIN, body, content_type="application/json")


def admin_log_in(username: str, password: str = PASSWORD, address: str = "192.0.2.1") -> Any:
    return Client(REMOTE_ADDR=address).post(ADMIN_LOGIN, {"username": username, "password": password})


def assert_too_many(response: Any) -> None:
    assert response.status_code == 429
    assert response.json()["detail"].startswith(TOO_MANY)
    assert 3590 <= int(response["Retry-After"]) <= 3600


def fail(username: str, times: int = LIMIT) -> None:
    for n in range(times):
        assert log_in(username, f"wrong {n}", f"192.0.2.{n}").status_code == 401


# --- The name's limit ---


def test_after_too_many_wrong_passwords_a_name_is_refused_whatever_the_address(owner: ApiClient) -> None:
    fail(owner.user.username)
    assert_too_many(log_in(owner.user.username, "wrong", "198.51.100.7"))
    assert_too_many(log_in(owner.user.username, PASSWORD, "2001:db8::1"))


def test_a_name_that_nobody_has_is_refused_in_the_same_way(db: None) -> None:
    fail("nobody")
    assert_too_many(log_in("nobody"))


@pytest.mark.parametrize("spelling", [" mina@example.com", "mina@example.com ", "ｍina@example.com"])
def test_other_spellings_of_a_name_are_the_same_name(owner: ApiClient, spelling: str) -> None:
    fail(owner.user.username)
    assert_too_many(log_in(spelling, "wrong"))


def test_another_name_is_not_refused(owner: ApiClient, stranger: ApiClient) -> None:
    fail(owner.user.username)
    assert log_in("stranger").status_code == 200


def test_logins_that_succeed_do_not_count(owner: ApiClient) -> None:
    assert [log_in(owner.user.username).status_code for _ in range(2 * LIMIT)] == [200] * (2 * LIMIT)
    fail(owner.user.username, LIMIT - 1)
    assert log_in(owner.user.username).status_code == 200
    assert log_in(owner.user.username, "wrong").status_code == 401
    assert_too_many(log_in(owner.user.username))


def test_a_login_that_cannot_be_meant_does_not_count(owner: ApiClient) -> None:
    for body in ({"username": owner.user.username}, {"username": owner.user.username, "password": None}):
        for _ in range(LIMIT):
            assert Client().post(LOGIN, body, content_type="application/json").status_code == 400
    assert log_in(owner.user.username).status_code == 200


def test_whoever_is_logged_in_stays_so(owner: ApiClient) -> None:
    fail(owner.user.username)
    assert owner("get", "accounts/time/").status_code == 200


def test_when_the_hour_is_over_the_name_may_try_again(owner: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    fail(owner.user.username)
    now = SimpleRateThrottle.timer()
    monkeypatch.setattr(SimpleRateThrottle, "timer", lambda self: now + 3601)
    assert log_in(owner.user.username).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("put", "accounts/password/", {"password": "wrong", "new_password": "another-password"}),
        ("delete", "accounts/", {"password": "wrong"}),
    ],
)
def test_wrong_passwords_elsewhere_count_for_the_name_too(
    owner: ApiClient, method: str, path: str, body: dict[str, str]
) -> None:
    assert [owner(method, path, body).status_code for _ in range(LIMIT)] == [400] * LIMIT
    assert_too_many(owner(method, path, body | {"password": PASSWORD}))
    assert_too_many(log_in(owner.user.username))
    assert User.objects.get().check_password(PASSWORD)


def test_withdrawing_without_a_password_needs_no_try(owner: ApiClient) -> None:
    fail(owner.user.username)
    assert owner("delete", "accounts/").status_code == 204


def test_a_new_user_of_a_name_begins_without_its_failures(owner: ApiClient) -> None:
    fail(owner.user.username)
    assert owner("delete", "accounts/").status_code == 204
    user_create(username=owner.user.username, password=PASSWORD)
    assert log_in(owner.user.username).status_code == 200


# --- The admin's login ---


@pytest.fixture
def boss(db: None) -> User:
    return User.objects.create_superuser("boss", password=PASSWORD)


def test_an_administrator_logs_in(boss: User) -> None:
    assert [admin_log_in("boss").status_code for _ in range(2 * LIMIT)] == [302] * (2 * LIMIT)


def test_after_too_many_failures_an_address_is_refused_with_words_on_the_form(boss: User) -> None:
    assert [admin_log_in(f"name{n}", "wrong").status_code for n in range(LIMIT)] == [200] * LIMIT
    response = admin_log_in("boss")
    assert response.status_code == 429
    assert 3590 <= int(response["Retry-After"]) <= 3600
    assert "Too many failed attempts. Try again in 60 minutes." in response.content.decode()
    assert "sessionid" not in response.cookies
    assert admin_log_in("boss", address="192.0.2.2").status_code == 302


def test_after_too_many_failures_a_name_is_refused_there_whatever_the_address(boss: User) -> None:
    for n in range(LIMIT):
        assert admin_log_in("boss", "wrong", f"192.0.2.{n}").status_code == 200
    assert admin_log_in("boss", PASSWORD, "198.51.100.7").status_code == 429
    assert_too_many(log_in("boss", PASSWORD, "198.51.100.7"))


def test_who_is_no_administrator_is_refused_as_a_wrong_password_is_and_counts(boss: User) -> None:
    user_create(username="mina", password=PASSWORD)
    words = [admin_log_in(name, password).context["errors"] for name, password in (("mina", PASSWORD), ("boss", "no"))]
    assert words[0] == words[1]
    assert admin_log_in("nobody").status_code == 200
    assert admin_log_in("boss").status_code == 429


def test_the_form_itself_is_always_shown(boss: User) -> None:
    for _ in range(LIMIT):
        admin_log_in("boss", "wrong")
    assert Client(REMOTE_ADDR="192.0.2.1").get(ADMIN_LOGIN).status_code == 200


@pytest.mark.parametrize("form", [{}, {"username": "boss"}, {"username": "", "password": ""}])
def test_a_form_that_is_not_filled_in_does_not_count(boss: User, form: dict[str, str]) -> None:
    for _ in range(LIMIT):
        assert Client(REMOTE_ADDR="192.0.2.1").post(ADMIN_LOGIN, form).status_code == 200
    assert admin_log_in("boss").status_code == 302


# --- Nobody learns which names there are ---


class CountingHasher(MD5PasswordHasher):
    encoded = 0

    def encode(self, password: str, salt: str) -> str:
        CountingHasher.encoded += 1
        return super().encode(password, salt)


@pytest.fixture
def everybody(db: None, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A name for each reason to refuse a login."""
    settings.PASSWORD_HASHERS = [f"{__name__}.CountingHasher"]
    for scope in ("login_failure", "admin_login"):
        monkeypatch.setitem(SimpleRateThrottle.THROTTLE_RATES, scope, "60/hour")
    user_create(username="wrong password", password=PASSWORD)
    User.objects.create_user("locked out", password="wrong", is_active=False)
    User.objects.create_user("without a password")
    User.objects.create_superuser("administrator", password=PASSWORD)
    return ["nobody", *User.objects.values_list("username", flat=True)]


@pytest.mark.parametrize("call", [log_in, admin_log_in])
def test_every_refusal_costs_one_hash_and_reads_the_same(everybody: list[str], call: Any) -> None:
    hashes, statuses, bodies = set(), set(), set()
    for name in everybody:
        CountingHasher.encoded = 0
        response = call(name, "wrong")
        hashes.add(CountingHasher.encoded)
        statuses.add(response.status_code)
        bodies.add(str(response.json() if call is log_in else response.context["errors"]))
    assert len(everybody) == 5
    assert hashes == {1}
    assert statuses == {401 if call is log_in else 200}
    assert len(bodies) == 1


def test_a_login_costs_one_hash_too(everybody: list[str]) -> None:
    CountingHasher.encoded = 0
    assert log_in("administrator").status_code == 200
    assert CountingHasher.encoded == 1


def test_a_refusal_for_too_many_tries_costs_none(everybody: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SimpleRateThrottle.THROTTLE_RATES, "login_failure", f"{LIMIT}/hour")
    for name in ("nobody", "administrator"):
        fail(name)
        CountingHasher.encoded = 0
        assert_too_many(log_in(name))
        assert CountingHasher.encoded == 0
