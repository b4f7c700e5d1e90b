"""POST /api/accounts/logout/"""

from typing import Any

import pytest
from django.test import Client
from rest_framework_simplejwt.token_blacklist.models import OutstandingToken

from accounts.models import User
from tests.conftest import PASSWORD, ApiClient

PATH = "accounts/logout/"
ENDED = {"detail": "This login has ended.", "code": "login_ended"}
NOT_TEXTS: list[Any] = [None, [], {}, True, "", "\0", "\ud800"]
NOT_FLAGS: list[Any] = [None, [], {}, "perhaps", 2]
NOT_THEIRS = {"refresh": ["This refresh token is invalid, expired or another account's."]}


def log_in(person: ApiClient) -> Any:
    body = {"username": person.user.username, "password": PASSWORD}
    return Client().post("/api/accounts/login/", body, content_type="application/json").json()


def refresh(token: str) -> Any:
    return Client().post("/api/token/refresh/", {"refresh": token}, content_type="application/json")


def call_with(access: str, method: str, path: str, body: Any = None) -> Any:
    headers = {"Authorization": f"Bearer {access}"}
    options = {} if body is None else {"data": body, "content_type": "application/json"}
    return getattr(Client(), method)(f"/api/{path}", headers=headers, **options)


def is_valid(access: str) -> bool:
    status: int = call_with(access, "get", "accounts/time/").status_code
    assert status in (200, 401)
    return status == 200


@pytest.mark.parametrize("body", ["", {}, {"flag": 1}, {"everywhere": False}])
def test_logout_invalidates_both_tokens(owner: ApiClient, body: Any) -> None:
    tokens = log_in(owner)
    assert call_with(tokens["access"], "post", PATH, body).status_code == 204
    response = call_with(tokens["access"], "get", "accounts/time/")
    assert (response.status_code, response.json()) == (401, ENDED)
    assert (refresh(tokens["refresh"]).status_code, refresh(tokens["refresh"]).json()) == (401, ENDED)


def test_logout_invalidates_earlier_access_tokens(owner: ApiClient) -> None:
    first = log_in(owner)
    second = refresh(first["refresh"]).json()
    third = refresh(second["refresh"]).json()
    assert call_with(second["access"], "post", PATH, {}).status_code == 204
    assert not [tokens for tokens in (first, second, third) if is_valid(tokens["access"])]
    assert refresh(third["refresh"]).status_code == 401


def test_other_logins_stay_valid(owner: ApiClient) -> None:
    other = log_in(owner)
    assert owner("post", PATH, {}).status_code == 204
    assert not is_valid(owner.access)
    assert is_valid(other["access"])
    assert refresh(other["refresh"]).status_code == 200


def test_refresh_token_ends_its_login_too(owner: ApiClient) -> None:
    other, third = log_in(owner), log_in(owner)
    assert owner("post", PATH, {"refresh": other["refresh"]}).status_code == 204
    assert [is_valid(access) for access in (owner.access, other["access"], third["access"])] == [
        False,
        False,
        True,
    ]


def test_everywhere_ends_all_logins_of_the_user(owner: ApiClient, stranger: ApiClient) -> None:
    other = log_in(owner)
    assert owner("post", PATH, {"everywhere": True}).status_code == 204
    assert not is_valid(owner.access)
    assert not is_valid(other["access"])
    assert refresh(other["refresh"]).status_code == 401
    assert is_valid(stranger.access)
    assert is_valid(log_in(owner)["access"])


def test_everywhere_ends_admin_sessions(owner: ApiClient, client: Client) -> None:
    User.objects.update(is_staff=True, is_superuser=True)
    client.force_login(User.objects.get())
    assert client.get("/api/admin/").status_code == 200
    assert owner("post", PATH, {"everywhere": True}).status_code == 204
    assert client.get("/api/admin/").status_code == 302


def test_refresh_token_of_another_user_is_400(owner: ApiClient, stranger: ApiClient) -> None:
    theirs = log_in(stranger)
    for everywhere in (False, True):
        response = owner("post", PATH, {"refresh": theirs["refresh"], "everywhere": everywhere})
        assert (response.status_code, response.json()) == (400, NOT_THEIRS)
    assert is_valid(owner.access)
    assert is_valid(theirs["access"])
    assert refresh(theirs["refresh"]).status_code == 200


def test_used_refresh_token_is_400(owner: ApiClient) -> None:
    used = log_in(owner)
    assert refresh(used["refresh"]).status_code == 200
    response = owner("post", PATH, {"refresh": used["refresh"]})
    assert (response.status_code, response.json()) == (400, NOT_THEIRS)
    assert is_valid(owner.access)


@pytest.mark.parametrize("token", ["garbage", "a.b.c", "null", "한국어 🙂", "e" * 5000])
def test_garbage_is_not_a_refresh_token(owner: ApiClient, token: str) -> None:
    response = owner("post", PATH, {"refresh": token})
    assert (response.status_code, response.json()) == (400, NOT_THEIRS)
    assert is_valid(owner.access)


def test_access_token_is_not_a_refresh_token(owner: ApiClient) -> None:
    assert owner("post", PATH, {"refresh": owner.access}).json() == NOT_THEIRS
    assert is_valid(owner.access)


@pytest.mark.refused
@pytest.mark.parametrize(
    ("field", "value"), [*(("refresh", value) for value in NOT_TEXTS), *(("everywhere", value) for value in NOT_FLAGS)]
)
def test_invalid_field_is_named(owner: ApiClient, field: str, value: Any) -> None:
    response = owner("post", PATH, {field: value})
    assert (response.status_code, set(response.json())) == (400, {field})
    assert is_valid(owner.access)


@pytest.mark.parametrize("body", ["{", "[]", "null", '"x"'])
def test_malformed_body_ends_no_login(owner: ApiClient, body: str) -> None:
    assert owner("post", PATH, body).status_code == 400
    assert is_valid(owner.access)


@pytest.mark.parametrize("header", [None, "Bearer garbage", "Bearer"])
def test_anonymous_is_refused(client: Client, owner: ApiClient, header: str | None) -> None:
    headers = {"Authorization": header} if header else {}
    refreshing = log_in(owner)["refresh"]
    body = {"refresh": refreshing, "everywhere": True}
    assert client.post(f"/api/{PATH}", body, content_type="application/json", headers=headers).status_code == 401
    assert refresh(refreshing).status_code == 200


def test_second_logout_is_401(owner: ApiClient) -> None:
    assert [owner("post", PATH, {}).status_code for _ in range(2)] == [204, 401]


def test_ended_logins_store_no_token(owner: ApiClient) -> None:
    tokens = log_in(owner)
    refresh(tokens["refresh"])
    owner("post", PATH, {})
    assert OutstandingToken.objects.filter(user=owner.user).count() == 3  # two logins and a used token
    assert set(OutstandingToken.objects.values_list("token", flat=True)) == {""}
