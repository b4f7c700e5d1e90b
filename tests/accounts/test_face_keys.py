"""accounts.face_keys, FACE_KEYS and the check that asks for them."""

import base64
import os
import runpy
import subprocess
import sys
import traceback
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command

from accounts import face_keys
from accounts.checks import face_keys_are_set
from accounts.face_keys import FaceUnreadable
from accounts.models import FaceProfile
from mongos.models import Frame
from tests.conftest import ApiClient
from tests.detections.frames import NECK, monitoring_body, neck_body, nobody, upright

ROOT = Path(__file__).parents[2]
OLD, NEW, WRONG = (base64.urlsafe_b64encode(bytes([n]) * 32).decode() for n in (1, 2, 3))
FACE = "accounts/face/"


def start_with(keys: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "ENV_FILE": "/nonexistent", "FACE_KEYS": keys}
    command = [sys.executable, "-c", "from posesmart import settings; print(len(settings.FACE_KEYS))"]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def keys_read(keys: str) -> list[str]:
    """FACE_KEYS as posesmart/settings.py reads them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ENV_FILE", "/nonexistent")
        patch.setenv("FACE_KEYS", keys)
        found: list[str] = runpy.run_path(str(ROOT / "posesmart" / "settings.py"))["FACE_KEYS"]
    return found


# --- The keys ---


def test_encrypted_face_can_be_decrypted(settings: Any) -> None:
    settings.FACE_KEYS = [NEW]
    token = face_keys.encrypt(b"a face")
    assert b"a face" not in token
    assert face_keys.decrypt(token) == b"a face"
    assert face_keys.encrypt(b"a face") != token  # equal faces do not look equal


def test_newest_key_encrypts_and_older_keys_decrypt(settings: Any) -> None:
    settings.FACE_KEYS = [OLD]
    old = face_keys.encrypt(b"a face")
    settings.FACE_KEYS = [NEW, OLD]
    new = face_keys.encrypt(b"a face")
    assert (face_keys.decrypt(old), face_keys.decrypt(new)) == (b"a face", b"a face")
    settings.FACE_KEYS = [NEW]
    assert face_keys.decrypt(new) == b"a face"
    with pytest.raises(FaceUnreadable):
        face_keys.decrypt(old)


def test_rotation_encrypts_under_the_newest_key(settings: Any) -> None:
    settings.FACE_KEYS = [OLD]
    old = face_keys.encrypt(b"a face")
    settings.FACE_KEYS = [NEW, OLD]
    rotated = face_keys.rotate(old)
    settings.FACE_KEYS = [NEW]
    assert face_keys.decrypt(rotated) == b"a face"
    with pytest.raises(FaceUnreadable):
        face_keys.rotate(old)


def test_faces_stored_without_keys_stay_readable(settings: Any) -> None:
    settings.FACE_KEYS = []
    token = face_keys.encrypt(b"a face")
    assert b"a face" not in token
    settings.FACE_KEYS = [NEW]
    assert face_keys.decrypt(token) == b"a face"
    assert face_keys.decrypt(face_keys.rotate(token)) == b"a face"


def test_derived_key_depends_on_the_secret_key(settings: Any) -> None:
    settings.FACE_KEYS = []
    token = face_keys.encrypt(b"a face")
    settings.SECRET_KEY = "another"
    with pytest.raises(FaceUnreadable):
        face_keys.decrypt(token)


@pytest.mark.parametrize("change", [b"", b"x", b"gAAAA", bytes(100)])
def test_invalid_token_is_unreadable(settings: Any, change: bytes) -> None:
    settings.FACE_KEYS = [NEW]
    with pytest.raises(FaceUnreadable):
        face_keys.decrypt(change)


def test_tampered_face_is_unreadable(settings: Any) -> None:
    settings.FACE_KEYS = [NEW]
    token = bytearray(base64.urlsafe_b64decode(face_keys.encrypt(bytes(1024))))
    token[100] ^= 1
    with pytest.raises(FaceUnreadable):
        face_keys.decrypt(base64.urlsafe_b64encode(token))


# --- The service ---


def test_stored_face_contains_no_descriptor_number(owner: ApiClient, settings: Any) -> None:
    settings.FACE_KEYS = [NEW]
    assert owner("post", NECK, neck_body(upright())).status_code == 200
    profile = FaceProfile.objects.get()
    stored = bytes(profile.mean_descriptor)
    encodings = [stored, base64.urlsafe_b64decode(stored)]
    for number in profile.enrolment.mean:
        for form in (np.float64(number), np.float32(number)):
            assert not any(form.tobytes() in text for text in encodings)


def test_missing_key_is_503_and_face_can_be_deleted(owner: ApiClient, settings: Any) -> None:
    settings.FACE_KEYS = [OLD]
    assert owner("post", NECK, neck_body(upright())).status_code == 200
    settings.FACE_KEYS = [WRONG]
    for body in (neck_body(upright()), monitoring_body(upright())):
        response = owner("post", NECK, body)
        assert response.status_code == 503
        assert "FACE_KEYS" in response.json()["detail"]
        assert not any(key in response.content.decode() for key in (OLD, WRONG))
    assert Frame.objects.count() == 1  # a frame answered with an error is not stored
    assert owner("post", NECK, neck_body(nobody())).status_code == 200  # no face has to be read for it
    assert owner("get", FACE).json()["enrolled"] is True
    assert owner("delete", FACE).status_code == 204
    assert owner("post", NECK, neck_body(upright())).status_code == 200
    assert owner("get", FACE).json()["frame_count"] == 1


def test_missing_key_does_not_block_export_or_withdrawal(owner: ApiClient, settings: Any) -> None:
    settings.FACE_KEYS = [OLD]
    assert owner("post", NECK, neck_body(upright())).status_code == 200
    settings.FACE_KEYS = [WRONG]
    assert owner("get", "accounts/export/").getvalue()
    assert owner("delete", "accounts/").status_code == 204
    assert not FaceProfile.objects.exists()


def test_averaging_continues_after_key_rotation(owner: ApiClient, settings: Any) -> None:
    settings.FACE_KEYS = [OLD]
    owner("post", NECK, neck_body(upright()))
    before = FaceProfile.objects.get().enrolment
    settings.FACE_KEYS = [NEW, OLD]
    owner("post", NECK, neck_body(upright(), cnt=1))
    settings.FACE_KEYS = [NEW]
    after = FaceProfile.objects.get().enrolment
    assert (before.frame_count, after.frame_count) == (1, 2)
    assert after.mean == pytest.approx(before.mean, abs=1e-6)


# --- Startup and the system check ---


@pytest.mark.parametrize(("keys", "found"), [("", []), (NEW, [NEW]), (f" {NEW} , {OLD},", [NEW, OLD])])
def test_keys_come_from_the_environment(keys: str, found: list[str]) -> None:
    assert keys_read(keys) == found


@pytest.mark.parametrize(
    "bad",
    [
        "correct-horse-battery-staple",
        WRONG.rstrip("="),  # without its last =
        base64.urlsafe_b64encode(bytes(31)).decode(),
        base64.urlsafe_b64encode(bytes(33)).decode(),
        NEW[:-2] + "!=",
        "비밀열쇠" * 11,
    ],
)
@pytest.mark.parametrize("position", [1, 2])
def test_invalid_key_is_an_error_that_does_not_contain_it(bad: str, position: int) -> None:
    keys = [OLD] * (position - 1) + [bad]
    with pytest.raises(ImproperlyConfigured) as raised:
        keys_read(",".join(keys))
    printed = "".join(traceback.format_exception(raised.value))  # as Python does at startup, with what led to it
    assert f"FACE_KEYS: number {position} is not a key." in printed
    assert not any(key in printed for key in (bad, OLD))


def test_invalid_key_stops_startup_and_is_not_printed() -> None:
    bad = WRONG.rstrip("=")
    result = start_with(f"{OLD},{bad}")
    assert result.returncode == 1
    assert "FACE_KEYS: number 2 is not a key." in result.stderr
    assert not any(key in result.stdout + result.stderr for key in (bad, OLD))


@pytest.mark.parametrize(("keys", "debug", "warns"), [([], False, True), ([NEW], False, False), ([], True, False)])
def test_check_warns_about_missing_keys_in_production(settings: Any, keys: list[str], debug: bool, warns: bool) -> None:
    settings.FACE_KEYS, settings.DEBUG = keys, debug
    assert [message.id for message in face_keys_are_set()] == ["accounts.W001"] * warns


@pytest.mark.parametrize(("keys", "debug", "warns"), [([], False, True), ([NEW], False, False), ([], True, False)])
def test_manage_check_includes_the_key_check(
    settings: Any, capsys: pytest.CaptureFixture[str], keys: list[str], debug: bool, warns: bool
) -> None:
    settings.FACE_KEYS, settings.DEBUG = keys, debug
    call_command("check")
    assert ("accounts.W001" in capsys.readouterr().err) is warns


def test_manage_check_reads_the_keys_from_the_environment(tmp_path: Path) -> None:
    base = {"PATH": os.environ["PATH"], "ENV_FILE": "/nonexistent", "MODEL_CACHE_DIR": str(tmp_path)}
    environment = base | {"DEBUG": "false", "SECRET_KEY": "k" * 50}
    command = [sys.executable, "manage.py", "check"]
    result = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert "accounts.W001" in result.stderr


def test_suggested_command_generates_a_valid_key(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.FACE_KEYS, settings.DEBUG = [], False
    [warning] = face_keys_are_set()
    code = str(warning.hint).partition('python -c "')[2].removesuffix('"')
    key = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert start_with(key).stdout.split() == ["1"]
