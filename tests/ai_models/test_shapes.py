"""ai_models.measures in pictures of any shape: cropped about the middle, scaled, or seen from another distance."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_models.landmarks import Box, Face, Points
from ai_models.measures import FaceMeasures, measure_face
from ai_models.monitoring.calibration import Baseline
from ai_models.monitoring.posture_filter import sample_of
from tests.ai_models.faces_by_hand import portrait

BOX = Box(0, 0, 10, 10)
SIDE = 4096  # so large that whole pixels hardly matter
# A face of 200 to 600 pixels, anywhere near the middle.
SCALES = st.floats(2.6, 8.0)
PLACES = st.floats(-600, 600)
CROPS = st.integers(1800, SIDE)


def placed(scale: float, x: float, y: float) -> Points:
    """The face by hand, this large, with its middle so far from that of the picture."""
    points = (portrait() - (168, 108)) * scale + (x, y)
    return np.round(points).astype(int)


def measured(points: Points, width: int, height: int) -> FaceMeasures:
    """Measured in a picture of this size, whose middle is at 0."""
    middle = np.array([width // 2, height // 2])
    return measure_face(Face(BOX, points + middle), width, height)


@given(scale=SCALES, x=PLACES, y=PLACES, height=CROPS)
def test_height_of_the_crop_changes_nothing(scale: float, x: float, y: float, height: int) -> None:
    points = placed(scale, x, y)
    whole, crop = measured(points, SIDE, SIDE), measured(points, SIDE, height // 2 * 2)
    assert (crop.width, crop.x, crop.y) == pytest.approx((whole.width, whole.x, whole.y), abs=1e-9)
    assert crop.roll_deg == pytest.approx(whole.roll_deg, abs=1e-9)


@given(scale=SCALES, x=PLACES, y=PLACES, side=CROPS)
def test_picture_that_is_turned_upright_measures_the_same(scale: float, x: float, y: float, side: int) -> None:
    points = placed(scale, x, y)
    wide, upright = measured(points, SIDE, side // 2 * 2), measured(points, side // 2 * 2, SIDE)
    assert (upright.width, upright.x, upright.y) == pytest.approx((wide.width, wide.x, wide.y), abs=1e-9)


@given(scale=SCALES, y=PLACES, nearer=st.floats(0.6, 1.5))
def test_moving_along_the_camera_s_axis_is_only_closer(scale: float, y: float, nearer: float) -> None:
    before, after = (
        measured(placed(scale, 0, y), SIDE, SIDE),
        measured(placed(scale * nearer, 0, y * nearer), SIDE, SIDE),
    )
    baseline = Baseline(before.width, before.x, before.y, before.roll_deg, 0.0, 0.0, 0.3, quality=1.0)
    sample = sample_of(after, baseline)
    assert sample.closer == pytest.approx(nearer, rel=0.01)
    assert sample.lower == pytest.approx(0, abs=0.015)  # points are whole pixels


@given(scale=SCALES, y=PLACES, nearer=st.floats(0.7, 1.3), sunk=st.floats(-0.5, 0.5))
def test_sinking_is_told_at_any_distance(scale: float, y: float, nearer: float, sunk: float) -> None:
    before = measured(placed(scale, 0, y), SIDE, SIDE)
    width_px = before.width_px * nearer
    after = measured(placed(scale * nearer, 0, y * nearer + sunk * width_px), SIDE, SIDE)
    baseline = Baseline(before.width, before.x, before.y, before.roll_deg, 0.0, 0.0, 0.3, quality=1.0)
    assert sample_of(after, baseline).lower == pytest.approx(sunk, abs=0.015)
