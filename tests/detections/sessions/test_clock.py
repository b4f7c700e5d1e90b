"""detections.sessions.clock: a client's clock and the session's."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detections.sessions.clock import (
    MAX_AHEAD_S,
    MAX_BACK_S,
    MAX_LATE_S,
    MAX_LEAP_S,
    MIN_STEP_S,
    REPLAYED_FROM_S,
    in_session,
    now_in_session,
)

pytestmark = pytest.mark.usefixtures("known_pictures")

NOW = 1_800_000_000.0
YEARS = st.floats(0, 250_000_000_000.0)


def shift(captured_s: list[float], shift_s: float | None, *, last_at_s: float = NOW - 1, here_s: float = NOW) -> object:
    return in_session(captured_s, shift_s=shift_s, here_s=here_s, last_at_s=last_at_s, now_s=NOW)


def test_session_time_follows_the_service_clock() -> None:
    assert now_in_session(last_at_s=100.0, received_at_s=NOW, now_s=NOW + 2.5) == 102.5


def test_slow_node_clock_never_sets_time_back() -> None:
    assert now_in_session(last_at_s=100.0, received_at_s=NOW, now_s=NOW - 2.5) == 100.0 + MIN_STEP_S


def test_frame_without_time_is_of_now() -> None:
    assert shift([], None) == ([NOW], None)
    assert shift([], 17.0) == ([NOW], 17.0)


@pytest.mark.parametrize("captured_s", [0.0, 5.0, NOW, 2 * NOW])
def test_first_capture_time_counts_as_now(captured_s: float) -> None:
    assert shift([captured_s], None) == ([NOW], NOW - captured_s)


def test_first_burst_ends_now() -> None:
    assert shift([10.0, 10.5, 11.0], None, last_at_s=NOW - 5) == ([NOW - 1, NOW - 0.5, NOW], NOW - 11)


def test_first_burst_starts_no_earlier_than_session() -> None:
    times, _ = in_session([10.0, 11.0], shift_s=None, here_s=NOW, last_at_s=NOW - 0.25, now_s=NOW)
    assert times == pytest.approx([NOW - 0.25 + MIN_STEP_S, NOW + 0.75 + MIN_STEP_S])


@pytest.mark.parametrize("later_s", [1.1 - MAX_LATE_S, -1.0, 0.0, 0.5, MAX_LEAP_S + 0.9])
def test_later_times_keep_their_distance(later_s: float) -> None:
    assert shift([10.0 + later_s], NOW - 11.0) == ([NOW - 1 + later_s], NOW - 11.0)


def test_delayed_frame_keeps_its_capture_time() -> None:
    hours_ago = NOW - 10_000.0
    assert shift([20.0], hours_ago - 10, last_at_s=hours_ago, here_s=NOW) == ([hours_ago + 10], hours_ago - 10)


@pytest.mark.parametrize("jump_s", [-MAX_BACK_S - 1.1, -1e6, MAX_LEAP_S + 1.1, 60.0, 7200.0, MAX_AHEAD_S + 1.1, 1e9])
def test_clock_jump_counts_as_now(jump_s: float) -> None:
    assert shift([10.0 + jump_s], NOW - 11.0) == ([NOW], NOW - 10.0 - jump_s)


def test_late_frame_is_of_its_own_time_and_the_next_decides() -> None:
    late_s = MAX_LATE_S + 0.5
    [at_s], shift_s = in_session([10.0 - late_s], shift_s=NOW - 10, here_s=NOW + 1, last_at_s=NOW, now_s=NOW + 1)
    assert at_s == NOW - late_s
    # The clock was set back: the next frame is a second later.
    times, _ = in_session([11.0 - late_s], shift_s=shift_s, here_s=NOW + 2, last_at_s=NOW, now_s=NOW + 2)
    assert times == pytest.approx([NOW + 2])
    # Or the frame had been late: the next one is where it would have been.
    times, _ = in_session([12.0], shift_s=shift_s, here_s=NOW + 2, last_at_s=NOW, now_s=NOW + 2)
    assert times == pytest.approx([NOW + 2])


def test_recording_may_run_ahead_frame_by_frame() -> None:
    last_at_s, shift_s = NOW, None
    for number in range(1, 100):
        [at_s], shift_s = in_session([float(number)], shift_s=shift_s, here_s=last_at_s, last_at_s=last_at_s, now_s=NOW)
        if number > 1:
            assert at_s == pytest.approx(last_at_s + 1)
        last_at_s = at_s


@pytest.mark.parametrize(
    ("ahead_s", "leap_s", "passes"),
    [
        (REPLAYED_FROM_S, 11 * 3600.0, True),
        (REPLAYED_FROM_S, MAX_AHEAD_S, False),
        (REPLAYED_FROM_S - 1, 600.0, False),
        (0.0, 600.0, False),
    ],
)
def test_recording_that_is_far_ahead_may_have_gaps(ahead_s: float, leap_s: float, passes: bool) -> None:
    here_s = NOW + ahead_s
    [at_s], shift_s = in_session([leap_s], shift_s=here_s, here_s=here_s, last_at_s=here_s, now_s=NOW)
    assert at_s == pytest.approx(here_s + leap_s if passes else here_s, abs=0.01)
    assert (shift_s == here_s) is passes


@dataclass
class Sitting:
    """A person who sits there a second a frame, seen by two clocks that may be set; and what a session makes of it."""

    real_s: float = NOW
    client_ahead_s: float = 0.0
    service_ahead_s: float = 0.0
    last_at_s: float = NOW
    received_at_s: float = NOW
    shift_s: float | None = None
    lost: int = 0

    def frame(self, delay_s: float) -> None:
        self.real_s += 1.0
        now_s = self.real_s + delay_s + self.service_ahead_s
        here_s = now_in_session(last_at_s=self.last_at_s, received_at_s=self.received_at_s, now_s=now_s)
        [at_s], self.shift_s = in_session(
            [self.real_s + self.client_ahead_s],
            shift_s=self.shift_s,
            here_s=here_s,
            last_at_s=self.last_at_s,
            now_s=now_s,
        )
        if at_s > self.last_at_s:
            self.last_at_s, self.received_at_s = at_s, now_s
        else:
            self.lost += 1


# A step forward of less than MAX_LEAP_S cannot be told from a recording.
STEPS_S = st.one_of(st.floats(MAX_LEAP_S + 2, 60), st.floats(60, 40_000), st.floats(-60, -5), st.floats(-40_000, -60))
DELAYS_S = st.floats(0.0, 0.9)


@given(STEPS_S, st.booleans(), st.lists(DELAYS_S, min_size=5, max_size=20))
def test_clock_that_was_set_costs_at_most_one_frame(step_s: float, is_clients: bool, delays_s: list[float]) -> None:
    sitting = Sitting()
    for delay_s in delays_s:
        sitting.frame(delay_s)
    sitting.client_ahead_s += step_s * is_clients
    sitting.service_ahead_s += step_s * (not is_clients)
    for delay_s in delays_s:
        sitting.frame(delay_s)
    assert sitting.lost <= 1
    assert sitting.last_at_s == pytest.approx(sitting.real_s, abs=3)


@given(st.lists(YEARS, min_size=1, max_size=30))
def test_session_time_never_runs_far_ahead(times_s: list[float]) -> None:
    last_at_s, shift_s = NOW, None
    for time_s in times_s:
        [at_s], shift_s = in_session([time_s], shift_s=shift_s, here_s=last_at_s, last_at_s=last_at_s, now_s=NOW)
        last_at_s = max(last_at_s, at_s)
    assert last_at_s <= NOW + MAX_AHEAD_S + 1
