"""ai_models.monitoring.picture_shape: a camera that cuts another shape out of its picture changes no posture."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from ai_models.landmarks import Box, Face
from ai_models.measures import FaceMeasures, HeadPose, measure_face
from ai_models.monitoring import monitor
from ai_models.monitoring.calibration import Baseline, Calibration
from ai_models.monitoring.camera import CameraWatch
from ai_models.monitoring.identity_filter import IdentityFilter
from ai_models.monitoring.picture_shape import reshaped, shows_its_user
from ai_models.monitoring.posture_filter import PostureFilter, Sample, is_same_shape, sample_of
from ai_models.monitoring.session_state import State
from ai_models.outlines import pack_outline, unpack_outline
from tests.ai_models.faces_by_hand import portrait

FULL_HD, CLASSIC, OFFICE, SQUARE, UPRIGHT = (1920, 1080), (1440, 1080), (1920, 1200), (1080, 1080), (1080, 1920)
# A picture, and what the same camera makes of it: cut at the sides, at top and bottom, or turned upright.
CUTS = [
    (FULL_HD, CLASSIC),
    (CLASSIC, FULL_HD),
    (FULL_HD, SQUARE),
    (SQUARE, FULL_HD),
    (OFFICE, FULL_HD),
    (FULL_HD, OFFICE),
    ((1600, 1200), (1600, 900)),
    (FULL_HD, UPRIGHT),
    (UPRIGHT, SQUARE),
]
NOW_S = 1_800_000_000.0


def measured(size: tuple[int, int], *, scale: float = 4.0, x: float = 0.0, y: float = 0.0) -> FaceMeasures:
    """A face by hand, this large, with its middle so many pixels from that of a picture of this size."""
    points = (portrait() - (168, 108)) * scale + (x, y) + np.array(size) / 2
    return measure_face(Face(Box(0, 0, 10, 10), np.round(points).astype(int)), *size, pose=HeadPose(0.0, 0.0, 0.0))


def session(measures: FaceMeasures, last: Sample | None = None) -> State:
    """A session that is calibrated on a face, in which its last posture was this."""
    baseline = Baseline(measures.width, measures.x, measures.y, 0.0, 0.0, 0.0, 0.3, 1.0, shape=measures.shape)
    posture = PostureFilter((last,) * 3) if last else PostureFilter()
    return replace(monitor.start(NOW_S, baseline=baseline), posture=posture, camera=CameraWatch(frames=3))


@pytest.mark.parametrize(("before", "after"), CUTS)
@given(x=st.floats(-200, 200), y=st.floats(-150, 150), scale=st.floats(2.5, 4.5))
def test_cut_picture_changes_no_posture(
    before: tuple[int, int], after: tuple[int, int], x: float, y: float, scale: float
) -> None:
    state, now = session(measured(before, x=x, y=y, scale=scale)), measured(after, x=x, y=y, scale=scale)
    fitted = reshaped(state, now, NOW_S + 1)
    assert fitted is not None
    assert fitted.baseline is not None
    sample = sample_of(now, fitted.baseline)
    assert [sample.closer, sample.lower] == pytest.approx([1, 0], abs=0.01)
    assert fitted.baseline.x == pytest.approx(now.x, abs=0.002)
    assert (fitted.baseline.shape, fitted.camera) == (now.shape, CameraWatch())


@pytest.mark.parametrize(("before", "after"), CUTS)
@pytest.mark.parametrize("closer", [0.8, 1.12, 1.25])
def test_who_leans_in_goes_on_leaning_in(before: tuple[int, int], after: tuple[int, int], closer: float) -> None:
    state = session(measured(before, y=40), Sample(closer, lower=0.1, tilted=0.0))
    scale = 4.0 * closer
    now = measured(after, scale=scale, y=40 * closer + 0.1 * measured(before, scale=scale).width_px)
    fitted = reshaped(state, now, NOW_S + 1)
    assert fitted is not None
    assert fitted.baseline is not None
    sample = sample_of(now, fitted.baseline)
    assert [sample.closer, sample.lower] == pytest.approx([closer, 0.1], abs=0.02)


@pytest.mark.parametrize("changed", [{"scale": 4.6}, {"scale": 3.4}, {"y": 200.0}])
def test_picture_that_is_cut_in_no_such_way_fits_nothing(changed: dict[str, float]) -> None:
    """Such as one that is zoomed, or cut elsewhere than about its middle."""
    assert reshaped(session(measured(FULL_HD)), measured(CLASSIC, **changed), NOW_S + 1) is None


def test_after_a_gap_the_last_posture_says_nothing() -> None:
    state = session(measured(FULL_HD), Sample(1.25, 0.0, 0.0))
    now = measured(CLASSIC)
    assert reshaped(state, now, NOW_S + 1) is None
    assert reshaped(state, now, NOW_S + 3600) is not None


@pytest.mark.parametrize("shape", [854 / 480, 848 / 480, 1.778, None])
def test_another_resolution_or_one_that_is_not_known_is_no_other_shape(shape: float | None) -> None:
    assert is_same_shape(shape, 16 / 9)
    assert is_same_shape(16 / 9, shape)


@pytest.mark.parametrize(("before", "after"), CUTS)
def test_cuts_are_other_shapes(before: tuple[int, int], after: tuple[int, int]) -> None:
    assert not is_same_shape(before[0] / before[1], after[0] / after[1])


@pytest.mark.parametrize("phase", ["calibrating", "paused", "stopped"])
def test_only_a_running_session_is_fitted(phase: str) -> None:
    state = replace(session(measured(FULL_HD)), phase=phase)
    assert not shows_its_user(state, measured(CLASSIC))


def test_somebody_elses_face_and_a_turned_head_wait() -> None:
    state, now = session(measured(FULL_HD)), measured(CLASSIC)
    assert shows_its_user(state, now)
    assert not shows_its_user(replace(state, identity=IdentityFilter("other")), now)
    assert not shows_its_user(state, replace(now, yaw_deg=30.0))


@pytest.mark.parametrize(("before", "after"), CUTS)
def test_outline_stays_on_the_face(before: tuple[int, int], after: tuple[int, int]) -> None:
    points, now = portrait() * 4.0, measured(after)
    state, middles = session(measured(before)), [np.array(size) / 2 for size in (before, after)]
    packed, expected = (
        pack_outline(points + middle, *size) for middle, size in zip(middles, (before, after), strict=True)
    )
    assert state.baseline is not None
    fitted = reshaped(replace(state, baseline=replace(state.baseline, outline=packed)), now, NOW_S + 1)
    assert fitted is not None
    assert fitted.baseline is not None
    assert fitted.baseline.outline is not None
    found, right = unpack_outline(fitted.baseline.outline), unpack_outline(expected)
    assert found["height"] == pytest.approx(right["height"], abs=1)
    assert np.array(found["points"]) == pytest.approx(np.array(right["points"]), abs=2)


def test_calibration_starts_again_in_another_shape() -> None:
    calibration = Calibration().with_frame(measured(FULL_HD)).with_frame(measured(FULL_HD))
    assert [sample.shape for sample in calibration.samples] == [1.778] * 2
    calibration = calibration.with_frame(measured(CLASSIC))
    assert [sample.shape for sample in calibration.samples] == [1.333]
