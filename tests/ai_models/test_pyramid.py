import math
from functools import cache

import cv2
import dlib
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_models.landmarks import Box
from ai_models.vision.detector import (
    ALIGNED_PX,
    CELL_PX,
    FACE_PX,
    FIRST_WINDOW_PX,
    RATIO,
    Grey,
    Window,
    detector,
    region_around,
    region_of_level,
    size_at,
    whole_level,
    window_of,
)
from tests import pictures

LEVELS = st.integers(0, 12)
POSITIONS = st.integers(0, 60).map(lambda cell: FIRST_WINDOW_PX + CELL_PX * cell)
# Width and height: of cameras, of the contract's worked example, and some that never divide evenly.
SIZES = [(640, 480), (320, 240), (1280, 720), (512, 512), (320, 394), (333, 101), (4096, 97)]


@cache
def grey() -> Grey:
    return np.asarray(cv2.cvtColor(pictures.astronaut(), cv2.COLOR_RGB2GRAY), np.uint8)


def mean_difference(one: Grey, other: Grey) -> float:
    return float(np.abs(one.astype(int) - other).mean())


# --- Windows and boxes ---


def test_window_gives_the_worked_examples_box() -> None:
    # In dlib's arithmetic 101 * 1.2 + 0.3 = 121.49999999999999; 73.5, 207.9 and 159.9 are the other edges.
    assert Window(1, 101, 61).box == Box(left=121, top=74, right=208, bottom=160)


def test_full_resolution_window_is_its_own_box() -> None:
    assert Window(0, 5, 13).box == Box(left=5, top=13, right=77, bottom=85)


def test_worked_examples_box_gives_its_window() -> None:
    assert window_of(Box(left=121, top=74, right=208, bottom=160)) == Window(1, 101, 61)


@given(level=LEVELS, x=POSITIONS, y=POSITIONS)
def test_window_box_matches_dlib_exactly(level: int, x: int, y: int) -> None:
    window = dlib.drectangle(x, y, x + FACE_PX, y + FACE_PX)
    scaled = dlib.pyramid_down(6).rect_up(window, level) if level else window
    edges = (scaled.left(), scaled.top(), scaled.right(), scaled.bottom())
    assert Window(level, x, y).box == Box(*(math.floor(edge + 0.5) for edge in edges))


@given(level=LEVELS, x=POSITIONS, y=POSITIONS)
def test_window_of_is_the_inverse_of_box(level: int, x: int, y: int) -> None:
    assert window_of(Window(level, x, y).box) == Window(level, x, y)


@pytest.mark.parametrize("face_px", [73, 81, 92, 105, 118, 135, 160, 190, 220])
def test_every_dlib_box_is_its_windows_box(face_px: float) -> None:
    image = pictures.framed(face_px, (310, 200))
    rectangles, _, _ = detector().run(image, 0, -0.7)  # below zero: more boxes, some without a face
    boxes = [Box(found.left(), found.top(), found.right(), found.bottom()) for found in rectangles]
    assert boxes
    assert [window_of(box).box for box in boxes] == boxes


@given(level=st.integers(0, 8), steps=st.integers(0, 1), x=POSITIONS, y=POSITIONS)
def test_region_window_maps_to_the_whole_level(level: int, steps: int, x: int, y: int) -> None:
    # 48 pixels are 40 in the next level: whole cells in both.
    left, top = (2 * ALIGNED_PX, 40 * 2), (ALIGNED_PX, 40)
    found = window_of(Window(steps, x, y).box, level, (left[0], top[0]))
    assert found.level == level + steps
    assert (found.x, found.y) == pytest.approx((x + left[steps], y + top[steps]))


# --- Levels ---


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_level_sizes_match_dlib(width: int, height: int) -> None:
    level = np.zeros((height, width), np.uint8)
    for steps in range(10):
        assert size_at((height, width, 3), steps) == level.shape[::-1]
        level = dlib.pyramid_down(6)(level)


