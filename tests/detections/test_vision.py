"""detections.vision: the settings of face detection, what they change in the responses, and preloading."""

import gc
import logging
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import dlib
import numpy as np
import pytest
from pytest_django import Settings

from ai_models.landmarks import Face
from ai_models.posture import ContractMeasures, measure
from ai_models.vision import faces, weights
from ai_models.vision.engine import open_backend
from ai_models.vision.frame import Image, decode, read_frame
from detections import vision
from detections.analysis import Origin, analyze
from tests import pictures
from tests.conftest import ApiClient
from tests.detections.frames import BLINK, NECK, blink_body, measures_of, neck_body

CENTRE = (320.0, 240.0)
LARGE = pictures.framed(220, CENTRE, turn_deg=9)  # the plain pipeline sees this face at the next scale
SMALL = pictures.jpeg(pictures.framed(88, (210, 300)), 75)

# Run in its own process: the number of full collections while a worker makes garbage that only they can find.
FULL_COLLECTIONS = """
import gc, os
os.environ["DJANGO_SETTINGS_MODULE"] = "posesmart.settings"
import django; django.setup()
from detections import vision
vision.preload()
before = gc.get_stats()[2]["collections"]
for _ in range(100_000):
    cycle = []
    cycle.append(cycle)
print(gc.get_stats()[2]["collections"] - before)
"""


@cache
def dlibs_detector() -> Any:
    return dlib.get_frontal_face_detector()


def plain_measures(image: Image) -> ContractMeasures:
    """The measures by dlib's detector and predictor, as the contract describes them."""
    largest = max(dlibs_detector()(image, 0), key=lambda rectangle: rectangle.area())
    points = [(point.x, point.y) for point in weights.shape_predictor()(image, largest).parts()]
    return measure(np.array(points))


def calibrate(client: ApiClient, frame: bytes) -> dict[str, Any]:
    response = client("post", NECK, neck_body(frame))
    assert response.status_code == 200, response.content
    body = response.json()
    return {name: body[name] for name in ("face_x", "face_y", "nose_to_center")}


def as_lists(measures: ContractMeasures) -> dict[str, Any]:
    return {"face_x": [measures.face_x], "face_y": [measures.face_y], "nose_to_center": [measures.nose_to_center]}


def test_exact_detection_matches_the_plain_pipeline(owner: ApiClient, settings: Settings) -> None:
    frame = pictures.png(LARGE)
    assert plain_measures(LARGE) != measures_of(LARGE)
    assert calibrate(owner, frame) == as_lists(measures_of(LARGE))
    settings.EXACT_DETECTION = True
    assert calibrate(owner, frame) == as_lists(plain_measures(LARGE))


def test_analysis_follows_the_setting(settings: Settings) -> None:
    for exact, expected in ((False, measures_of(LARGE)), (True, plain_measures(LARGE))):
        settings.EXACT_DETECTION = exact
        reading = analyze(LARGE, Origin("large.png")).reading
        assert reading is not None
        assert reading.measures == expected


def test_small_face_always_matches_plain_pipeline(owner: ApiClient) -> None:
    image = decode(read_frame(SMALL))
    half_size = cv2.resize(image, None, fx=0.5, fy=0.5)
    assert len(dlibs_detector()(half_size, 0)) == 0
    assert calibrate(owner, SMALL) == as_lists(plain_measures(image))


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("call", [NECK, BLINK])
def test_both_calls_follow_the_setting(
    owner: ApiClient, settings: Settings, monkeypatch: pytest.MonkeyPatch, call: str, exact: bool
) -> None:
    calls: list[dict[str, Any]] = []

    def find_face(image: Image, **options: Any) -> Face | None:
        calls.append(options)
        return None

    monkeypatch.setattr(faces, "find_face", find_face)
    settings.EXACT_DETECTION = exact
    body = neck_body(SMALL) if call == NECK else blink_body(SMALL)
    assert owner("post", call, body).json()["detection_flag"] == "false"
    backend = open_backend(settings.MODEL_CACHE_DIR, settings.NATIVE_VISION)
    assert calls == [{"backend": backend, "steady": False, **({"exact": True} if exact else {"near": None})}]


def test_network_is_saved_in_model_cache_dir(settings: Settings, tmp_path: Path) -> None:
    settings.MODEL_CACHE_DIR = tmp_path / "models"
    descriptor = vision.analyze_image(pictures.astronaut(), vision.WITH_IDENTITY).descriptor
    assert descriptor is not None
    assert descriptor.exact.shape == (128,)
    assert {".onnx", ".json"} <= {path.suffix for path in settings.MODEL_CACHE_DIR.iterdir()}


def test_preload_exports_the_network(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gc, "freeze", lambda: None)  # the tests' own objects must still be collected
    monkeypatch.setattr(gc, "set_threshold", lambda *thresholds: None)
    settings.MODEL_CACHE_DIR = tmp_path
    vision.preload()
    assert len(list(tmp_path.glob("*.onnx"))) == 2


def test_preload_without_weights_only_logs_an_error(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(gc, "freeze", lambda: None)
    monkeypatch.setattr(gc, "set_threshold", lambda *thresholds: None)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    settings.MODEL_CACHE_DIR = tmp_path
    vision.preload()
    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert record.getMessage().startswith("No frame can be judged: The weight file ")


def test_preload_leaves_garbage_collection_running(settings: Settings) -> None:
    command = [sys.executable, "-W", "ignore", "-c", FULL_COLLECTIONS]
    result = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=settings.BASE_DIR)
    assert int(result.stdout) >= 4  # 0 if preloading prevented them, however long the worker runs
