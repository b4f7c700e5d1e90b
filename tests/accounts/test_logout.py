"""POST /api/accounts/logout/"""

from typing import Any

import pytest
from django.test import Client
from rest_framework_simplejwt.token_blacklist.models import OutstandingToken

from accounts.models import User
from tests.conftest import PASSWORD, ApiClient

PATH = "accounts/logout/"
ENDED = {"detail": "This login has ended.", "code": "login_ended"}
NO_TEXTS: list[Any] = [None, [], {}, True, "", "\0", "\ud800"]
NO_FLAGS: list[Any] = [None, [], {}, "perhaps", 2]
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


def is_in_force(access: str) -> bool:
    status: int = call_with(access, "get", "accounts/time/").status_code
    assert status in (200, 401)
    return status == 200


@pytest.mark.parametrize("body", ["", {}, {"flag": 1}, {"everywhere": False}])
def test_a_login_ends_with_both_its_tokens(owner: ApiClient, body: Any) -> None:
    tokens = log_in(owner)
    assert call_with(tokens["access"], "post", PATH, body).status_code == 204
    response = call_with(tokens["access"], "get", "accounts/time/")
    assert (response.status_code, response.json()) == (401, ENDED)
    assert (refresh(tokens["refresh"]).status_code, refresh(tokens["refresh"]).json()) == (401, ENDED)


def test_access_tokens_from_before_a_refresh_end_with_their_login(owner: ApiClient) -> None:
    first = log_in(owner)
    second = refresh(first["refresh"]).json()
    third = refresh(second["refresh"]).json()
    assert call_with(second["access"], "post", PATH, {}).status_code == 204
    assert not [each for each in (first, second, third) if is_in_force(each["access"])]
    assert refresh(third["refresh"]).status_code == 401


def test_other_logins_of_the_user_stay(owner: ApiClient) -> None:
    other = log_in(owner)
    assert owner("post", PATH, {}).status_code == 204
    assert not is_in_force(owner.access)
    assert is_in_force(other["access"])
    assert refresh(other["refresh"]).status_code == 200


def test_with_a_refresh_token_its_login_ends_besides(owner: ApiClient) -> None:
    other, third = log_in(owner), log_in(owner)
    assert owner("post", PATH, {"refresh": other["refresh"]}).status_code == 204
    assert [is_in_force(access) for access in (owner.access, other["access"], third["access"])] == [
        False,
        False,
        True,
    ]


def test_everywhere_ends_all_logins_of_the_user_and_nobody_elses(owner: ApiClient, stranger: ApiClient) -> None:
    other = log_in(owner)
    assert owner("post", PATH, {"everywhere": True}).status_code == 204
    assert not is_in_force(owner.access)
    assert not is_in_force(other["access"])
    assert refresh(other["refresh"]).status_code == 401
    assert is_in_force(stranger.access)
    assert is_in_force(log_in(owner)["access"])


def test_everywhere_ends_the_sessions_of_an_administrator(owner: ApiClient, client: Client) -> None:
    User.objects.update(is_staff=True, is_superuser=True)
    client.force_login(User.objects.get())
    assert client.get("/api/admin/").status_code == 200
    assert owner("post", PATH, {"everywhere": True}).status_code == 204
    assert client.get("/api/admin/").status_code == 302


def test_somebody_elses_refresh_token_is_400_and_ends_nothing(owner: ApiClient, stranger: ApiClient) -> None:
    theirs = log_in(stranger)
    for everywhere in (False, True):
        response = owner("post", PATH, {"refresh": theirs["refresh"], "everywhere": everywhere})
        assert (response.status_code, response.json()) == (400, NOT_THEIRS)
    assert is_in_force(owner.access)
    assert is_in_force(theirs["access"])
    assert refresh(theirs["refresh"]).status_code == 200


def test_a_refresh_token_that_is_used_is_400_and_ends_nothing(owner: ApiClient) -> None:
    used = log_in(owner)
    assert refresh(used["refresh"]).status_code == 200
    response = owner("post", PATH, {"refresh": used["refresh"]})
    assert (response.status_code, response.json()) == (400, NOT_THEIRS)
    assert is_in_force(owner.access)


@pytest.mark.parametrize("token", ["garbage", "a.b.c", "null", "한국어 🙂", "e" * 5000])
def test_what_is_no_token_is_400(owner: ApiClient, token: str) -> None:
    response = owner("post", PATH, {"refresh": token})
    assert (response.status_code, response.json()) == (400, NOT_THEIRS)
    assert is_in_force(owner.access)


def test_an_access_token_is_not_a_refresh_token(owner: ApiClient) -> None:
    assert owner("post", PATH, {"refresh": owner.access}).json() == NOT_THEIRS
    assert is_in_force(owner.access)


@pytest.mark.parametrize(
    ("field", "value"), [*(("refresh", each) for each in NO_TEXTS), *(("everywhere", each) for each in NO_FLAGS)]
)
def test_fields_that_cannot_be_meant_are_named(owner: ApiClient, field: str, value: Any) -> None:
    response = owner("post", PATH, {field: value})
    assert (response.status_code, set(response.json())) == (400, {field})
    assert is_in_force(owner.access)


@pytest.mark.parametrize("body", ["{", "[]", "null", '"x"'])
def test_a_body_that_cannot_be_meant_ends_nothing(owner: ApiClient, body: str) -> None:
    assert owner("post", PATH, body).status_code == 400
    assert is_in_force(owner.access)


@pytest.mark.parametrize("header", [None, "Bearer garbage", "Bearer"])
def test_nobody_logs_out_without_a_token(client: Client, owner: ApiClient, header: str | None) -> None:
    headers = {"Authorization": header} if header else {}
    refreshing = log_in(owner)["refresh"]
    body = {"refresh": refreshing, "everywhere": True}
    assert client.post(f"/api/{PATH}", body, content_type="application/json", headers=headers).status_code == 401
    assert refresh(refreshing).status_code == 200


def test_logging_out_twice_is_401_the_second_time(owner: ApiClient) -> None:
    assert [owner("post", PATH, {}).status_code for _ in range(2)] == [204, 401]


def test_what_is_kept_of_an_ended_login_is_no_token(owner: ApiClient) -> None:
    tokens = log_in(owner)
    refresh(tokens["refresh"])
    owner("post", PATH, {})
    assert OutstandingToken.objects.filter(user=owner.user).count() == 3  # two logins and a used token
    assert set(OutstandingToken.objects.values_list("token", flat=True)) == {""}
