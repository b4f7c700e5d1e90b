"""ai_models.monitoring.monitor: eyes watched in bursts without gaps, from made traces at 15 frames a second."""

from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from ai_models.monitoring import actions, monitor
from ai_models.monitoring.alarms import AlarmSettings
from ai_models.monitoring.eye_trace import MAX_TAIL_SAMPLES
from ai_models.monitoring.observation import Observation
from tests.ai_models.replay import BASELINE, GOOD, NAN, START_S, Desk, face, without_timed_alarms

RATE = 15
BLINK = [0.22, 0.1, 0.08, 0.15, 0.25]
HALF_BLINK = [0.26, 0.2, 0.19, 0.22, 0.27]
FALL, RISE = [0.25, 0.2], [0.2, 0.25]


def opened(seconds: float, ratio: float = 0.3) -> list[float]:
    return [ratio] * round(seconds * RATE)


def watch(desk: Desk, ratios: Sequence[float], *, frames: int = 30) -> list[tuple[float, float]]:
    """A trace sent in bursts without gaps; the blinks that were told, in seconds since its first frame."""
    start_s, told = desk.at_s, []
    for first in range(0, len(ratios), frames):
        desk.burst(ratios[first : first + frames])
        told += [(blink.start_s - start_s, blink.end_s - start_s) for blink in desk.status.eyes.blinks]
    return told


# --- Joined bursts ---


@pytest.mark.parametrize("frames", [6, 7, 10, 15, 30, 45, 60])
@pytest.mark.parametrize("shift", range(0, 30, 3))
def test_blink_at_any_edge_counts_once(frames: int, shift: int) -> None:
    desk = Desk()
    trace = opened(2) + [0.3] * shift + BLINK + opened(3) + BLINK + opened(4)
    told = watch(desk, trace, frames=frames)
    assert len(told) == desk.status.totals.blinks == 2
    assert told[0][0] == pytest.approx(2 + shift / RATE, abs=0.15)


@pytest.mark.parametrize("frames", [10, 30, 60])
def test_bursts_find_what_the_whole_trace_has(frames: int) -> None:
    trace = (opened(1.3) + BLINK + opened(2.1) + HALF_BLINK + opened(0.9) + BLINK + opened(3.4)) * 6
    told, whole = watch(Desk(), trace, frames=frames), watch(Desk(), trace, frames=len(trace))
    assert len(told) == len(whole) == 18
    assert told == [pytest.approx(blink, abs=0.01) for blink in whole]


def test_blink_at_the_end_is_counted_when_watching_ends() -> None:
    desk = Desk()
    watch(desk, opened(3) + BLINK + opened(0.4))
    assert desk.status.totals.blinks == 0  # it may still turn out to be a glance down
    assert actions.stop(desk.state, desk.at_s).state.totals.burst_blinks == 1
    desk.at_s += 5
    assert len(watch(desk, opened(2))) == desk.status.totals.blinks == 1
    watch(desk, opened(10))
    assert desk.status.totals.blinks == 1


def test_overlapping_bursts_are_joined() -> None:
    desk = Desk()
    trace = opened(2) + BLINK + opened(3) + BLINK + opened(3)
    times = [START_S + (index + 1) / RATE for index in range(len(trace))]
    for first in range(0, len(trace), 20):
        part = slice(max(0, first - 8), first + 20)
        frames = [Observation(at_s, face(eyes=ratio)) for at_s, ratio in zip(times[part], trace[part], strict=True)]
        assert desk.apply(monitor.observe(desk.state, frames, desk.settings)).is_accepted
    assert desk.status.totals.blinks == 2
    assert desk.status.totals.watched_s == pytest.approx((len(trace) - 1) / RATE - 0.37)


def test_kept_trace_is_short_at_any_frame_rate() -> None:
    desk = Desk()
    for _ in range(10):
        desk.burst([0.3] * 75, a_second=60)
    assert len(desk.state.eye_tracker.trace.ratios) == MAX_TAIL_SAMPLES
    assert desk.state.eye_tracker.trace.end_s == pytest.approx(desk.at_s, abs=0.001)


# --- The alarm's clock ---


def test_clock_runs_over_watched_time_only() -> None:
    desk = Desk()
    watch(desk, opened(2) + BLINK + opened(2))
    for _ in range(7):
        desk.at_s += 3  # nobody watches
        watch(desk, opened(2))
    assert desk.open_alarms() == set()
    desk.at_s += 3
    watch(desk, opened(10))
    assert desk.open_alarms() == {"blink"}


