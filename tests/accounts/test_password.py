"""PUT /api/accounts/password/, and the effects of a changed password."""

from typing import Any

import pytest
from django.test import Client

from accounts import services
from accounts.models import User
from personal_data.withdrawal import user_erase
from tests.conftest import PASSWORD, ApiClient

PATH = "accounts/password/"
NEW = "another-password"
WRONG = {"password": ["This is not the account's password."]}
REQUIRED = ["This field is required."]


def change(person: ApiClient, password: Any = PASSWORD, new_password: Any = NEW) -> Any:
    return person("put", PATH, {"password": password, "new_password": new_password})


def log_in(username: str, password: str) -> Any:
    body = {"username": username, "password": password}
    return Client().post("/api/accounts/login/", body, content_type="application/json")


def refresh(token: str) -> Any:
    return Client().post("/api/token/refresh/", {"refresh": token}, content_type="application/json")


def test_new_password_replaces_the_old_one(owner: ApiClient) -> None:
    assert change(owner).status_code == 200
    assert log_in(owner.user.username, NEW).status_code == 200
    assert log_in(owner.user.username, PASSWORD).status_code == 401


def test_change_returns_a_login_and_ends_others(owner: ApiClient) -> None:
    before = log_in(owner.user.username, PASSWORD).json()
    response = change(owner)
    assert (response.status_code, set(response.json())) == (200, {"access", "refresh"})
    assert owner("get", "accounts/time/").status_code == 401
    assert refresh(before["refresh"]).status_code == 401
    owner.access = response.json()["access"]
    assert owner("get", "accounts/time/").status_code == 200
    assert refresh(response.json()["refresh"]).status_code == 200


def test_same_password_again_ends_all_logins(owner: ApiClient) -> None:
    assert change(owner, PASSWORD, PASSWORD).status_code == 200
    assert owner("get", "accounts/time/").status_code == 401


@pytest.mark.parametrize("password", ["wrong", "12341235", " 12341234", "12341234 "])
def test_wrong_old_password_changes_nothing(owner: ApiClient, password: str) -> None:
    response = change(owner, password)
    assert (response.status_code, response.json()) == (400, WRONG)
    assert User.objects.get().check_password(PASSWORD)
    assert owner("get", "accounts/time/").status_code == 200


def test_short_new_password_is_refused(owner: ApiClient) -> None:
    response = change(owner, PASSWORD, "1234123")
    assert (response.status_code, response.json()) == (
        400,
        {"new_password": ["This password is too short. It must contain at least 8 characters."]},
    )
    assert User.objects.get().check_password(PASSWORD)


def test_spaces_around_a_password_are_significant(owner: ApiClient) -> None:
    assert change(owner, PASSWORD, "  123456  ").status_code == 200
    assert User.objects.get().check_password("  123456  ")


@pytest.mark.parametrize("field", ["password", "new_password"])
@pytest.mark.parametrize("value", [None, True, [], {}, "", "\0", "\ud800", "a" * 257])
def test_invalid_password_is_named(owner: ApiClient, field: str, value: Any) -> None:
    response = owner("put", PATH, {"password": PASSWORD, "new_password": NEW, field: value})
    assert (response.status_code, set(response.json())) == (400, {field})
    assert User.objects.get().check_password(PASSWORD)


def test_missing_fields_are_named(owner: ApiClient) -> None:
    response = owner("put", PATH, {})
    assert (response.status_code, response.json()) == (400, {"password": REQUIRED, "new_password": REQUIRED})


@pytest.mark.parametrize("body", ["{", "[]", "null", '"12341234"'])
def test_malformed_body_is_400(owner: ApiClient, body: str) -> None:
    assert owner("put", PATH, body).status_code == 400


def test_anonymous_is_refused(client: Client, owner: ApiClient) -> None:
    body = {"password": PASSWORD, "new_password": NEW, "username": owner.user.username, "id": owner.user.pk}
    assert client.put(f"/api/{PATH}", body, content_type="application/json").status_code == 401
    assert User.objects.get().check_password(PASSWORD)


def test_user_changes_only_their_own_password(owner: ApiClient, stranger: ApiClient) -> None:
    theirs = {"username": owner.user.username, "id": owner.user.pk, "user": owner.user.pk}
    response = stranger("put", PATH, {"password": PASSWORD, "new_password": NEW, **theirs})
    assert response.status_code == 200
    assert log_in(owner.user.username, PASSWORD).status_code == 200
    assert owner("get", "accounts/time/").status_code == 200
    assert log_in("stranger", NEW).status_code == 200


def test_response_contains_no_password(owner: ApiClient) -> None:
    for response in (change(owner, "a wrong password"), change(owner)):
        assert NEW not in response.content.decode()
        assert "a wrong password" not in response.content.decode()


def test_deleted_account_gets_a_401(owner: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    check = services.password_check

    def check_then_withdraw(*, user: User, password: str) -> None:
        check(user=user, password=password)
        user_erase(user_id=user.pk)

    monkeypatch.setattr(services, "password_check", check_then_withdraw)
    assert change(owner).status_code == 401
    assert not User.objects.exists()


def test_change_in_the_admin_ends_every_login(owner: ApiClient, client: Client) -> None:
    refreshing = log_in(owner.user.username, PASSWORD).json()["refresh"]
    client.force_login(User.objects.create_superuser("boss", password=PASSWORD))
    form = {"usable_password": "true", "password1": NEW, "password2": NEW}
    assert client.post(f"/api/admin/accounts/user/{owner.user.pk}/password/", form).status_code == 302
    assert owner("get", "accounts/time/").status_code == 401
    assert refresh(refreshing).status_code == 401
    assert log_in(owner.user.username, NEW).status_code == 200
