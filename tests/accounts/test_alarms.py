"""GET and PUT /api/accounts/alarms/"""

from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test import Client

from accounts import services
from accounts.models import User
from accounts.serializers import AlarmsSerializer
from personal_data.withdrawal import user_erase
from tests.conftest import ApiClient

PATH = "accounts/alarms/"
BEFORE = ("accounts", "0007_face_templates")
TIMES = {"blink_time": 20, "neck_time": 20, "stretching_time": 18000, "alarm_sound": 1}
SWITCHES = ["neck_on", "blink_on", "stretching_on", "rest_on", "stranger_on", "someone_behind_on"]
DEFAULTS: dict[str, Any] = TIMES | {"rest_time": 3000, "sensitivity": "normal"} | dict.fromkeys(SWITCHES, True)
DEFAULTS |= {"sound": "off", "volume": 100, "steps": ["figure", "edge", "banner"]}
DEFAULTS |= {"quiet_from": None, "quiet_to": None, "break_notice_s": 30}
OTHERS: dict[str, Any] = {
    "blink_time": 5,
    "neck_time": 10,
    "stretching_time": 1800,
    "rest_time": 1200,
    "alarm_sound": 4,
    "sensitivity": "high",
    "sound": "tones",
    "volume": 40,
    "steps": ["edge"],
    "quiet_from": "22:00",
    "quiet_to": "07:30",
    "break_notice_s": 0,
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


@pytest.mark.refused
@pytest.mark.parametrize("value", [0, -1, 2**31, 10**30, "", "abc", None, True, [], {}, 20.5, float("nan")])
@pytest.mark.parametrize("field", ["blink_time", "neck_time", "stretching_time", "rest_time"])
def test_invalid_seconds_are_refused(owner: ApiClient, field: str, value: Any) -> None:
    assert_refused(owner, field, value)


@pytest.mark.parametrize(
    ("field", "least", "most"),
    [
        ("blink_time", 3, 600),
        ("neck_time", 3, 600),
        ("stretching_time", 300, 43_200),
        ("rest_time", 300, 43_200),
        ("volume", 0, 100),
        ("break_notice_s", 0, 120),
    ],
)
def test_numbers_have_sensible_bounds(owner: ApiClient, field: str, least: int, most: int) -> None:
    assert [change(owner, {field: value})[field] for value in (most, least)] == [most, least]
    for value in (least - 1, most + 1):
        response = owner("put", PATH, {field: value})
        assert (response.status_code, set(response.json())) == (400, {field})


def test_values_of_version_1_out_of_these_bounds_are_shown_as_they_are(owner: ApiClient) -> None:
    assert owner("put", "accounts/time/", TIMES | {"blink_time": 1, "stretching_time": 2**31 - 1}).status_code == 200
    stored = owner("get", PATH).json()
    assert (stored["blink_time"], stored["stretching_time"]) == (1, 2**31 - 1)
    assert change(owner, {"neck_time": 10})["blink_time"] == 1


@pytest.mark.parametrize("value", ["", "loud", "OFF", None, 1, True, ["off"]])
def test_unknown_sound_is_refused(owner: ApiClient, value: Any) -> None:
    assert_refused(owner, "sound", value)


@pytest.mark.parametrize("value", [[], None, "edge", ["edge"] * 4, ["lamp"], [None], [["edge"]], {}])
def test_steps_are_some_of_three(owner: ApiClient, value: Any) -> None:
    assert_refused(owner, "steps", value)


def test_steps_are_kept_in_their_order_and_once(owner: ApiClient) -> None:
    assert change(owner, {"steps": ["banner", "figure", "banner"]})["steps"] == ["figure", "banner"]


@pytest.mark.refused
@pytest.mark.parametrize("value", ["", "24:00", "7:5:1", "22:00:00", "noon", 7, True, [], {}])
@pytest.mark.parametrize("field", ["quiet_from", "quiet_to"])
def test_quiet_hours_are_times_of_day(owner: ApiClient, field: str, value: Any) -> None:
    assert_refused(owner, field, value)


def test_quiet_hours_can_be_ended(owner: ApiClient) -> None:
    change(owner, OTHERS)
    ended = change(owner, {"quiet_from": None, "quiet_to": None})
    assert (ended["quiet_from"], ended["quiet_to"]) == (None, None)


@pytest.mark.refused
@pytest.mark.parametrize("value", ["", "NORMAL", "medium", "nor\0mal", "🙂", None, 1, True, ["low"], {"low": 1}])
def test_unknown_sensitivity_is_refused(owner: ApiClient, value: Any) -> None:
    assert_refused(owner, "sensitivity", value)


@pytest.mark.refused
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


@pytest.mark.django_db(transaction=True)
def test_who_signed_up_before_still_hears_the_voice() -> None:
    executor = MigrationExecutor(connection)
    executor.migrate([BEFORE])
    try:
        old = executor.loader.project_state([BEFORE]).apps.get_model("accounts", "User")
        old.objects.create(username="long since")
    finally:
        executor = MigrationExecutor(connection)
        executor.migrate(executor.loader.graph.leaf_nodes())
    user = User.objects.get(username="long since")
    assert (user.sound, user.volume, user.steps, user.break_notice_s) == ("voice", 100, "figure,edge,banner", 30)
