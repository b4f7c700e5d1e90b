"""Student's tests against scipy.stats, which has the same."""

import numpy as np
import pytest
import scipy
from hypothesis import given
from hypothesis import strategies as st

from reports.insights.student import difference_of, mean_of

NUMBERS = st.lists(st.floats(-1.0, 1.0).map(lambda value: round(value, 3)), min_size=2, max_size=30)
LEVEL = 0.01


@given(NUMBERS)
def test_mean_agrees_with_scipy(numbers: list[float]) -> None:
    values = np.array(numbers)
    found = mean_of(values)
    if np.ptp(values) == 0:
        assert found is None
        return
    assert found
    less, other = (scipy.stats.ttest_1samp(values, 0.0, alternative=name) for name in ("less", "two-sided"))
    assert found.p_less() == pytest.approx(less.pvalue, abs=1e-12)
    assert found.p_other() == pytest.approx(other.pvalue, abs=1e-12)
    assert found.interval(LEVEL) == pytest.approx(tuple(other.confidence_interval(1 - LEVEL)))


@pytest.mark.filterwarnings("ignore:Precision loss")  # scipy's, where one group is all the same
@given(NUMBERS, NUMBERS)
def test_difference_agrees_with_scipy(first: list[float], second: list[float]) -> None:
    before, after = np.array(first), np.array(second)
    found = difference_of(before, after)
    if np.ptp(before) == 0 and np.ptp(after) == 0:
        assert found is None
        return
    assert found
    test = scipy.stats.ttest_ind(after, before, equal_var=False)
    assert found.p_other() == pytest.approx(test.pvalue, abs=1e-12)
    assert found.interval(LEVEL) == pytest.approx(tuple(test.confidence_interval(1 - LEVEL)))


def test_one_number_bears_nothing() -> None:
    one, more = np.array([0.5]), np.array([0.1, 0.4])
    assert mean_of(one) is None
    assert difference_of(one, more) is None
