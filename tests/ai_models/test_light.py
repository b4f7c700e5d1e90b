"""ai_models.vision.engine: light and glare in a session's measures. In the dark, levels are stretched."""

import cv2
import numpy as np
import pytest

from ai_models.analysis import AnalysisPlan
from ai_models.landmarks import LEFT_EYE, RIGHT_EYE, Box
from ai_models.measures import FaceMeasures
from ai_models.quality import MAX_GLARE
from ai_models.vision.engine import FastEngine, analyze_image, brightened, light_of
from ai_models.vision.faces import find_face
from ai_models.vision.frame import Image
from ai_models.vision.picture_quality import glare_of
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


def reflecting(image: Image, size: float) -> Image:
    """The picture of a face with a white spot before each eye, `size` times as wide as an eye."""
    shown = image.copy()
    face = find_face(image)
    assert face is not None
    for eye in (face.points[RIGHT_EYE], face.points[LEFT_EYE]):
        (x, y), width = eye.mean(axis=0), np.ptp(eye[:, 0])
        cv2.ellipse(shown, (int(x), int(y)), (int(size * width / 2), int(size * width / 3)), 0, 0, 360, (255,) * 3, -1)
    return shown


def test_eyes_without_reflections_have_no_glare(engine: FastEngine) -> None:
    for image in (
        pictures.framed(150, (320, 220)),
        pictures.eyes_closed(),
        darkened(pictures.framed(150, (320, 220)), 0.1),
    ):
        assert measures_of(image, engine).glare == 0


@pytest.mark.parametrize(("size", "is_hidden"), [(0.3, False), (0.8, True), (1.2, True)])
def test_reflections_that_hide_the_lids_are_glare(engine: FastEngine, size: float, is_hidden: bool) -> None:
    glare = measures_of(reflecting(pictures.framed(150, (320, 220)), size), engine).glare
    assert glare is not None
    assert (glare > MAX_GLARE) is is_hidden


@pytest.mark.parametrize("move", [(-700, 0), (0, 600), (700, 600), (-330, 0)])
def test_eyes_beyond_the_picture_have_no_glare(move: tuple[int, int]) -> None:
    image = np.full((480, 640, 3), 255, np.uint8)
    face = find_face(pictures.framed(150, (320, 220)))
    assert face is not None
    assert glare_of(image, face.moved(*move).points) in {0.0, 1.0}
