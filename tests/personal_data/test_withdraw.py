"""DELETE /api/accounts/"""

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.test import Client
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken

from accounts.models import Erasure, FaceProfile, User
from accounts.services import face_enrol, user_lock_with_face
from accounts.tokens import RefreshToken
from ai_models.vision.frame import read_frame
from common.db.breaker import Breaker
from common.http import throttling
from detections.models import Episode, Profile, Session
from mongos import archive, guard, maintenance
from mongos.models import Frame
from personal_data import erasures, withdrawal
from reports.models import Report
from tests import pictures
from tests.archived import archived
from tests.conftest import PASSWORD, ApiClient
from tests.detections.sessions.desk import Desk, upright

DELETED = {"message": "정상적으로 삭제되었습니다."}
REPORT = {"blink_cnt": 1, "neck_cnt": 2, "stretching_cnt": 3, "start_time": "2203300738", "end_time": "2203300800"}


def fill(person: ApiClient) -> None:
    """Store something of every kind for a user: frames, a face, a report."""
    frame = read_frame(pictures.png(pictures.smaller(pictures.coffee(), 0.1)))
    for face_found in (True, False):
        archived(user_id=person.user.pk, frame=frame, face_found=face_found)
    with transaction.atomic():
        face = user_lock_with_face(user_id=person.user.pk)
        face_enrol(user_id=person.user.pk, face=face, frame_id=uuid4(), descriptor=np.zeros(128))
    assert person("post", "reports/", REPORT).status_code == 201


def row_counts(user_id: int) -> tuple[int, int, int, int]:
    return (
        User.objects.filter(pk=user_id).count(),
        FaceProfile.objects.filter(user_id=user_id).count(),
        Report.objects.filter(user_id=user_id).count(),
        Frame.objects.filter(user_id=user_id).count(),
    )


def assert_withdrawn(response: Any) -> None:
    # Not .content: Django's test client strips the body of a 204.
    assert (response.status_code, response.data, json.loads(response.rendered_content)) == (204, DELETED, DELETED)


def test_withdrawal_erases_all_data_of_the_user(owner: ApiClient) -> None:
    fill(owner)
    assert row_counts(owner.user.pk) == (1, 1, 1, 2)
    assert_withdrawn(owner("delete", "accounts/"))
    assert row_counts(owner.user.pk) == (0, 0, 0, 0)


@pytest.mark.parametrize("body", [{}, {"flag": "x"}, {"password": PASSWORD}])
def test_password_is_optional(owner: ApiClient, body: Any) -> None:
    assert_withdrawn(owner("delete", "accounts/", body))
    assert row_counts(owner.user.pk) == (0, 0, 0, 0)


@pytest.mark.parametrize("password", ["wrong", "", " 12341234", "12341234 "])
def test_wrong_password_deletes_nothing(owner: ApiClient, password: str) -> None:
    fill(owner)
    response = owner("delete", "accounts/", {"password": password})
    assert (response.status_code, response.json()) == (400, {"password": ["This is not the account's password."]})
    assert row_counts(owner.user.pk) == (1, 1, 1, 2)


@pytest.mark.parametrize("password", [None, [], {}, True, "a" * 257, "\0", "\ud800"])
def test_invalid_password_deletes_nothing(owner: ApiClient, password: Any) -> None:
    response = owner("delete", "accounts/", {"password": password})
    assert (response.status_code, set(response.json())) == (400, {"password"})
    assert row_counts(owner.user.pk) == (1, 0, 0, 0)


@pytest.mark.parametrize("body", ["{", "[]", "null", '"12341234"'])
def test_malformed_body_deletes_nothing(owner: ApiClient, body: str) -> None:
    assert owner("delete", "accounts/", body).status_code == 400
    assert row_counts(owner.user.pk) == (1, 0, 0, 0)


def test_data_of_other_users_stays(owner: ApiClient, stranger: ApiClient) -> None:
    fill(owner)
    fill(stranger)
    assert_withdrawn(owner("delete", "accounts/"))
    assert row_counts(stranger.user.pk) == (1, 1, 1, 2)
    assert len(stranger("get", "reports/").json()) == 1


