"""Measured values with 95 % intervals."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

Z_95 = 1.959964  # standard deviations
RESAMPLES = 4000
SEED = 8  # any will do; the same figures come out each time


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value and the interval that holds the true one 95 times in 100; None where there was nothing to measure."""

    value: float | None
    low: float | None
    high: float | None


NOTHING = Estimate(None, None, None)


def share(hits: float, total: float) -> Estimate:
    """hits of total, with Wilson's interval. Source: Wilson, Probable Inference, 1927."""
    if not total:
        return NOTHING
    part = hits / total
    spread = Z_95**2 / total
    middle = (part + spread / 2) / (1 + spread)
    reach = Z_95 / (1 + spread) * math.sqrt(part * (1 - part) / total + spread / (4 * total))
    # At the ends rounding would miss them by a hair.
    return Estimate(part, middle - reach if hits else 0.0, middle + reach if hits < total else 1.0)


def f1(hits: float, found: float, there: float) -> Estimate:
    """The harmonic mean of precision and recall: of so many found and so many there, hits were both.

    It grows with the share of hits in all that was found or there, which Wilson's interval is taken of.
    """
    jaccard = share(hits, found + there - hits)
    if jaccard is NOTHING:
        return NOTHING
    return Estimate(*(2 * each / (1 + each) for each in (jaccard.value, jaccard.low, jaccard.high) if each is not None))


def mean(values: Sequence[float]) -> Estimate:
    """The mean, with the interval that resampling the values gives (percentile bootstrap)."""
    if not values:
        return NOTHING
    array = np.asarray(values, np.float64)
    places = np.random.default_rng(SEED).integers(0, array.size, (RESAMPLES, array.size))
    low, high = np.percentile(array[places].mean(axis=1), (2.5, 97.5))
    return Estimate(float(array.mean()), float(low), float(high))
