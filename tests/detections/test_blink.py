from typing import Any

import pytest
from django.test import Client

from accounts.models import FaceProfile
from ai_models.measures import eye_aspect_ratio
from mongos.models import Frame
from personal_data.withdrawal import user_erase
from tests import pictures
from tests.conftest import ApiClient
from tests.detections.frames import BLINK, blink_body, face_of, nobody, upright


def post_ok(client: ApiClient, body: dict[str, Any]) -> Any:
    response = client("post", BLINK, body)
    assert response.status_code == 200, response.content
    return response.json()


def test_closed_eyes_picture_is_clearly_closed() -> None:
    assert eye_aspect_ratio(face_of(pictures.eyes_closed()).points) < 0.2
    assert eye_aspect_ratio(face_of(pictures.astronaut()).points) > 0.3


def test_open_eyes_only_advance_the_time(owner: ApiClient) -> None:
    response = post_ok(owner, blink_body(upright(), count=2, total=3, time=1500))
    assert response == {"total": 3, "count": 2, "res": False, "time": 2000, "detection_flag": "detected"}
    assert [type(value) for value in response.values()] == [int, int, bool, int, str]


def test_closed_eyes_are_counted(owner: ApiClient) -> None:
    response = post_ok(owner, blink_body(pictures.png(pictures.eyes_closed()), count=2, total=3, time=1500))
    assert response == {"total": 4, "count": 2, "res": True, "time": 2000, "detection_flag": "detected"}
    assert [type(value) for value in response.values()] == [int, int, bool, int, str]


def test_frame_without_face_changes_nothing(owner: ApiClient) -> None:
    response = post_ok(owner, blink_body(nobody(), count=2, total=3, time=1500))
    assert response == {"total": 3, "count": 2, "res": False, "time": 1500, "detection_flag": "false"}
    assert [type(value) for value in response.values()] == [int, int, bool, int, str]


def test_fractional_milliseconds_are_preserved(owner: ApiClient) -> None:
    response = post_ok(owner, blink_body(nobody(), time=0.25))
    assert response == {"total": 0, "count": 0, "res": False, "time": 0.25, "detection_flag": "false"}


def test_unknown_fields_are_ignored(owner: ApiClient) -> None:
    response = post_ok(owner, blink_body(nobody(), flag="x"))
    assert response == {"total": 0, "count": 0, "res": False, "time": 0, "detection_flag": "false"}


def test_jpeg_declared_as_png_is_accepted(owner: ApiClient) -> None:
    response = post_ok(owner, blink_body(pictures.jpeg(pictures.astronaut())))
    assert response == {"total": 0, "count": 0, "res": False, "time": 500, "detection_flag": "detected"}


def test_blink_frame_is_neither_archived_nor_enrolled(owner: ApiClient) -> None:
    post_ok(owner, blink_body(upright()))
    post_ok(owner, blink_body(nobody()))
    assert not Frame.objects.exists()
    assert not FaceProfile.objects.exists()


@pytest.mark.refused
@pytest.mark.parametrize("name", ["count", "total", "time"])
@pytest.mark.parametrize("bad", [None, "", "many", -1, 2**53, [], {}, True, float("nan"), "missing"])
def test_invalid_count_is_refused_by_name(owner: ApiClient, name: str, bad: Any) -> None:
    body = blink_body(upright(), **{name: bad})
    if bad == "missing":
        del body[name]
    response = owner("post", BLINK, body)
    assert (response.status_code, list(response.json())) == (400, [name])


def test_all_invalid_fields_are_named(owner: ApiClient) -> None:
    response = owner("post", BLINK, {})
    assert (response.status_code, sorted(response.json())) == (400, ["blob_data", "count", "time", "total"])


@pytest.mark.parametrize("header", [None, "Bearer garbage"])
def test_invalid_token_is_401(db: None, header: str | None) -> None:
    headers = {"Authorization": header} if header else {}
    response = Client().post(f"/api/{BLINK}", blink_body(upright()), content_type="application/json", headers=headers)
    assert response.status_code == 401


def test_deleted_users_token_is_401(owner: ApiClient) -> None:
    user_erase(user_id=owner.user.pk)
    assert owner("post", BLINK, blink_body(upright())).status_code == 401
