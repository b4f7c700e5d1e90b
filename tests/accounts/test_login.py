"""POST /api/accounts/login/ and /api/token/refresh/; which tries are too many stands in test_login_failures.py"""

import unicodedata
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken
from rest_framework_simplejwt.tokens import AccessToken

from accounts import tokens
from accounts.models import User
from accounts.services import AccountDeleted, user_create
from accounts.tokens import RefreshToken
from personal_data.withdrawal import user_erase
from tests.conftest import PASSWORD, ApiClient

DAY_S = 24 * 3600
FORTNIGHT_S = 14 * DAY_S
USED = {"detail": "Token is blacklisted", "code": "token_not_valid"}
WRONG = {"detail": "No active account found with the given credentials"}
REQUIRED = ["This field is required."]


def post(client: Client, path: str, body: Any, **headers: str) -> Any:
    return client.post(f"/api/{path}", body, content_type="application/json", headers=headers)


def log_in(client: Client, username: str, password: str = PASSWORD) -> Any:
    return post(client, "accounts/login/", {"username": username, "password": password})


def expiries() -> list[datetime]:
    return list(OutstandingToken.objects.values_list("expires_at", flat=True))


def test_a_login_answers_an_access_and_a_refresh_token(client: Client, owner: ApiClient) -> None:
    response = log_in(client, owner.user.username)
    assert (response.status_code, set(response.json())) == (200, {"access", "refresh"})
    assert AccessToken(response.json()["access"])["user_id"] == str(owner.user.pk)
    assert RefreshToken(response.json()["refresh"])["user_id"] == str(owner.user.pk)


def test_an_access_token_lasts_a_whole_day(client: Client, owner: ApiClient) -> None:
    token = AccessToken(log_in(client, owner.user.username).json()["access"])
    assert token["exp"] - token["iat"] == DAY_S


@pytest.mark.parametrize("password", ["12341235", " 12341234", "12341234 ", "1"])
def test_a_wrong_password_is_401(client: Client, owner: ApiClient, password: str) -> None:
    response = log_in(client, owner.user.username, password)
    assert (response.status_code, response.json()) == (401, WRONG)


def test_an_unknown_name_is_answered_as_a_wrong_password_is(client: Client, db: None) -> None:
    response = log_in(client, "nobody")
    assert (response.status_code, response.json()) == (401, WRONG)


def test_a_user_whom_the_staff_has_locked_out_is_401(client: Client, owner: ApiClient) -> None:
    owner.user.is_active = False
    owner.user.save()
    response = log_in(client, owner.user.username)
    assert (response.status_code, response.json()) == (401, WRONG)
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
    response = post(client, "accounts/login/", body)
    assert (response.status_code, response.json()) == (400, expected)


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
    response = post(client, "token/refresh/", {"refresh": refresh})
    assert (response.status_code, set(response.json())) == (200, {"access", "refresh"})
    owner.access = response.json()["access"]
    assert owner("get", "accounts/time/").status_code == 200


def test_a_refresh_token_is_good_for_one_use_and_the_next_one_comes_with_it(client: Client, owner: ApiClient) -> None:
    first = log_in(client, owner.user.username).json()["refresh"]
    second = post(client, "token/refresh/", {"refresh": first}).json()["refresh"]
    response = post(client, "token/refresh/", {"refresh": first})
    assert (response.status_code, response.json()) == (401, USED)
    assert post(client, "token/refresh/", {"refresh": second}).status_code == 200


def test_a_new_refresh_token_lasts_as_long_as_the_first_did(client: Client, owner: ApiClient) -> None:
    first = RefreshToken.for_user(owner.user)
    first.set_exp(lifetime=timedelta(hours=1))
    second = RefreshToken(post(client, "token/refresh/", {"refresh": str(first)}).json()["refresh"])
    assert second["exp"] - second["iat"] == FORTNIGHT_S


def test_where_tokens_do_not_rotate_the_answer_is_an_access_token_only(
    client: Client, owner: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_settings, "ROTATE_REFRESH_TOKENS", False)
    refresh = log_in(client, owner.user.username).json()["refresh"]
    responses = [post(client, "token/refresh/", {"refresh": refresh}) for _ in range(3)]
    assert [(response.status_code, set(response.json())) for response in responses] == [(200, {"access"})] * 3


def test_a_used_refresh_token_that_turns_up_again_soon_ends_nothing(client: Client, owner: ApiClient) -> None:
    first = log_in(client, owner.user.username).json()["refresh"]
    second = post(client, "token/refresh/", {"refresh": first}).json()["refresh"]
    assert post(client, "token/refresh/", {"refresh": first}).status_code == 401
    assert post(client, "token/refresh/", {"refresh": second}).status_code == 200


