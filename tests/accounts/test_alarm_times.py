"""GET and PUT /api/accounts/time/"""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from rest_framework_simplejwt.tokens import AccessToken

from tests.conftest import ApiClient

PATH = "accounts/time/"
DEFAULTS = {"blink_time": 20, "neck_time": 20, "stretching_time": 18000, "alarm_sound": 1}
SENT = {"blink_time": 40, "neck_time": 40, "stretching_time": 36000, "alarm_sound": 2}
SECONDS = ["blink_time", "neck_time", "stretching_time"]
NOT_NUMBERS: list[Any] = ["", "abc", None, True, [], {}, 20.5, float("nan"), float("inf")]


def test_new_user_has_the_defaults(owner: ApiClient) -> None:
    response = owner("get", PATH)
    assert (response.status_code, response.json()) == (200, DEFAULTS)


def test_settings_are_stored_and_returned(owner: ApiClient) -> None:
    response = owner("put", PATH, SENT)
    assert (response.status_code, response.json()) == (200, SENT)
    assert owner("get", PATH).json() == SENT


@pytest.mark.parametrize("sound", [1, 2, 3, 4])
def test_there_are_four_sounds(owner: ApiClient, sound: int) -> None:
    assert owner("put", PATH, SENT | {"alarm_sound": sound}).json() == SENT | {"alarm_sound": sound}


def test_any_positive_number_of_seconds_is_accepted(owner: ApiClient) -> None:
    wide = {"blink_time": 1, "neck_time": 2**31 - 1, "stretching_time": 1, "alarm_sound": 4}
    response = owner("put", PATH, wide)
    assert (response.status_code, response.json()) == (200, wide)


def test_unknown_fields_are_ignored(owner: ApiClient) -> None:
    response = owner("put", PATH, SENT | {"flag": 1, "username": "other", "is_staff": True})
    assert (response.status_code, response.json()) == (200, SENT)
    owner.user.refresh_from_db()
    assert (owner.user.username, owner.user.is_staff) == ("mina@example.com", False)


@pytest.mark.parametrize("field", DEFAULTS)
def test_all_four_fields_are_required(owner: ApiClient, field: str) -> None:
    response = owner("put", PATH, {name: value for name, value in SENT.items() if name != field})
    assert (response.status_code, response.json()) == (400, {field: ["This field is required."]})
    assert owner("get", PATH).json() == DEFAULTS


@pytest.mark.refused
@pytest.mark.parametrize("value", [0, -1, 2**31, 10**30, *NOT_NUMBERS])
@pytest.mark.parametrize("field", SECONDS)
def test_invalid_seconds_are_refused(owner: ApiClient, field: str, value: Any) -> None:
    response = owner("put", PATH, SENT | {field: value})
    assert (response.status_code, set(response.json())) == (400, {field})
    assert owner("get", PATH).json() == DEFAULTS


@pytest.mark.refused
@pytest.mark.parametrize("value", [0, 5, -1, 10**30, *NOT_NUMBERS])
def test_unknown_sound_is_refused(owner: ApiClient, value: Any) -> None:
    response = owner("put", PATH, SENT | {"alarm_sound": value})
    assert (response.status_code, set(response.json())) == (400, {"alarm_sound"})
    assert owner("get", PATH).json() == DEFAULTS


@pytest.mark.refused
@pytest.mark.parametrize("method", ["get", "put"])
@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer garbage", "Bearer a b", "Token x"])
def test_anonymous_is_refused(client: Client, owner: ApiClient, method: str, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    response = getattr(client, method)(f"/api/{PATH}", headers=headers)
    assert response.status_code == 401


def test_expired_token_is_refused(owner: ApiClient) -> None:
    token = AccessToken.for_user(owner.user)
    token.set_exp(lifetime=-timedelta(seconds=31))
    owner.access = str(token)
    assert owner("get", PATH).status_code == 401
    assert owner("put", PATH, SENT).status_code == 401


def test_settings_of_others_stay_unchanged(owner: ApiClient, stranger: ApiClient) -> None:
    owner("put", PATH, SENT)
    assert stranger("get", PATH).json() == DEFAULTS
