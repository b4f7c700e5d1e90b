"""/api/accounts/archive/"""

from typing import Any

import pytest
from django.test import Client

from accounts import services
from accounts.models import FaceProfile, User
from accounts.serializers import ArchiveSerializer
from mongos import archive
from personal_data.withdrawal import user_erase
from tests.conftest import ApiClient
from tests.detections.frames import NECK, monitoring_body, neck_body, nobody, upright

PATH = "accounts/archive/"


def set_archiving(person: ApiClient, *, on: bool) -> Any:
    response = person("put", PATH, {"archive_frames": on})
    assert response.status_code == 200, response.content
    return response.json()


def stored_count(person: ApiClient) -> int:
    return archive.count(user_id=person.user.pk)


@pytest.mark.parametrize("days", [30, 0])
def test_new_user_has_archiving_on(owner: ApiClient, settings: Any, days: int) -> None:
    settings.FRAME_RETENTION_DAYS = days
    response = owner("get", PATH)
    assert (response.status_code, response.json()) == (200, {"archive_frames": True, "retention_days": days})


@pytest.mark.parametrize("archive_frames", [False, True])
def test_switch_setting_is_stored(owner: ApiClient, archive_frames: bool) -> None:
    assert set_archiving(owner, on=archive_frames) == {"archive_frames": archive_frames, "retention_days": 30}
    assert owner("get", PATH).json()["archive_frames"] is archive_frames
    assert User.objects.get(pk=owner.user.pk).archive_frames is archive_frames


@pytest.mark.usefixtures("each_archive")
def test_frames_are_judged_but_not_stored_when_off(owner: ApiClient, stranger: ApiClient) -> None:
    set_archiving(owner, on=False)
    for body in (neck_body(upright()), neck_body(nobody()), monitoring_body(upright())):
        responses = [person("post", NECK, body) for person in (owner, stranger)]
        assert [response.status_code for response in responses] == [200, 200]
        assert responses[0].json() == responses[1].json()
    assert (stored_count(owner), stored_count(stranger)) == (0, 3)
    assert FaceProfile.objects.get(user=owner.user).frame_count == 1
    assert not archive.spool().entries()


@pytest.mark.usefixtures("each_archive")
def test_frames_are_stored_after_switching_on_again(owner: ApiClient) -> None:
    set_archiving(owner, on=False)
    set_archiving(owner, on=True)
    assert owner("post", NECK, neck_body(nobody())).status_code == 200
    assert stored_count(owner) == 1


@pytest.mark.usefixtures("each_archive")
def test_switching_off_deletes_no_frames(owner: ApiClient) -> None:
    assert owner("post", NECK, neck_body(nobody())).status_code == 200
    set_archiving(owner, on=False)
    assert stored_count(owner) == 1


@pytest.mark.parametrize("value", ["maybe", "", None, 2, [], {}, [True]])
def test_non_boolean_value_is_refused(owner: ApiClient, value: Any) -> None:
    response = owner("put", PATH, {"archive_frames": value})
    assert (response.status_code, set(response.json())) == (400, {"archive_frames"})
    assert owner("get", PATH).json()["archive_frames"] is True


def test_missing_value_changes_nothing(owner: ApiClient) -> None:
    set_archiving(owner, on=False)
    response = owner("put", PATH, {"retention_days": 9999})
    assert (response.status_code, set(response.json())) == (400, {"archive_frames"})
    assert owner("get", PATH).json() == {"archive_frames": False, "retention_days": 30}


def test_user_cannot_set_the_retention(owner: ApiClient) -> None:
    response = owner("put", PATH, {"archive_frames": False, "retention_days": 9999})
    assert response.json() == {"archive_frames": False, "retention_days": 30}


def test_switch_does_not_affect_other_users(owner: ApiClient, stranger: ApiClient) -> None:
    set_archiving(owner, on=False)
    assert stranger("get", PATH).json()["archive_frames"] is True


@pytest.mark.parametrize("method", ["get", "put"])
def test_anonymous_is_refused(owner: ApiClient, client: Client, method: str) -> None:
    response = getattr(client, method)(f"/api/{PATH}", {"archive_frames": False}, content_type="application/json")
    assert response.status_code == 401
    assert User.objects.get().archive_frames is True


def test_account_deleted_during_the_call_is_401(owner: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def withdraw_first(*, user: User, archive_frames: bool) -> User:
        user_erase(user_id=user.pk)
        return archive_frames_set(user=user, archive_frames=archive_frames)

    archive_frames_set = services.archive_frames_set
    monkeypatch.setattr(services, "archive_frames_set", withdraw_first)
    assert owner("put", PATH, {"archive_frames": False}).status_code == 401
    assert not User.objects.exists()


def test_response_matches_the_documented_fields(owner: ApiClient) -> None:
    assert set(owner("get", PATH).json()) == set(ArchiveSerializer().fields)