def test_alarm_comes_in_time_and_ends_with_a_blink() -> None:
    desk = Desk()
    watch(desk, opened(2) + BLINK + opened(2))
    blinked_s = desk.at_s - 2
    while not desk.open_alarms() and desk.at_s < blinked_s + 30:
        assert desk.pace.is_burst_next
        watch(desk, [0.3] * desk.pace.burst_frames)
    assert 20 <= desk.at_s - blinked_s <= 20.5
    assert desk.pace.burst_frames == 15
    watch(desk, opened(0.5) + BLINK + opened(0.5))
    assert desk.open_alarms() == set()


def test_single_low_sample_does_not_reset_the_clock() -> None:
    desk = Desk()
    watch(desk, opened(2) + BLINK + opened(17))
    desk.observe(face(eyes=0.1), after_s=0.2)
    watch(desk, opened(4))
    assert desk.open_alarms() == {"blink"}


def test_blink_under_way_when_the_alarm_is_due_is_awaited() -> None:
    desk = Desk()
    watch(desk, opened(20.1) + BLINK[:2])
    assert desk.open_alarms() == set()
    watch(desk, BLINK[2:] + opened(1))
    assert desk.open_alarms() == set()


def test_nothing_is_watched_while_the_alarm_is_off() -> None:
    desk = Desk(without_timed_alarms())
    desk.watch(GOOD, 100)
    assert not desk.pace.is_burst_next
    assert desk.pace.next_after_ms == 1500
    desk.settings = AlarmSettings()
    assert (desk.pace.is_burst_next, desk.pace.next_after_ms) == (True, 0)


# --- Lowered lids, long closings ---


@pytest.mark.parametrize("level", [0.15, 0.18, 0.22])
def test_lowered_lids_are_no_blink(level: float) -> None:
    desk = Desk()
    looking_down = replace(face(), pitch_deg=20.0)
    watch(desk, opened(4))
    for _ in range(3):
        desk.burst([*FALL, *opened(2, level), *RISE], measures=looking_down)
        watch(desk, opened(3))
    assert desk.status.totals.blinks == 0


@pytest.mark.parametrize("level", [0.18, 0.22])
def test_lids_lowered_without_the_head_are_no_blink(level: float) -> None:
    desk = Desk()
    watch(desk, opened(4) + FALL + opened(4, level) + RISE + opened(4))
    assert desk.status.totals.blinks == 0
    watch(desk, opened(13))
    assert desk.open_alarms() == {"blink"}


@pytest.mark.parametrize("seconds", [1.1, 1.5, 3.0, 20.0, 300.0])
def test_closing_counts_once_however_long(seconds: float) -> None:
    desk = Desk()
    told = watch(desk, opened(4) + FALL + opened(seconds, 0.08) + RISE + opened(4))
    assert desk.status.totals.blinks == 1
    assert len(told) == 1
    assert told[0][1] - told[0][0] == pytest.approx(seconds, abs=0.3)
    assert desk.open_alarms() == set()


def test_closing_over_bursts_and_single_frames_counts_once() -> None:
    desk = Desk()
    watch(desk, opened(4))
    for _ in range(5):
        desk.watch(face(eyes=0.08), 60, every_s=2)
        watch(desk, opened(2, 0.08))
    assert desk.open_alarms() == set()
    desk.watch(GOOD, 2)
    assert desk.status.totals.blinks == 1


def test_share_of_partial_blinks_is_told() -> None:
    desk = Desk()
    watch(desk, (opened(2) + BLINK + opened(2) + HALF_BLINK) * 2 + opened(3) + BLINK + opened(3))
    assert (desk.status.totals.burst_blinks, desk.status.partial_share) == (5, 0.4)
    assert Desk().status.partial_share is None


# --- Other people's eyes ---


def test_narrow_eyes_blink_too() -> None:
    narrow = 0.17 / 0.3
    desk = Desk(state=monitor.start(START_S, baseline=replace(BASELINE, open_ratio=0.17)))
    told = watch(desk, [ratio * narrow for ratio in (opened(3) + BLINK + opened(3)) * 3])
    assert len(told) == desk.status.totals.blinks == 3


def test_eyes_shut_while_calibrating_are_told_by_their_opening() -> None:
    desk = Desk(state=monitor.start(START_S, baseline=replace(BASELINE, open_ratio=0.1)))
    watch(desk, opened(4, 0.1))
    watch(desk, opened(8))
    assert desk.status.eyes.openness == pytest.approx(1, abs=0.05)
    desk.watch(GOOD, 15)
    desk.observe(face(eyes=0.1))
    assert desk.status.eyes.state == "closed"


# --- A camera that is too slow ---


def slow_camera(desk: Desk, seconds: float, ratios: Sequence[float]) -> list[float]:
    """A client whose camera gives six frames a second, for some time; the moments of its bursts."""
    bursts, end_s, index = [], desk.at_s + seconds, 0
    while desk.at_s < end_s:
        if desk.pace.is_burst_next:
            bursts.append(desk.at_s)
            desk.burst([ratios[(index + number) % len(ratios)] for number in range(18)], a_second=6)
        else:
            desk.observe(face(eyes=ratios[index % len(ratios)]), after_s=desk.pace.next_after_ms / 1000)
        index += 1
    return bursts


