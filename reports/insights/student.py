"""Student's t tests and intervals (Biometrika, 1908; Welch's, 1947), of a few numbers each.

scipy.special knows the distribution; scipy.stats, which has the same tests, would cost each worker three times the
memory: 74 MB. It is imported when the first test is made: no frame needs it.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean, or a difference of two, with its standard error and degrees of freedom. The error is above 0."""

    effect: float
    error: float
    freedom: float

    def p_less(self) -> float:
        """The probability of such an effect or a smaller one where there is none."""
        from scipy.special import stdtr

        return float(stdtr(self.freedom, self.effect / self.error))

    def p_other(self) -> float:
        """The probability of an effect as far from 0 where there is none, two-sided."""
        from scipy.special import stdtr

        return float(2 * stdtr(self.freedom, -abs(self.effect / self.error)))

    def interval(self, level: float) -> tuple[float, float]:
        """The interval that misses the true effect with this probability, both ends together."""
        from scipy.special import stdtrit

        half = float(stdtrit(self.freedom, 1 - level / 2)) * self.error
        return self.effect - half, self.effect + half


def mean_of(values: Numbers) -> Estimate | None:
    """The mean of two or more numbers; None if they are all the same."""
    if len(values) < 2 or np.ptp(values) == 0:
        return None
    return Estimate(float(values.mean()), float(values.std(ddof=1)) / math.sqrt(len(values)), len(values) - 1.0)


def difference_of(first: Numbers, second: Numbers) -> Estimate | None:
    """How much greater the second mean is, of two or more numbers each; None if no group's numbers differ."""
    if min(len(first), len(second)) < 2 or max(np.ptp(first), np.ptp(second)) == 0:
        return None
    shares = np.array([first.var(ddof=1) / len(first), second.var(ddof=1) / len(second)])
    freedom = shares.sum() ** 2 / float((shares**2 / [len(first) - 1, len(second) - 1]).sum())
    return Estimate(float(second.mean() - first.mean()), math.sqrt(float(shares.sum())), float(freedom))
