"""ai_models.monitoring.tuning: what wrong alarms change in a person's limits."""

import pytest
from msgspec.structs import astuple

from ai_models.monitoring.posture_filter import LIMITS, Sensitivity
from ai_models.monitoring.tuning import Tuning, tuning_of


def test_without_wrong_alarms_limits_are_the_usual_ones() -> None:
    assert Tuning().limits(LIMITS["normal"]) is LIMITS["normal"]
    assert Tuning().blink_time_s(20) == 20


def test_a_wrong_alarm_widens_the_limit_that_raised_it_by_5_percent() -> None:
    assert astuple(Tuning(closer=1).limits(LIMITS["normal"])) == pytest.approx((1.105, 0.15, 10.0))
    assert astuple(Tuning(lower=1).limits(LIMITS["normal"])) == pytest.approx((1.1, 0.1575, 10.0))
    assert astuple(Tuning(tilted=2).limits(LIMITS["normal"])) == pytest.approx((1.1, 0.15, 11.0))


@pytest.mark.parametrize("sensitivity", ["low", "normal", "high"])
def test_no_number_of_wrong_alarms_widens_a_limit_by_more_than_a_fifth(sensitivity: Sensitivity) -> None:
    usual = LIMITS[sensitivity]
    assert Tuning(4, 4, 4).limits(usual) == Tuning(1000, 1000, 1000).limits(usual)
    widest = Tuning(1000, 1000, 1000).limits(usual)
    assert (widest.closer - 1, widest.lower, widest.tilted) == pytest.approx(
        (1.2 * (usual.closer - 1), 1.2 * usual.lower, 1.2 * usual.tilted)
    )


def test_wrong_blink_alarms_lengthen_the_time_by_three_tenths_at_most() -> None:
    assert [Tuning(blink=count).blink_time_s(20) for count in (1, 2, 3, 50)] == pytest.approx([22, 24, 26, 26])


def test_each_wrong_alarm_counts_for_the_faults_that_raised_it() -> None:
    wrong = tuning_of([("neck", ("closer", "lower")), ("neck", ("closer",)), ("blink", ()), ("neck", ())])
    assert wrong == Tuning(closer=2, lower=1, blink=1)


def test_alarms_of_time_and_company_have_no_limit_to_tune() -> None:
    assert tuning_of([("rest", ()), ("stretching", ()), ("stranger", ()), ("someone_behind", ())]) == Tuning()
