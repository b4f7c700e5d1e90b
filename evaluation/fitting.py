"""Fits the blink finder's weights, which decide if a dip is a blink, by logistic regression."""

from collections.abc import Sequence

import numpy as np

from ai_models.blink_finder import Weights, split_at_gaps
from ai_models.dips import Dip, DipMeasures, Trace, find_dips
from evaluation.traces import DatasetError, Recording

# Of 1, 3, 10 and 30, the best for left-out recordings, with measures scaled to a standard deviation of 1.
RIDGE = 10.0


def fit(recordings: Sequence[Recording], steps: Sequence[int]) -> Weights:
    """Weights fitted to the recordings' dips, in every nth of their frames for each n in steps. Raises DatasetError.

    A dip is a blink if it overlaps an annotated one. All rates count equally.
    """
    measures, labels, shares = [], [], []
    for recording in recordings:
        for step in steps:
            for times, ratios in recording.every_nth(step):
                dips = [dip for signal in split_at_gaps(times, ratios) for dip in find_dips(signal)]
                measures += [dip.measures for dip in dips]
                labels += [_is_blink(dip, recording) for dip in dips]
                shares += [1 / step] * len(dips)
    if not measures:
        names = ", ".join(recording.name for recording in recordings)
        raise DatasetError(f"Nothing in {names} looks like a blink: there is nothing to fit. Give traces with blinks.")
    offset, *weights = _regression(np.array(measures), np.array(labels, np.float64), np.array(shares))
    return Weights(offset, DipMeasures(*weights))


def _is_blink(dip: Dip, recording: Recording) -> bool:
    return any(dip.start_s <= last and dip.end_s >= first for first, last in recording.blinks)


def _regression(measures: Trace, labels: Trace, shares: Trace) -> list[float]:
    """The offset and weights of the greatest likelihood less a ridge penalty on the weights.

    It is strictly concave, so its gradient has at most one root.
    """
    from scipy.optimize import root
    from scipy.special import expit

    middle, spread = measures.mean(axis=0), measures.std(axis=0)
    spread[spread == 0] = 1.0  # a constant measure carries no information; its weight becomes 0
    columns = np.column_stack((np.ones(len(measures)), (measures - middle) / spread))
    penalty = np.array([0.0, *[RIDGE] * measures.shape[1]])

    def gradient(weights: Trace) -> Trace:
        slope: Trace = columns.T @ (shares * (labels - expit(columns @ weights))) - penalty * weights
        return slope

    weights = root(gradient, np.zeros(columns.shape[1])).x
    unscaled = weights[1:] / spread
    return [float(weights[0] - middle @ unscaled), *unscaled.tolist()]
