"""POST /api/detections/sessions/{id}/profile/, GET and DELETE /api/detections/profiles/"""

from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from accounts.models import User
from detections.models import Profile, Session
from detections.sessions import profiles
from detections.sessions.serializers import ProfileSerializer
from personal_data.withdrawal import user_erase
from tests.conftest import ApiClient
from tests.detections.sessions.desk import PROFILES, Desk, leaning_in, upright

pytestmark = pytest.mark.usefixtures("known_pictures")


def save_profile(desk: Desk, name: Any) -> Any:
    return desk.person("post", f"{desk.path}profile/", {"name": name})


def names(person: ApiClient) -> list[str]:
    response = person("get", PROFILES)
    assert response.status_code == 200
    return [profile["name"] for profile in response.json()]


def test_calibrated_profile_is_saved_under_its_name(desk: Desk) -> None:
    desk.calibrate()
    response = save_profile(desk, "desk")
    profile = response.json()
    assert (response.status_code, profile["name"]) == (201, "desk")
    assert set(profile) == set(ProfileSerializer().fields)
    assert profile["quality"] == desk.read()["calibration"]["quality"]
    assert desk.read()["profile"] == profile["id"]
    assert desk.person("get", PROFILES).json() == [profile]


def test_session_with_profile_skips_calibration(desk: Desk) -> None:
    profile = save_profile(desk.calibrate(), "desk").json()
    response = desk.start(profile=profile["id"])
    assert (response["state"], response["profile"], response["calibration"]["quality"]) == (
        "monitoring",
        profile["id"],
        profile["quality"],
    )
    response = desk.frames(upright(), 2)
    assert response["posture"]["state"] == "good"
    response = desk.frames(leaning_in(), 4)
    assert response["posture"]["faults"] == ["closer"]


def test_existing_name_gets_the_new_baseline(desk: Desk) -> None:
    first = save_profile(desk.calibrate(), "desk").json()
    desk.call("recalibrate")
    desk.frames(leaning_in(), 9, every_s=0.5)
    response = save_profile(desk, "desk")
    assert (response.status_code, response.json()["id"]) == (200, first["id"])
    assert desk.start(profile=first["id"])["state"] == "monitoring"
    assert desk.frames(leaning_in(), 4)["posture"]["state"] == "good"


@pytest.mark.parametrize(
    "pair",
    [("desk", "Desk"), ("🙂", "🚀"), ("책상", "책상 2"), ("é", "e"), ("a", "a.")],
    ids=["case", "emoji", "hangul", "accent", "length"],
)
def test_different_names_are_different_profiles(desk: Desk, pair: tuple[str, str]) -> None:
    desk.calibrate()
    assert [save_profile(desk, name).status_code for name in pair] == [201, 201]
    assert sorted(names(desk.person)) == sorted(pair)


def test_name_has_at_most_40_characters(desk: Desk) -> None:
    desk.calibrate()
    assert save_profile(desk, "🙂" * 40).json()["name"] == "🙂" * 40
    assert save_profile(desk, "n" * 41).status_code == 400


@pytest.mark.parametrize("name", [None, "", "   ", "a\0b", "\ud800", True, [], {}, ["desk"], "n" * 10_000])
def test_invalid_name_is_refused(desk: Desk, name: Any) -> None:
    desk.calibrate()
    response = save_profile(desk, name)
    assert (response.status_code, set(response.json())) == (400, {"name"})
    assert not Profile.objects.exists()


def test_saving_before_calibration_is_409(desk: Desk) -> None:
    desk.start()
    response = save_profile(desk, "desk")
    assert (response.status_code, set(response.json())) == (409, {"detail"})
    assert not Profile.objects.exists()


def test_saving_after_stop_is_409(desk: Desk) -> None:
    desk.calibrate().call("stop")
    assert save_profile(desk, "desk").status_code == 409


def test_number_of_profiles_is_limited(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(profiles, "MAX_PROFILES", 2)
    desk.calibrate()
    assert [save_profile(desk, name).status_code for name in ("one", "two", "three", "two")] == [201, 201, 400, 200]
    assert set(save_profile(desk, "three").json()) == {"name"}


def test_session_continues_after_profile_is_deleted(desk: Desk) -> None:
    profile = save_profile(desk.calibrate(), "desk").json()
    assert desk.person("delete", f"{PROFILES}{profile['id']}/").status_code == 204
    assert names(desk.person) == []
    assert desk.person("delete", f"{PROFILES}{profile['id']}/").status_code == 404
    assert desk.read()["profile"] is None
    assert desk.frame(upright())["posture"]["state"] == "good"


def test_strangers_profile_is_not_found(desk: Desk, stranger: ApiClient) -> None:
    profile = save_profile(desk.calibrate(), "desk").json()
    assert names(stranger) == []
    responses = [stranger("delete", f"{PROFILES}{number}/") for number in (profile["id"], 10**6, 2**31, 2**63, 10**30)]
    assert [response.status_code for response in responses] == [404] * 5
    assert len({response.content for response in responses}) == 1
    assert names(desk.person) == ["desk"]


def test_two_users_may_use_one_name(desk: Desk, stranger: ApiClient) -> None:
    other = Desk(stranger).calibrate()
    assert [save_profile(person, "desk").status_code for person in (desk.calibrate(), other)] == [201, 201]


@pytest.mark.parametrize("number", ["-1", "x", "1.5", "0x1", "%00", "１"])
def test_invalid_id_is_404(owner: ApiClient, number: str) -> None:
    assert owner("delete", f"{PROFILES}{number}/").status_code == 404


def test_request_without_login_is_401(desk: Desk, client: Client) -> None:
    profile = save_profile(desk.calibrate(), "desk").json()
    assert client.get(f"/api/{PROFILES}").status_code == 401
    assert client.delete(f"/api/{PROFILES}{profile['id']}/").status_code == 401
    assert names(desk.person) == ["desk"]


def test_withdrawal_while_saving_is_401(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def withdraw_first(*, user: User, session_id: UUID, name: str) -> Any:
        user_erase(user_id=user.pk)
        return profile_save(user=user, session_id=session_id, name=name)

    profile_save = profiles.profile_save
    desk.calibrate()
    monkeypatch.setattr(profiles, "profile_save", withdraw_first)
    assert save_profile(desk, "desk").status_code == 401
    assert not Session.objects.exists()
