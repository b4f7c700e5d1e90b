"""POST /api/accounts/"""

import json
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from tests.conftest import PASSWORD, ApiClient

pytestmark = pytest.mark.django_db

PATH = "/api/accounts/"
BODY_LIMIT_BYTES = 64 * 2**10
JSON_WANTED = {"detail": "The body must be JSON, with the header Content-Type: application/json."}
REQUIRED = ["This field is required."]
OTHER_ID = 10**12  # no database counts that far


def sign_up(client: Client, body: Any, content_type: str = "application/json", **headers: str) -> Any:
    return client.post(PATH, body, content_type=content_type, headers=headers)


def test_sign_up_answers_201_with_the_username_and_nothing_else(client: Client) -> None:
    response = sign_up(client, {"username": "testuser", "password": PASSWORD})
    assert (response.status_code, response.json()) == (201, {"username": "testuser"})
    assert User.objects.get().username == "testuser"


def test_an_e_mail_address_is_a_username(client: Client) -> None:
    response = sign_up(client, {"username": "mina+desk@example.co.kr", "password": PASSWORD})
    assert (response.status_code, response.json()) == (201, {"username": "mina+desk@example.co.kr"})


def test_the_password_12341234_is_taken_and_kept_as_a_hash_only(client: Client) -> None:
    response = sign_up(client, {"username": "testuser", "password": "12341234"})
    user = User.objects.get()
    assert response.status_code == 201
    assert user.check_password("12341234")
    assert "12341234" not in user.password
    assert "12341234" not in response.content.decode()
    assert user.password not in response.content.decode()


def test_spaces_around_a_password_belong_to_it(client: Client) -> None:
    assert sign_up(client, {"username": "testuser", "password": "  123456  "}).status_code == 201
    assert User.objects.get().check_password("  123456  ")


def test_a_new_user_has_no_rights_whatever_the_request_says(client: Client) -> None:
    rights = {"is_staff": True, "is_superuser": True, "id": OTHER_ID, "flag": 1}
    response = sign_up(client, {"username": "testuser", "password": PASSWORD, **rights})
    user = User.objects.get()
    assert (response.status_code, response.json()) == (201, {"username": "testuser"})
    assert (user.is_staff, user.is_superuser, user.pk == OTHER_ID) == (False, False, False)


def test_a_taken_username_is_refused_and_its_owner_keeps_the_password(client: Client, owner: ApiClient) -> None:
    response = sign_up(client, {"username": owner.user.username, "password": "another-password"})
    assert (response.status_code, response.json()) == (400, {"username": ["A user with that username already exists."]})
    assert User.objects.get().check_password(PASSWORD)


def test_a_too_short_password_is_refused(client: Client) -> None:
    response = sign_up(client, {"username": "testuser", "password": "1234123"})
    assert (response.status_code, response.json()) == (
        400,
        {"password": ["This password is too short. It must contain at least 8 characters."]},
    )
    assert not User.objects.exists()


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, {"username": REQUIRED, "password": REQUIRED}),
        ({"username": "testuser"}, {"password": REQUIRED}),
        ({"password": PASSWORD}, {"username": REQUIRED}),
    ],
)
def test_a_missing_field_is_named(client: Client, body: dict[str, str], expected: dict[str, list[str]]) -> None:
    response = sign_up(client, body)
    assert (response.status_code, response.json()) == (400, expected)


@pytest.mark.parametrize(
    "username",
    ["", " ", "a\0b", "\ud800", "a" * 151, "two words", "<b>", "a\nb", None, True, [], {}, ["a"], {"a": 1}],
)
def test_a_name_nobody_can_have_is_refused_by_its_field(client: Client, username: Any) -> None:
    response = sign_up(client, {"username": username, "password": PASSWORD})
    assert (response.status_code, set(response.json())) == (400, {"username"})
    assert not User.objects.exists()


