"""DELETE /api/accounts/"""

import json
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.test import Client

from accounts.models import FaceProfile, User
from accounts.services import face_enrol, user_lock
from ai_models.frame import read_frame
from mongos import archive
from mongos.models import Frame
from reports.models import Report
from tests import pictures
from tests.conftest import PASSWORD, ApiClient

GONE = {"message": "정상적으로 삭제되었습니다."}
REPORT = {"blink_cnt": 1, "neck_cnt": 2, "stretching_cnt": 3, "start_time": "2203300738", "end_time": "2203300800"}


def fill(person: ApiClient) -> None:
    """Something of every kind that is kept of a user."""
    frame = read_frame(pictures.png(pictures.smaller(pictures.coffee(), 0.1)))
    for face_found in (True, False):
        archive.store(user_id=person.user.pk, frame=frame, face_found=face_found)
    with transaction.atomic():
        face = user_lock(user_id=person.user.pk)
        face_enrol(user_id=person.user.pk, face=face, frame_id=uuid4(), descriptor=np.zeros(128))
    assert person("post", "reports/", REPORT).status_code == 201


def kept(user_id: int) -> tuple[int, int, int, int]:
    return (
        User.objects.filter(pk=user_id).count(),
        FaceProfile.objects.filter(user_id=user_id).count(),
        Report.objects.filter(user_id=user_id).count(),
        Frame.objects.filter(user_id=user_id).count(),
    )


def assert_gone(answer: Any) -> None:
    # Not .content: Django's test client takes the body off a 204.
    assert (answer.status_code, answer.data, json.loads(answer.rendered_content)) == (204, GONE, GONE)


def test_withdrawing_without_a_body_erases_everything_of_the_user(owner: ApiClient) -> None:
    fill(owner)
    assert kept(owner.user.pk) == (1, 1, 1, 2)
    assert_gone(owner("delete", "accounts/"))
    assert kept(owner.user.pk) == (0, 0, 0, 0)


@pytest.mark.parametrize("body", [{}, {"flag": "x"}, {"password": PASSWORD}])
def test_withdrawing_with_the_right_password_or_none_erases(owner: ApiClient, body: Any) -> None:
    assert_gone(owner("delete", "accounts/", body))
    assert kept(owner.user.pk) == (0, 0, 0, 0)


@pytest.mark.parametrize("password", ["wrong", "", " 12341234", "12341234 "])
def test_a_wrong_password_deletes_nothing(owner: ApiClient, password: str) -> None:
    fill(owner)
    answer = owner("delete", "accounts/", {"password": password})
    assert (answer.status_code, answer.json()) == (400, {"password": ["This is not the account's password."]})
    assert kept(owner.user.pk) == (1, 1, 1, 2)


@pytest.mark.parametrize("password", [None, [], {}, True, "a" * 257, "\0", "\ud800"])
def test_a_password_that_is_no_text_deletes_nothing(owner: ApiClient, password: Any) -> None:
    answer = owner("delete", "accounts/", {"password": password})
    assert (answer.status_code, set(answer.json())) == (400, {"password"})
    assert kept(owner.user.pk) == (1, 0, 0, 0)


@pytest.mark.parametrize("body", ["{", "[]", "null", '"12341234"'])
def test_a_body_that_cannot_be_meant_deletes_nothing(owner: ApiClient, body: str) -> None:
    assert owner("delete", "accounts/", body).status_code == 400
    assert kept(owner.user.pk) == (1, 0, 0, 0)


def test_what_others_have_stays(owner: ApiClient, stranger: ApiClient) -> None:
    fill(owner)
    fill(stranger)
    assert_gone(owner("delete", "accounts/"))
    assert kept(stranger.user.pk) == (1, 1, 1, 2)
    assert len(stranger("get", "reports/").json()) == 1


def test_the_name_of_who_left_is_taken_out_of_the_admin_log(owner: ApiClient, stranger: ApiClient) -> None:
    for about in (owner.user, stranger.user):
        LogEntry.objects.create(
            user=stranger.user,
            content_type=ContentType.objects.get_for_model(User),
            object_id=str(about.pk),
            object_repr=about.username,
            action_flag=CHANGE,
            change_message=f"Renamed {about.username}",
        )
    assert_gone(owner("delete", "accounts/"))
    log = {entry.object_id: (entry.object_repr, entry.change_message) for entry in LogEntry.objects.all()}
    assert log == {
        str(owner.user.pk): (f"user {owner.user.pk}", ""),
        str(stranger.user.pk): ("stranger", "Renamed stranger"),
    }


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("delete", "accounts/", None),
        ("get", "accounts/time/", None),
        ("put", "accounts/time/", {"blink_time": 1, "neck_time": 1, "stretching_time": 1, "alarm_sound": 1}),
        ("get", "reports/", None),
        ("post", "reports/", REPORT),
        ("post", "detections/neck/", {"blob_data": "", "cnt": 0}),
        ("post", "detections/blink/", {"blob_data": "", "count": 0, "total": 0, "time": 0}),
    ],
)
def test_the_token_of_who_left_is_401_everywhere(owner: ApiClient, method: str, path: str, body: Any) -> None:
    assert_gone(owner("delete", "accounts/"))
    assert owner(method, path, body).status_code == 401


def test_who_left_cannot_log_in_and_the_name_is_free_again(owner: ApiClient, client: Client) -> None:
    assert_gone(owner("delete", "accounts/"))
    body = {"username": owner.user.username, "password": PASSWORD}
    assert client.post("/api/accounts/login/", body, content_type="application/json").status_code == 401
    assert client.post("/api/accounts/", body, content_type="application/json").status_code == 201


def test_nobody_withdraws_without_a_token(owner: ApiClient, client: Client) -> None:
    assert client.delete("/api/accounts/").status_code == 401
    assert kept(owner.user.pk) == (1, 0, 0, 0)
