"""Measured values with 95 % intervals."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

Z_95 = 1.959964  # standard deviations
RESAMPLES = 4000
SEED = 8  # arbitrary, but fixed: each run gives the same figures


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value and its 95 % interval; None if there was nothing to measure."""

    value: float | None
    low: float | None
    high: float | None


NOTHING = Estimate(None, None, None)


def share(hits: float, total: float) -> Estimate:
    """hits / total with Wilson's interval. Source: Wilson, Probable Inference, 1927.

    scipy's binomtest has the same interval for whole counts only; these may be averages.
    """
    if not total:
        return NOTHING
    part = hits / total
    spread = Z_95**2 / total
    middle = (part + spread / 2) / (1 + spread)
    reach = Z_95 / (1 + spread) * math.sqrt(part * (1 - part) / total + spread / (4 * total))
    # Rounding would miss 0 and 1 by a hair.
    return Estimate(part, middle - reach if hits else 0.0, middle + reach if hits < total else 1.0)


def f1(hits: float, found: float, there: float) -> Estimate:
    """The harmonic mean of precision and recall: hits are those of the found ones that are really there.

    F1 grows with the Jaccard index, hits over all that were found or there, so its interval is that of the index.
    """
    jaccard = share(hits, found + there - hits)
    if jaccard is NOTHING:
        return NOTHING
    bounds = (jaccard.value, jaccard.low, jaccard.high)
    return Estimate(*(2 * bound / (1 + bound) for bound in bounds if bound is not None))


def mean(values: Sequence[float]) -> Estimate:
    """The mean with its percentile bootstrap interval."""
    if not values:
        return NOTHING
    value = float(np.mean(values))
    if len(values) == 1:  # which scipy refuses
        return Estimate(value, value, value)
    from scipy.stats import bootstrap

    random = np.random.default_rng(SEED)
    result = bootstrap((values,), np.mean, n_resamples=RESAMPLES, method="percentile", rng=random)
    return Estimate(value, *map(float, result.confidence_interval))
