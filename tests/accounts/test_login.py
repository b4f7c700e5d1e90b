"""POST /api/accounts/login/ and /api/token/refresh/"""

import unicodedata
from typing import Any

import pytest
from django.test import Client
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from accounts.services import user_create, user_erase
from tests.conftest import PASSWORD, ApiClient

DAY_S = 24 * 3600
WRONG = {"detail": "No active account found with the given credentials"}
REQUIRED = ["This field is required."]


def post(client: Client, path: str, body: Any, **headers: str) -> Any:
    return client.post(f"/api/{path}", body, content_type="application/json", headers=headers)


def log_in(client: Client, username: str, password: str = PASSWORD) -> Any:
    return post(client, "accounts/login/", {"username": username, "password": password})


def test_a_login_answers_an_access_and_a_refresh_token(client: Client, owner: ApiClient) -> None:
    answer = log_in(client, owner.user.username)
    assert (answer.status_code, set(answer.json())) == (200, {"access", "refresh"})
    assert AccessToken(answer.json()["access"])["user_id"] == str(owner.user.pk)
    assert RefreshToken(answer.json()["refresh"])["user_id"] == str(owner.user.pk)


def test_an_access_token_lasts_a_whole_day(client: Client, owner: ApiClient) -> None:
    token = AccessToken(log_in(client, owner.user.username).json()["access"])
    assert token["exp"] - token["iat"] == DAY_S


@pytest.mark.parametrize("password", ["12341235", " 12341234", "12341234 ", "1"])
def test_a_wrong_password_is_401(client: Client, owner: ApiClient, password: str) -> None:
    answer = log_in(client, owner.user.username, password)
    assert (answer.status_code, answer.json()) == (401, WRONG)


def test_an_unknown_name_is_answered_as_a_wrong_password_is(client: Client, db: None) -> None:
    answer = log_in(client, "nobody")
    assert (answer.status_code, answer.json()) == (401, WRONG)


def test_a_user_whom_the_staff_has_locked_out_is_401(client: Client, owner: ApiClient) -> None:
    owner.user.is_active = False
    owner.user.save()
    answer = log_in(client, owner.user.username)
    assert (answer.status_code, answer.json()) == (401, WRONG)
    assert owner("get", "accounts/time/").status_code == 401


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, {"username": REQUIRED, "password": REQUIRED}),
        ({"username": "a"}, {"password": REQUIRED}),
        ({"password": "a"}, {"username": REQUIRED}),
        ({"username": None, "password": "a"}, {"username": ["This field may not be null."]}),
        ({"username": ["a"], "password": "a"}, {"username": ["Not a valid string."]}),
        ({"username": "a\0", "password": "a"}, {"username": ["Null characters are not allowed."]}),
    ],
)
def test_a_login_that_cannot_be_meant_is_400(client: Client, db: None, body: Any, expected: Any) -> None:
    answer = post(client, "accounts/login/", body)
    assert (answer.status_code, answer.json()) == (400, expected)


def test_a_stale_token_does_not_hinder_logging_in(client: Client, owner: ApiClient) -> None:
    body = {"username": owner.user.username, "password": PASSWORD}
    assert post(client, "accounts/login/", body, Authorization="Bearer garbage").status_code == 200


def test_whoever_signs_up_can_log_in_with_the_name_as_typed(client: Client, db: None) -> None:
    typed = unicodedata.normalize("NFD", "미나")  # as macOS decomposes it
    assert post(client, "accounts/", {"username": typed, "password": PASSWORD}).status_code == 201
    assert log_in(client, typed).status_code == 200


def test_a_password_with_spaces_around_it_logs_in(client: Client, db: None) -> None:
    assert post(client, "accounts/", {"username": "testuser", "password": " 123456 "}).status_code == 201
    assert log_in(client, "testuser", " 123456 ").status_code == 200


def test_a_refresh_token_gives_a_new_access_token_that_works(client: Client, owner: ApiClient) -> None:
    refresh = log_in(client, owner.user.username).json()["refresh"]
    answer = post(client, "token/refresh/", {"refresh": refresh})
    assert (answer.status_code, set(answer.json())) == (200, {"access"})
    owner.access = answer.json()["access"]
    assert owner("get", "accounts/time/").status_code == 200


def test_garbage_is_no_refresh_token(client: Client, db: None) -> None:
    answer = post(client, "token/refresh/", {"refresh": "garbage"})
    assert (answer.status_code, answer.json()) == (401, {"detail": "Token is invalid", "code": "token_not_valid"})


def test_an_access_token_is_no_refresh_token(client: Client, owner: ApiClient) -> None:
    assert post(client, "token/refresh/", {"refresh": owner.access}).status_code == 401


def test_a_refresh_token_is_no_access_token(client: Client, owner: ApiClient) -> None:
    owner.access = log_in(client, owner.user.username).json()["refresh"]
    assert owner("get", "accounts/time/").status_code == 401


@pytest.mark.parametrize("value", [None, [], {}, 1.5, "\ud800", "\0"])
def test_a_refresh_token_that_is_no_text_is_refused(client: Client, db: None, value: Any) -> None:
    assert post(client, "token/refresh/", {"refresh": value}).status_code in (400, 401)


def test_a_missing_refresh_token_is_400(client: Client, db: None) -> None:
    answer = post(client, "token/refresh/", {})
    assert (answer.status_code, answer.json()) == (400, {"refresh": REQUIRED})


def test_the_refresh_token_of_somebody_who_left_is_401(client: Client, db: None) -> None:
    user = user_create(username="leaver", password=PASSWORD)
    refresh = log_in(client, "leaver").json()["refresh"]
    user_erase(user_id=user.pk)
    assert post(client, "token/refresh/", {"refresh": refresh}).status_code == 401


def test_the_refresh_token_of_somebody_locked_out_is_401(client: Client, owner: ApiClient) -> None:
    refresh = log_in(client, owner.user.username).json()["refresh"]
    owner.user.is_active = False
    owner.user.save()
    assert post(client, "token/refresh/", {"refresh": refresh}).status_code == 401
