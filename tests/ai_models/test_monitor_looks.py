"""ai_models.monitoring.monitor: whose face it is, by several looks of one presence."""

import pytest
from msgspec.structs import replace

from ai_models.measures import FaceMeasures
from ai_models.monitoring import actions, monitor
from ai_models.monitoring.alarms import AlarmSettings
from ai_models.monitoring.observation import Observation
from ai_models.monitoring.pacing import BURST_INTERVAL_MS, plan_next_frame
from tests.ai_models.replay import (
    GOOD,
    OTHER,
    OWNER,
    START_S,
    TURNED,
    Desk,
    face,
    look_at,
)


def test_looks_belong_to_one_presence(desk: Desk) -> None:
    """Somebody between the thresholds is told after three looks, however often the owner was seen before."""
    desk.watch(GOOD, 60, distance=0.1)
    desk.observe(None)
    desk.observe(None)
    for _ in range(2):
        assert desk.observe(GOOD, distance=0.45).state.identity.state == "uncertain"
    assert desk.observe(GOOD, distance=0.45).state.identity.state == "other"


@pytest.mark.parametrize(
    "change",
    [face(right=0.6), face(closer=1.5), face(closer=0.65)],
    ids=["place", "larger", "smaller"],
)
def test_jump_of_place_or_size_begins_a_new_presence(desk: Desk, change: FaceMeasures) -> None:
    desk.watch(GOOD, 10)
    assert desk.state.identity.look_count == 3
    desk.observe(change, distance=0.3)
    assert desk.state.identity.look_count == 1


def test_absence_and_gap_begin_a_new_presence(desk: Desk) -> None:
    desk.watch(GOOD, 10)
    desk.observe(GOOD, after_s=9)
    assert desk.state.identity.look_count == 3
    desk.observe(GOOD, after_s=11)
    assert desk.state.identity.look_count == 1
    desk.watch(GOOD, 10)
    desk.observe(None)
    desk.observe(GOOD)
    assert desk.state.identity.look_count == 1


def test_face_lost_for_a_moment_is_the_same_presence(desk: Desk) -> None:
    desk.watch(GOOD, 10)
    desk.observe(None, after_s=0.2)
    desk.observe(GOOD, after_s=0.2)
    assert desk.state.identity.look_count == 3


@pytest.mark.parametrize("poor", [TURNED, replace(GOOD, light=20.0)], ids=["turned", "dark"])
def test_poor_look_is_no_evidence_of_a_stranger(desk: Desk, poor: FaceMeasures) -> None:
    desk.watch(GOOD, 10)
    desk.watch(poor, 20, distance=OTHER)
    assert (desk.status.identity, desk.open_alarms()) == ("owner", set())


@pytest.mark.parametrize("distance", [0.40, 0.45, 0.55, 0.7])
@pytest.mark.parametrize("moved", [0.0, 1.0], ids=["same place", "other place"])
def test_stranger_is_told_within_ten_seconds(desk: Desk, distance: float, moved: float) -> None:
    desk.watch(GOOD, 20)
    since_s = desk.at_s
    while "stranger" not in desk.open_alarms():
        after_s = desk.pace.next_after_ms / 1000 + 0.3  # on its way
        plan = plan_next_frame(desk.state, desk.at_s + after_s)
        desk.observe(face(right=moved), after_s=after_s, distance=distance if plan.identity else None)
        assert desk.at_s - since_s < 10


@pytest.mark.parametrize("distance", [0.40, 0.5, 0.55, 0.7])
def test_stranger_is_told_within_ten_seconds_while_blinks_are_watched(distance: float) -> None:
    desk = Desk(AlarmSettings(alarms_on=frozenset({"blink", "stranger"})))
    since_s = desk.at_s
    while "stranger" not in desk.open_alarms():
        looked_at = OWNER if desk.at_s - START_S < 20 else distance
        since_s = desk.at_s if looked_at == OWNER else since_s
        observe_next(desk, looked_at)
        assert desk.at_s + 0.5 - since_s < 10


def observe_next(desk: Desk, distance: float) -> None:
    """The frame or burst that the session asks for, whose first frame is looked at if that is planned."""
    pace = desk.pace
    if pace.is_burst_next:
        times = [desk.at_s + number * BURST_INTERVAL_MS / 1000 for number in range(1, pace.burst_frames + 1)]
    else:
        times = [desk.at_s + pace.next_after_ms / 1000 + 0.3]
    is_looked_at = plan_next_frame(desk.state, times[0]).identity
    frames = [Observation(at_s, GOOD) for at_s in times]
    frames[0] = replace(frames[0], look=look_at(distance) if is_looked_at else None)
    desk.at_s = times[-1]
    desk.apply(monitor.observe(desk.state, frames, desk.settings))


def test_stranger_who_comes_while_the_owner_is_away_is_told(desk: Desk) -> None:
    desk.watch(GOOD, 5)
    desk.watch(None, 60)
    desk.watch(GOOD, 6, every_s=2, distance=OTHER)
    assert (desk.status.phase, desk.open_alarms()) == ("away", {"stranger"})
    desk.watch(GOOD, 2)
    assert (desk.status.phase, desk.open_alarms()) == ("monitoring", set())


def test_who_has_gone_leaves_no_looks(desk: Desk) -> None:
    desk.watch(GOOD, 10)
    desk.observe(None, after_s=2)
    assert (desk.state.identity.looks, desk.status.identity) == (b"", "owner")


def test_pause_drops_the_looks(desk: Desk) -> None:
    desk.watch(GOOD, 10)
    desk.apply(actions.pause(desk.state, desk.at_s))
    assert desk.state.identity.looks == b""