@pytest.mark.parametrize("level", range(12))
def test_level_pixels_resemble_dlibs(level: int) -> None:
    theirs = grey()
    for _ in range(level):
        theirs = dlib.pyramid_down(6)(theirs)
    ours = whole_level(grey(), level)
    assert ours.shape == theirs.shape
    # dlib interpolates level by level, which blurs; an offset of one pixel would differ more.
    one_pixel_off = mean_difference(theirs[:, 1:], theirs[:, :-1])
    assert mean_difference(ours, theirs) < 0.7 * one_pixel_off


def test_full_resolution_region_is_the_picture_itself() -> None:
    assert np.array_equal(region_of_level(grey(), 0, (48, 96, 500, 300)), grey()[96:300, 48:500])


def test_next_level_region_matches_dlib_after_rounding() -> None:
    difference = np.abs(region_of_level(grey(), 1, (0, 0, 426, 426)).astype(int) - dlib.pyramid_down(6)(grey()))
    assert difference.max() <= 1
    assert difference.mean() < 0.01


@pytest.mark.parametrize("level", range(12))
def test_region_of_whole_level_resembles_the_level(level: int) -> None:
    width, height = size_at(grey().shape, level)
    whole = whole_level(grey(), level)
    one_pixel_off = mean_difference(whole[:, 1:], whole[:, :-1])
    assert mean_difference(region_of_level(grey(), level, (0, 0, width, height)), whole) < one_pixel_off / 3


@pytest.mark.parametrize("level", range(9))
def test_region_is_cut_from_the_level(level: int) -> None:
    width, height = size_at(grey().shape, level)
    whole = region_of_level(grey(), level, (0, 0, width, height))
    region = region_of_level(grey(), level, (48, 0, width - 5, height - 9))
    difference = np.abs(whole[: height - 9, 48 : width - 5].astype(int) - region)
    assert difference.max() <= 1  # OpenCV interpolates in steps of 1/32 pixel


# --- Regions around a window ---


@given(
    size=st.sampled_from(SIZES),
    window_level=st.integers(0, 12),
    finer=st.booleans(),
    across=st.floats(0, 1),
    down=st.floats(0, 1),
    margin=st.sampled_from([0, 8, 32]),
)
def test_region_is_aligned_and_contains_the_window(
    size: tuple[int, int], window_level: int, finer: bool, across: float, down: float, margin: int
) -> None:
    shape = (size[1], size[0], 3)
    level = max(0, window_level - 1) if finer else window_level
    x, y = (max(0, side - FACE_PX) * at for side, at in zip(size_at(shape, window_level), (across, down), strict=True))
    left, top, right, bottom = region_around(Window(window_level, x, y), level, margin, shape)
    width, height = size_at(shape, level)
    assert (left % ALIGNED_PX, top % ALIGNED_PX) == (0, 0)
    assert 0 <= left < right <= width
    assert 0 <= top < bottom <= height
    scale = RATIO ** (window_level - level)
    middle_x, middle_y = (x + FACE_PX / 2) * scale, (y + FACE_PX / 2) * scale
    reach = max(scale, 1) * FACE_PX / 2 + margin
    assert left <= max(0, middle_x - reach)
    assert top <= max(0, middle_y - reach)
    assert right >= min(width, middle_x + reach)
    assert bottom >= min(height, middle_y + reach)


def test_region_is_no_larger_than_needed() -> None:
    # Around (240, 240) it starts at 240 - 36 - 8 = 196, aligned 192, and ends at 284.
    assert region_around(Window(0, 204, 204), 0, 8, (480, 640)) == (192, 192, 284, 284)
    # One level finer: 240 * 1.2 = 288, plus or minus 36 * 1.2 + 8 = 51.2; 236.8 is aligned to 192, 339.2 ends at 340.
    assert region_around(Window(1, 204, 204), 0, 8, (480, 640)) == (192, 192, 340, 340)