def test_slow_camera_gives_the_alarm_and_few_bursts() -> None:
    desk = Desk()
    bursts = slow_camera(desk, 240, [0.3])
    assert desk.open_alarms() == {"blink"}
    assert len(bursts) == 4
    assert (desk.status.eyes.state, desk.status.eyes.reason) == ("open", "frame_rate_too_low")
    desk.observe(face(eyes=0.1), after_s=0.5)
    assert desk.open_alarms() == set()


def test_closed_samples_of_a_slow_camera_hold_the_alarm_back() -> None:
    desk = Desk()
    slow_camera(desk, 120, [0.3] * 11 + [0.1])
    assert "blink" not in {event.kind for event in desk.events}


def test_bursts_go_on_once_the_camera_is_fast_enough() -> None:
    desk = Desk()
    slow_camera(desk, 50, [0.3])
    is_burst_next = [desk.pace.is_burst_next]
    desk.watch(GOOD, 20, every_s=0.5)
    assert [*is_burst_next, desk.pace.is_burst_next] == [False, True]
    watch(desk, opened(2))
    assert desk.pace.is_burst_next
    assert desk.status.eyes.reason is None


def test_short_bursts_are_not_too_slow() -> None:
    desk = Desk()
    watch(desk, opened(2))
    desk.burst([0.3, 0.3])
    desk.burst([NAN, 0.3, 0.3])
    assert desk.status.eyes.reason is None


# --- Honest numbers ---


def test_ended_session_counts_where_all_was_watched() -> None:
    desk = Desk()
    watch(desk, (opened(3) + BLINK) * 20)
    totals = actions.stop(desk.state, desk.at_s).state.totals
    assert totals.blinks == totals.burst_blinks == 20
    assert totals.watched_s > 0.95 * totals.active_s


def test_ended_session_estimates_where_not_all_was_watched() -> None:
    desk = Desk()
    watch(desk, (opened(3) + BLINK) * 12)
    watched_s = desk.at_s - START_S
    desk.watch(GOOD, 3 * watched_s)
    totals = actions.stop(desk.state, desk.at_s).state.totals
    assert totals.burst_blinks == 12
    assert totals.blinks == pytest.approx(48, abs=2)
    assert desk.status.watched_share == pytest.approx(0.25, abs=0.01)


# --- Hidden eyes ---

GLARE = replace(face(), glare=0.2)


def test_glare_is_told_and_is_neither_open_nor_closed_eyes() -> None:
    desk = Desk()
    watch(desk, opened(2))
    desk.burst(opened(2, 0.2), measures=GLARE)
    assert (desk.status.eyes.state, desk.status.eyes.reason) == ("unknown", "glare")
    assert not desk.pace.is_burst_next
    desk.watch(GLARE, 60)
    assert (desk.status.eyes.reason, desk.status.totals.blinks) == ("glare", 0)
    assert desk.open_alarms() == set()
    assert desk.pace.is_burst_next  # once a minute


def test_bursts_go_on_as_soon_as_the_glare_is_gone() -> None:
    desk = Desk()
    watch(desk, opened(2))
    desk.burst(opened(2), measures=GLARE)
    desk.observe(replace(face(), glare=0.0))
    assert (desk.status.eyes.state, desk.status.eyes.reason) == ("open", None)
    assert desk.pace.is_burst_next


def test_glare_does_not_hide_posture() -> None:
    desk = Desk()
    desk.watch(replace(face(closer=1.2), glare=0.3), 30)
    assert desk.open_alarms() == {"neck"}


DARK = replace(face(), light=5.0)


def test_darkness_is_told_and_not_taken_for_closed_eyes() -> None:
    desk = Desk()
    watch(desk, opened(2))
    desk.burst(opened(2, 0.2), measures=DARK)
    assert (desk.status.eyes.state, desk.status.eyes.reason) == ("unknown", "too_dark")
    assert not desk.pace.is_burst_next
    desk.observe(DARK)
    assert desk.status.eyes.reason == "too_dark"
    assert desk.status.totals.blinks == 0
    desk.watch(DARK, 60)
    assert desk.open_alarms() == set()
    assert desk.pace.is_burst_next  # once a minute


def test_bursts_go_on_once_it_is_light() -> None:
    desk = Desk()
    desk.burst(opened(2), measures=DARK)
    desk.observe(replace(face(), light=60.0))
    assert desk.pace.is_burst_next
    assert (desk.status.eyes.state, desk.status.eyes.reason) == ("open", None)
