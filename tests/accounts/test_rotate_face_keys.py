"""`manage.py rotate_face_keys`"""

import base64
from io import StringIO
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, transaction
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from accounts import face_keys
from accounts.face_keys import FaceUnreadable
from accounts.models import FaceProfile
from accounts.services import face_delete, face_enrol, face_reencrypt, user_create, user_lock_with_face
from tests.conftest import PASSWORD

OLD, NEW, LOST = (base64.urlsafe_b64encode(bytes([n]) * 32).decode() for n in (1, 2, 3))


def enrol(username: str, value: float) -> int:
    user = user_create(username=username, password=PASSWORD)
    with transaction.atomic():
        descriptor = np.full(128, value)
        face_enrol(user_id=user.pk, face=user_lock_with_face(user_id=user.pk), frame_id=uuid4(), descriptor=descriptor)
    return user.pk


def rotate() -> str:
    out = StringIO()
    call_command("rotate_face_keys", stdout=out)
    return out.getvalue()


def columns() -> dict[int, Any]:
    return {row[0]: row[1:] for row in FaceProfile.objects.values_list("pk", "frame_count", "last_frame", "updated_at")}


@pytest.mark.django_db
def test_older_keys_can_be_removed_afterwards(settings: Any) -> None:
    settings.FACE_KEYS = [OLD]
    first = enrol("first", 0.1)
    settings.FACE_KEYS = []
    derived = enrol("derived", 0.2)
    settings.FACE_KEYS = [NEW, OLD]
    newest = enrol("newest", 0.3)
    before = columns()
    assert rotate() == "3 faces are encrypted with the newest key.\n"
    assert columns() == before  # rotation is not an enrolment
    settings.FACE_KEYS, settings.SECRET_KEY = [NEW], "another"
    means = {profile.pk: profile.enrolment.mean[0] for profile in FaceProfile.objects.all()}
    assert means == {first: 0.1, derived: 0.2, newest: 0.3}


@pytest.mark.django_db
def test_unreadable_faces_are_named_and_others_rotated(settings: Any) -> None:
    settings.FACE_KEYS = [LOST]
    lost = [enrol(name, 0.1) for name in ("lost", "gone")]
    settings.FACE_KEYS = [OLD]
    last = enrol("last", 0.2)
    before = bytes(FaceProfile.objects.get(pk=lost[0]).mean_descriptor)
    settings.FACE_KEYS = [NEW, OLD]
    with pytest.raises(CommandError, match=f"of these users: {lost[0]}, {lost[1]}\\. ") as caught:
        rotate()
    assert not any(key in str(caught.value) for key in (NEW, OLD))
    settings.FACE_KEYS = [NEW]
    assert FaceProfile.objects.get(pk=last).enrolment.mean[0] == 0.2
    assert bytes(FaceProfile.objects.get(pk=lost[0]).mean_descriptor) == before
    settings.FACE_KEYS = [NEW, LOST]  # the lost key was found
    assert rotate() == "3 faces are encrypted with the newest key.\n"


@pytest.mark.django_db
def test_rotation_without_faces_does_nothing() -> None:
    assert rotate() == "0 faces are encrypted with the newest key.\n"


@pytest.mark.django_db
def test_face_is_locked_while_reencrypted(monkeypatch: pytest.MonkeyPatch) -> None:
    user_id = enrol("mina", 0.1)
    locked: list[type[Any]] = []
    select_for_update = QuerySet.select_for_update

    def spy(queryset: QuerySet[Any], *args: Any, **options: Any) -> QuerySet[Any]:
        locked.append(queryset.model)
        return select_for_update(queryset, *args, **options)

    monkeypatch.setattr(QuerySet, "select_for_update", spy)
    with CaptureQueriesContext(connection) as queries:
        assert face_reencrypt(user_id=user_id) is True
    assert locked == [FaceProfile]
    if connection.features.has_select_for_update:
        assert [query for query in queries if query["sql"].endswith("FOR UPDATE")]


@pytest.mark.django_db
def test_face_deleted_meanwhile_is_no_error() -> None:
    user_id = enrol("mina", 0.1)
    face_delete(user_id=user_id)
    assert face_reencrypt(user_id=user_id) is False


@pytest.mark.django_db
def test_unreadable_face_stays_unchanged(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.FACE_KEYS = [OLD]
    user_id = enrol("mina", 0.1)
    settings.FACE_KEYS = [NEW]
    with pytest.raises(FaceUnreadable):
        face_reencrypt(user_id=user_id)
    settings.FACE_KEYS = [OLD]
    assert face_keys.decrypt(bytes(FaceProfile.objects.get().mean_descriptor))
