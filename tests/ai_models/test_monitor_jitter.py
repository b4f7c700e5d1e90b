"""ai_models.monitoring.monitor: the promised alarms for sitting still, leaning in and glancing down, with jitter."""

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
    without_timed_alarms,
)


def test_sitting_still_raises_no_alarm() -> None:
    random = np.random.default_rng(1)
    desk = calibrated(random, without_timed_alarms())
    while desk.at_s < START_S + 8 * 3600:
        desk.observe(jittered(random, GOOD), after_s=desk.pace.next_after_ms / 1000)
    assert desk.times("neck") == []
    assert desk.status.totals.active_s == pytest.approx(8 * 3600, rel=0.01)


@pytest.mark.parametrize("neck_time", [20, 5])
def test_leaning_in_15_percent_always_raises_alarm(neck_time: int) -> None:
    random, raised = np.random.default_rng(2), 0
    for _ in range(200):
        desk = calibrated(random, without_timed_alarms(neck_time_s=neck_time))
        start_s = desk.at_s + 10 + random.uniform(0, 3)
        desk.replay_episode(random, face(closer=1.15), start_s, start_s + neck_time, late_s=0.05)
        raised += len(desk.times("neck"))
    assert raised == 200


@pytest.mark.parametrize("bad", [face(closer=1.15), face(lower=0.2), face(tilted=13), face(tilted=-13)])
@pytest.mark.parametrize("neck_time", [20, 5])
def test_alarm_with_jitter_is_at_most_three_seconds_late(bad: FaceMeasures, neck_time: int) -> None:
    random = np.random.default_rng(5)
    for _ in range(20):
        desk = calibrated(random, without_timed_alarms(neck_time_s=neck_time))
        start_s = desk.at_s + 5 + random.uniform(0, 2)
        desk.replay_episode(random, bad, start_s, start_s + neck_time + 3, late_s=0.05)
        ((raised, _),) = desk.times("neck")
        assert neck_time - 2 <= raised + START_S - start_s <= neck_time + 3


@pytest.mark.parametrize("neck_time", [20, 5])
def test_five_second_glance_down_raises_no_alarm(neck_time: int) -> None:
    random, desk = np.random.default_rng(11), Desk(without_timed_alarms(neck_time_s=neck_time))
    for _ in range(100):
        start_s = desk.at_s + random.uniform(6, 9)
        desk.replay_episode(random, face(lower=0.25), start_s, start_s + 5, late_s=0.3)
    assert desk.times("neck") == []
    assert desk.times("bad_posture")
