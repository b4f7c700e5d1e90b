"""Blinks in traces made by hand: an open level with a little noise, and dips of known time, depth and speed."""

import re
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ai_models.blink import Blink, find_blinks, frame_rate
from ai_models.blink_finder import SETTLED_AFTER_S
from ai_models.dips import Trace

OPEN = 0.3
CLOSED = 0.08
NOISE = 0.008  # standard deviation of a still face's ratio
RATES = (30, 15, 10, 8)
FALL_S, SHUT_S, RISE_S = 0.1, 0.05, 0.15
BLINK_S = FALL_S + SHUT_S + RISE_S


def times(seconds: float, rate: float = 30) -> Trace:
    return np.arange(round(seconds * rate)) / rate


def steady(at: Trace, level: float = OPEN, noise: float = NOISE) -> Trace:
    return level + noise * np.random.default_rng(1).standard_normal(at.size)


def close(
    trace: Trace, at: Trace, start: float, *, depth: float = OPEN - CLOSED, fall: float = FALL_S, rise: float = RISE_S
) -> Trace:
    """The trace with a blink that starts at `start`: the lids close, and open again."""
    return trace - depth * np.interp(at - start, [0, fall, fall + SHUT_S, fall + SHUT_S + rise], [0, 1, 1, 0])


def with_blinks(at: Trace, *starts: float, depth: float = OPEN - CLOSED) -> Trace:
    trace = steady(at)
    for start in starts:
        trace = close(trace, at, start, depth=depth)
    return trace


def assert_blinks(found: list[Blink], *starts: float) -> None:
    """As many blinks as starts, each within the closing and opening that starts there."""
    assert len(found) == len(starts), found
    for blink, start in zip(found, starts, strict=True):
        assert start < blink.start_s < blink.end_s < start + BLINK_S


@pytest.mark.parametrize("rate", RATES)
def test_blinks_are_found_from_8_frames_a_second(rate: int) -> None:
    at = times(20, rate)
    assert_blinks(find_blinks(at, with_blinks(at, 2.0, 5.02, 9.04, 15.06)), 2.0, 5.02, 9.04, 15.06)


@pytest.mark.parametrize("rate", [7.9, 5, 2, 1])
def test_rates_below_8_give_no_blinks(rate: float) -> None:
    at = times(20, rate)
    assert find_blinks(at, with_blinks(at, 2.0, 5.0, 9.0)) == []


def test_blink_lasts_from_half_closing_to_half_opening() -> None:
    at = times(6)
    (blink,) = find_blinks(at, close(steady(at, noise=0), at, 3.0))
    assert blink.start_s == pytest.approx(3.0 + FALL_S / 2, abs=0.02)
    assert blink.end_s == pytest.approx(3.0 + FALL_S + SHUT_S + RISE_S / 2, abs=0.02)


@pytest.mark.parametrize(("depth", "complete"), [(0.22, True), (0.17, True), (0.13, False), (0.1, False)])
def test_blink_under_half_open_is_complete(depth: float, complete: bool) -> None:
    at = times(6)
    assert [blink.complete for blink in find_blinks(at, with_blinks(at, 3.0, depth=depth))] == [complete]


def test_two_blinks_in_half_a_second_are_found() -> None:
    at = times(6)
    assert_blinks(find_blinks(at, with_blinks(at, 3.0, 3.4)), 3.0, 3.4)


def test_lids_that_barely_reopen_make_one_blink() -> None:
    at = times(6)
    dips = [0, 0.22, 0.22, 0.12, 0.22, 0.22, 0]
    trace = steady(at) - np.interp(at, np.linspace(3.0, 3.5, len(dips)), dips)
    assert len(find_blinks(at, trace)) == 1


def test_blinks_around_half_open_eyes_are_found() -> None:
    at = times(20)
    level = np.interp(at, [5.0, 5.3, 12.0, 12.3], [1, 0.65, 0.65, 1])
    trace = level * steady(at)
    for start in (5.0, 12.0):
        trace = close(trace, at, start, depth=0.12)
    assert_blinks(find_blinks(at, trace), 5.0, 12.0)


