"""Idempotency-Key: a frame that its client sends again counts once."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import FaceProfile
from common.db.breaker import Breaker
from mongos import archive, guard, maintenance
from personal_data import erasures
from tests.conftest import ApiClient
from tests.detections.frames import BLINK, NECK, blink_body, monitoring_body, neck_body, nobody, upright


def post(person: ApiClient, key: str | None, body: Any, path: str = NECK) -> Any:
    headers = {"Authorization": f"Bearer {person.access}"} | ({} if key is None else {"Idempotency-Key": key})
    return Client().post(f"/api/{path}", body, content_type="application/json", headers=headers)


def posted(person: ApiClient, key: str | None, body: Any) -> Any:
    response = post(person, key, body)
    assert response.status_code == 200, response.content
    return response.json()


def archived(person: ApiClient) -> int:
    return archive.count(user_id=person.user.pk)


def enrolled(person: ApiClient) -> int:
    return FaceProfile.objects.get(user=person.user).frame_count


@pytest.mark.usefixtures("each_archive")
def test_a_frame_sent_again_under_its_key_is_stored_and_enrolled_once_and_answered_the_same(owner: ApiClient) -> None:
    responses = [posted(owner, "frame 1", neck_body(upright())) for _ in range(3)]
    assert responses[0] == responses[1] == responses[2]
    assert (archived(owner), enrolled(owner)) == (1, 1)


@pytest.mark.usefixtures("each_archive")
@pytest.mark.parametrize("body", [monitoring_body, neck_body])
def test_so_is_one_that_enrols_nobody(owner: ApiClient, body: Any) -> None:
    responses = [posted(owner, "frame 1", body(nobody())) for _ in range(2)]
    assert responses[0] == responses[1]
    assert archived(owner) == 1


@pytest.mark.usefixtures("each_archive")
def test_frames_under_other_keys_are_other_frames(owner: ApiClient) -> None:
    for key in ("1", "2", "01", "가".encode().decode("latin-1")):
        posted(owner, key, neck_body(upright()))
    assert archived(owner) == enrolled(owner) == 4


@pytest.mark.usefixtures("each_archive")
def test_the_same_key_of_two_users_is_two_frames(owner: ApiClient, stranger: ApiClient) -> None:
    for person in (owner, stranger):
        posted(person, "frame 1", neck_body(upright()))
    assert [(archived(person), enrolled(person)) for person in (owner, stranger)] == [(1, 1), (1, 1)]


@pytest.mark.usefixtures("each_archive")
@pytest.mark.parametrize("key", [None, ""])
def test_frames_without_a_key_are_two_however_equal(owner: ApiClient, key: str | None) -> None:
    for _ in range(2):
        posted(owner, key, neck_body(upright()))
    assert archived(owner) == enrolled(owner) == 2


def test_a_key_of_255_characters_is_taken_and_of_256_refused(owner: ApiClient) -> None:
    for _ in range(2):
        posted(owner, "k" * 255, neck_body(nobody()))
    assert archived(owner) == 1
    response = post(owner, "k" * 256, neck_body(nobody()))
    assert (response.status_code, response.json()) == (400, {"Idempotency-Key": ["At most 255 characters."]})
    assert archived(owner) == 1


def test_a_refused_frame_does_not_use_its_key_up(owner: ApiClient) -> None:
    assert post(owner, "frame 1", neck_body(b"no picture")).status_code == 400
    posted(owner, "frame 1", neck_body(upright()))
    assert (archived(owner), enrolled(owner)) == (1, 1)


def test_a_calibration_whose_every_frame_is_sent_twice_enrols_four(owner: ApiClient) -> None:
    for cnt in range(4):
        for _ in range(2):
            posted(owner, f"frame {cnt}", neck_body(upright(), cnt=cnt))
    assert archived(owner) == enrolled(owner) == 4


def test_a_key_is_no_login(owner: ApiClient, client: Client) -> None:
    posted(owner, "frame 1", neck_body(upright()))
    body = neck_body(upright())
    response = client.post(
        f"/api/{NECK}", body, content_type="application/json", headers={"Idempotency-Key": "frame 1"}
    )
    assert response.status_code == 401


def test_the_blink_call_takes_no_notice(owner: ApiClient) -> None:
    responses = [post(owner, "k" * 256, blink_body(nobody()), BLINK) for _ in range(2)]
    assert [response.status_code for response in responses] == [200, 200]
    assert archived(owner) == 0


@pytest.mark.usefixtures("mongodb")
def test_a_frame_sent_again_during_an_outage_is_one_frame_afterwards(
    owner: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    posted(owner, "before", neck_body(upright()))
    monkeypatch.setattr(guard, "breaker", Breaker(3600.0))
    guard.breaker.failed()
    responses = [posted(owner, key, neck_body(upright())) for key in ("before", "during", "during")]
    assert responses[0] == responses[1] == responses[2]
    assert len(archive.spool().entries()) >= 2
    monkeypatch.setattr(guard, "breaker", Breaker(3600.0))
    posted(owner, "during", neck_body(upright()))
    assert maintenance.drain(erasures.storable).is_complete
    assert (archived(owner), enrolled(owner)) == (2, 2)
    assert not archive.spool().entries()
