"""ai_models.monitoring.monitor: the blink alarm, closed samples and bursts."""

import pytest

from tests.ai_models.replay import (
    GOOD,
    NAN,
    TURNED,
    Desk,
    face,
)


def test_blink_alarm_lasts_until_a_blink() -> None:
    desk = Desk()
    desk.blink()
    desk.watch(GOOD, 19)
    assert desk.open_alarms() == set()
    desk.watch(GOOD, 2)
    assert desk.open_alarms() == {"blink"}
    desk.watch(GOOD, 60)
    assert desk.open_alarms() == {"blink"}
    desk.blink()
    assert desk.open_alarms() == set()
    assert [(round(start), end is not None) for start, end in desk.times("blink")] == [(21, True)]


def test_blink_in_burst_ends_alarm_and_gives_rate() -> None:
    desk = Desk()
    desk.watch(GOOD, 25)
    assert desk.open_alarms() == {"blink"}
    open_eyes, dip = [0.3] * 20, [0.22, 0.1, 0.08, 0.15, 0.25]
    transition = desk.burst(open_eyes + dip + open_eyes)
    assert [event.kind for event in transition.events] == ["blink"]
    (blink,) = desk.status.eyes.blinks
    assert blink.end_s - blink.start_s < 0.5
    rate = desk.status.rate
    assert rate is not None
    watched_s = 44 / 15 - 0.37  # without the edges, where a blink would be missed
    assert rate.watched_s == pytest.approx(watched_s)
    assert rate.per_minute == pytest.approx(60 / watched_s)
    assert rate.low < rate.per_minute < rate.high


def test_single_frames_give_no_rate() -> None:
    desk = Desk()
    for _ in range(30):
        desk.watch(GOOD, 3)
        desk.blink()
    assert desk.status.rate is None
    assert desk.status.totals.blinks == 30


def test_eyes_that_stay_closed_count_once() -> None:
    desk = Desk()
    desk.watch(GOOD, 5)
    desk.watch(face(eyes=0.1), 4)
    assert desk.status.totals.blinks == 1


@pytest.mark.parametrize(
    ("frames_a_second", "ratios", "measures", "reason"),
    [
        (5.0, [0.3] * 15, GOOD, "frame_rate_too_low"),
        (7.9, [0.3] * 24, GOOD, "frame_rate_too_low"),
        (15.0, [0.3] * 45, TURNED, "head_turned"),
        (15.0, [NAN] * 45, GOOD, "no_face"),
    ],
)
def test_unusable_burst_gives_its_reason(
    frames_a_second: float, ratios: list[float], measures: object, reason: str
) -> None:
    desk = Desk()
    desk.watch(GOOD, 3)
    desk.burst(ratios, a_second=frames_a_second, measures=measures)  # type: ignore[arg-type]
    eyes = desk.status.eyes
    assert (eyes.state, eyes.reason, eyes.blinks) == ("unknown", reason, ())
    assert desk.status.rate is None


def test_time_without_visible_eyes_does_not_count() -> None:
    desk = Desk()
    desk.blink()
    desk.watch(GOOD, 10)
    desk.watch(TURNED, 60)
    desk.watch(GOOD, 8)
    assert desk.open_alarms() == set()
    desk.watch(GOOD, 4)
    assert desk.open_alarms() == {"blink"}