def test_a_name_that_is_too_long_once_normalised_is_refused(client: Client) -> None:
    response = sign_up(client, {"username": "\ufdfa" * 150, "password": PASSWORD})  # NFKC makes 18 letters of each
    assert (response.status_code, set(response.json())) == (400, {"username"})
    assert not User.objects.exists()


@pytest.mark.parametrize("password", ["", None, True, [], {}, "1234\x001234", "1234123\ud800", "a" * 257])
def test_a_password_nobody_can_have_is_refused_by_its_field(client: Client, password: Any) -> None:
    response = sign_up(client, {"username": "testuser", "password": password})
    assert (response.status_code, set(response.json())) == (400, {"password"})
    assert not User.objects.exists()


@pytest.mark.parametrize(
    "body",
    [b"{", b'{"username": "testuser"', b"username=testuser", b"\xff\xfe\x00", b"[" * 60_000, b"1" * 5_000],
    ids=["open", "cut off", "form", "not UTF-8", "deep", "long number"],
)
def test_a_body_that_is_no_json_is_refused(client: Client, body: bytes) -> None:
    response = sign_up(client, body)
    assert (response.status_code, set(response.json())) == (400, {"detail"})
    assert response.json()["detail"].startswith("The body is not valid JSON: ")


@pytest.mark.parametrize("body", ["[]", '"text"', "1", "null", "true"])
def test_json_that_is_no_object_is_refused(client: Client, body: str) -> None:
    assert sign_up(client, body).status_code == 400


def test_deep_nesting_inside_a_field_is_refused(client: Client) -> None:
    body = '{"username": ' + "[" * 30_000 + "]" * 30_000 + "}"
    assert sign_up(client, body).status_code == 400


@pytest.mark.parametrize("content_type", ["text/plain", "application/xml", "nonsense"])
def test_another_content_type_is_told_which_header_to_send(client: Client, content_type: str) -> None:
    response = sign_up(client, json.dumps({"username": "testuser", "password": PASSWORD}), content_type)
    assert (response.status_code, response.json()) == (400, JSON_WANTED)


def test_a_form_is_told_which_header_to_send(client: Client) -> None:
    response = client.post(PATH, {"username": "testuser", "password": PASSWORD})  # multipart/form-data
    assert (response.status_code, response.json()) == (400, JSON_WANTED)


def padded(size: int) -> str:
    body = json.dumps({"username": "testuser", "password": PASSWORD, "flag": ""})
    return body.replace('""', '"' + "a" * (size - len(body)) + '"')


def test_a_body_of_64_kib_is_read(client: Client) -> None:
    assert sign_up(client, padded(BODY_LIMIT_BYTES)).status_code == 201


def test_a_larger_body_is_413(client: Client) -> None:
    response = sign_up(client, padded(BODY_LIMIT_BYTES + 1))
    assert (response.status_code, response.json()) == (
        413,
        {"detail": ["The request has 65537 bytes; at most 65536 are accepted."]},
    )
    assert not User.objects.exists()


@pytest.mark.parametrize("header", ["Bearer garbage", "Bearer", "Bearer a b", "Basic dGVzdDp0ZXN0", "\xff"])
def test_a_bad_token_does_not_hinder_signing_up(client: Client, header: str) -> None:
    response = sign_up(client, {"username": "testuser", "password": PASSWORD}, Authorization=header)
    assert (response.status_code, response.json()) == (201, {"username": "testuser"})


@pytest.mark.parametrize("method", ["get", "put", "patch"])
def test_there_is_no_other_call_here(owner: ApiClient, method: str) -> None:
    assert owner(method, "accounts/").status_code == 405


def test_an_address_has_room_for_120_sign_ups_a_minute_and_no_more(client: Client, settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # all within one minute
    codes = [sign_up(client, {"username": f"user{n}", "password": PASSWORD}).status_code for n in range(121)]
    assert codes == [201] * 120 + [429]
    assert User.objects.count() == 120
