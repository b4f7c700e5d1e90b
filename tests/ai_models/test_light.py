"""ai_models.vision.engine: in the dark, the levels around the face are stretched for a session's measures."""

import numpy as np
import pytest

from ai_models.analysis import AnalysisPlan
from ai_models.landmarks import Box
from ai_models.measures import FaceMeasures
from ai_models.vision.engine import FastEngine, analyze_image, brightened, light_of
from ai_models.vision.frame import Image
from tests import pictures

MEASURES = AnalysisPlan(measures=True)


def darkened(image: Image, share: float) -> Image:
    return np.asarray(image * share, np.uint8)


def measures_of(image: Image, engine: FastEngine) -> FaceMeasures:
    measures = analyze_image(image, MEASURES, engine).measures
    assert measures
    return measures


@pytest.fixture
def engine(tmp_path: object) -> FastEngine:
    return FastEngine(tmp_path)  # type: ignore[arg-type]


@pytest.mark.parametrize("share", [0.25, 0.15, 0.1, 0.06])
def test_open_and_closed_eyes_are_told_apart_in_the_dark(engine: FastEngine, share: float) -> None:
    upright, closed = pictures.framed(150, (320, 220)), pictures.eyes_closed()
    in_light = measures_of(upright, engine).eye_aspect_ratio
    assert measures_of(darkened(upright, share), engine).eye_aspect_ratio == pytest.approx(in_light, rel=0.08)
    assert measures_of(darkened(closed, share), engine).eye_aspect_ratio < 0.65 * in_light


def test_light_is_that_of_the_captured_picture(engine: FastEngine) -> None:
    upright = pictures.framed(150, (320, 220))
    light = measures_of(upright, engine).light
    dark = measures_of(darkened(upright, 0.1), engine).light
    assert light is not None
    assert dark == pytest.approx(light / 10, rel=0.1)


def test_bright_pictures_stay_as_they_are() -> None:
    image = pictures.framed(150, (320, 220))
    assert brightened(image, None) is image
    assert brightened(image, Box(900, 900, 950, 950)) is image


def test_a_dark_face_before_a_bright_window_is_stretched() -> None:
    image = np.full((480, 640, 3), 250, np.uint8)
    box = Box(200, 100, 399, 299)
    image[100:300, 200:400] = 20
    assert light_of(image, box) == 20
    assert light_of(brightened(image, box), box) == pytest.approx(110, abs=1)
    assert brightened(image, None) is image