def test_username_is_deleted_from_the_admin_log(owner: ApiClient, stranger: ApiClient) -> None:
    for about in (owner.user, stranger.user):
        LogEntry.objects.create(
            user=stranger.user,
            content_type=ContentType.objects.get_for_model(User),
            object_id=str(about.pk),
            object_repr=about.username,
            action_flag=CHANGE,
            change_message=f"Renamed {about.username}",
        )
    assert_withdrawn(owner("delete", "accounts/"))
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
def test_token_of_a_deleted_user_is_refused(owner: ApiClient, method: str, path: str, body: Any) -> None:
    assert_withdrawn(owner("delete", "accounts/"))
    assert owner(method, path, body).status_code == 401


def test_username_is_free_after_withdrawal(owner: ApiClient, client: Client) -> None:
    assert_withdrawn(owner("delete", "accounts/"))
    body = {"username": owner.user.username, "password": PASSWORD}
    assert client.post("/api/accounts/login/", body, content_type="application/json").status_code == 401
    assert client.post("/api/accounts/", body, content_type="application/json").status_code == 201


def test_anonymous_is_refused(owner: ApiClient, client: Client) -> None:
    assert client.delete("/api/accounts/").status_code == 401
    assert row_counts(owner.user.pk) == (1, 0, 0, 0)


# --- Nothing is left anywhere ---


def refers_to_a_user(field: Any) -> bool:
    """True if a column holds a user's id: a foreign key, or a plain number named `user` or `user_id`."""
    return field.name in ("user", "user_id") or (field.remote_field is not None and field.remote_field.model is User)


def user_tables() -> Iterator[tuple[type[models.Model], str]]:
    """Every table that can hold rows of a user, with the column that refers to the user."""
    yield User, "pk"
    yield Episode, "session__user_id"
    for model in apps.get_models(include_auto_created=True):
        yield from ((model, field.attname) for field in model._meta.concrete_fields if refers_to_a_user(field))


def residue(user_id: int) -> dict[str, int]:
    """The number of a user's rows in each table and of their files in the spool, if not zero."""
    rows = {
        model._meta.label: model._default_manager.filter(**{column: user_id}).count() for model, column in user_tables()
    }
    files = [path for path in archive.spool().folder.glob("*") if f".{user_id}." in path.name]
    return {name: count for name, count in (rows | {"spool": len(files)}).items() if count}


def failure_key(person: ApiClient) -> str:
    """The key under which wrong passwords for a name are counted."""
    return throttling.password_failures(person.user.username).get_cache_key(None, None)


def fill_every_table(person: ApiClient) -> None:
    fill(person)
    user_type = ContentType.objects.get_for_model(User)
    LogEntry.objects.create(user=person.user, content_type=user_type, object_id="0", action_flag=CHANGE)
    RefreshToken.for_user(person.user).exchange()  # a second login, and a token that was used
    throttling.password_failures(person.user.username).count()
    person.user.groups.add(Group.objects.get_or_create(name="group")[0])
    Desk(person).start()
    session = Session.objects.get(user=person.user)
    session.profile = Profile.objects.create(user=person.user, name="desk", baseline="{}", quality=1.0)
    session.report = Report.objects.get(user=person.user)
    session.save()
    Episode.objects.create(session=session, number=1, kind="neck", started_at=archive.now())
    fields = {"id": uuid4().hex, "user_id": person.user.pk, "session_id": None, "captured_at": archive.now()}
    for refused in (False, True):
        picture = {"size": 1, "content_type": "image/png", "image": b"a", "face_found": False}
        assert archive.spool().put(fields | picture | {"id": uuid4().hex}, refused=refused)


FILLED = {
    "accounts.User": 1,
    "token_blacklist.OutstandingToken": 3,
    "accounts.User_groups": 1,
    "accounts.FaceProfile": 1,
    "admin.LogEntry": 1,
    "detections.Episode": 1,
    "detections.Profile": 1,
    "detections.Session": 1,
    "mongos.Frame": 2,
    "reports.Report": 1,
    "spool": 2,
}


@pytest.mark.usefixtures("each_archive")
def test_withdrawal_leaves_no_row_and_no_file(owner: ApiClient, stranger: ApiClient, settings: Any) -> None:
    for person in (owner, stranger):
        fill_every_table(person)
        assert residue(person.user.pk) == FILLED
    assert_withdrawn(owner("delete", "accounts/"))
    # The erasure stays for as long as a frame with this user's id may be in flight.
    assert residue(owner.user.pk) == {"accounts.Erasure": 1}
    settings.FRAME_UNDER_WAY_S = 0
    erasures.erasures_run_due()
    assert residue(owner.user.pk) == {}
    assert residue(stranger.user.pk) == FILLED
    # Nor do rows without a user remain, which is what simplejwt would leave.
    assert set(OutstandingToken.objects.values_list("user_id", flat=True)) == {stranger.user.pk}
    assert BlacklistedToken.objects.count() == 1
    assert not throttling.password_failures(owner.user.username).cache.get(failure_key(owner))
    assert throttling.password_failures(stranger.user.username).cache.get(failure_key(stranger))


