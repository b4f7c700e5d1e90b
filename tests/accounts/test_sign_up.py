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
JSON_REQUIRED = {"detail": "The body must be JSON, with the header Content-Type: application/json."}
REQUIRED = ["This field is required."]
OTHER_ID = 10**12  # larger than any id that the database assigns


def sign_up(client: Client, body: Any, content_type: str = "application/json", **headers: str) -> Any:
    return client.post(PATH, body, content_type=content_type, headers=headers)


def test_sign_up_returns_only_the_username(client: Client) -> None:
    response = sign_up(client, {"username": "testuser", "password": PASSWORD})
    assert (response.status_code, response.json()) == (201, {"username": "testuser"})
    assert User.objects.get().username == "testuser"


def test_email_address_is_a_valid_username(client: Client) -> None:
    response = sign_up(client, {"username": "mina+desk@example.co.kr", "password": PASSWORD})
    assert (response.status_code, response.json()) == (201, {"username": "mina+desk@example.co.kr"})


@pytest.mark.parametrize("sign", "!#$%&'*+-/=?^_`{|}~")
def test_every_sign_of_an_address_is_accepted(client: Client, sign: str) -> None:
    username = f"pat{sign}neil@example.com"
    response = sign_up(client, {"username": username, "password": PASSWORD})
    assert (response.status_code, response.json()) == (201, {"username": username})
    login = client.post(
        "/api/accounts/login/", {"username": username, "password": PASSWORD}, content_type="application/json"
    )
    assert login.status_code == 200


def test_sign_up_takes_a_time_zone_and_does_not_return_it(client: Client) -> None:
    body = {"username": "testuser", "password": PASSWORD, "time_zone": "America/New_York"}
    assert sign_up(client, body).json() == {"username": "testuser"}
    assert User.objects.get().zone.key == "America/New_York"


@pytest.mark.parametrize("time_zone", ["Etc/Unknown", "Factory", "localtime", "+09:00", None, 9])
def test_unknown_time_zone_is_refused(client: Client, time_zone: Any) -> None:
    response = sign_up(client, {"username": "testuser", "password": PASSWORD, "time_zone": time_zone})
    assert (response.status_code, set(response.json())) == (400, {"time_zone"})
    assert not User.objects.exists()


def test_password_is_stored_only_as_a_hash(client: Client) -> None:
    response = sign_up(client, {"username": "testuser", "password": "12341234"})
    user = User.objects.get()
    assert response.status_code == 201
    assert user.check_password("12341234")
    assert "12341234" not in user.password
    assert "12341234" not in response.content.decode()
    assert user.password not in response.content.decode()


def test_spaces_around_a_password_are_significant(client: Client) -> None:
    assert sign_up(client, {"username": "testuser", "password": "  123456  "}).status_code == 201
    assert User.objects.get().check_password("  123456  ")


def test_new_user_has_no_special_rights(client: Client) -> None:
    rights = {"is_staff": True, "is_superuser": True, "id": OTHER_ID, "flag": 1}
    response = sign_up(client, {"username": "testuser", "password": PASSWORD, **rights})
    user = User.objects.get()
    assert (response.status_code, response.json()) == (201, {"username": "testuser"})
    assert (user.is_staff, user.is_superuser, user.pk == OTHER_ID) == (False, False, False)


def test_taken_username_is_refused(client: Client, owner: ApiClient) -> None:
    response = sign_up(client, {"username": owner.user.username, "password": "another-password"})
    assert (response.status_code, response.json()) == (400, {"username": ["A user with that username already exists."]})
    assert User.objects.get().check_password(PASSWORD)


def test_short_password_is_refused(client: Client) -> None:
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
def test_missing_field_is_named(client: Client, body: dict[str, str], expected: dict[str, list[str]]) -> None:
    response = sign_up(client, body)
    assert (response.status_code, response.json()) == (400, expected)


