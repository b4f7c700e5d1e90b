import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_models.landmarks import LEFT_EYE, RIGHT_EYE
from ai_models.posture import ContractBaseline, ContractMeasures, Verdict, judge, measure
from tests.ai_models.faces_by_hand import portrait

BASELINE = ContractBaseline(face_x=100.0, face_y=180.0, nose_to_center=20.0)
GOOD = ContractMeasures(face_x=100.0, face_y=180.0, nose_to_center=20.0, head_angle_deg=90.0)
CLOSE = 1.05 * BASELINE.face_x
AWAY = 0.85 * BASELINE.face_x
DOWN = 1.02 * (BASELINE.face_y + BASELINE.nose_to_center)


def below(number: float) -> float:
    return math.nextafter(number, -math.inf)


def above(number: float) -> float:
    return math.nextafter(number, math.inf)


def test_worked_example_holds_exactly() -> None:
    points = portrait()
    assert [points[part, 1].sum() for part in (slice(36, 42), slice(42, 48), slice(31, 36))] == [588, 589, 633]
    measures = measure(points)
    assert (measures.face_x, measures.face_y, measures.nose_to_center) == (
        76.25,
        107.58888888888889,
        19.011111111111106,
    )


def test_face_width_is_difference_of_jaw_end_means() -> None:
    # (204 + 206 + 207 + 207) / 4 - (128 + 129 + 130 + 132) / 4
    assert measure(portrait()).face_x == 206.0 - 129.75


def test_other_points_change_nothing() -> None:
    points = portrait()
    points[4:13] = points[17:31] = points[48:] = 1000
    points[4:13] += 7
    assert measure(points) == measure(portrait())


def test_nose_above_eyes_gives_positive_nose_to_center() -> None:
    points = portrait()
    points[31:36, 1] = 38
    points[36:48, 1] = 98
    measures = measure(points)
    assert (measures.face_y, measures.nose_to_center) == (78.0, 40.0)


def test_level_eyes_are_90_degrees() -> None:
    points = portrait()
    points[RIGHT_EYE, 1] = points[LEFT_EYE, 1] = 98
    assert measure(points).head_angle_deg == 90.0


def test_lower_left_eye_is_over_90_degrees() -> None:
    points = portrait()
    points[RIGHT_EYE] = (100, 100)
    points[LEFT_EYE] = (140, 140)
    assert measure(points).head_angle_deg == 135.0


def test_higher_left_eye_is_under_90_degrees() -> None:
    points = portrait()
    points[RIGHT_EYE] = (100, 140)
    points[LEFT_EYE] = (140, 100)
    assert measure(points).head_angle_deg == 45.0


@given(turn_deg=st.floats(-89, 89), x=st.integers(-500, 500), y=st.integers(-500, 500))
def test_turning_adds_to_the_head_angle(turn_deg: float, x: int, y: int) -> None:
    turn = math.radians(turn_deg)
    matrix = np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
    turned = (portrait() - (x, y)) @ matrix.T + (x, y)
    before = measure(portrait()).head_angle_deg
    assert measure(turned).head_angle_deg == pytest.approx(before + turn_deg)


@given(x=st.integers(-1000, 1000), y=st.integers(-1000, 1000))
def test_moving_the_face_changes_only_face_y(x: int, y: int) -> None:
    before, after = measure(portrait()), measure(portrait() + (x, y))
    assert (after.face_x, after.face_y, after.nose_to_center, after.head_angle_deg) == pytest.approx(
        (before.face_x, before.face_y + y, before.nose_to_center, before.head_angle_deg)
    )


@given(scale=st.integers(1, 20))
def test_scaling_scales_lengths_and_keeps_angle(scale: int) -> None:
    before, after = measure(portrait()), measure(portrait() * scale)
    assert (after.face_x, after.face_y, after.nose_to_center, after.head_angle_deg) == pytest.approx(
        (before.face_x * scale, before.face_y * scale, before.nose_to_center * scale, before.head_angle_deg)
    )


def test_baseline_itself_is_good_posture() -> None:
    verdict = judge(GOOD, BASELINE)
    assert verdict == Verdict(is_level=True, is_at_distance=True)
    assert verdict.is_good


@pytest.mark.parametrize(
    ("angle", "is_level"),
    [(80.0, True), (below(80.0), False), (100.0, True), (above(100.0), False), (0.0, False), (180.0, False)],
)
def test_head_is_level_from_80_to_100_degrees(angle: float, is_level: bool) -> None:
    verdict = judge(replace(GOOD, head_angle_deg=angle), BASELINE)
    assert verdict == Verdict(is_level=is_level, is_at_distance=True)
    assert verdict.is_good is is_level


@pytest.mark.parametrize(("face_x", "is_at_distance"), [(CLOSE, False), (below(CLOSE), True), (above(CLOSE), False)])
def test_face_is_close_from_1_05_widths(face_x: float, is_at_distance: bool) -> None:
    verdict = judge(replace(GOOD, face_x=face_x), BASELINE)
    assert verdict == Verdict(is_level=True, is_at_distance=is_at_distance)
    assert verdict.is_good is is_at_distance


@pytest.mark.parametrize(("face_y", "is_at_distance"), [(DOWN, True), (above(DOWN), False), (below(DOWN), True)])
def test_face_is_down_over_1_02_times_baseline(face_y: float, is_at_distance: bool) -> None:
    assert judge(replace(GOOD, face_y=face_y), BASELINE) == Verdict(is_level=True, is_at_distance=is_at_distance)


@pytest.mark.parametrize(("face_x", "is_at_distance"), [(AWAY, False), (below(AWAY), True)])
def test_face_down_is_good_under_0_85_widths(face_x: float, is_at_distance: bool) -> None:
    measures = replace(GOOD, face_x=face_x, face_y=DOWN + 1)
    assert judge(measures, BASELINE) == Verdict(is_level=True, is_at_distance=is_at_distance)


def test_far_face_not_down_is_good() -> None:
    assert judge(replace(GOOD, face_x=10.0), BASELINE).is_good


def test_close_face_down_is_bad() -> None:
    measures = replace(GOOD, face_x=CLOSE, face_y=DOWN + 1)
    assert judge(measures, BASELINE) == Verdict(is_level=True, is_at_distance=False)


def test_tilted_and_close_head_fails_both() -> None:
    measures = replace(GOOD, face_x=CLOSE, head_angle_deg=101.0)
    assert judge(measures, BASELINE) == Verdict(is_level=False, is_at_distance=False)
