"""STRICT_PASSWORDS, at sign-up and when a password is changed."""

import json
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from tests.conftest import PASSWORD, ApiClient
from tests.test_settings import _start

NAME = "mina@example.com"
WEAK = {
    "12341234": "too short",
    "xK4!pq9zw": "too short",
    "password123": "too common",
    "8164920573": "entirely numeric",
    "mina@example": "too similar to the username",
    "moc.mina@example": "too similar to the username",
}
STRONG = ["correct horse", "xK4!pq9zw2", "비밀번호는아주길어요정말로"]


def validators(**environment: str) -> Any:
    result = _start("import json; print(json.dumps(settings.AUTH_PASSWORD_VALIDATORS))", **environment)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


@pytest.fixture(scope="module")
def strict() -> Any:
    return validators(STRICT_PASSWORDS="true")


@pytest.fixture
def _strict(strict: Any, settings: Settings) -> None:
    settings.AUTH_PASSWORD_VALIDATORS = strict


def sign_up(password: str) -> Any:
    return Client().post("/api/accounts/", {"username": NAME, "password": password}, content_type="application/json")


@pytest.mark.usefixtures("_strict", "db")
@pytest.mark.parametrize(("password", "reason"), WEAK.items())
def test_weak_password_is_refused_at_sign_up(password: str, reason: str) -> None:
    response = sign_up(password)
    assert (response.status_code, set(response.json())) == (400, {"password"})
    assert reason in " ".join(response.json()["password"])
    assert not User.objects.exists()


@pytest.mark.usefixtures("_strict")
@pytest.mark.parametrize(("password", "reason"), WEAK.items())
def test_weak_new_password_is_refused(owner: ApiClient, password: str, reason: str) -> None:
    response = owner("put", "accounts/password/", {"password": PASSWORD, "new_password": password})
    assert (response.status_code, set(response.json())) == (400, {"new_password"})
    assert reason in " ".join(response.json()["new_password"])


@pytest.mark.usefixtures("_strict", "db")
@pytest.mark.parametrize("password", STRONG)
def test_strong_password_is_accepted(password: str) -> None:
    assert sign_up(password).status_code == 201


@pytest.mark.usefixtures("_strict")
def test_existing_weak_password_still_logs_in(owner: ApiClient) -> None:
    body = {"username": owner.user.username, "password": PASSWORD}
    assert Client().post("/api/accounts/login/", body, content_type="application/json").status_code == 200


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize("password", WEAK)
def test_only_the_length_counts_by_default(password: str) -> None:
    assert sign_up(password).status_code == 201


@pytest.mark.parametrize(
    ("environment", "expected"),
    [({}, 8), ({"STRICT_PASSWORDS": "true"}, 10), ({"STRICT_PASSWORDS": "true", "PASSWORD_MIN_LENGTH": "14"}, 14)],
)
def test_strict_rules_require_ten_characters(environment: dict[str, str], expected: int) -> None:
    assert validators(**environment)[0]["OPTIONS"]["min_length"] == expected
    lower = validators(**({"PASSWORD_MIN_LENGTH": "4"} | environment))[0]["OPTIONS"]["min_length"]
    assert lower == (4 if not environment else expected)
