"""ai_models.monitoring.monitor: faces beside the owner's."""

from msgspec.structs import replace

from ai_models.monitoring import monitor
from ai_models.monitoring.pacing import plan_next_frame
from tests.ai_models.replay import (
    GOOD,
    OTHER,
    START_S,
    Desk,
    box_at,
    face,
    without_timed_alarms,
)


def test_face_that_comes_and_stays_is_someone_behind(desk: Desk) -> None:
    desk.observe(GOOD, others=[])
    desk.observe(GOOD, others=[box_at(40)], after_s=30)
    assert not desk.status.someone_behind  # it may be a mistake
    assert plan_next_frame(desk.state, desk.at_s + 2).others
    desk.observe(GOOD, others=[box_at(40)], after_s=2)
    assert desk.open_alarms() == {"someone_behind"}
    desk.observe(GOOD, others=[])
    assert not desk.status.someone_behind


def with_picture_on_the_wall(desk: Desk) -> Desk:
    for _ in range(4):
        desk.observe(GOOD, others=[box_at(40)], after_s=2)
    return desk


def test_picture_on_the_wall_is_nobody_behind(desk: Desk) -> None:
    with_picture_on_the_wall(desk)
    desk.watch(GOOD, 60)
    desk.observe(GOOD, others=[])  # the owner is in front of it
    for _ in range(3):
        desk.observe(GOOD, others=[box_at(43, 98, 76)], after_s=6)
        assert not desk.status.someone_behind
    desk.observe(GOOD, others=[box_at(40), box_at(500)], after_s=6)
    desk.observe(GOOD, others=[box_at(40), box_at(480)], after_s=2)
    assert desk.status.someone_behind


def test_face_from_the_start_that_moves_is_someone_behind(desk: Desk) -> None:
    with_picture_on_the_wall(desk)
    desk.observe(GOOD, others=[box_at(75)], after_s=6)
    assert desk.status.someone_behind


def test_picture_on_the_wall_does_not_sit_down_when_the_owner_leaves(desk: Desk) -> None:
    with_picture_on_the_wall(desk)
    picture = replace(GOOD, box=box_at(42))
    desk.watch(picture, 30, distance=OTHER)
    assert (desk.status.phase, desk.status.posture.reason, desk.open_alarms()) == ("away", "no_face", set())


def test_picture_on_the_wall_delays_calibration_by_seconds_only() -> None:
    desk = Desk(without_timed_alarms(), monitor.start(START_S))
    desk.observe(GOOD, others=[box_at(40)], after_s=0.5)
    calibration = desk.status.calibration
    assert calibration is not None
    assert calibration.hints == ("more_than_one_face",)
    for _ in range(24):
        desk.observe(GOOD, others=[box_at(40)], after_s=0.5)
    assert desk.status.phase == "monitoring"


def test_person_beside_the_user_prevents_calibration() -> None:
    desk = Desk(without_timed_alarms(), monitor.start(START_S))
    for number in range(60):
        desk.observe(GOOD, others=[box_at(40 + 30 * (number % 2))], after_s=0.5)
    assert desk.status.phase == "calibrating"


def test_owner_is_searched_for_where_they_were(desk: Desk) -> None:
    desk.watch(GOOD, 5)
    behind = face(right=1.5, closer=0.7)
    desk.observe(behind, distance=None)
    assert desk.status.identity == "uncertain"
    assert plan_next_frame(desk.state, desk.at_s + 1).near == GOOD.box
    desk.watch(behind, 12, distance=OTHER)
    assert plan_next_frame(desk.state, desk.at_s + 1).near == behind.box