@pytest.mark.parametrize(
    "username",
    [
        "",
        " ",
        "a\0b",
        "\ud800",
        "a" * 151,
        "two words",
        "<b>",
        "a\nb",
        'a"b',
        "a,b",
        "a(b)",
        "a;b",
        None,
        True,
        [],
        {},
        ["a"],
        {"a": 1},
    ],
)
def test_invalid_username_is_named(client: Client, username: Any) -> None:
    response = sign_up(client, {"username": username, "password": PASSWORD})
    assert (response.status_code, set(response.json())) == (400, {"username"})
    assert not User.objects.exists()


def test_username_length_counts_after_normalisation(client: Client) -> None:
    response = sign_up(client, {"username": "\ufdfa" * 150, "password": PASSWORD})  # NFKC makes 18 letters of each
    assert (response.status_code, set(response.json())) == (400, {"username"})
    assert not User.objects.exists()


@pytest.mark.parametrize("password", ["", None, True, [], {}, "1234\x001234", "1234123\ud800", "a" * 257])
def test_invalid_password_is_named(client: Client, password: Any) -> None:
    response = sign_up(client, {"username": "testuser", "password": password})
    assert (response.status_code, set(response.json())) == (400, {"password"})
    assert not User.objects.exists()


@pytest.mark.parametrize(
    "body",
    [b"{", b'{"username": "testuser"', b"username=testuser", b"\xff\xfe\x00", b"[" * 60_000, b"1" * 5_000],
    ids=["open", "cut off", "form", "not UTF-8", "deep", "long number"],
)
def test_malformed_json_is_refused(client: Client, body: bytes) -> None:
    response = sign_up(client, body)
    assert (response.status_code, set(response.json())) == (400, {"detail"})
    assert response.json()["detail"].startswith("The body is not valid JSON: ")


@pytest.mark.parametrize("body", ["[]", '"text"', "1", "null", "true"])
def test_non_object_json_is_refused(client: Client, body: str) -> None:
    assert sign_up(client, body).status_code == 400


def test_deeply_nested_field_is_refused(client: Client) -> None:
    body = '{"username": ' + "[" * 30_000 + "]" * 30_000 + "}"
    assert sign_up(client, body).status_code == 400


@pytest.mark.parametrize("content_type", ["text/plain", "application/xml", "nonsense"])
def test_other_content_type_names_the_required_header(client: Client, content_type: str) -> None:
    response = sign_up(client, json.dumps({"username": "testuser", "password": PASSWORD}), content_type)
    assert (response.status_code, response.json()) == (400, JSON_REQUIRED)


def test_form_body_names_the_required_header(client: Client) -> None:
    response = client.post(PATH, {"username": "testuser", "password": PASSWORD})  # multipart/form-data
    assert (response.status_code, response.json()) == (400, JSON_REQUIRED)


def body_of_size(size: int) -> str:
    body = json.dumps({"username": "testuser", "password": PASSWORD, "flag": ""})
    return body.replace('""', '"' + "a" * (size - len(body)) + '"')


def test_body_of_64_kib_is_accepted(client: Client) -> None:
    assert sign_up(client, body_of_size(BODY_LIMIT_BYTES)).status_code == 201


def test_larger_body_is_413(client: Client) -> None:
    response = sign_up(client, body_of_size(BODY_LIMIT_BYTES + 1))
    assert (response.status_code, response.json()) == (
        413,
        {"detail": ["The request has 65537 bytes; at most 65536 are accepted."]},
    )
    assert not User.objects.exists()


@pytest.mark.parametrize("header", ["Bearer garbage", "Bearer", "Bearer a b", "Basic dGVzdDp0ZXN0", "\xff"])
def test_bad_token_does_not_prevent_sign_up(client: Client, header: str) -> None:
    response = sign_up(client, {"username": "testuser", "password": PASSWORD}, Authorization=header)
    assert (response.status_code, response.json()) == (201, {"username": "testuser"})


@pytest.mark.parametrize("method", ["get", "put", "patch"])
def test_other_methods_are_405(owner: ApiClient, method: str) -> None:
    assert owner(method, "accounts/").status_code == 405


def test_address_is_limited_to_120_a_minute(client: Client, settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # all within one minute
    codes = [sign_up(client, {"username": f"user{n}", "password": PASSWORD}).status_code for n in range(121)]
    assert codes == [201] * 120 + [429]
    assert User.objects.count() == 120
