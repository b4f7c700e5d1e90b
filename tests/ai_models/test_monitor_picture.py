"""ai_models.monitoring.picture: the hint names what is wrong with the picture, with a face in it or without."""

import pytest
from msgspec.structs import replace

from ai_models.monitoring import monitor
from ai_models.monitoring.observation import Observation
from ai_models.monitoring.pacing import EXPLAIN_EVERY_S, plan_next_frame
from ai_models.quality import Hint, PictureProblem, Quality
from tests.ai_models.replay import GOOD, START_S, TURNED, Desk, box_at, face

PROBLEMS: list[PictureProblem] = ["covered", "too_dark", "too_blurred", "sideways", "face_too_small"]


def without_face(desk: Desk, problem: PictureProblem | None, *, is_explained: bool = False) -> None:
    desk.at_s += 1
    frame = Observation(desk.at_s, None, problem=problem, is_explained=is_explained)
    desk.apply(monitor.observe(desk.state, [frame], desk.settings))


@pytest.mark.parametrize("problem", PROBLEMS)
def test_picture_explains_why_there_is_no_face(desk: Desk, problem: PictureProblem) -> None:
    desk.watch(GOOD, 5)
    without_face(desk, problem)
    assert (desk.status.posture.reason, desk.status.hint) == (problem, problem)
    without_face(desk, None, is_explained=True)
    assert (desk.status.posture.reason, desk.status.hint) == ("no_face", None)


@pytest.mark.parametrize("problem", PROBLEMS)
def test_picture_explains_an_absence(desk: Desk, problem: PictureProblem) -> None:
    desk.watch(GOOD, 5)
    for _ in range(20):
        without_face(desk, problem)
    assert (desk.status.phase, desk.status.posture.reason, desk.status.hint) == ("away", problem, problem)
    desk.observe(GOOD)
    assert (desk.status.phase, desk.status.hint) == ("monitoring", None)


@pytest.mark.parametrize("problem", PROBLEMS)
def test_picture_explains_why_calibration_waits(problem: PictureProblem) -> None:
    desk = Desk(state=monitor.start(START_S))
    without_face(desk, problem)
    calibration = desk.status.calibration
    assert calibration is not None
    assert (calibration.hints, desk.status.hint) == ((problem,), problem)
    without_face(desk, None, is_explained=True)
    assert desk.status.hint == "no_face"


@pytest.mark.parametrize(
    ("measures", "hint"),
    [
        (face(quality=Quality(light=30, sharpness=300)), "too_dark"),
        (face(quality=Quality(light=120, sharpness=40)), "too_blurred"),
        (replace(GOOD, width_px=90.0), "face_too_small"),
        (TURNED, "look_ahead"),
        (GOOD, None),
    ],
)
def test_hint_is_given_with_a_face_as_well(desk: Desk, measures: object, hint: Hint | None) -> None:
    desk.observe(measures)  # type: ignore[arg-type]
    assert desk.status.hint == hint
    assert desk.status.posture.reason == ("head_turned" if hint == "look_ahead" else None)


def test_second_face_is_a_hint(desk: Desk) -> None:
    desk.observe(GOOD, others=[])
    for _ in range(2):
        desk.observe(GOOD, others=[box_at(40)], after_s=12)
    assert desk.status.hint == "more_than_one_face"


def test_light_of_a_bursts_first_frame_holds_for_the_others(desk: Desk) -> None:
    desk.observe(face(quality=Quality(light=30, sharpness=300)))
    desk.burst([0.3] * 20)  # without their quality
    assert desk.status.hint == "too_dark"


def test_head_that_turned_further_is_turned_until_away(desk: Desk) -> None:
    desk.watch(TURNED, 3)
    for _ in range(14):
        without_face(desk, None, is_explained=True)
    assert (desk.status.posture.reason, desk.status.hint) == ("head_turned", "look_ahead")
    for _ in range(3):
        without_face(desk, None)
    assert (desk.status.phase, desk.status.posture.reason) == ("away", "no_face")


def test_long_search_is_repeated_only_after_a_while(desk: Desk) -> None:
    assert plan_next_frame(desk.state, desk.at_s + 1).explain
    without_face(desk, "sideways", is_explained=True)
    assert not plan_next_frame(desk.state, desk.at_s + 1).explain
    without_face(desk, None)
    assert desk.status.hint == "sideways"  # until the next one
    assert plan_next_frame(desk.state, desk.at_s + EXPLAIN_EVERY_S).explain
