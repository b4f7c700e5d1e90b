"""Dips in a trace of the eye aspect ratio, and the measures that say how like a blink each one is.

All lengths are in time and all heights in parts of the open level, so that frame rate, landmark model and the size of
the eyes hardly matter. What is said of a dip needs less than a second of trace after its end.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Trace = NDArray[np.float64]

GRID_HZ = 30  # every trace is brought to this rate, at times that do not depend on which frame is the first
MAX_GAP_S = 0.21  # a face missing this long is bridged: one lost frame at 10 a second
SAME_TIME_S = 1e-4  # a frame this near a time of the grid is there

OPEN_BEFORE_S, OPEN_AFTER_S = 10.0, 0.8  # the stretch around a dip that tells the open level
OPEN_PERCENTILE = 60  # above the median: eyes are half closed more often than wide open
LEFT_SHOULDER_WITHIN_S = 0.47
RIGHT_SHOULDER_WITHIN_S = 0.6  # lids rise more slowly than they fall
MIN_DEPTH = 0.08  # of the open level; all annotated blinks but one in 218 are deeper
HALF = 0.5  # of the depth: where a blink begins and ends
RETURNED = 0.8  # of the depth: where the lids are as good as open again

USUAL_WIDTH_S = 0.15  # of blinks, at half their depth
USUAL_LENGTH_S = 0.4  # of blinks, as far as the lids are not as good as open
APART_S = 0.1  # what lies nearer belongs to the dip itself
BEFORE_S, AFTER_S, JUST_AFTER_S = 1.5, 0.8, 0.3
LOW_PERCENTILE = 10
MIN_POINTS = 3  # that say something about a stretch of trace


@dataclass(frozen=True, slots=True, eq=False)
class Signal:
    """A trace on the grid: times_s and values, both (n,), the values a little smoothed; NaN where there was no face."""

    times_s: Trace
    values: Trace

    def window(self, start: int, stop: int) -> Trace:
        """The finite values from a place to before another; places outside are cut off."""
        values = self.values[max(0, start) : max(0, stop)]
        return values[np.isfinite(values)]


class DipMeasures(NamedTuple):
    """How like a blink a dip is; heights in parts of the open level.

    depth: logarithm of how far it goes down from its lower shoulder.
    width: squared logarithm of how much longer or shorter than usual it is at half its depth.
    slowness: logarithm of how much longer than usual the lids take from open to open; 0 where they do not.
    clearness: how far it goes below what the trace does just before and after.
    recovery: how high the lids are just after it, above its lowest point.
    """

    depth: float
    width: float
    excess_duration: float
    prominence: float
    recovery: float


@dataclass(frozen=True, slots=True)
class Dip:
    """A stretch in which a trace goes down and comes up again; it starts and ends at half its depth.

    lowest: the trace there, in parts of the open level. place: the lowest point's, in the signal. left and right: its
    shoulders' heights.
    """

    start_s: float
    end_s: float
    lowest: float
    index: int
    left: float
    right: float
    measures: DipMeasures


def resample(times_s: Trace, ratios: Trace) -> Signal:
    """The trace of (n,) increasing times and their finite ratios, on the grid."""
    if times_s.size < MIN_POINTS:
        return Signal(np.empty(0), np.empty(0))
    first = math.ceil((times_s[0] - SAME_TIME_S) * GRID_HZ)
    last = math.floor((times_s[-1] + SAME_TIME_S) * GRID_HZ)
    grid = np.arange(first, last + 1) / GRID_HZ
    after = np.clip(np.searchsorted(times_s, grid - SAME_TIME_S), 1, times_s.size - 1)
    is_gap = times_s[after] - times_s[after - 1] > MAX_GAP_S
    is_frame = np.minimum(abs(times_s[after] - grid), abs(times_s[after - 1] - grid)) <= SAME_TIME_S
    values = np.where(is_gap & ~is_frame, np.nan, np.interp(grid, times_s, ratios))
    return Signal(grid, _smooth(values))


def find_dips(signal: Signal, open_ratio: float | None = None) -> list[Dip]:
    """All dips that are deep enough for a blink, in order. open_ratio: the open level, where it is known."""
    heights = np.where(np.isfinite(signal.values), signal.values, np.inf)
    is_lowest = (heights[1:-1] <= heights[:-2]) & (heights[1:-1] < heights[2:])
    dips = (_dip(signal, int(index), open_ratio) for index in np.flatnonzero(is_lowest) + 1)
    return [dip for dip in dips if dip]


def reopening(signal: Signal, dip: Dip, later: Dip) -> float:
    """How far the lids opened between two dips: from 0, not at all, to 1, as far as around the two."""
    between = signal.window(dip.index, later.index + 1)
    lowest = min(signal.values[dip.index], signal.values[later.index])
    return float((between.max() - lowest) / (min(dip.left, later.right) - lowest))


def _smooth(values: Trace) -> Trace:
    """Each value averaged with half its neighbours, over a tenth of a second in all; gaps stay."""
    kernel = np.array([0.5, 1.0, 0.5])
    is_seen = np.isfinite(values)
    totals = np.convolve(np.where(is_seen, values, 0.0), kernel)[1:-1]
    weights = np.convolve(is_seen.astype(float), kernel)[1:-1]
    return np.where(is_seen, totals / np.maximum(weights, kernel.min()), np.nan)


def _dip(signal: Signal, index: int, open_ratio: float | None) -> Dip | None:
    values = signal.values
    left = _shoulder(values, index, -1, LEFT_SHOULDER_WITHIN_S)
    right = _shoulder(values, index, 1, RIGHT_SHOULDER_WITHIN_S)
    lowest, shoulder = float(values[index]), float(min(values[left], values[right]))
    level = _open_level(signal, index) if open_ratio is None else open_ratio
    if not shoulder - lowest >= MIN_DEPTH * level > 0:
        return None
    half, open_again = (lowest + part * (shoulder - lowest) for part in (HALF, RETURNED))
    start, end = (_crossing(values, index, side, half) for side in (left, right))
    length = _crossing(values, index, right, open_again) - _crossing(values, index, left, open_again)
    measures = DipMeasures(
        depth=math.log((shoulder - lowest) / level),
        width=math.log((end - start) / GRID_HZ / USUAL_WIDTH_S) ** 2,
        excess_duration=max(0.0, math.log(length / GRID_HZ / USUAL_LENGTH_S)),
        prominence=(_low_around(signal, start, end, shoulder) - lowest) / level,
        recovery=(_height_after(signal, end, shoulder) - lowest) / level,
    )
    start_s, end_s = (float(signal.times_s[0] + each / GRID_HZ) for each in (start, end))
    return Dip(start_s, end_s, lowest / level, index, float(values[left]), float(values[right]), measures)


def _open_level(signal: Signal, index: int) -> float:
    around = signal.window(index - _samples(OPEN_BEFORE_S), index + _samples(OPEN_AFTER_S))
    return float(np.percentile(around, OPEN_PERCENTILE))


def _shoulder(values: Trace, index: int, step: int, within_s: float) -> int:
    """The place of the highest value to one side of the lowest, before the trace goes lower still, or ends."""
    highest = index
    for neighbour in range(index + step, index + step * (_samples(within_s) + 1), step):
        if not 0 <= neighbour < values.size or not values[neighbour] >= values[index]:
            break
        if values[neighbour] > values[highest]:
            highest = neighbour
    return highest


def _crossing(values: Trace, index: int, shoulder: int, height: float) -> float:
    """Where between the lowest point and a shoulder the trace first reaches a height; mostly between two places."""
    step = 1 if shoulder > index else -1
    neighbour = next(each for each in range(index + step, shoulder + step, step) if values[each] >= height)
    last_rise = values[neighbour] - values[neighbour - step]
    return neighbour - step * float((values[neighbour] - height) / last_rise)


def _low_around(signal: Signal, start: float, end: float, shoulder: float) -> float:
    """How low the trace goes before and after a dip, but for moments; the shoulder's height where nothing is known."""
    before = math.floor(start)
    after = math.ceil(end)
    windows = (
        signal.window(before - _samples(BEFORE_S), before - _samples(APART_S)),
        signal.window(after + _samples(APART_S), after + _samples(AFTER_S)),
    )
    lows = [float(np.percentile(each, LOW_PERCENTILE)) for each in windows if each.size >= MIN_POINTS]
    return min([*lows, shoulder])


def _height_after(signal: Signal, end: float, shoulder: float) -> float:
    """How high the trace is just after a dip; the shoulder's height where nothing is known."""
    after = math.ceil(end)
    just_after = signal.window(after + 1, after + _samples(JUST_AFTER_S))
    return float(np.median(just_after)) if just_after.size >= MIN_POINTS else shoulder


def _samples(seconds: float) -> int:
    return round(seconds * GRID_HZ)
