"""Faces that are enrolled are described in float32, faces that are only compared in 8-bit integers."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from django.db import connection
from numpy.typing import NDArray

from accounts.models import FaceProfile
from ai_models import identity
from ai_models.identity import Descriptor
from ai_models.vision import descriptor
from ai_models.vision.descriptor import describe_face, open_network
from ai_models.vision.frame import Image, decode, read_frame
from tests import pictures
from tests.conftest import ApiClient
from tests.detections.frames import NECK, face_of, monitoring_body, neck_body, upright
from tests.detections.sessions.desk import Desk
from tests.detections.sessions.desk import upright as at_desk


@pytest.fixture(autouse=True)
def _int8(settings: Any) -> None:
    settings.DESCRIPTOR_PRECISION = "int8"


@pytest.fixture
def exact_calls(monkeypatch: pytest.MonkeyPatch, settings: Any) -> list[int]:
    """Grows with each descriptor in float32: by the number of open savepoints, 0 outside of transactions."""
    calls: list[int] = []
    network = open_network(settings.MODEL_CACHE_DIR)
    outside = len(connection.savepoint_ids)

    def counted(chip: Image) -> Descriptor:
        calls.append(len(connection.savepoint_ids) - outside)
        return network(chip)

    monkeypatch.setattr(descriptor, "open_network", lambda folder: counted)
    return calls


def exact(settings: Any, image: Image) -> NDArray[np.float64]:
    described = describe_face(image, face_of(image), open_network(settings.MODEL_CACHE_DIR))
    return np.asarray(described, np.float64)


def stored() -> NDArray[np.float64]:
    return FaceProfile.objects.get().enrolment.mean


def test_neck_frames_enrol_in_float32(owner: ApiClient, settings: Any, exact_calls: list[int]) -> None:
    images = [pictures.astronaut(), pictures.warped(scale=1.02)]
    for cnt, image in enumerate(images):
        assert owner("post", NECK, neck_body(pictures.png(image), cnt=cnt)).status_code == 200
    expected = np.mean([exact(settings, image) for image in images], axis=0)
    assert np.abs(stored() - expected).max() < 1e-6
    assert exact_calls == [0, 0]


def test_calibrating_session_enrols_in_float32(desk: Desk, settings: Any, exact_calls: list[int]) -> None:
    desk.calibrate()
    # A session keeps its looks in half precision; the 8-bit network is off by a hundred times as much.
    assert np.abs(stored() - exact(settings, decode(read_frame(at_desk())))).max() < 2e-4
    assert set(exact_calls) == {0}


def neck(owner: ApiClient, desk: Desk) -> None:
    assert owner("post", NECK, monitoring_body(upright())).json()["face_id_flag"] is True


def session(owner: ApiClient, desk: Desk) -> None:
    assert desk.frame(at_desk(), after_s=9)["identity"]["state"] == "owner"


def test_clear_comparison_needs_no_float32(owner: ApiClient, desk: Desk, exact_calls: list[int]) -> None:
    owner("post", NECK, neck_body(upright()))
    exact_calls.clear()
    neck(owner, desk)
    assert exact_calls == []


@pytest.mark.parametrize("call", [neck, session])
def test_close_comparison_is_repeated_in_float32_before_anything_is_locked(
    call: Callable[[ApiClient, Desk], None],
    owner: ApiClient,
    desk: Desk,
    exact_calls: list[int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    desk.calibrate()
    owner("post", NECK, neck_body(upright()))
    exact_calls.clear()
    monkeypatch.setattr(identity, "GUARD_BAND", 1.0)
    call(owner, desk)
    assert exact_calls == [0]


@pytest.mark.parametrize("choice", ["fp32", "exact"])
def test_settings_can_ask_for_float32(choice: str, owner: ApiClient, settings: Any, exact_calls: list[int]) -> None:
    settings.DESCRIPTOR_PRECISION = "fp32" if choice == "fp32" else "int8"
    settings.EXACT_DETECTION = choice == "exact"
    owner("post", NECK, monitoring_body(upright()))
    assert exact_calls == [0]
