"""/api/accounts/face/"""

from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import services
from accounts.models import FaceProfile, User
from personal_data.withdrawal import user_erase
from tests import pictures
from tests.conftest import ApiClient
from tests.detections.frames import NECK, monitoring_body, neck_body, upright

PATH = "accounts/face/"
NOT_ENROLLED = {"enrolled": False, "frame_count": 0, "updated_at": None}


def enrol(person: ApiClient, frames: int = 1) -> None:
    for cnt in range(frames):
        assert person("post", NECK, neck_body(upright(), cnt=cnt)).status_code == 200


def delete_face(person: ApiClient) -> None:
    assert person("delete", PATH).status_code == 204


def test_new_user_has_no_face(owner: ApiClient) -> None:
    response = owner("get", PATH)
    assert (response.status_code, response.json()) == (200, NOT_ENROLLED)


def test_face_summary_never_contains_the_descriptor(owner: ApiClient) -> None:
    before = timezone.now()
    enrol(owner, frames=2)
    with CaptureQueriesContext(connection) as queries:
        response = owner("get", PATH).json()
    assert set(response) == {"enrolled", "frame_count", "updated_at"}
    assert (response["enrolled"], response["frame_count"]) == (True, 2)
    assert before <= datetime.fromisoformat(response["updated_at"]) <= timezone.now()
    assert not [query for query in queries if "mean_descriptor" in query["sql"]]


def test_calibrating_frame_enrols_again_after_deletion(owner: ApiClient) -> None:
    enrol(owner, frames=3)
    delete_face(owner)
    assert owner("get", PATH).json() == NOT_ENROLLED
    assert owner("post", NECK, monitoring_body(upright())).json()["face_id_flag"] is True
    assert owner("get", PATH).json() == NOT_ENROLLED  # monitoring enrols nobody
    enrol(owner)
    assert owner("get", PATH).json()["frame_count"] == 1


def test_another_face_can_be_enrolled_after_deletion(owner: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    import numpy as np

    from ai_models.identity import FaceDescriptor
    from ai_models.vision.engine import FastEngine

    enrol(owner)
    delete_face(owner)
    other = FaceDescriptor(lambda: np.full(128, 0.5, np.float32))
    monkeypatch.setattr(FastEngine, "describe", lambda *args, is_exact: other)
    enrol(owner)
    assert FaceProfile.objects.get().enrolment.mean.tolist() == [0.5] * 128


def test_deletion_can_be_repeated(owner: ApiClient) -> None:
    delete_face(owner)
    enrol(owner)
    for _ in range(3):
        delete_face(owner)
    assert not FaceProfile.objects.exists()


def test_user_sees_and_deletes_only_their_face(owner: ApiClient, stranger: ApiClient) -> None:
    enrol(stranger)
    assert owner("get", PATH).json() == NOT_ENROLLED
    delete_face(owner)
    assert stranger("get", PATH).json()["enrolled"] is True


def test_deleting_a_face_keeps_its_frames(owner: ApiClient) -> None:
    enrol(owner, frames=2)
    delete_face(owner)
    assert len(owner("get", "accounts/frames/").json()["results"]) == 2


@pytest.mark.parametrize("method", ["get", "delete"])
@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer nonsense"}])
def test_anonymous_is_refused(owner: ApiClient, client: Client, method: str, headers: dict[str, str]) -> None:
    enrol(owner)
    assert getattr(client, method)(f"/api/{PATH}", headers=headers).status_code == 401
    assert FaceProfile.objects.exists()


@pytest.mark.parametrize("method", ["post", "put", "patch"])
def test_face_cannot_be_uploaded(owner: ApiClient, method: str) -> None:
    body: Any = {"mean_descriptor": [0.0] * 128, "blob_data": pictures.data_url(upright())}
    assert owner(method, PATH, body).status_code == 405
    assert not FaceProfile.objects.exists()


def test_account_deleted_during_the_call_is_401(owner: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def withdraw_first(*, user_id: int) -> None:
        user_erase(user_id=user_id)
        face_delete(user_id=user_id)

    face_delete = services.face_delete
    monkeypatch.setattr(services, "face_delete", withdraw_first)
    assert owner("delete", PATH).status_code == 401
    assert not User.objects.exists()
