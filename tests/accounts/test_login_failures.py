"""Wrong passwords: how many attempts a name has, and that they do not reveal which names exist."""

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
def _low_limits(monkeypatch: pytest.MonkeyPatch) -> None:
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


# --- The limit per name ---


def test_name_is_locked_at_every_address(owner: ApiClient) -> None:
    fail(owner.user.username)
    assert_too_many(log_in(owner.user.username, "wrong", "198.51.100.7"))
    assert_too_many(log_in(owner.user.username, PASSWORD, "2001:db8::1"))


def test_unknown_name_is_locked_too(db: None) -> None:
    fail("nobody")
    assert_too_many(log_in("nobody"))


@pytest.mark.parametrize("spelling", [" mina@example.com", "mina@example.com ", "ｍina@example.com"])
def test_spellings_of_a_name_share_one_limit(owner: ApiClient, spelling: str) -> None:
    fail(owner.user.username)
    assert_too_many(log_in(spelling, "wrong"))


def test_other_names_are_not_locked(owner: ApiClient, stranger: ApiClient) -> None:
    fail(owner.user.username)
    assert log_in("stranger").status_code == 200


def test_successful_logins_do_not_count(owner: ApiClient) -> None:
    assert [log_in(owner.user.username).status_code for _ in range(2 * LIMIT)] == [200] * (2 * LIMIT)
    fail(owner.user.username, LIMIT - 1)
    assert log_in(owner.user.username).status_code == 200
    assert log_in(owner.user.username, "wrong").status_code == 401
    assert_too_many(log_in(owner.user.username))


def test_malformed_login_does_not_count(owner: ApiClient) -> None:
    for body in ({"username": owner.user.username}, {"username": owner.user.username, "password": None}):
        for _ in range(LIMIT):
            assert Client().post(LOGIN, body, content_type="application/json").status_code == 400
    assert log_in(owner.user.username).status_code == 200


def test_existing_login_stays_valid(owner: ApiClient) -> None:
    fail(owner.user.username)
    assert owner("get", "accounts/time/").status_code == 200


def test_lock_ends_after_an_hour(owner: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
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
def test_wrong_passwords_in_other_calls_count(owner: ApiClient, method: str, path: str, body: dict[str, str]) -> None:
    assert [owner(method, path, body).status_code for _ in range(LIMIT)] == [400] * LIMIT
    assert_too_many(owner(method, path, body | {"password": PASSWORD}))
    assert_too_many(log_in(owner.user.username))
    assert User.objects.get().check_password(PASSWORD)


def test_withdrawal_without_a_password_is_not_limited(owner: ApiClient) -> None:
    fail(owner.user.username)
    assert owner("delete", "accounts/").status_code == 204


def test_new_user_does_not_inherit_failures(owner: ApiClient) -> None:
    fail(owner.user.username)
    assert owner("delete", "accounts/").status_code == 204
    user_create(username=owner.user.username, password=PASSWORD)
    assert log_in(owner.user.username).status_code == 200


# --- The admin's login ---


@pytest.fixture
def boss(db: None) -> User:
    return User.objects.create_superuser("boss", password=PASSWORD)


def test_administrator_can_log_in(boss: User) -> None:
    assert [admin_log_in("boss").status_code for _ in range(2 * LIMIT)] == [302] * (2 * LIMIT)


def test_locked_address_sees_a_message(boss: User) -> None:
    assert [admin_log_in(f"name{n}", "wrong").status_code for n in range(LIMIT)] == [200] * LIMIT
    response = admin_log_in("boss")
    assert response.status_code == 429
    assert 3590 <= int(response["Retry-After"]) <= 3600
    assert "Too many failed attempts. Try again in 60 minutes." in response.content.decode()
    assert "sessionid" not in response.cookies
    assert admin_log_in("boss", address="192.0.2.2").status_code == 302


def test_admin_name_is_locked_at_every_address(boss: User) -> None:
    for n in range(LIMIT):
        assert admin_log_in("boss", "wrong", f"192.0.2.{n}").status_code == 200
    assert admin_log_in("boss", PASSWORD, "198.51.100.7").status_code == 429
    assert_too_many(log_in("boss", PASSWORD, "198.51.100.7"))


def test_ordinary_user_counts_as_a_wrong_password(boss: User) -> None:
    user_create(username="mina", password=PASSWORD)
    errors = [admin_log_in(name, password).context["errors"] for name, password in (("mina", PASSWORD), ("boss", "no"))]
    assert errors[0] == errors[1]
    assert admin_log_in("nobody").status_code == 200
    assert admin_log_in("boss").status_code == 429


def test_login_form_is_always_shown(boss: User) -> None:
    for _ in range(LIMIT):
        admin_log_in("boss", "wrong")
    assert Client(REMOTE_ADDR="192.0.2.1").get(ADMIN_LOGIN).status_code == 200


@pytest.mark.parametrize("form", [{}, {"username": "boss"}, {"username": "", "password": ""}])
def test_incomplete_form_does_not_count(boss: User, form: dict[str, str]) -> None:
    for _ in range(LIMIT):
        assert Client(REMOTE_ADDR="192.0.2.1").post(ADMIN_LOGIN, form).status_code == 200
    assert admin_log_in("boss").status_code == 302


# --- A refusal does not reveal whether the name exists ---


class CountingHasher(MD5PasswordHasher):
    encoded = 0

    def encode(self, password: str, salt: str) -> str:
        CountingHasher.encoded += 1
        return super().encode(password, salt)


@pytest.fixture
def refused_names(db: None, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> list[str]:
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
def test_every_refusal_looks_and_costs_the_same(refused_names: list[str], call: Any) -> None:
    hashes, statuses, bodies = set(), set(), set()
    for name in refused_names:
        CountingHasher.encoded = 0
        response = call(name, "wrong")
        hashes.add(CountingHasher.encoded)
        statuses.add(response.status_code)
        bodies.add(str(response.json() if call is log_in else response.context["errors"]))
    assert len(refused_names) == 5
    assert hashes == {1}
    assert statuses == {401 if call is log_in else 200}
    assert len(bodies) == 1


def test_login_costs_one_hash(refused_names: list[str]) -> None:
    CountingHasher.encoded = 0
    assert log_in("administrator").status_code == 200
    assert CountingHasher.encoded == 1


def test_throttled_login_costs_no_hash(refused_names: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SimpleRateThrottle.THROTTLE_RATES, "login_failure", f"{LIMIT}/hour")
    for name in ("nobody", "administrator"):
        fail(name)
        CountingHasher.encoded = 0
        assert_too_many(log_in(name))
        assert CountingHasher.encoded == 0