def test_a_used_refresh_token_that_turns_up_later_was_copied_and_ends_its_login(
    client: Client, owner: ApiClient
) -> None:
    first = log_in(client, owner.user.username).json()["refresh"]
    second = post(client, "token/refresh/", {"refresh": first}).json()
    BlacklistedToken.objects.update(blacklisted_at=timezone.now() - tokens.REUSE_GRACE)
    assert post(client, "token/refresh/", {"refresh": first}).json() == USED
    assert post(client, "token/refresh/", {"refresh": second["refresh"]}).status_code == 401
    copied, owner.access = owner.access, second["access"]
    assert owner("get", "accounts/time/").status_code == 401
    owner.access = copied  # another login
    assert owner("get", "accounts/time/").status_code == 200


def test_of_two_refreshes_at_once_one_wins(owner: ApiClient) -> None:
    token = RefreshToken.for_user(owner.user)
    other = RefreshToken(str(token))  # type: ignore[arg-type]  # both have been looked at, and neither is used
    token.exchange()
    with pytest.raises(TokenError, match="Token is blacklisted"):
        other.exchange()
    assert BlacklistedToken.objects.count() == 1


def test_a_refresh_after_the_password_changed_is_401(client: Client, owner: ApiClient) -> None:
    refresh = log_in(client, owner.user.username).json()["refresh"]
    owner.user.set_password("another-password")
    owner.user.save()
    assert post(client, "token/refresh/", {"refresh": refresh}).status_code == 401
    assert owner("get", "accounts/time/").status_code == 401


def test_no_token_is_kept(client: Client, owner: ApiClient) -> None:
    refresh = log_in(client, owner.user.username).json()["refresh"]
    post(client, "token/refresh/", {"refresh": refresh})
    assert set(OutstandingToken.objects.values_list("token", flat=True)) == {""}


def test_what_is_kept_of_tokens_goes_when_the_last_one_has_expired(client: Client, owner: ApiClient) -> None:
    post(client, "token/refresh/", log_in(client, owner.user.username).json())
    kept = OutstandingToken.objects.count()
    tokens.delete_expired()
    assert OutstandingToken.objects.count() == kept == 3  # two logins, and a token that was used
    # A login that was ended is remembered for longer than any of its tokens lasts.
    last = timezone.now() + timedelta(seconds=FORTNIGHT_S + DAY_S)
    assert {abs(expires - last) < timedelta(seconds=30) for expires in expiries()} == {True}
    OutstandingToken.objects.filter(pk__in=[*OutstandingToken.objects.values_list("pk", flat=True)][:2]).update(
        expires_at=timezone.now()
    )
    tokens.delete_expired()
    assert OutstandingToken.objects.count() == 1


def test_more_expired_tokens_than_are_deleted_at_once_all_go(owner: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "BATCH", 2)
    for _ in range(4):
        RefreshToken.for_user(owner.user)
    OutstandingToken.objects.update(expires_at=timezone.now())
    tokens.delete_expired()
    assert not OutstandingToken.objects.exists()


def test_a_request_asks_for_its_user_and_the_logins_end_in_one_query(owner: ApiClient) -> None:
    with CaptureQueriesContext(connection) as queries:
        assert owner("get", "accounts/time/").status_code == 200
    assert len(queries) == 1


def test_a_login_of_somebody_who_leaves_that_moment_is_401(client: Client, owner: ApiClient) -> None:
    gone = User.objects.get(pk=owner.user.pk)
    user_erase(user_id=owner.user.pk)
    with pytest.raises(AccountDeleted):
        tokens.tokens_for(gone)
    assert not OutstandingToken.objects.exists()


def test_a_signed_token_without_a_user_is_401(owner: ApiClient) -> None:
    owner.access = str(AccessToken())
    assert owner("get", "accounts/time/").status_code == 401


def test_garbage_is_no_refresh_token(client: Client, db: None) -> None:
    response = post(client, "token/refresh/", {"refresh": "garbage"})
    assert (response.status_code, response.json()) == (401, {"detail": "Token is invalid", "code": "token_not_valid"})


def test_an_access_token_is_no_refresh_token(client: Client, owner: ApiClient) -> None:
    assert post(client, "token/refresh/", {"refresh": owner.access}).status_code == 401


def test_a_refresh_token_is_no_access_token(client: Client, owner: ApiClient) -> None:
    owner.access = log_in(client, owner.user.username).json()["refresh"]
    assert owner("get", "accounts/time/").status_code == 401


@pytest.mark.parametrize("value", [None, [], {}, 1.5, "\ud800", "\0"])
def test_a_refresh_token_that_is_no_text_is_refused(client: Client, db: None, value: Any) -> None:
    assert post(client, "token/refresh/", {"refresh": value}).status_code in (400, 401)


def test_a_missing_refresh_token_is_400(client: Client, db: None) -> None:
    response = post(client, "token/refresh/", {})
    assert (response.status_code, response.json()) == (400, {"refresh": REQUIRED})


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
