"""ai_models.monitoring.monitor: presence, absence, identity, and which time counts."""

import pytest
from msgspec.structs import replace

from ai_models.monitoring import actions, monitor
from ai_models.monitoring.observation import Observation
from ai_models.monitoring.pacing import plan_next_frame
from tests.ai_models.replay import (
    CLOSER,
    GOOD,
    OTHER,
    OWNER,
    TILTED,
    TURNED,
    Desk,
    face,
    without_timed_alarms,
)


def test_absence_of_15_seconds_ends_alarms(desk: Desk) -> None:
    desk.watch(CLOSER, 30)
    desk.watch(None, 14)
    assert (desk.status.phase, desk.open_alarms()) == ("monitoring", {"neck"})
    desk.watch(None, 2)
    assert (desk.status.phase, desk.open_alarms()) == ("away", set())
    assert desk.times("away") == [(30, None)]
    desk.watch(None, 100)
    desk.watch(GOOD, 3)
    assert desk.status.phase == "monitoring"
    assert desk.times("away") == [(30, 147)]


def test_only_a_brief_absence_is_active_time(desk: Desk) -> None:
    desk.watch(GOOD, 10)
    desk.watch(None, 10)
    desk.watch(GOOD, 10)
    assert desk.status.totals.active_s == 30
    desk.watch(None, 60)
    desk.watch(GOOD, 10)
    assert desk.status.totals.active_s == 39  # counted again from the first frame of the return


def test_active_time_is_good_bad_or_unreliable(desk: Desk) -> None:
    for measures, seconds, distance in (
        (GOOD, 30, OWNER),
        (None, 10, OWNER),
        (CLOSER, 40, OWNER),
        (TURNED, 7, OWNER),
        (None, 60, OWNER),
        (GOOD, 5, 0.45),
        (TILTED, 12, OWNER),
        (GOOD, 20, OTHER),
        (GOOD, 9, OWNER),
    ):
        desk.watch(measures, seconds, distance=distance)
    totals = desk.status.totals
    assert totals.active_s == pytest.approx(totals.good_s + totals.bad_s + totals.unreliable_s)
    assert min(totals.good_s, totals.bad_s, totals.unreliable_s) > 0


def test_only_the_owner_ends_an_absence(desk: Desk) -> None:
    desk.watch(GOOD, 5)
    desk.watch(None, 20)
    desk.watch(GOOD, 30, distance=OTHER)
    assert (desk.status.phase, desk.status.posture.reason) == ("away", "not_the_owner")
    desk.watch(GOOD, 2, distance=OWNER)
    assert desk.status.phase == "monitoring"


def test_anybody_ends_an_absence_without_enrolment(desk: Desk) -> None:
    desk.watch(GOOD, 5, distance=None)
    desk.watch(None, 20)
    desk.observe(GOOD, distance=None)
    assert desk.status.phase == "monitoring"


def test_gap_is_an_absence_from_its_start(desk: Desk) -> None:
    desk.watch(CLOSER, 30)
    desk.observe(CLOSER, after_s=3600)
    assert desk.open_alarms() == set()
    assert desk.status.totals.active_s == 30
    ((_, ended),) = desk.times("neck")
    assert ended == 30
    assert desk.times("away") == [(30, 3630)]
    assert desk.status.totals.rests == 1


def test_pause_ends_alarms_and_stops_time(desk: Desk) -> None:
    desk.watch(CLOSER, 30)
    desk.apply(actions.pause(desk.state, desk.at_s + 1))
    assert (desk.status.phase, desk.open_alarms()) == ("paused", set())
    assert not desk.observe(CLOSER, after_s=5).is_accepted
    desk.apply(actions.resume(desk.state, desk.at_s + 100))
    desk.at_s += 100
    desk.watch(GOOD, 10)
    assert desk.status.phase == "monitoring"
    assert desk.status.totals.active_s == pytest.approx(40)
    assert desk.status.totals.rests == 1


def test_invalid_commands_change_nothing(desk: Desk) -> None:
    assert not actions.resume(desk.state, desk.at_s).is_accepted
    desk.apply(actions.pause(desk.state, desk.at_s))
    assert not actions.pause(desk.state, desk.at_s).is_accepted
    desk.apply(actions.stop(desk.state, desk.at_s))
    for command in (actions.pause, actions.resume, actions.recalibrate, actions.stretch_done, actions.stop):
        transition = command(desk.state, desk.at_s)
        assert (transition.is_accepted, transition.state) == (False, desk.state)


