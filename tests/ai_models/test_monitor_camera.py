"""ai_models.monitoring.camera: a moved camera is asked about, and is no bad posture; a person who sinks is."""

import pytest
from msgspec.structs import replace

from ai_models.measures import FaceMeasures
from ai_models.monitoring import actions, monitor
from ai_models.monitoring.observation import Observation
from ai_models.scene import Scene
from tests.ai_models.replay import BASELINE, Desk, face, look_at, without_timed_alarms
from tests.ai_models.test_scene import curve, scene

ROWS_A_WIDTH = BASELINE.width / 0.75 * 48
LEFT, RIGHT = curve(1), curve(2)
WALL = Scene((120,) * 48, (119,) * 48, height=0.75)


@pytest.fixture
def desk() -> Desk:
    return Desk(without_timed_alarms())


def room(moved: float = 0.0) -> Scene:
    """The surroundings, with the camera turned so that all is lower by so many widths of the face."""
    return scene(LEFT, RIGHT, round(moved * ROWS_A_WIDTH))


def watch(desk: Desk, measures: FaceMeasures, around: Scene, seconds: int) -> None:
    for _ in range(seconds):
        desk.at_s += 1
        frame = Observation(desk.at_s, measures, look=look_at(0.2), scene=around)
        desk.apply(monitor.observe(desk.state, [frame], desk.settings))


def answer(desk: Desk, *, has_moved: bool) -> bool:
    return desk.apply(actions.camera_moved(desk.state, desk.at_s, has_moved=has_moved)).is_accepted


@pytest.mark.parametrize("moved", [-0.6, -0.4, 0.35, 0.4, 0.6])
def test_tilted_lid_asks_and_does_not_ring(desk: Desk, moved: float) -> None:
    watch(desk, face(), room(), 10)
    watch(desk, face(lower=moved), room(moved), 60)
    assert (desk.status.question, desk.open_alarms(), desk.status.totals.neck) == ("camera_moved", set(), 0)
    assert desk.status.posture.state == "good"


def test_yes_takes_the_new_place(desk: Desk) -> None:
    watch(desk, face(), room(), 10)
    watch(desk, face(lower=0.4), room(0.4), 10)
    assert answer(desk, has_moved=True)
    assert desk.status.question is None
    watch(desk, face(lower=0.4), room(0.4), 60)
    assert (desk.status.posture.state, desk.open_alarms()) == ("good", set())
    watch(desk, face(lower=0.6), room(0.4), 40)
    assert (desk.status.posture.faults, desk.open_alarms()) == (("lower",), {"neck"})


def test_no_rings_as_usual_and_is_not_asked_again(desk: Desk) -> None:
    watch(desk, face(), room(), 10)
    watch(desk, face(lower=0.4), room(0.4), 10)
    assert answer(desk, has_moved=False)
    watch(desk, face(lower=0.4), room(0.4), 40)
    assert (desk.status.question, desk.open_alarms()) == (None, {"neck"})
    watch(desk, face(), room(), 10)
    watch(desk, face(lower=0.4), room(0.4), 10)
    assert desk.status.question == "camera_moved"


def test_posture_is_judged_while_the_question_waits(desk: Desk) -> None:
    watch(desk, face(), room(), 10)
    watch(desk, face(lower=0.4), room(0.4), 10)
    watch(desk, face(lower=0.62), room(0.4), 40)
    assert (desk.status.posture.faults, desk.open_alarms()) == (("lower",), {"neck"})
    assert desk.status.question == "camera_moved"


def test_lid_that_is_tilted_back_answers_itself(desk: Desk) -> None:
    watch(desk, face(), room(), 10)
    watch(desk, face(lower=0.4), room(0.4), 10)
    watch(desk, face(), room(), 3)
    assert (desk.status.question, desk.status.posture.state) == (None, "good")
    assert not answer(desk, has_moved=True)