@pytest.mark.parametrize("noise", [0, NOISE, 0.012])
@pytest.mark.parametrize("rate", RATES)
def test_open_eyes_do_not_blink(noise: float, rate: int) -> None:
    at = times(120, rate)
    assert find_blinks(at, steady(at, noise=noise)) == []


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("seconds", [1.0, 2.0, 5.0])
def test_glance_down_is_no_blink(rate: int, seconds: float) -> None:
    at = times(20, rate)
    glance = np.interp(at, [8, 8.4, 8.4 + seconds, 8.8 + seconds], [0, 0.12, 0.12, 0])
    assert find_blinks(at, steady(at) - glance) == []


@pytest.mark.parametrize("rate", [30, 15, 10])
def test_slow_lid_movement_is_no_blink(rate: int) -> None:
    at = times(20, rate)
    assert find_blinks(at, close(steady(at), at, 8.0, depth=0.12, fall=0.5, rise=0.5)) == []


def test_lasting_narrowing_is_no_blink() -> None:
    at = times(20)
    assert find_blinks(at, np.where(at < 8, 1.0, 0.6) * steady(at)) == []


def test_lasting_widening_is_no_blink() -> None:
    at = times(20)
    assert find_blinks(at, np.where(at < 8, 0.7, 1.0) * steady(at)) == []


def test_blinks_of_narrowed_eyes_are_found() -> None:
    at = times(30)
    assert_blinks(find_blinks(at, np.where(at < 10, 1.0, 0.7) * with_blinks(at, 5.0, 15.0, 25.0)), 5.0, 15.0, 25.0)


@pytest.mark.parametrize("rate", [30, 15, 10])
def test_blinks_are_found_at_uneven_intervals(rate: int) -> None:
    random = np.random.default_rng(2)
    at = times(20, rate) + random.uniform(-0.3, 0.3, 20 * rate) / rate
    assert_blinks(find_blinks(at, with_blinks(at, 3.0, 8.0, 13.0)), 3.0, 8.0, 13.0)


@given(scale=st.floats(0.01, 100))
def test_scaling_the_ratio_changes_nothing(scale: float) -> None:
    at = times(10)
    found = find_blinks(at, scale * with_blinks(at, 3.0, 7.0))
    assert [(blink.start_s, blink.end_s, blink.complete) for blink in found] == [
        pytest.approx((blink.start_s, blink.end_s, blink.complete)) for blink in unscaled()
    ]


@cache
def unscaled() -> list[Blink]:
    at = times(10)
    return find_blinks(at, with_blinks(at, 3.0, 7.0))


@given(shift=st.floats(-1e9, 2e9))
def test_shifting_the_clock_changes_nothing(shift: float) -> None:
    at = times(10)
    trace = with_blinks(at, 3.0, 7.0)
    assert_blinks(
        [Blink(blink.start_s - shift, blink.end_s - shift, blink.complete) for blink in find_blinks(at + shift, trace)],
        3,
        7,
    )


@given(st.lists(st.one_of(st.floats(0, 0.5), st.just(float("nan"))), max_size=90), st.sampled_from([30, 15, 10]))
def test_blinks_are_ordered_and_within_the_trace(ratios: list[float], rate: int) -> None:
    at = np.arange(len(ratios)) / rate
    bounds = [bound for blink in find_blinks(at, ratios) for bound in (blink.start_s, blink.end_s)]
    assert bounds == sorted(bounds)
    assert all(0 <= bound <= at[-1] for bound in bounds)


@pytest.mark.parametrize("rate", [30, 15, 10])
def test_blink_is_settled_soon_after_its_end(rate: int) -> None:
    at = times(30, rate)
    trace = with_blinks(at, 3.0, 3.45, 8.0, 9.2, 14.0, 20.0, 20.5, 25.0)
    whole = find_blinks(at, trace)
    assert len(whole) == 8
    for count, blink in enumerate(whole, start=1):
        until = at <= blink.end_s + SETTLED_AFTER_S
        assert find_blinks(at[until], trace[until])[:count] == whole[:count]


