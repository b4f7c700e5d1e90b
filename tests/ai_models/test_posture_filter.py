"""ai_models.monitoring.posture_filter: measures against the baseline, and when a fault starts and ends."""

import pytest

from ai_models.monitoring.posture_filter import LIMITS, MAX_PACE_S, PostureFilter, Sample, is_turned, sample_of
from tests.ai_models.replay import BASELINE, face

NORMAL = LIMITS["normal"]
GOOD, CLOSER = Sample(1.0, 0.0, 0.0), Sample(1.2, 0.0, 0.0)


def after(*samples: Sample) -> PostureFilter:
    posture = PostureFilter()
    for sample in samples:
        posture = posture.with_sample(sample, NORMAL, 1.0)
    return posture


def test_measures_are_relative_to_the_baseline() -> None:
    sample = sample_of(face(closer=1.1, lower=0.2, tilted=5), BASELINE)
    assert [sample.closer, sample.lower, sample.tilted] == pytest.approx([1.1, 0.2, 5])


@pytest.mark.parametrize("closer", [0.6, 0.8, 1.0, 1.3])
@pytest.mark.parametrize("lower", [-0.4, 0.0, 0.4])
def test_moving_along_the_cameras_axis_changes_no_height(closer: float, lower: float) -> None:
    assert sample_of(face(closer=closer, lower=lower), BASELINE).lower == pytest.approx(lower)


def test_turn_is_relative_to_the_baseline() -> None:
    assert not is_turned(face(turned=19), BASELINE)
    assert is_turned(face(turned=-21), BASELINE)


@pytest.mark.parametrize(
    ("samples", "is_bad"),
    [
        ([CLOSER], False),
        ([CLOSER, CLOSER], False),
        ([CLOSER, CLOSER, CLOSER], True),
        ([CLOSER, GOOD, CLOSER, GOOD, CLOSER], True),
        ([CLOSER, GOOD, GOOD, CLOSER, GOOD], False),
        ([GOOD, GOOD, CLOSER, GOOD, GOOD], False),
    ],
)
def test_fault_starts_with_three_of_five(samples: list[Sample], is_bad: bool) -> None:
    assert bool(after(*samples).faults) is is_bad


def test_faults_have_names() -> None:
    assert after(*[Sample(1.2, 0.2, -12.0)] * 3).faults == ("closer", "lower", "tilted")


def test_one_outlier_neither_starts_nor_ends_fault() -> None:
    assert after(GOOD, GOOD, Sample(3.0, 2.0, 90.0), GOOD).faults == ()
    assert after(CLOSER, CLOSER, CLOSER, GOOD, CLOSER).faults == ("closer",)


def test_fault_ends_at_seven_tenths_of_limit() -> None:
    assert after(*[CLOSER] * 3, *[Sample(1.071, 0, 0)] * 5).faults == ("closer",)
    assert after(*[CLOSER] * 3, *[Sample(1.069, 0, 0)] * 3).faults == ()


def test_bad_time_starts_after_last_good_sample() -> None:
    assert after(GOOD, GOOD).bad_s == 0
    assert after(GOOD, CLOSER).bad_s == 1
    assert after(GOOD, CLOSER, CLOSER, CLOSER).bad_s == 3
    assert after(GOOD, CLOSER, GOOD, GOOD).bad_s == 0


def test_onset_is_backdated_by_one_interval_at_most() -> None:
    posture = after(GOOD).with_sample(CLOSER, NORMAL, 10.0)
    assert posture.bad_s == MAX_PACE_S
    assert after(GOOD).with_sample(CLOSER, NORMAL, 0.0).is_in_doubt


TILTED, LOW, NEARLY_LOW = Sample(1.0, 0.0, 12.0), Sample(1.0, 0.3, 0.0), Sample(1.0, 0.12, 0.0)


def test_sample_near_the_limit_counts_as_onset() -> None:
    assert after(GOOD, NEARLY_LOW, LOW).bad_s == 2
    assert after(GOOD, Sample(1.0, 0.0, 8.0), LOW).bad_s == 1


def test_outlier_of_another_fault_adds_no_time() -> None:
    assert after(GOOD, TILTED, LOW, LOW, LOW).bad_s == after(GOOD, GOOD, LOW, LOW, LOW).bad_s == 3
    assert after(GOOD, LOW, Sample(1.0, 0.3, 12.0), LOW, LOW).bad_s == 4


def test_unsure_time_counts_if_bad_sample_follows() -> None:
    corrected = after(GOOD, *[CLOSER] * 5, GOOD)
    assert (corrected.faults, corrected.bad_s, corrected.unsure_s) == (("closer",), 5, 1)
    again = corrected.with_sample(CLOSER, NORMAL, 1.0)
    assert (again.bad_s, again.unsure_s) == (7, 0)
    assert corrected.with_sample(GOOD, NORMAL, 1.0) == after(*[CLOSER] * 3, GOOD, GOOD)


def test_margins_are_median_of_last_three() -> None:
    assert PostureFilter().margins() is None
    assert after(GOOD, Sample(1.02, 0.1, 2), Sample(9, 9, 9), Sample(1.04, 0.05, -3)).margins() == Sample(1.04, 0.1, 2)


def test_higher_sensitivity_has_narrower_limits() -> None:
    low, normal, high = (LIMITS[preset] for preset in ("low", "normal", "high"))
    for name in ("closer", "lower", "tilted"):
        assert getattr(low, name) > getattr(normal, name) > getattr(high, name)
