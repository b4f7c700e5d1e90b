"""accounts.services.user_lock_with_face and face_enrol, with artificial descriptors."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import numpy as np
import pytest
from django.db import transaction

from accounts import face_keys
from accounts.face_keys import MEAN_DESCRIPTOR_TYPE, FaceUnreadable
from accounts.models import FaceProfile, User
from accounts.services import AccountDeleted, face_delete, face_enrol, face_get, user_create, user_lock_with_face
from ai_models.identity import Descriptor
from personal_data.withdrawal import user_erase
from tests.conftest import PASSWORD

FIRST = np.linspace(-0.3, 0.3, 128)
STEP = np.eye(128)[0]
ROOT = Path(__file__).parents[2]


@pytest.fixture
def user(db: None) -> User:
    return user_create(username="mina", password=PASSWORD)


def enrol(user: User, descriptor: Descriptor, frame_id: UUID | None = None) -> None:
    with transaction.atomic():
        face = user_lock_with_face(user_id=user.pk)
        face_enrol(user_id=user.pk, face=face, frame_id=frame_id or uuid4(), descriptor=descriptor)


def stored_mean_and_count(user: User) -> tuple[list[float], int]:
    enrolment = FaceProfile.objects.get(user=user).enrolment
    return enrolment.mean.tolist(), enrolment.frame_count


def test_first_descriptor_is_stored_unchanged(user: User) -> None:
    enrol(user, FIRST)
    assert stored_mean_and_count(user) == (FIRST.tolist(), 1)


def test_float32_descriptor_is_stored_without_loss(user: User) -> None:
    enrol(user, FIRST.astype(np.float32))
    assert stored_mean_and_count(user) == (FIRST.astype(np.float32).tolist(), 1)


def test_later_descriptors_are_averaged(user: User) -> None:
    second, third = FIRST + 0.1 * STEP, FIRST - 0.2 * STEP
    enrol(user, FIRST)
    enrol(user, second)
    mean = (FIRST * 1 + second) / 2
    assert stored_mean_and_count(user) == (mean.tolist(), 2)
    enrol(user, third)
    assert stored_mean_and_count(user) == (((mean * 2 + third) / 3).tolist(), 3)


def test_descriptor_at_the_threshold_is_averaged(user: User) -> None:
    enrol(user, np.zeros(128))
    enrol(user, 0.45 * STEP)
    assert stored_mean_and_count(user) == ((0.225 * STEP).tolist(), 2)


def test_descriptor_of_another_person_changes_nothing(user: User) -> None:
    enrol(user, np.zeros(128))
    changed_at = FaceProfile.objects.get().updated_at
    enrol(user, 0.4501 * STEP)
    assert stored_mean_and_count(user) == (np.zeros(128).tolist(), 1)
    assert FaceProfile.objects.get().updated_at == changed_at


def test_each_user_has_their_own_face(user: User) -> None:
    other = user_create(username="other", password=PASSWORD)
    enrol(user, FIRST)
    enrol(other, FIRST + STEP)
    assert stored_mean_and_count(user) == (FIRST.tolist(), 1)
    assert stored_mean_and_count(other) == ((FIRST + STEP).tolist(), 1)


def test_deleted_user_cannot_be_locked(user: User) -> None:
    user_erase(user_id=user.pk)
    with transaction.atomic(), pytest.raises(AccountDeleted):
        user_lock_with_face(user_id=user.pk)


# --- The last frame ---


def test_repeated_last_frame_counts_once(user: User) -> None:
    first, second = uuid4(), uuid4()
    for _ in range(2):
        enrol(user, FIRST, first)
    assert stored_mean_and_count(user) == (FIRST.tolist(), 1)
    for _ in range(3):
        enrol(user, FIRST + 0.1 * STEP, second)
    assert stored_mean_and_count(user) == (((FIRST + FIRST + 0.1 * STEP) / 2).tolist(), 2)
    assert face_get(user_id=user.pk).last_frame == second


def test_ignored_frame_does_not_become_the_last(user: User) -> None:
    enrolling = uuid4()
    enrol(user, np.zeros(128), enrolling)
    enrol(user, STEP, uuid4())
    assert face_get(user_id=user.pk).last_frame == enrolling
    enrol(user, np.zeros(128), enrolling)
    assert stored_mean_and_count(user)[1] == 1


def test_frame_counts_again_after_face_deletion(user: User) -> None:
    frame_id = uuid4()
    enrol(user, FIRST, frame_id)
    face_delete(user_id=user.pk)
    face = face_get(user_id=user.pk)
    assert (face.enrolment, face.last_frame) == (None, None)
    enrol(user, FIRST + STEP, frame_id)
    assert stored_mean_and_count(user) == ((FIRST + STEP).tolist(), 1)


def test_face_without_a_last_frame_keeps_counting(user: User) -> None:
    enrol(user, FIRST)
    FaceProfile.objects.update(last_frame=None)
    enrol(user, FIRST)
    assert stored_mean_and_count(user)[1] == 2


# --- Encryption ---


def test_database_holds_no_number_of_the_descriptor(user: User) -> None:
    enrol(user, FIRST)
    column = bytes(FaceProfile.objects.get().mean_descriptor)
    assert FIRST.astype(MEAN_DESCRIPTOR_TYPE).tobytes() == face_keys.decrypt(column)
    for number in FIRST:
        assert np.float64(number).tobytes() not in column
        assert np.float32(number).tobytes() not in column


def test_equal_faces_have_different_ciphertexts(user: User) -> None:
    other = user_create(username="other", password=PASSWORD)
    for person in (user, other):
        enrol(person, FIRST)
    assert len({bytes(profile.mean_descriptor) for profile in FaceProfile.objects.all()}) == 2


def test_unreadable_face_is_not_overwritten(user: User, settings: Any) -> None:
    enrol(user, FIRST)
    before = bytes(FaceProfile.objects.get().mean_descriptor)
    settings.SECRET_KEY = "another"
    with pytest.raises(FaceUnreadable):
        enrol(user, FIRST)
    with pytest.raises(FaceUnreadable):
        _ = face_get(user_id=user.pk).enrolment
    assert bytes(FaceProfile.objects.get().mean_descriptor) == before


def test_face_of_a_deleted_user_is_not_accessible(user: User) -> None:
    user_erase(user_id=user.pk)
    for call in (face_get, face_delete):
        with pytest.raises(AccountDeleted):
            call(user_id=user.pk)


ENROL_FIFTY = """
import sys, django
from uuid import uuid4
django.setup()
import numpy as np
from django.db import transaction
from accounts.models import User
from accounts.services import face_enrol, user_lock_with_face
descriptor = np.zeros(128)
descriptor[0] = float(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
for _ in range(50):
    with transaction.atomic():
        face_enrol(user_id=1, face=user_lock_with_face(user_id=1), frame_id=uuid4(), descriptor=descriptor)
"""
CREATE_USER = """
import django
django.setup()
from accounts.models import User
assert User.objects.create(username="mina").pk == 1
"""
READ_BACK = """
import django
django.setup()
from accounts.models import FaceProfile
enrolment = FaceProfile.objects.get(user_id=1).enrolment
print(enrolment.frame_count, enrolment.mean[0])
"""


def test_concurrent_enrolment_loses_no_frame(migrated_file: Path) -> None:
    environment = os.environ | {
        "DATABASE_URL": f"sqlite:///{migrated_file}",
        "DJANGO_SETTINGS_MODULE": "posesmart.settings",
        "ENV_FILE": "/nonexistent",
    }

    def start(code: str, *arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", code, *arguments]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, cwd=ROOT, env=environment, stdin=pipe, stdout=pipe, text=True)

    created = start(CREATE_USER)
    created.communicate(timeout=300)
    assert created.returncode == 0
    processes = [start(ENROL_FIFTY, value) for value in ("0.1", "0.2")]
    for process in processes:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.communicate("go\n", timeout=300)
        assert process.returncode == 0
    frame_count, mean = start(READ_BACK).communicate(timeout=300)[0].split()
    assert frame_count == "100"
    assert float(mean) == pytest.approx(0.15)
