from hashlib import sha256
from typing import Any

import pytest
from django.conf import settings

from ai_models.analysis import AnalysisPlan, Crop, FrameAnalysis
from ai_models.vision.frame import Image
from detections import vision
from tests.conftest import ApiClient
from tests.detections.sessions.desk import Desk, Time

analyze_image = vision.analyze_image
_known: dict[Any, FrameAnalysis] = {}


@pytest.fixture
def desk(owner: ApiClient) -> Desk:
    """The owner's desk, before a session is started."""
    return Desk(owner)


@pytest.fixture
def office(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A desk whose service has the same clock."""
    monkeypatch.setattr("detections.sessions.store.time", Time(desk))
    monkeypatch.setattr("detections.sessions.store.timezone.now", lambda: desk.now)
    return desk


@pytest.fixture
def known_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each picture is analysed once in this process: for tests of what follows from it, which send the same few."""
    monkeypatch.setattr(vision, "analyze_image", _analyze_once)


def _analyze_once(image: Image, plan: AnalysisPlan = vision.FACE_ONLY, crop: Crop | None = None) -> FrameAnalysis:
    # An analysis follows from the picture, the plan and these settings alone.
    chosen = settings.EXACT_DETECTION, settings.NATIVE_VISION, settings.DESCRIPTOR_PRECISION
    key = image.shape, sha256(image.tobytes()).digest(), plan, crop, chosen
    if key not in _known:
        _known[key] = analyze_image(image, plan, crop)
    return _known[key]
