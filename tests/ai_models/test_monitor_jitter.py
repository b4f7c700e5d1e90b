"""ai_models.monitoring.monitor: sitting still, leaning in and glancing down, with the jitter of landmarks."""

import numpy as np
import pytest

from ai_models.measures import FaceMeasures
from tests.ai_models.replay import (
    GOOD,
    START_S,
    Desk,
    calibrated,
    face,
    jittered,
    without_blinks,
)


def test_a_person_who_sits_still_has_no_false_alarm_in_eight_hours() -> None:
    random = np.random.default_rng(1)
    desk = calibrated(random, without_blinks())
    while desk.at_s < START_S + 8 * 3600:
        desk.see(jittered(random, GOOD), after_s=desk.pace.next_after_ms / 1000)
    assert desk.times("neck") == []
    assert desk.status.totals.active_s == pytest.approx(8 * 3600, rel=0.01)


@pytest.mark.parametrize("neck_time", [20, 5])
def test_leaning_in_by_15_percent_for_just_the_set_time_is_told_every_time(neck_time: int) -> None:
    random, raised = np.random.default_rng(2), 0
    for _ in range(200):
        desk = calibrated(random, without_blinks(neck_time_s=neck_time))
        begins = desk.at_s + 10 + random.uniform(0, 3)
        desk.act(random, face(closer=1.15), begins, begins + neck_time, late_s=0.05)
        raised += len(desk.times("neck"))
    assert raised == 200


@pytest.mark.parametrize("bad", [face(closer=1.15), face(lower=0.2), face(tilted=13), face(tilted=-13)])
@pytest.mark.parametrize("neck_time", [20, 5])
def test_with_jitter_and_at_its_own_pace_it_is_told_three_seconds_late_at_most(
    bad: FaceMeasures, neck_time: int
) -> None:
    random = np.random.default_rng(5)
    for _ in range(20):
        desk = calibrated(random, without_blinks(neck_time_s=neck_time))
        begins = desk.at_s + 5 + random.uniform(0, 2)
        desk.act(random, bad, begins, begins + neck_time + 3, late_s=0.05)
        ((raised, _),) = desk.times("neck")
        assert neck_time - 2 <= raised + START_S - begins <= neck_time + 3


@pytest.mark.parametrize("neck_time", [20, 5])
def test_a_glance_down_of_five_seconds_is_never_told(neck_time: int) -> None:
    random, desk = np.random.default_rng(11), Desk(without_blinks(neck_time_s=neck_time))
    for _ in range(100):
        begins = desk.at_s + random.uniform(6, 9)
        desk.act(random, face(lower=0.25), begins, begins + 5, late_s=0.3)
    assert desk.times("neck") == []
    assert desk.times("bad_posture")
