"""ai_models.monitoring.monitor: when the neck alarm starts, lasts and ends."""

import pytest

from ai_models.measures import FaceMeasures
from ai_models.monitoring.alarm_kinds import ALARM_KINDS
from ai_models.monitoring.alarms import AlarmSettings
from tests.ai_models.replay import (
    CLOSER,
    GOOD,
    LOWER,
    TILTED,
    TURNED,
    Desk,
    face,
    without_timed_alarms,
)


@pytest.mark.parametrize("bad", [CLOSER, LOWER, TILTED, face(tilted=-15)])
@pytest.mark.parametrize("neck_time", [20, 15, 10, 5])
def test_neck_alarm_is_at_most_three_seconds_late(bad: FaceMeasures, neck_time: int) -> None:
    desk = Desk(without_timed_alarms(neck_time_s=neck_time))
    desk.watch(GOOD, 10)
    start_s = desk.at_s
    while not desk.open_alarms():
        desk.observe(bad)
        assert desk.at_s - start_s <= neck_time + 3
    assert desk.at_s - start_s >= neck_time - 2
    assert desk.open_alarms() == {"neck"}


def test_neck_alarm_lasts_until_corrected_and_counts_once(desk: Desk) -> None:
    desk.watch(GOOD, 5)
    desk.watch(CLOSER, 300)
    assert desk.open_alarms() == {"neck"}
    desk.watch(GOOD, 4)
    assert desk.open_alarms() == set()
    assert desk.status.totals.neck == 1
    ((start, end),) = desk.times("neck")
    assert 23 <= start <= 27
    assert end is not None
    assert 305 <= end <= 309


def test_second_episode_counts_again(desk: Desk) -> None:
    for _ in range(2):
        desk.watch(CLOSER, 25)
        desk.watch(GOOD, 10)
    assert desk.status.totals.neck == 2
    assert len(desk.times("neck")) == len(desk.times("bad_posture")) == 2


def test_episode_starts_with_the_bad_posture(desk: Desk) -> None:
    desk.watch(GOOD, 10)
    desk.watch(CLOSER, 10)
    ((start, end),) = desk.times("bad_posture")
    assert (9.9 <= start <= 11, end) == (True, None)


def test_successive_faults_are_one_episode(desk: Desk) -> None:
    desk.watch(CLOSER, 12)
    desk.watch(face(closer=1.2, tilted=15), 3)
    desk.watch(TILTED, 12)
    assert desk.open_alarms() == {"neck"}
    assert len(desk.times("bad_posture")) == 1


def test_fault_ends_well_below_its_limit(desk: Desk) -> None:
    desk.watch(face(closer=1.11), 25)
    desk.watch(face(closer=1.08), 10)  # 0.8 of the limit
    assert desk.open_alarms() == {"neck"}
    desk.watch(face(closer=1.06), 4)
    assert desk.open_alarms() == set()


@pytest.mark.parametrize("neck_time", [20, 5])
def test_five_second_glance_down_raises_no_alarm(neck_time: int) -> None:
    desk = Desk(without_timed_alarms(neck_time_s=neck_time))
    for _ in range(50):
        desk.watch(GOOD, 8)
        desk.watch(LOWER, 5)
    assert desk.times("neck") == []


def test_moving_back_is_good_posture(desk: Desk) -> None:
    desk.watch(face(closer=0.8), 60)
    assert desk.status.posture.state == "good"


def test_leaning_in_and_sinking_add_up(desk: Desk) -> None:
    desk.watch(face(closer=1.08, lower=0.10), 30)
    assert (desk.status.posture.faults, desk.open_alarms()) == (("closer", "lower"), {"neck"})


@pytest.mark.parametrize("measures", [face(closer=1.09, lower=0.04), face(closer=1.02, lower=0.14), face(closer=1.08)])
def test_either_alone_is_judged_by_its_own_limit(desk: Desk, measures: FaceMeasures) -> None:
    desk.watch(measures, 60)
    assert (desk.status.posture.faults, desk.open_alarms()) == ((), set())


def test_slumping_back_in_the_chair_is_told(desk: Desk) -> None:
    desk.watch(face(closer=0.8, lower=0.2), 30)
    assert (desk.status.posture.faults, desk.open_alarms()) == (("lower",), {"neck"})


def test_turned_head_neither_starts_nor_ends_alarm(desk: Desk) -> None:
    desk.watch(GOOD, 5)
    desk.watch(CLOSER, 10)
    desk.watch(TURNED, 60)
    assert desk.open_alarms() == set()
    assert (desk.status.posture.state, desk.status.posture.reason) == ("unreliable", "head_turned")
    desk.watch(CLOSER, 12)  # the ten seconds before count, too
    assert desk.open_alarms() == {"neck"}
    desk.watch(TURNED, 10)
    assert desk.open_alarms() == {"neck"}


@pytest.mark.parametrize(("sensitivity", "is_bad"), [("low", False), ("normal", True), ("high", True)])
def test_sensitivity_changes_the_limits(sensitivity: str, is_bad: bool) -> None:
    desk = Desk(without_timed_alarms(sensitivity=sensitivity))
    desk.watch(face(closer=1.12), 10)
    assert (desk.status.posture.state == "bad") is is_bad


def test_margins_give_measures_and_limits(desk: Desk) -> None:
    desk.watch(face(closer=1.04, lower=0.05, tilted=-3), 5)
    margins = desk.status.posture.margins
    assert margins is not None
    shown = {name: (margin.value, margin.limit) for name, margin in margins.items()}
    assert shown == {"closer": (1.04, 1.1), "lower": (0.05, 0.15), "tilted": (-3.0, 10.0)}


def test_disabled_alarm_is_silent_but_counts() -> None:
    desk = Desk(AlarmSettings(alarms_on=frozenset()))
    desk.watch(CLOSER, 60)
    assert (desk.open_alarms(), desk.status.totals.neck) == (set(), 1)
    assert [event.kind for event in desk.events] == ["bad_posture"]


def test_disabling_an_alarm_ends_it(desk: Desk) -> None:
    desk.watch(CLOSER, 30)
    desk.settings = AlarmSettings(alarms_on=frozenset(ALARM_KINDS) - {"neck"})
    desk.observe(CLOSER)
    assert "neck" not in desk.open_alarms()
