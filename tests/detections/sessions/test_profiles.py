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


def keep(desk: Desk, name: Any) -> Any:
    return desk.person("post", f"{desk.path}profile/", {"name": name})


def names(person: ApiClient) -> list[str]:
    response = person("get", PROFILES)
    assert response.status_code == 200
    return [profile["name"] for profile in response.json()]


def test_a_calibrated_profile_is_kept_under_its_name(desk: Desk) -> None:
    desk.calibrated()
    response = keep(desk, "desk")
    profile = response.json()
    assert (response.status_code, profile["name"]) == (201, "desk")
    assert set(profile) == set(ProfileSerializer().fields)
    assert profile["quality"] == desk.told()["calibration"]["quality"]
    assert desk.told()["profile"] == profile["id"]
    assert desk.person("get", PROFILES).json() == [profile]


def test_a_session_that_begins_with_a_profile_need_not_calibrate(desk: Desk) -> None:
    profile = keep(desk.calibrated(), "desk").json()
    told = desk.start(profile=profile["id"])
    assert (told["state"], told["profile"], told["calibration"]["quality"]) == (
        "monitoring",
        profile["id"],
        profile["quality"],
    )
    told = desk.frames(upright(), 2)
    assert told["posture"]["state"] == "good"
    told = desk.frames(leaning_in(), 4)
    assert told["posture"]["faults"] == ["closer"]


def test_a_name_that_is_there_gets_the_new_baseline(desk: Desk) -> None:
    first = keep(desk.calibrated(), "desk").json()
    desk.call("recalibrate")
    desk.frames(leaning_in(), 9, every_s=0.5)
    response = keep(desk, "desk")
    assert (response.status_code, response.json()["id"]) == (200, first["id"])
    assert desk.start(profile=first["id"])["state"] == "monitoring"
    assert desk.frames(leaning_in(), 4)["posture"]["state"] == "good"


@pytest.mark.parametrize(
    "pair",
    [("desk", "Desk"), ("🙂", "🚀"), ("책상", "책상 2"), ("é", "e"), ("a", "a.")],
    ids=["case", "emoji", "hangul", "accent", "length"],
)
def test_names_that_are_not_equal_are_two(desk: Desk, pair: tuple[str, str]) -> None:
    desk.calibrated()
    assert [keep(desk, name).status_code for name in pair] == [201, 201]
    assert sorted(names(desk.person)) == sorted(pair)


def test_a_name_has_forty_characters_at_most(desk: Desk) -> None:
    desk.calibrated()
    assert keep(desk, "🙂" * 40).json()["name"] == "🙂" * 40
    assert keep(desk, "n" * 41).status_code == 400


@pytest.mark.parametrize("name", [None, "", "   ", "a\0b", "\ud800", True, [], {}, ["desk"], "n" * 10_000])
def test_what_is_no_name_is_refused_by_its_field(desk: Desk, name: Any) -> None:
    desk.calibrated()
    response = keep(desk, name)
    assert (response.status_code, set(response.json())) == (400, {"name"})
    assert not Profile.objects.exists()


def test_before_it_is_calibrated_there_is_nothing_to_keep(desk: Desk) -> None:
    desk.start()
    response = keep(desk, "desk")
    assert (response.status_code, set(response.json())) == (409, {"detail"})
    assert not Profile.objects.exists()


def test_nor_once_it_has_ended(desk: Desk) -> None:
    desk.calibrated().call("stop")
    assert keep(desk, "desk").status_code == 409


def test_there_is_room_for_so_many_profiles(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(profiles, "MAX_PROFILES", 2)
    desk.calibrated()
    assert [keep(desk, name).status_code for name in ("one", "two", "three", "two")] == [201, 201, 400, 200]
    assert set(keep(desk, "three").json()) == {"name"}


def test_a_forgotten_profile_is_gone_and_its_session_goes_on(desk: Desk) -> None:
    profile = keep(desk.calibrated(), "desk").json()
    assert desk.person("delete", f"{PROFILES}{profile['id']}/").status_code == 204
    assert names(desk.person) == []
    assert desk.person("delete", f"{PROFILES}{profile['id']}/").status_code == 404
    assert desk.told()["profile"] is None
    assert desk.frame(upright())["posture"]["state"] == "good"


def test_somebody_elses_profile_is_as_unknown_as_one_there_is_not(desk: Desk, stranger: ApiClient) -> None:
    profile = keep(desk.calibrated(), "desk").json()
    assert names(stranger) == []
    responses = [stranger("delete", f"{PROFILES}{number}/") for number in (profile["id"], 10**6, 2**31, 2**63, 10**30)]
    assert [response.status_code for response in responses] == [404] * 5
    assert len({response.content for response in responses}) == 1
    assert names(desk.person) == ["desk"]


def test_two_people_may_call_theirs_the_same(desk: Desk, stranger: ApiClient) -> None:
    other = Desk(stranger).calibrated()
    assert [keep(each, "desk").status_code for each in (desk.calibrated(), other)] == [201, 201]


@pytest.mark.parametrize("number", ["-1", "x", "1.5", "0x1", "%00", "１"])
def test_what_is_no_number_is_404(owner: ApiClient, number: str) -> None:
    assert owner("delete", f"{PROFILES}{number}/").status_code == 404


def test_without_a_login_it_is_401(desk: Desk, client: Client) -> None:
    profile = keep(desk.calibrated(), "desk").json()
    assert client.get(f"/api/{PROFILES}").status_code == 401
    assert client.delete(f"/api/{PROFILES}{profile['id']}/").status_code == 401
    assert names(desk.person) == ["desk"]


def test_who_leaves_this_moment_is_401(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def leave_first(*, user: User, session_id: UUID, name: str) -> Any:
        user_erase(user_id=user.pk)
        return profile_save(user=user, session_id=session_id, name=name)

    profile_save = profiles.profile_save
    desk.calibrated()
    monkeypatch.setattr(profiles, "profile_save", leave_first)
    assert keep(desk, "desk").status_code == 401
    assert not Session.objects.exists()
