"""Idempotency-Key: a frame that a client repeats counts once."""

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


def post_ok(person: ApiClient, key: str | None, body: Any) -> Any:
    response = post(person, key, body)
    assert response.status_code == 200, response.content
    return response.json()


def archived(person: ApiClient) -> int:
    return archive.count(user_id=person.user.pk)


def enrolled(person: ApiClient) -> int:
    return FaceProfile.objects.get(user=person.user).frame_count


@pytest.mark.usefixtures("each_archive")
def test_repeated_key_counts_once(owner: ApiClient) -> None:
    responses = [post_ok(owner, "frame 1", neck_body(upright())) for _ in range(3)]
    assert responses[0] == responses[1] == responses[2]
    assert (archived(owner), enrolled(owner)) == (1, 1)


@pytest.mark.usefixtures("each_archive")
@pytest.mark.parametrize("body", [monitoring_body, neck_body])
def test_repeated_key_without_face_counts_once(owner: ApiClient, body: Any) -> None:
    responses = [post_ok(owner, "frame 1", body(nobody())) for _ in range(2)]
    assert responses[0] == responses[1]
    assert archived(owner) == 1


@pytest.mark.usefixtures("each_archive")
def test_different_keys_are_different_frames(owner: ApiClient) -> None:
    for key in ("1", "2", "01", "가".encode().decode("latin-1")):
        post_ok(owner, key, neck_body(upright()))
    assert archived(owner) == enrolled(owner) == 4


@pytest.mark.usefixtures("each_archive")
def test_same_key_of_two_users_counts_twice(owner: ApiClient, stranger: ApiClient) -> None:
    for person in (owner, stranger):
        post_ok(person, "frame 1", neck_body(upright()))
    assert [(archived(person), enrolled(person)) for person in (owner, stranger)] == [(1, 1), (1, 1)]


@pytest.mark.usefixtures("each_archive")
@pytest.mark.parametrize("key", [None, ""])
def test_equal_frames_without_key_both_count(owner: ApiClient, key: str | None) -> None:
    for _ in range(2):
        post_ok(owner, key, neck_body(upright()))
    assert archived(owner) == enrolled(owner) == 2


def test_key_has_at_most_255_characters(owner: ApiClient) -> None:
    for _ in range(2):
        post_ok(owner, "k" * 255, neck_body(nobody()))
    assert archived(owner) == 1
    response = post(owner, "k" * 256, neck_body(nobody()))
    assert (response.status_code, response.json()) == (400, {"Idempotency-Key": ["At most 255 characters."]})
    assert archived(owner) == 1


def test_refused_frame_does_not_use_its_key(owner: ApiClient) -> None:
    assert post(owner, "frame 1", neck_body(b"no picture")).status_code == 400
    post_ok(owner, "frame 1", neck_body(upright()))
    assert (archived(owner), enrolled(owner)) == (1, 1)


def test_doubled_calibration_enrols_four_frames(owner: ApiClient) -> None:
    for cnt in range(4):
        for _ in range(2):
            post_ok(owner, f"frame {cnt}", neck_body(upright(), cnt=cnt))
    assert archived(owner) == enrolled(owner) == 4


def test_key_does_not_replace_login(owner: ApiClient, client: Client) -> None:
    post_ok(owner, "frame 1", neck_body(upright()))
    body = neck_body(upright())
    response = client.post(
        f"/api/{NECK}", body, content_type="application/json", headers={"Idempotency-Key": "frame 1"}
    )
    assert response.status_code == 401


def test_blink_call_ignores_the_key(owner: ApiClient) -> None:
    responses = [post(owner, "k" * 256, blink_body(nobody()), BLINK) for _ in range(2)]
    assert [response.status_code for response in responses] == [200, 200]
    assert archived(owner) == 0


@pytest.mark.usefixtures("mongodb")
def test_frame_repeated_during_outage_counts_once(owner: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    post_ok(owner, "before", neck_body(upright()))
    monkeypatch.setattr(guard, "breaker", Breaker(3600.0))
    guard.breaker.failed()
    responses = [post_ok(owner, key, neck_body(upright())) for key in ("before", "during", "during")]
    assert responses[0] == responses[1] == responses[2]
    assert len(archive.spool().entries()) >= 2
    monkeypatch.setattr(guard, "breaker", Breaker(3600.0))
    post_ok(owner, "during", neck_body(upright()))
    assert maintenance.drain(erasures.storable).is_complete
    assert (archived(owner), enrolled(owner)) == (2, 2)
    assert not archive.spool().entries()
