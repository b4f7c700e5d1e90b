"""ai_models.monitoring.monitor: stretching, rest, the order of frames, pace, calibration and the end."""

import pytest

from ai_models.monitoring import actions, monitor
from ai_models.monitoring.alarms import AlarmSettings
from ai_models.monitoring.observation import Observation
from tests.ai_models.replay import (
    CLOSER,
    GOOD,
    OTHER,
    START_S,
    Desk,
    without_timed_alarms,
)


def test_stretching_is_due_after_active_time() -> None:
    desk = Desk(AlarmSettings(stretching_time_s=100, alarms_on=frozenset({"stretching"})))
    desk.watch(GOOD, 60)
    desk.watch(None, 200)
    desk.watch(GOOD, 30)
    assert desk.open_alarms() == set()
    desk.watch(GOOD, 15)
    assert desk.open_alarms() == {"stretching"}
    desk.watch(GOOD, 50)
    desk.apply(actions.stretch_done(desk.state, desk.at_s))
    assert (desk.open_alarms(), desk.status.totals.stretches) == (set(), 1)
    desk.watch(GOOD, 95)
    assert desk.open_alarms() == set()
    desk.watch(GOOD, 10)
    assert desk.open_alarms() == {"stretching"}


def test_rest_alarm_lasts_a_minute_each_period() -> None:
    desk = Desk(AlarmSettings(rest_time_s=300, alarms_on=frozenset({"rest"})))
    desk.watch(GOOD, 299)
    assert desk.open_alarms() == set()
    desk.watch(GOOD, 2)
    assert desk.open_alarms() == {"rest"}
    desk.watch(GOOD, 62)
    assert desk.open_alarms() == set()
    desk.watch(GOOD, 1000)
    assert [round(start) for start, _ in desk.times("rest")] == [300, 600, 900, 1200]


def test_absence_counts_as_rest() -> None:
    desk = Desk(AlarmSettings(rest_time_s=300, alarms_on=frozenset({"rest"})))
    desk.watch(GOOD, 290)
    desk.watch(None, 90)
    desk.watch(GOOD, 200)
    assert (desk.open_alarms(), desk.status.totals.rests) == (set(), 1)


@pytest.mark.parametrize("back_s", [0.0, 0.5, 100.0])
def test_repeated_or_late_frame_changes_nothing(desk: Desk, back_s: float) -> None:
    desk.watch(GOOD, 5)
    transition = monitor.observe(desk.state, [Observation(desk.at_s - back_s, CLOSER)], desk.settings)
    assert (transition.is_accepted, transition.state, transition.events) == (False, desk.state, ())


def test_burst_is_used_from_its_first_new_frame(desk: Desk) -> None:
    desk.watch(GOOD, 5)
    frames = [Observation(desk.at_s - 1 + number / 15, GOOD) for number in range(45)]
    transition = monitor.observe(desk.state, frames, desk.settings)
    assert transition.is_accepted
    assert transition.state.last_at_s == frames[-1].at_s
    assert transition.state.totals.active_s == pytest.approx(frames[-1].at_s - START_S)
    assert not monitor.observe(transition.state, frames, desk.settings).is_accepted


def test_pace_is_faster_in_doubt(desk: Desk) -> None:
    desk.watch(GOOD, 3)
    assert desk.pace.next_after_ms == 1500
    desk.observe(CLOSER)
    assert desk.pace.next_after_ms == 1000
    desk.watch(CLOSER, 30)
    assert desk.pace.next_after_ms == 1000
    desk.watch(None, 30)
    assert desk.pace.next_after_ms == 2000


def test_session_without_baseline_calibrates_first() -> None:
    desk = Desk(without_timed_alarms(), monitor.start(START_S))
    for frames in range(8):
        calibration = desk.status.calibration
        assert calibration is not None
        assert (desk.status.phase, calibration.frames, calibration.needed, calibration.quality) == (
            "calibrating",
            frames,
            8,
            None,
        )
        assert desk.pace.next_after_ms == 500
        desk.observe(GOOD, after_s=0.5)
    assert desk.status.phase == "monitoring"
    assert desk.status.calibration is not None
    assert desk.status.calibration.quality == 1.0
    assert desk.status.totals.active_s == 0


def test_stranger_does_not_calibrate() -> None:
    desk = Desk(without_timed_alarms(), monitor.start(START_S))
    desk.watch(GOOD, 10, distance=OTHER)
    calibration = desk.status.calibration
    assert calibration is not None
    assert (calibration.frames, calibration.hints) == (0, ("not_the_owner", "learn_your_face"))


def test_recalibrating_replaces_baseline_and_keeps_counts(desk: Desk) -> None:
    desk.watch(CLOSER, 30)
    desk.apply(actions.recalibrate(desk.state, desk.at_s))
    assert (desk.status.phase, desk.open_alarms()) == ("calibrating", set())
    desk.watch(CLOSER, 8)
    desk.watch(CLOSER, 30)
    assert desk.status.posture.state == "good"
    assert desk.status.totals.neck == 1


def test_stopped_session_holds_only_report_data(desk: Desk) -> None:
    desk.watch(CLOSER, 30)
    desk.blink()
    before = desk.state.totals_so_far
    transition = desk.apply(actions.stop(desk.state, desk.at_s))
    assert {event.kind for event in transition.events} == {"neck", "bad_posture"}
    assert all(event.ended_at_s == desk.at_s for event in transition.events)
    assert desk.state.totals_so_far == before
    assert (desk.state.baseline, desk.state.eye_tracker.open_ratios, desk.state.box) == (None, (), None)
    assert not desk.observe(GOOD).is_accepted