@settings(max_examples=15)  # of 70 traces each
@given(seed=st.integers(0, 2**32 - 1), rate=st.sampled_from([30, 15, 10]))
def test_later_frames_never_change_settled_blinks(seed: int, rate: int) -> None:
    random = np.random.default_rng(seed)
    at = times(8, rate)
    trace = steady(at, noise=0.012)
    for start in random.uniform(0, 8, 14):
        trace = close(trace, at, start, depth=random.uniform(0.02, 0.12), rise=random.uniform(0.1, 0.4))
    whole = find_blinks(at, trace)
    for stop in range(rate, at.size, max(1, rate // 10)):
        settled = at[stop - 1] - SETTLED_AFTER_S
        found = [blink for blink in find_blinks(at[:stop], trace[:stop]) if blink.end_s <= settled]
        assert found == [blink for blink in whole if blink.end_s <= settled]


def test_lost_frames_are_bridged() -> None:
    at = times(10)
    trace = with_blinks(at, 3.0, 7.0)
    trace[[95, 96, 150, 212]] = np.nan
    assert_blinks(find_blinks(at, trace), 3.0, 7.0)


def test_absence_is_no_blink() -> None:
    at = times(20)
    trace = with_blinks(at, 3.0, 17.0)
    trace[(at > 6) & (at < 12)] = np.nan
    assert_blinks(find_blinks(at, trace), 3.0, 17.0)


def test_lids_closing_before_a_gap_are_no_blink() -> None:
    at = times(10)
    trace = with_blinks(at, 3.0)
    trace[(at > 3.1) & (at < 4)] = np.nan
    assert find_blinks(at, trace) == []


def test_one_call_finds_blinks_of_many_bursts() -> None:
    burst = times(3, 15)
    starts = 60.0 * np.arange(0, 24 * 60, 60)
    at = (starts[:, None] + burst).ravel()
    found = find_blinks(at, np.tile(with_blinks(burst, 1.2), starts.size))
    assert_blinks(found, *(starts + 1.2))


@pytest.mark.parametrize("start", [0.7, 1.2, 1.7, 2.2])
def test_burst_of_45_frames_shows_a_blink(start: float) -> None:
    at = times(3, 15)
    assert_blinks(find_blinks(at, with_blinks(at, start), open_ratio=OPEN), start)
    assert_blinks(find_blinks(at, with_blinks(at, start)), start)


def test_open_ratio_separates_twitch_from_blink() -> None:
    at = times(3, 15)
    trace = with_blinks(at, 1.5, depth=0.06)
    assert find_blinks(at, trace, open_ratio=2 * OPEN) == []
    assert_blinks(find_blinks(at, trace, open_ratio=OPEN / 2), 1.5)


@pytest.mark.parametrize("frames", [0, 1, 2, 3])
def test_too_few_frames_show_no_blink(frames: int) -> None:
    assert find_blinks(times(1)[:frames], np.full(frames, OPEN)) == []


@pytest.mark.parametrize("ratio", [float("nan"), float("inf"), 0.0, 0.3])
def test_constant_trace_shows_no_blink(ratio: float) -> None:
    assert find_blinks(times(5), np.full(150, ratio)) == []


def test_lists_are_accepted() -> None:
    at = times(6)
    assert_blinks(find_blinks(at.tolist(), with_blinks(at, 3.0).tolist()), 3.0)


@pytest.mark.parametrize(
    ("at", "ratios", "advice"),
    [
        ([0.0, float("nan"), 0.2], [0.3, 0.3, 0.3], "Leave out frames without a time"),
        ([0.0, 0.1, float("inf")], [0.3, 0.3, 0.3], "Leave out frames without a time"),
        ([0.0, 0.2, 0.1], [0.3, 0.3, 0.3], "Sort the frames"),
        ([0.0, 0.1, 0.1], [0.3, 0.3, 0.3], "remove duplicates"),
        ([0.0, 0.1], [0.3, 0.3, 0.3], "Give one time and one ratio for each frame"),
        ([[0.0, 0.1]], [[0.3, 0.3]], "Give one time and one ratio for each frame"),
    ],
)
def test_invalid_trace_is_refused_with_advice(at: list[float], ratios: list[float], advice: str) -> None:
    with pytest.raises(ValueError, match=re.escape(advice)):
        find_blinks(at, ratios)


@pytest.mark.parametrize("open_ratio", [0.0, -0.3, float("nan"), float("inf")])
def test_invalid_open_ratio_is_refused(open_ratio: float) -> None:
    with pytest.raises(ValueError, match="Give the person's ratio with open eyes"):
        find_blinks(times(3), steady(times(3)), open_ratio=open_ratio)


def test_frame_rate_comes_from_the_median_step() -> None:
    assert frame_rate([0, 0.1, 0.2, 0.3, 5.0]) == pytest.approx(10)
    assert frame_rate([0, 0.5]) == 2
    assert frame_rate([7]) == 0
    assert frame_rate([]) == 0
