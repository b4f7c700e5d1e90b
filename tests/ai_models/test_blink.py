import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_models.blink import is_closed
from ai_models.landmarks import LEFT_EYE, POINT_COUNT, RIGHT_EYE, Points
from ai_models.measures import eye_aspect_ratio


def face_with_eyes(right: list[tuple[int, int]], left: list[tuple[int, int]]) -> Points:
    points = np.zeros((POINT_COUNT, 2), int)
    points[RIGHT_EYE] = right
    points[LEFT_EYE] = left
    return points


# 100 wide; its lids 30 and 50 apart: (30 + 50) / 200 = 0.4
WIDE_EYE = [(0, 0), (30, -10), (60, -30), (100, 0), (60, 20), (30, 20)]
# 100 wide; its lids 20 and 20 apart: 40 / 200 = 0.2
NARROW_EYE = [(200, 0), (230, -10), (260, -10), (300, 0), (260, 10), (230, 10)]
FACE = face_with_eyes(WIDE_EYE, NARROW_EYE)


def test_ratio_is_opening_over_width() -> None:
    assert eye_aspect_ratio(face_with_eyes(WIDE_EYE, WIDE_EYE)) == 0.4
    assert eye_aspect_ratio(face_with_eyes(NARROW_EYE, NARROW_EYE)) == 0.2


def test_both_eyes_are_averaged() -> None:
    assert eye_aspect_ratio(FACE) == pytest.approx(0.3)
    assert eye_aspect_ratio(face_with_eyes(NARROW_EYE, WIDE_EYE)) == pytest.approx(0.3)


def test_slanting_lids_are_measured_by_true_length() -> None:
    # 3-4-5 and 6-8-10 triangles over a width of 10: (5 + 10) / 20
    eye = [(0, 0), (3, 4), (6, 8), (10, 0), (0, 0), (0, 0)]
    assert eye_aspect_ratio(face_with_eyes(eye, eye)) == 0.75


def test_points_outside_the_eyes_change_nothing() -> None:
    points = FACE.copy()
    points[:36] = 999
    points[48:] = -999
    assert eye_aspect_ratio(points) == eye_aspect_ratio(FACE)


def test_touching_lids_have_ratio_zero() -> None:
    flat = [(0, 0), (3, 0), (6, 0), (10, 0), (6, 0), (3, 0)]
    assert eye_aspect_ratio(face_with_eyes(flat, flat)) == 0.0
    assert is_closed(0.0)


@given(scale=st.integers(1, 50))
def test_scaling_leaves_ratio_unchanged(scale: int) -> None:
    assert eye_aspect_ratio(FACE * scale) == pytest.approx(eye_aspect_ratio(FACE))


@given(x=st.integers(-4096, 4096), y=st.integers(-4096, 4096))
def test_moving_leaves_ratio_unchanged(x: int, y: int) -> None:
    assert eye_aspect_ratio(FACE + (x, y)) == eye_aspect_ratio(FACE)


@given(turn=st.floats(-math.pi, math.pi))
def test_turning_leaves_ratio_unchanged(turn: float) -> None:
    matrix = np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
    assert eye_aspect_ratio(FACE @ matrix.T) == pytest.approx(eye_aspect_ratio(FACE))


def test_ratio_under_0_27_is_closed() -> None:
    assert not is_closed(0.27)
    assert not is_closed(math.nextafter(0.27, 1))
    assert is_closed(math.nextafter(0.27, 0))


@pytest.mark.parametrize("right_is_flat", [True, False])
def test_eye_without_width_is_nan_and_not_closed(right_is_flat: bool) -> None:
    narrow = [(5, 0), (5, -1), (5, -1), (5, 0), (5, 1), (5, 1)]
    ratio = eye_aspect_ratio(face_with_eyes(narrow, WIDE_EYE) if right_is_flat else face_with_eyes(WIDE_EYE, narrow))
    assert math.isnan(ratio)
    assert not is_closed(ratio)