def test_stranger_alarm_lasts_until_owner_returns(desk: Desk) -> None:
    desk.watch(GOOD, 5)
    desk.watch(CLOSER, 10, distance=OTHER)
    assert desk.open_alarms() == {"stranger"}
    assert (desk.status.identity, desk.status.posture.reason) == ("other", "not_the_owner")
    desk.watch(CLOSER, 30, distance=OTHER)
    assert (desk.open_alarms(), desk.status.phase) == ({"stranger"}, "away")
    desk.watch(GOOD, 2)
    assert (desk.open_alarms(), desk.status.identity) == (set(), "owner")


def test_stranger_alarm_ends_when_stranger_leaves(desk: Desk) -> None:
    desk.watch(GOOD, 5)
    desk.watch(GOOD, 30, distance=OTHER)
    desk.watch(None, 3)
    assert desk.open_alarms() == set()


def test_strangers_face_never_changes_statistics() -> None:
    desk, quiet = Desk(), Desk()
    for session in (desk, quiet):
        session.watch(GOOD, 30)
    desk.watch(face(closer=1.4, tilted=30, eyes=0.1), 14, distance=OTHER)
    before, after = quiet.state, desk.state
    assert (after.eye_tracker, after.posture, after.baseline) == (before.eye_tracker, before.posture, before.baseline)
    assert after.totals.neck == before.totals.neck
    assert (after.totals.good_s, after.totals.bad_s) == (before.totals.good_s, before.totals.bad_s)


def test_jumped_face_counts_once_identified(desk: Desk) -> None:
    desk.watch(GOOD, 5)
    desk.observe(face(right=1.5, closer=1.4), distance=None)  # not checked in this frame
    assert (desk.status.posture.reason, desk.status.identity) == ("identity_uncertain", "uncertain")
    assert plan_next_frame(desk.state, desk.at_s + 1).identity
    desk.observe(face(right=1.5), distance=OWNER)
    assert desk.status.posture.reason is None


def test_deleted_enrolment_ends_stranger_alarm(desk: Desk) -> None:
    desk.watch(GOOD, 5)
    desk.watch(GOOD, 30, distance=OTHER)
    assert (desk.open_alarms(), desk.status.phase) == ({"stranger"}, "away")
    desk.at_s += 1
    frame = Observation(desk.at_s, GOOD, is_nobody_enrolled=True)
    desk.apply(monitor.observe(desk.state, [frame], desk.settings))
    assert (desk.open_alarms(), desk.status.phase, desk.status.identity) == (set(), "monitoring", "unknown")
    assert desk.observe(GOOD, distance=None).state.reason is None


def test_next_frame_is_planned_from_the_state() -> None:
    desk = Desk(without_timed_alarms())
    first = plan_next_frame(desk.state, desk.at_s + 1)
    assert (first.near, first.identity, first.others) == (None, True, True)
    desk.observe(GOOD, others=[])
    usual = plan_next_frame(desk.state, desk.at_s + 1)
    assert (usual.near, usual.identity, usual.others) == (GOOD.box, False, False)
    later = plan_next_frame(desk.state, desk.at_s + 10)
    assert (later.near, later.identity, later.others) == (None, True, True)
    desk.observe(None)
    lost = plan_next_frame(desk.state, desk.at_s + 1)
    assert (lost.near, lost.identity) == (GOOD.box, True)


def test_landmarks_are_averaged_where_noise_decides() -> None:
    desk = Desk(state=monitor.start(0.0))
    assert plan_next_frame(desk.state, desk.at_s + 1).steady
    desk = Desk()
    desk.watch(GOOD, 10)
    assert not plan_next_frame(desk.state, desk.at_s + 1).steady
    desk.watch(face(closer=1.12), 3)
    assert plan_next_frame(desk.state, desk.at_s + 1).steady
    desk.watch(GOOD, 10)
    slow = replace(desk.state, burst_problem="frame_rate_too_low")
    assert plan_next_frame(slow, desk.at_s + 1).steady
