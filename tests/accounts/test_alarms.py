"""GET and PUT /api/accounts/alarms/"""

from typing import Any

import pytest
from django.test import Client

from accounts import services
from accounts.models import User
from accounts.serializers import AlarmsSerializer
from personal_data.withdrawal import user_erase
from tests.conftest import ApiClient

PATH = "accounts/alarms/"
TIMES = {"blink_time": 20, "neck_time": 20, "stretching_time": 18000, "alarm_sound": 1}
SWITCHES = ["neck_on", "blink_on", "stretching_on", "rest_on", "stranger_on", "someone_behind_on"]
DEFAULTS = TIMES | {"rest_time": 3000, "sensitivity": "normal"} | dict.fromkeys(SWITCHES, True)
OTHERS = {
    "blink_time": 5,
    "neck_time": 10,
    "stretching_time": 1800,
    "rest_time": 1200,
    "alarm_sound": 4,
    "sensitivity": "high",
} | dict.fromkeys(SWITCHES, False)


def change(person: ApiClient, body: Any) -> Any:
    response = person("put", PATH, body)
    assert response.status_code == 200, response.content
    return response.json()


def test_new_user_has_all_alarms_on(owner: ApiClient) -> None:
    response = owner("get", PATH)
    assert (response.status_code, response.json()) == (200, DEFAULTS)


def test_all_settings_can_be_changed_together(owner: ApiClient) -> None:
    assert change(owner, OTHERS) == OTHERS
    assert owner("get", PATH).json() == OTHERS


@pytest.mark.parametrize("field", DEFAULTS)
def test_one_setting_can_be_changed_alone(owner: ApiClient, field: str) -> None:
    assert change(owner, {field: OTHERS[field]}) == DEFAULTS | {field: OTHERS[field]}
    assert owner("get", PATH).json() == DEFAULTS | {field: OTHERS[field]}


@pytest.mark.parametrize("body", [{}, {"flag": 1}, {"username": "other", "is_staff": True, "time_zone": "UTC"}])
def test_unknown_fields_change_nothing(owner: ApiClient, body: Any) -> None:
    assert change(owner, body) == DEFAULTS
    user = User.objects.get(pk=owner.user.pk)
    assert (user.username, user.is_staff, user.time_zone) == ("mina@example.com", False, "")


@pytest.mark.parametrize("sensitivity", ["low", "normal", "high"])
def test_there_are_three_sensitivities(owner: ApiClient, sensitivity: str) -> None:
    assert change(owner, {"sensitivity": sensitivity})["sensitivity"] == sensitivity


def test_version_1_shares_the_same_values(owner: ApiClient) -> None:
    change(owner, OTHERS)
    assert owner("get", "accounts/time/").json() == {name: OTHERS[name] for name in TIMES}
    owner("put", "accounts/time/", TIMES)
    assert owner("get", PATH).json() == OTHERS | TIMES


@pytest.mark.parametrize("value", [0, -1, 2**31, 10**30, "", "abc", None, True, [], {}, 20.5, float("nan")])
@pytest.mark.parametrize("field", ["blink_time", "neck_time", "stretching_time", "rest_time"])
def test_invalid_seconds_are_refused(owner: ApiClient, field: str, value: Any) -> None:
    assert_refused(owner, field, value)


@pytest.mark.parametrize("value", ["", "NORMAL", "medium", "nor\0mal", "🙂", None, 1, True, ["low"], {"low": 1}])
def test_unknown_sensitivity_is_refused(owner: ApiClient, value: Any) -> None:
    assert_refused(owner, "sensitivity", value)


@pytest.mark.parametrize("value", ["maybe", "", None, 2, [], {}, [True]])
@pytest.mark.parametrize("field", SWITCHES)
def test_switch_accepts_only_on_or_off(owner: ApiClient, field: str, value: Any) -> None:
    assert_refused(owner, field, value)


def assert_refused(person: ApiClient, field: str, value: Any) -> None:
    response = person("put", PATH, {"rest_on": False, field: value})
    assert (response.status_code, set(response.json())) == (400, {field})
    assert person("get", PATH).json() == DEFAULTS


@pytest.mark.parametrize("method", ["get", "put"])
def test_anonymous_is_refused(owner: ApiClient, client: Client, method: str) -> None:
    response = getattr(client, method)(f"/api/{PATH}", OTHERS, content_type="application/json")
    assert response.status_code == 401
    assert owner("get", PATH).json() == DEFAULTS


def test_settings_of_others_stay_unchanged(owner: ApiClient, stranger: ApiClient) -> None:
    change(owner, OTHERS)
    assert stranger("get", PATH).json() == DEFAULTS


@pytest.mark.parametrize("body", [OTHERS, {}])
def test_account_deleted_during_the_call_is_401(owner: ApiClient, monkeypatch: pytest.MonkeyPatch, body: Any) -> None:
    def withdraw_first(*, user: User, **settings: Any) -> User:
        user_erase(user_id=user.pk)
        return alarms_update(user=user, **settings)

    alarms_update = services.alarms_update
    monkeypatch.setattr(services, "alarms_update", withdraw_first)
    assert owner("put", PATH, body).status_code == 401
    assert not User.objects.exists()


def test_response_matches_the_documented_fields(owner: ApiClient) -> None:
    assert set(owner("get", PATH).json()) == set(AlarmsSerializer().fields)
