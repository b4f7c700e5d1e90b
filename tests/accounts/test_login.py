"""POST /api/accounts/login/ and /api/token/refresh/; limits on failed attempts: test_login_failures.py"""

import unicodedata
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
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


def test_login_returns_access_and_refresh_token(client: Client, owner: ApiClient) -> None:
    response = log_in(client, owner.user.username)
    assert (response.status_code, set(response.json())) == (200, {"access", "refresh"})
    assert AccessToken(response.json()["access"])["user_id"] == str(owner.user.pk)
    assert RefreshToken(response.json()["refresh"])["user_id"] == str(owner.user.pk)


def test_access_token_lasts_a_day(client: Client, owner: ApiClient) -> None:
    token = AccessToken(log_in(client, owner.user.username).json()["access"])
    assert token["exp"] - token["iat"] == DAY_S


def test_access_token_lasts_a_day_after_a_login_that_had_to_wait(
    owner: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, later = datetime(2026, 12, 1, tzinfo=UTC), count()
    monkeypatch.setattr("rest_framework_simplejwt.tokens.aware_utcnow", lambda: now + timedelta(seconds=next(later)))
    token = RefreshToken.for_user(owner.user).access_token
    assert (token["exp"] - token["iat"], next(later) > 1) == (DAY_S, True)


@pytest.mark.parametrize("password", ["12341235", " 12341234", "12341234 ", "1"])
def test_wrong_password_is_refused(client: Client, owner: ApiClient, password: str) -> None:
    response = log_in(client, owner.user.username, password)
    assert (response.status_code, response.json()) == (401, WRONG)


def test_unknown_name_gets_the_same_response(client: Client, db: None) -> None:
    response = log_in(client, "nobody")
    assert (response.status_code, response.json()) == (401, WRONG)


def test_inactive_user_is_refused(client: Client, owner: ApiClient) -> None:
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
def test_malformed_login_is_400(client: Client, db: None, body: Any, expected: Any) -> None:
    response = post(client, "accounts/login/", body)
    assert (response.status_code, response.json()) == (400, expected)


def test_stale_token_does_not_prevent_login(client: Client, owner: ApiClient) -> None:
    body = {"username": owner.user.username, "password": PASSWORD}
    assert post(client, "accounts/login/", body, Authorization="Bearer garbage").status_code == 200


def test_login_is_remembered_as_the_last_one(client: Client, owner: ApiClient) -> None:
    User.objects.update(last_login=None)
    before = timezone.now().replace(microsecond=0)
    assert log_in(client, owner.user.username).status_code == 200
    last_login = User.objects.get().last_login
    assert last_login
    assert last_login >= before


def test_login_normalises_the_username(client: Client, db: None) -> None:
    typed = unicodedata.normalize("NFD", "미나")  # as macOS decomposes it
    assert post(client, "accounts/", {"username": typed, "password": PASSWORD}).status_code == 201
    assert log_in(client, typed).status_code == 200


FORMS = [unicodedata.normalize(form, "비밀번호-café") for form in ("NFC", "NFD")]


@pytest.mark.parametrize("typed", FORMS)
@pytest.mark.parametrize("chosen", FORMS)
def test_password_may_be_typed_in_either_form(client: Client, db: None, chosen: str, typed: str) -> None:
    assert post(client, "accounts/", {"username": "testuser", "password": chosen}).status_code == 201
    assert log_in(client, "testuser", typed).status_code == 200
    assert log_in(client, "testuser", f"{typed}.").status_code == 401


@pytest.mark.parametrize("typed", FORMS)
@pytest.mark.parametrize("hashed", FORMS)
def test_older_hashes_still_match(client: Client, owner: ApiClient, hashed: str, typed: str) -> None:
    User.objects.update(password=make_password(hashed))
    assert log_in(client, owner.user.username, typed).status_code == 200


def test_spaces_around_a_password_are_significant(client: Client, db: None) -> None:
    assert post(client, "accounts/", {"username": "testuser", "password": " 123456 "}).status_code == 201
    assert log_in(client, "testuser", " 123456 ").status_code == 200


@pytest.mark.parametrize(("ahead_s", "status"), [(20, 200), (-DAY_S - 20, 200), (60, 401), (-DAY_S - 60, 401)])
def test_token_of_a_node_whose_clock_differs(owner: ApiClient, ahead_s: int, status: int) -> None:
    token = AccessToken(owner.access)  # type: ignore[arg-type]
    token["iat"] += ahead_s
    token["exp"] += ahead_s
    owner.access = str(token)
    assert owner("get", "accounts/time/").status_code == status


def test_refresh_returns_a_working_access_token(client: Client, owner: ApiClient) -> None:
    refresh = log_in(client, owner.user.username).json()["refresh"]
    response = post(client, "token/refresh/", {"refresh": refresh})
    assert (response.status_code, set(response.json())) == (200, {"access", "refresh"})
    owner.access = response.json()["access"]
    assert owner("get", "accounts/time/").status_code == 200


def test_refresh_token_works_only_once(client: Client, owner: ApiClient) -> None:
    first = log_in(client, owner.user.username).json()["refresh"]
    second = post(client, "token/refresh/", {"refresh": first}).json()["refresh"]
    response = post(client, "token/refresh/", {"refresh": first})
    assert (response.status_code, response.json()) == (401, USED)
    assert post(client, "token/refresh/", {"refresh": second}).status_code == 200


def test_new_refresh_token_lasts_a_fortnight(client: Client, owner: ApiClient) -> None:
    first = RefreshToken.for_user(owner.user)
    first.set_exp(lifetime=timedelta(hours=1))
    second = RefreshToken(post(client, "token/refresh/", {"refresh": str(first)}).json()["refresh"])
    assert second["exp"] - second["iat"] == FORTNIGHT_S


def test_refresh_returns_no_refresh_token_without_rotation(
    client: Client, owner: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_settings, "ROTATE_REFRESH_TOKENS", False)
    refresh = log_in(client, owner.user.username).json()["refresh"]
    responses = [post(client, "token/refresh/", {"refresh": refresh}) for _ in range(3)]
    assert [(response.status_code, set(response.json())) for response in responses] == [(200, {"access"})] * 3


def test_early_reuse_does_not_end_the_login(client: Client, owner: ApiClient) -> None:
    first = log_in(client, owner.user.username).json()["refresh"]
    second = post(client, "token/refresh/", {"refresh": first}).json()["refresh"]
    assert post(client, "token/refresh/", {"refresh": first}).status_code == 401
    assert post(client, "token/refresh/", {"refresh": second}).status_code == 200


def test_late_reuse_ends_the_login(client: Client, owner: ApiClient) -> None:
    first = log_in(client, owner.user.username).json()["refresh"]
    second = post(client, "token/refresh/", {"refresh": first}).json()
    BlacklistedToken.objects.update(blacklisted_at=timezone.now() - tokens.REUSE_GRACE)
    assert post(client, "token/refresh/", {"refresh": first}).json() == USED
    assert post(client, "token/refresh/", {"refresh": second["refresh"]}).status_code == 401
    copied, owner.access = owner.access, second["access"]
    assert owner("get", "accounts/time/").status_code == 401
    owner.access = copied  # another login
    assert owner("get", "accounts/time/").status_code == 200


def test_only_one_of_two_concurrent_refreshes_succeeds(owner: ApiClient) -> None:
    token = RefreshToken.for_user(owner.user)
    other = RefreshToken(str(token))  # type: ignore[arg-type]  # both are valid: neither has been used
    token.exchange()
    with pytest.raises(TokenError, match="Token is blacklisted"):
        other.exchange()
    assert BlacklistedToken.objects.count() == 1


def test_password_change_invalidates_refresh_tokens(client: Client, owner: ApiClient) -> None:
    refresh = log_in(client, owner.user.username).json()["refresh"]
    owner.user.set_password("another-password")
    owner.user.save()
    assert post(client, "token/refresh/", {"refresh": refresh}).status_code == 401
    assert owner("get", "accounts/time/").status_code == 401


def test_tokens_are_not_stored(client: Client, owner: ApiClient) -> None:
    refresh = log_in(client, owner.user.username).json()["refresh"]
    post(client, "token/refresh/", {"refresh": refresh})
    assert set(OutstandingToken.objects.values_list("token", flat=True)) == {""}


def test_token_rows_are_deleted_after_expiry(client: Client, owner: ApiClient) -> None:
    post(client, "token/refresh/", log_in(client, owner.user.username).json())
    stored = OutstandingToken.objects.count()
    tokens.delete_expired()
    assert OutstandingToken.objects.count() == stored == 3  # two logins, and a token that was used
    # An ended login is stored for longer than any of its tokens lasts.
    last = timezone.now() + timedelta(seconds=FORTNIGHT_S + DAY_S)
    assert {abs(expires - last) < timedelta(seconds=30) for expires in expiries()} == {True}
    OutstandingToken.objects.filter(pk__in=[*OutstandingToken.objects.values_list("pk", flat=True)][:2]).update(
        expires_at=timezone.now()
    )
    tokens.delete_expired()
    assert OutstandingToken.objects.count() == 1


def test_expired_tokens_are_deleted_in_batches(owner: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "BATCH", 2)
    for _ in range(4):
        RefreshToken.for_user(owner.user)
    OutstandingToken.objects.update(expires_at=timezone.now())
    tokens.delete_expired()
    assert not OutstandingToken.objects.exists()


def test_authentication_takes_one_query(owner: ApiClient) -> None:
    with CaptureQueriesContext(connection) as queries:
        assert owner("get", "accounts/time/").status_code == 200
    assert len(queries) == 1


def test_deleted_account_gets_no_tokens(client: Client, owner: ApiClient) -> None:
    deleted = User.objects.get(pk=owner.user.pk)
    user_erase(user_id=owner.user.pk)
    with pytest.raises(AccountDeleted):
        tokens.tokens_for(deleted)
    assert not OutstandingToken.objects.exists()


def test_signed_token_without_a_user_is_refused(owner: ApiClient) -> None:
    owner.access = str(AccessToken())
    assert owner("get", "accounts/time/").status_code == 401


def test_garbage_is_not_a_refresh_token(client: Client, db: None) -> None:
    response = post(client, "token/refresh/", {"refresh": "garbage"})
    assert (response.status_code, response.json()) == (401, {"detail": "Token is invalid", "code": "token_not_valid"})


def test_access_token_is_not_a_refresh_token(client: Client, owner: ApiClient) -> None:
    assert post(client, "token/refresh/", {"refresh": owner.access}).status_code == 401


def test_refresh_token_is_not_an_access_token(client: Client, owner: ApiClient) -> None:
    owner.access = log_in(client, owner.user.username).json()["refresh"]
    assert owner("get", "accounts/time/").status_code == 401


@pytest.mark.parametrize("value", [None, [], {}, 1.5, "\ud800", "\0"])
def test_malformed_refresh_token_is_refused(client: Client, db: None, value: Any) -> None:
    assert post(client, "token/refresh/", {"refresh": value}).status_code in (400, 401)


def test_missing_refresh_token_is_400(client: Client, db: None) -> None:
    response = post(client, "token/refresh/", {})
    assert (response.status_code, response.json()) == (400, {"refresh": REQUIRED})


def test_refresh_token_of_a_deleted_user_is_refused(client: Client, db: None) -> None:
    user = user_create(username="leaver", password=PASSWORD)
    refresh = log_in(client, "leaver").json()["refresh"]
    user_erase(user_id=user.pk)
    assert post(client, "token/refresh/", {"refresh": refresh}).status_code == 401


def test_refresh_token_of_an_inactive_user_is_refused(client: Client, owner: ApiClient) -> None:
    refresh = log_in(client, owner.user.username).json()["refresh"]
    owner.user.is_active = False
    owner.user.save()
    assert post(client, "token/refresh/", {"refresh": refresh}).status_code == 401
