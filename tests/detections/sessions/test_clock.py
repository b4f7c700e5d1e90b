"""detections.sessions.clock: a client's clock and the session's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detections.sessions.clock import MAX_AHEAD_S, MAX_BACK_S, MIN_STEP_S, in_session, now_in_session

NOW = 1_800_000_000.0
YEARS = st.floats(0, 250_000_000_000.0)


def shift(captured_s: list[float], shift_s: float | None, *, last_at_s: float = NOW - 1, here_s: float = NOW) -> object:
    return in_session(captured_s, shift_s=shift_s, here_s=here_s, last_at_s=last_at_s, now_s=NOW)


def test_session_time_follows_the_service_clock() -> None:
    assert now_in_session(last_at_s=100.0, received_at_s=NOW, now_s=NOW + 2.5) == 102.5


def test_slow_node_clock_never_sets_time_back() -> None:
    assert now_in_session(last_at_s=100.0, received_at_s=NOW, now_s=NOW - 2.5) == 100.0


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


@pytest.mark.parametrize("later_s", [-MAX_BACK_S, -1.0, 0.0, 0.5, 60.0])
def test_later_times_keep_their_distance(later_s: float) -> None:
    assert shift([10.0 + later_s], NOW - 11.0) == ([NOW - 1 + later_s], NOW - 11.0)


def test_delayed_frame_keeps_its_capture_time() -> None:
    hours_ago = NOW - 10_000.0
    assert shift([20.0], hours_ago - 10, last_at_s=hours_ago, here_s=NOW) == ([hours_ago + 10], hours_ago - 10)


@pytest.mark.parametrize("jump_s", [-MAX_BACK_S - 1.1, -1e6, MAX_AHEAD_S + 1.1, 1e9])
def test_clock_jump_counts_as_now(jump_s: float) -> None:
    assert shift([10.0 + jump_s], NOW - 11.0) == ([NOW], NOW - 10.0 - jump_s)


@given(st.lists(YEARS, min_size=1, max_size=30))
def test_session_time_never_runs_far_ahead(times_s: list[float]) -> None:
    last_at_s, shift_s = NOW, None
    for time_s in times_s:
        [at_s], shift_s = in_session([time_s], shift_s=shift_s, here_s=last_at_s, last_at_s=last_at_s, now_s=NOW)
        last_at_s = max(last_at_s, at_s)
    assert last_at_s <= NOW + MAX_AHEAD_S + 1
