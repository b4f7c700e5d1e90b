"""Fitting the blink finder's weights: which measures of a dip make it a blink, by logistic regression."""

from collections.abc import Sequence

import numpy as np

from ai_models.blink_finder import Weights, split_at_gaps
from ai_models.dips import Dip, DipMeasures, Trace, find_dips
from evaluation.traces import DataProblem, Sitting

# Of 1, 3, 10 and 30, that with which left-out sittings come out best, for measures scaled to a deviation of 1.
RIDGE = 10.0
STEPS = 50  # Newton's method is there after ten
MAX_CERTAINTY = 30.0  # in log-odds: further, the exponential says nothing more


def fit(sittings: Sequence[Sitting], steps: Sequence[int]) -> Weights:
    """The weights fitted to the sittings' dips, in every nth of their frames for each n in steps.

    A dip is a blink where it overlaps an annotated one. Each rate counts as much as every other. Raises DataProblem.
    """
    measures, labels, shares = [], [], []
    for sitting in sittings:
        for step in steps:
            for times, ratios in sitting.thinned(step):
                dips = [dip for signal in split_at_gaps(times, ratios) for dip in find_dips(signal)]
                measures += [dip.measures for dip in dips]
                labels += [_is_blink(dip, sitting) for dip in dips]
                shares += [1 / step] * len(dips)
    if not measures:
        names = ", ".join(sitting.name for sitting in sittings)
        raise DataProblem(
            f"Nothing in {names} is like a blink, so nothing can be fitted to it. Give traces with blinks."
        )
    offset, *weights = _regression(np.array(measures), np.array(labels, np.float64), np.array(shares))
    return Weights(offset, DipMeasures(*weights))


def _is_blink(dip: Dip, sitting: Sitting) -> bool:
    return any(dip.start_s <= last and dip.end_s >= first for first, last in sitting.blinks)


def _regression(measures: Trace, labels: Trace, shares: Trace) -> list[float]:
    """Offset and weights that make labels likeliest, less a penalty for large weights, by Newton's method."""
    middle, spread = measures.mean(axis=0), measures.std(axis=0)
    spread[spread == 0] = 1.0  # a measure that is the same in all tells nothing, and its weight becomes 0
    columns = np.column_stack((np.ones(len(measures)), (measures - middle) / spread))
    penalty = np.diag([0.0, *[RIDGE] * measures.shape[1]])
    weights = np.zeros(columns.shape[1])
    for _ in range(STEPS):
        chances = 1 / (1 + np.exp(-np.clip(columns @ weights, -MAX_CERTAINTY, MAX_CERTAINTY)))
        slope = columns.T @ (shares * (labels - chances)) - penalty @ weights
        curve = (columns * (shares * chances * (1 - chances))[:, None]).T @ columns + penalty
        weights = weights + np.linalg.solve(curve, slope)
    unscaled = weights[1:] / spread
    return [float(weights[0] - middle @ unscaled), *unscaled.tolist()]
