"""ai_models.dips.percentile: numpy's, without its checks."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_models.dips import percentile

RATIO = st.floats(0, 1)


@pytest.mark.parametrize("percent", [10, 60])
@given(values=st.lists(RATIO, min_size=1, max_size=60))
def test_percentile_is_numpys_to_the_last_digit(percent: float, values: list[float]) -> None:
    assert percentile(np.array(values), percent) == np.percentile(values, percent)


def test_percentile_between_two_values() -> None:
    assert percentile(np.array([5.0, 1.0, 3.0]), 60) == pytest.approx(3.4)  # at 0.6 · 2 = 1.2 of 1, 3, 5
