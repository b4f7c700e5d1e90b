"""ai_models.monitoring.eyes: a person's open-eye median, closed samples, and a rate with its interval."""

import math

import pytest
import scipy

from ai_models.monitoring.eyes import EyeTracker, blink_rate


def track(*ratios: float) -> EyeTracker:
    eyes = EyeTracker()
    for ratio in ratios:
        eyes = eyes.with_frame(ratio, 0.3)
    return eyes


def test_open_ratio_is_median_of_last_samples() -> None:
    assert EyeTracker().open_ratio(0.3) == 0.3
    assert track(*[0.32] * 5, 0.1, 0.1).open_ratio(0.3) == 0.32
    assert track(*[0.32] * 30, *[0.28] * 30).open_ratio(0.3) == 0.28


@pytest.mark.parametrize(("ratio", "expected"), [(0.1, 0.24), (0.6, 0.6)])
def test_only_drift_downwards_is_limited(ratio: float, expected: float) -> None:
    assert track(*[ratio] * 30).open_ratio(0.3) == pytest.approx(expected)


@pytest.mark.parametrize(("ratio", "closed"), [(0.226, False), (0.224, True), (0.05, True)])
def test_closed_is_under_three_quarters_of_open(ratio: float, closed: bool) -> None:
    assert track(*[0.3] * 10).is_closed(ratio, 0.3) is closed


def test_narrow_eyes_do_not_count_as_closed() -> None:
    eyes = EyeTracker()
    for _ in range(20):
        eyes = eyes.with_frame(0.2, 0.2)  # under version 1's fixed 0.27
    assert eyes.closings == 0


def test_closing_counts_once_and_unknown_frame_never() -> None:
    assert track(0.3, 0.1, 0.1, 0.3, math.nan, 0.1).closings == 2


def test_number_of_stored_samples_is_limited() -> None:
    assert len(track(*[0.3] * 1000).open_ratios) == 30


@pytest.mark.parametrize("blinks", [0, 1, 2, 5, 15, 100])
def test_interval_is_close_to_the_exact_one(blinks: int) -> None:
    rate = blink_rate(blinks, 60.0)
    assert rate is not None
    low = scipy.stats.chi2.ppf(0.025, 2 * blinks) / 2 if blinks else 0.0
    high = scipy.stats.chi2.ppf(0.975, 2 * blinks + 2) / 2
    assert rate.per_minute == blinks
    assert rate.low == pytest.approx(low, abs=0.06)
    assert rate.high == pytest.approx(high, rel=0.02)


def test_longer_time_narrows_the_interval() -> None:
    short, long = blink_rate(15, 60.0), blink_rate(150, 600.0)
    assert short is not None
    assert long is not None
    assert long.high - long.low < (short.high - short.low) / 2


def test_no_watched_time_gives_no_rate() -> None:
    assert blink_rate(0, 0.0) is None
