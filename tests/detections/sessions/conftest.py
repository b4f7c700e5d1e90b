from typing import Any

import pytest
from django.conf import settings

from ai_models.analysis import AnalysisPlan, Crop, FrameAnalysis
from ai_models.vision.frame import Frame, Image, decode
from detections import vision
from tests.conftest import ApiClient
from tests.detections.sessions.desk import Desk, Time

analyze_image = vision.analyze_image
_images: dict[tuple[Frame, bool], Image] = {}
_known: dict[Any, tuple[FrameAnalysis, Image]] = {}


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
    """Each picture is decoded and analysed once in this process: for tests of what follows, which send the same few."""
    monkeypatch.setattr(vision, "decode", _decode_once)
    monkeypatch.setattr(vision, "analyze_image", _analyze_once)


def _decode_once(frame: Frame, *, in_burst: bool = False) -> Image:
    key = frame, in_burst
    if key not in _images:
        _images[key] = decode(frame, in_burst=in_burst)
    return _images[key]


def _analyze_once(image: Image, plan: AnalysisPlan = vision.FACE_ONLY, crop: Crop | None = None) -> FrameAnalysis:
    # An analysis follows from the picture, the plan and these settings alone.
    chosen = settings.EXACT_DETECTION, settings.NATIVE_VISION, settings.DESCRIPTOR_PRECISION
    key = id(image), plan, crop, chosen
    if key not in _known:
        _known[key] = analyze_image(image, plan, crop), image  # which stays alive, so that its id is no other's
    return _known[key][0]
