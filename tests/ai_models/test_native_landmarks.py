"""The landmarks of the library in C, compared with dlib's: equal to the pixel, whatever the picture and the box."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest_django import Settings

from ai_models.landmarks import Box
from ai_models.vision.backend import DLIB
from ai_models.vision.frame import Image
from tests import pictures
from tests.ai_models.native import each_width, needs_library, opened

pytestmark = needs_library

FACE = Box(179, 83, 266, 170)
FURTHEST = 2**16  # landmarks.c refuses coordinates beyond it
COORDINATE = st.integers(-400, 900)
PICTURES = {
    "upright": pictures.astronaut(),
    "tilted": pictures.warped(turn_deg=25),
    "nearer": pictures.warped(scale=1.9, down_px=60),
    "eyes closed": pictures.eyes_closed(),
    "noisy": pictures.noisy(pictures.astronaut(), 25),
    "no face": pictures.coffee(),
    "tiny": pictures.small(),
    "one row": np.full((1, 300, 3), 200, np.uint8),
    "one pixel": np.full((1, 1, 3), 200, np.uint8),
}
BOXES = {
    "face": FACE,
    "shifted": Box(195, 70, 282, 157),
    "half outside": Box(-40, -30, 60, 70),
    "outside": Box(5000, 5000, 5100, 5100),
    "flat": Box(180, 90, 266, 90),
    "empty": Box(0, 0, 0, 0),
    "turned over": Box(266, 170, 179, 83),
    "huge": Box(-9000, -9000, 12000, 12000),
}


@each_width
@pytest.mark.parametrize("box", BOXES.values(), ids=BOXES)
@pytest.mark.parametrize("image", PICTURES.values(), ids=PICTURES)
def test_landmarks_match_dlib_to_the_pixel(image: Image, box: Box, width: str, settings: Settings) -> None:
    points = opened(settings.MODEL_CACHE_DIR, width).landmarks(image, box)
    expected = DLIB.landmarks(image, box)
    assert (points.shape, points.dtype) == (expected.shape, expected.dtype)
    assert points.tolist() == expected.tolist()


@given(
    left=COORDINATE, top=COORDINATE, size=st.tuples(st.integers(0, 500), st.integers(0, 500)), seed=st.integers(0, 9)
)
@settings(max_examples=60)
def test_landmarks_match_dlib_in_any_box(left: int, top: int, size: tuple[int, int], seed: int) -> None:
    from django.conf import settings as service

    image = pictures.noisy(pictures.astronaut()[seed : 500 - seed, seed:], 3 * seed + 1)
    box = Box(left, top, left + size[0], top + size[1])
    native = opened(service.MODEL_CACHE_DIR, "128")
    assert native.landmarks(np.ascontiguousarray(image), box).tolist() == DLIB.landmarks(image, box).tolist()


@each_width
def test_picture_with_gaps_between_rows_is_the_same_picture(width: str, settings: Settings) -> None:
    native = opened(settings.MODEL_CACHE_DIR, width)
    mirrored = pictures.astronaut()[:, ::-1]
    expected = native.landmarks(np.ascontiguousarray(mirrored), FACE)
    assert native.landmarks(mirrored, FACE).tolist() == expected.tolist()


@pytest.mark.parametrize("box", [Box(-FURTHEST - 1, 0, 10, 10), Box(0, 0, 10, FURTHEST + 1)])
def test_box_beyond_any_picture_is_refused(box: Box, settings: Settings) -> None:
    with pytest.raises(ValueError, match="not the box of a face"):
        opened(settings.MODEL_CACHE_DIR, "128").landmarks(pictures.small(), box)


@pytest.mark.parametrize("shape", [(0, 10, 3), (10, 0, 3)])
def test_empty_picture_is_refused(shape: tuple[int, ...], settings: Settings) -> None:
    with pytest.raises(ValueError, match="not the box of a face"):
        opened(settings.MODEL_CACHE_DIR, "128").landmarks(np.zeros(shape, np.uint8), FACE)


@pytest.mark.parametrize("shape", [(10, 10), (10, 10, 4), (10, 10, 1)])
def test_picture_without_three_channels_is_refused(shape: tuple[int, ...], settings: Settings) -> None:
    with pytest.raises(ValueError, match="height, width, 3"):
        opened(settings.MODEL_CACHE_DIR, "128").landmarks(np.zeros(shape, np.uint8), FACE)


def test_threads_share_one_backend(settings: Settings) -> None:
    native = opened(settings.MODEL_CACHE_DIR, "128")
    jobs = [(image, box) for image in PICTURES.values() for box in BOXES.values()] * 3
    alone = [native.landmarks(*job).tolist() for job in jobs]
    with ThreadPoolExecutor(4) as pool:
        together = [points.tolist() for points in pool.map(lambda job: native.landmarks(*job), jobs)]
    assert together == alone