def test_lid_that_is_tilted_further_is_followed(desk: Desk) -> None:
    watch(desk, face(), room(), 10)
    watch(desk, face(lower=0.4), room(0.4), 5)
    watch(desk, face(lower=0.8), room(0.8), 40)
    assert (desk.status.posture.state, desk.open_alarms()) == ("good", set())
    answer(desk, has_moved=True)
    watch(desk, face(lower=0.8), room(0.8), 5)
    assert desk.status.posture.state == "good"


@pytest.mark.parametrize("sunk", [0.16, 0.2, 0.3, 0.4, 0.6])
def test_person_who_sinks_before_a_still_room_is_told(desk: Desk, sunk: float) -> None:
    watch(desk, face(), room(), 10)
    watch(desk, face(lower=sunk), room(), 40)
    assert (desk.status.question, desk.open_alarms()) == (None, {"neck"})


def test_small_shift_is_asked_about_and_rings(desk: Desk) -> None:
    watch(desk, face(), room(), 10)
    watch(desk, face(lower=0.2), room(0.2), 40)
    assert (desk.status.question, desk.open_alarms()) == ("camera_moved", {"neck"})
    answer(desk, has_moved=True)
    watch(desk, face(lower=0.2), room(0.2), 5)
    assert (desk.status.posture.state, desk.open_alarms()) == ("good", set())


def test_before_a_plain_wall_a_large_sudden_shift_is_asked_about(desk: Desk) -> None:
    watch(desk, face(), WALL, 10)
    watch(desk, face(lower=0.4), WALL, 40)
    assert (desk.status.question, desk.open_alarms()) == ("camera_moved", {"neck"})
    answer(desk, has_moved=True)
    watch(desk, face(lower=0.4), WALL, 5)
    assert desk.status.posture.state == "good"


@pytest.mark.parametrize("changed", [face(lower=0.4, closer=1.08), face(lower=0.4, tilted=6.0), face(lower=0.2)])
def test_before_a_plain_wall_a_person_who_moves_is_not_asked(desk: Desk, changed: FaceMeasures) -> None:
    watch(desk, face(), WALL, 10)
    watch(desk, changed, WALL, 40)
    assert desk.status.question is None


def test_before_a_plain_wall_slow_sinking_is_not_asked_about(desk: Desk) -> None:
    watch(desk, face(), WALL, 10)
    for step in range(40):
        watch(desk, face(lower=step / 100), WALL, 2)
    assert (desk.status.question, desk.open_alarms()) == (None, {"neck"})


def test_lid_that_was_opened_at_another_angle_after_a_break_is_asked_about(desk: Desk) -> None:
    watch(desk, face(), room(), 10)
    desk.watch(None, 30)
    desk.at_s += 1800
    watch(desk, face(lower=0.45, closer=1.03), room(0.4), 40)
    assert (desk.status.question, desk.open_alarms()) == ("camera_moved", set())
    answer(desk, has_moved=True)
    watch(desk, face(lower=0.45), room(0.4), 5)
    assert desk.status.posture.state == "good"


def test_moving_sideways_or_shaking_asks_nothing(desk: Desk) -> None:
    watch(desk, face(), room(), 10)
    watch(desk, face(right=0.5), room(), 10)
    for number in range(20):
        watch(desk, face(lower=0.4 if number % 2 else 0.0), room(0.4 if number % 2 else 0.0), 1)
    assert desk.status.question is None


def test_answer_without_a_question_changes_nothing(desk: Desk) -> None:
    watch(desk, face(), room(), 10)
    before = desk.state
    for has_moved in (True, False):
        assert not answer(desk, has_moved=has_moved)
    assert desk.state == before


def test_calibrating_again_forgets_the_question(desk: Desk) -> None:
    watch(desk, face(), room(), 10)
    watch(desk, face(lower=0.4), room(0.4), 10)
    desk.apply(actions.recalibrate(desk.state, desk.at_s))
    assert desk.status.question is None
    assert desk.state.camera == replace(desk.state.camera, scene=None, frames=0)
