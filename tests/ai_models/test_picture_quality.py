"""ai_models.vision.explanation: what a picture tells about why no face was found in it."""

import cv2
import numpy as np
import pytest

from ai_models.analysis import AnalysisPlan, Crop
from ai_models.quality import PictureProblem
from ai_models.vision.engine import FastEngine, analyze_image
from ai_models.vision.frame import Image
from ai_models.vision.picture_quality import picture_quality_of
from tests import pictures

EXPLAIN = AnalysisPlan(measures=True, explain=True)
UPRIGHT = pictures.framed(150, (320, 220))
ROOM = np.asarray(cv2.resize(pictures.coffee(), (640, 480)), np.uint8)


def covered(colour: tuple[int, int, int], *, corners: float = 1.0) -> Image:
    """One colour, darker towards the corners, with a camera's noise."""
    y, x = np.mgrid[-1:1:480j, -1:1:640j]
    shade = 1 - (1 - corners) * (x**2 + y**2) / 2
    return pictures.noisy(np.asarray(np.array(colour) * shade[:, :, None], np.uint8), 3)


def blurred(image: Image, sigma_px: float) -> Image:
    return np.asarray(cv2.GaussianBlur(image, (0, 0), sigma_px), np.uint8)


def small(face_px: float) -> Image:
    return pictures.framed(face_px, (320, 220))


@pytest.mark.parametrize(
    "image", [UPRIGHT, ROOM, pictures.astronaut(), ROOM[::-1]], ids=["desk", "room", "big", "down"]
)
def test_usual_picture_has_no_problem(image: Image) -> None:
    assert picture_quality_of(image).problem is None


@pytest.mark.parametrize("colour", [(0, 0, 0), (12, 12, 14), (150, 60, 40), (200, 200, 200), (255, 255, 255)])
@pytest.mark.parametrize("corners", [1.0, 0.5])
def test_one_colour_is_a_covered_camera(colour: tuple[int, int, int], corners: float) -> None:
    assert picture_quality_of(covered(colour, corners=corners)).problem == "covered"


@pytest.mark.parametrize("share", [0.08, 0.05, 0.03])
@pytest.mark.parametrize("image", [UPRIGHT, ROOM], ids=["desk", "room"])
def test_dark_picture_is_too_dark(image: Image, share: float) -> None:
    assert picture_quality_of(pictures.noisy(np.asarray(image * share, np.uint8), 2)).problem == "too_dark"


@pytest.mark.parametrize("sigma_px", [10, 16])
@pytest.mark.parametrize("image", [UPRIGHT, ROOM], ids=["desk", "room"])
def test_blurred_picture_is_too_blurred(image: Image, sigma_px: float) -> None:
    assert picture_quality_of(blurred(image, sigma_px)).problem == "too_blurred"
    assert picture_quality_of(blurred(image, 1.5)).problem is None


@pytest.mark.parametrize("scale", [0.5, 2.0])
def test_resolution_does_not_matter(scale: float) -> None:
    for image, problem in ((UPRIGHT, None), (blurred(UPRIGHT, 12), "too_blurred"), (covered((90, 40, 30)), "covered")):
        resized = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        assert picture_quality_of(np.asarray(resized, np.uint8)).problem == problem


@pytest.mark.parametrize(
    ("image", "problem"),
    [
        (np.rot90(UPRIGHT, 1), "sideways"),
        (np.rot90(UPRIGHT, 2), "sideways"),
        (np.rot90(UPRIGHT, 3), "sideways"),
        (small(44), "face_too_small"),
        (covered((30, 30, 30)), "covered"),
        (ROOM, None),
        (np.rot90(ROOM), None),
    ],
    ids=["left", "down", "right", "small", "covered", "nobody", "nobody turned"],
)
def test_picture_without_a_face_is_explained(engine: FastEngine, image: Image, problem: PictureProblem | None) -> None:
    found = analyze_image(np.ascontiguousarray(image), EXPLAIN, engine)
    assert (found.face, found.problem, found.is_explained) == (None, problem, True)


def test_long_search_is_only_planned(engine: FastEngine) -> None:
    found = analyze_image(np.ascontiguousarray(np.rot90(UPRIGHT)), AnalysisPlan(measures=True), engine)
    assert (found.problem, found.is_explained) == (None, False)


@pytest.mark.parametrize("crop", [None, Crop(0, 0, 1280, 960)])
def test_version_1_and_parts_of_pictures_are_not_explained(engine: FastEngine, crop: Crop | None) -> None:
    plan = AnalysisPlan(explain=True) if crop is None else EXPLAIN
    assert analyze_image(covered((0, 0, 0)), plan, engine, crop=crop).problem is None


@pytest.fixture
def engine(tmp_path: object) -> FastEngine:
    return FastEngine(tmp_path)  # type: ignore[arg-type]