@pytest.mark.usefixtures("each_archive")
def test_running_session_is_deleted_with_its_frames(owner: ApiClient) -> None:
    desk = Desk(owner).calibrate()
    assert archive.count(user_id=owner.user.pk) == 8
    assert_withdrawn(owner("delete", "accounts/"))
    assert desk.send(upright()).status_code == 401
    assert residue(owner.user.pk) == {"accounts.Erasure": 1}


def test_earlier_erasures_are_deleted_with_the_user(owner: ApiClient, settings: Any) -> None:
    assert owner("delete", "accounts/frames/").status_code == 200
    assert_withdrawn(owner("delete", "accounts/"))
    settings.FRAME_UNDER_WAY_S = 0
    for _ in range(2):
        erasures.erasures_run_due()
    assert residue(owner.user.pk) == {}


def test_withdrawal_leaves_no_document_in_mongodb(owner: ApiClient, stranger: ApiClient, mongodb: Any) -> None:
    fill(owner)
    fill(stranger)
    assert_withdrawn(owner("delete", "accounts/"))
    for name in mongodb.list_collection_names():
        assert not list(mongodb[name].find({"user_id": owner.user.pk})), name
    assert mongodb[Frame._meta.db_table].count_documents({"user_id": stranger.user.pk}) == 2


@pytest.mark.usefixtures("mongodb")
def test_withdrawal_works_while_archive_is_down(
    owner: ApiClient, stranger: ApiClient, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    fill(stranger)
    fill(owner)
    monkeypatch.setattr(guard, "breaker", Breaker(3600.0))
    guard.breaker.failed()
    archived(user_id=owner.user.pk, frame=read_frame(pictures.png(pictures.small())), face_found=True)
    assert len(archive.spool().entries()) == 1
    assert_withdrawn(owner("delete", "accounts/"))
    assert row_counts(owner.user.pk)[:3] == (0, 0, 0)
    assert not archive.spool().entries()
    assert erasures.pending_count() == 1
    monkeypatch.setattr(guard, "breaker", Breaker(3600.0))
    settings.FRAME_UNDER_WAY_S = 0
    assert Frame.objects.filter(user_id=owner.user.pk).count() == 2
    assert maintenance.drain(erasures.storable) == maintenance.Drained()
    for _ in range(2):
        assert erasures.erasures_run_due() == 1
    assert residue(owner.user.pk) == {}
    assert row_counts(stranger.user.pk) == (1, 1, 1, 2)


@pytest.mark.parametrize(
    ("module", "name"), [(withdrawal, "_delete_name_in_admin_log"), (erasures, "withdrawal_record")]
)
@pytest.mark.parametrize("after_its_work", [False, True])
def test_user_and_erasure_change_in_one_transaction(
    owner: ApiClient, monkeypatch: pytest.MonkeyPatch, module: Any, name: str, after_its_work: bool
) -> None:
    work = getattr(module, name)

    def fail(*args: Any, **options: Any) -> None:
        assert not User.objects.filter(pk=owner.user.pk).exists()
        if after_its_work:
            work(*args, **options)
        raise RuntimeError("power cut")

    fill(owner)
    with monkeypatch.context() as patch:
        patch.setattr(module, name, fail)
        with pytest.raises(RuntimeError):
            owner("delete", "accounts/")
    assert row_counts(owner.user.pk) == (1, 1, 1, 2)
    assert not Erasure.objects.exists()
    assert_withdrawn(owner("delete", "accounts/"))


@pytest.mark.usefixtures("each_archive")
def test_archive_failure_does_not_undo_withdrawal(owner: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**options: Any) -> None:
        raise RuntimeError("power cut")

    fill(owner)
    with monkeypatch.context() as patch:
        patch.setattr(archive, "delete_all", fail)
        with pytest.raises(RuntimeError):
            owner("delete", "accounts/")
    assert row_counts(owner.user.pk) == (0, 0, 0, 2)
    assert erasures.erasures_run_due() == 1
    assert row_counts(owner.user.pk) == (0, 0, 0, 0)
