"""Dips in a trace of the eye aspect ratio, and measures of how similar each one is to a blink.

All lengths are times and all heights fractions of the open level, so that frame rate, landmark model and the size of
the eyes hardly matter. Measuring a dip needs less than a second of the trace after its end.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Trace = NDArray[np.float64]

GRID_HZ = 30  # every trace is resampled to this rate, at times that do not depend on its first frame
MAX_GAP_S = 0.21  # longest gap to interpolate: one lost frame at 10 frames per second
SAME_TIME_S = 1e-4  # a frame this close to a grid time counts as being at it

OPEN_BEFORE_S, OPEN_AFTER_S = 10.0, 0.8  # the window around a dip that gives the open level
OPEN_PERCENTILE = 60  # above the median: eyes are half closed more often than wide open
LEFT_SHOULDER_WITHIN_S = 0.47
RIGHT_SHOULDER_WITHIN_S = 0.6  # lids rise more slowly than they fall
MIN_DEPTH = 0.08  # of the open level; all annotated blinks but one in 218 are deeper
HALF = 0.5  # of the depth: where a blink starts and ends
RETURNED = 0.8  # of the depth: where the lids are practically open again

USUAL_WIDTH_S = 0.15  # of a blink, at half its depth
USUAL_LENGTH_S = 0.4  # of a blink, while the lids are not practically open
APART_S = 0.1  # anything closer belongs to the dip itself
BEFORE_S, AFTER_S, JUST_AFTER_S = 1.5, 0.8, 0.3
LOW_PERCENTILE = 10
MIN_POINTS = 3  # fewer say nothing about a stretch of the trace


@dataclass(frozen=True, slots=True, eq=False)
class Signal:
    """A trace on the grid: times_s and values, both (n,); values are slightly smoothed, NaN if there was no face."""

    times_s: Trace
    values: Trace

    def window(self, start: int, stop: int) -> Trace:
        """The finite values from index start up to stop, excluded; indices outside the signal are clipped."""
        values = self.values[max(0, start) : max(0, stop)]
        return values[np.isfinite(values)]


class DipMeasures(NamedTuple):
    """How similar a dip is to a blink; heights are fractions of the open level.

    depth: logarithm of the drop from its lower shoulder.
    width: squared logarithm of its width at half its depth, relative to the usual one.
    excess_duration: logarithm of the time from open to open, relative to the usual one; 0 if it is shorter.
    prominence: how far it goes below the low values of the trace just before and after.
    recovery: how high the lids are just after it, above its lowest point.
    """

    depth: float
    width: float
    excess_duration: float
    prominence: float
    recovery: float


@dataclass(frozen=True, slots=True)
class Dip:
    """A stretch in which a trace falls and rises again; it starts and ends at half its depth.

    lowest: its lowest value, as a fraction of the open level. index: the lowest point's, in the signal. left and right:
    the heights of its shoulders, as eye aspect ratios.
    """

    start_s: float
    end_s: float
    lowest: float
    index: int
    left: float
    right: float
    measures: DipMeasures


def resample(times_s: Trace, ratios: Trace) -> Signal:
    """The trace of (n,) increasing times and finite ratios, on the grid; empty if there are too few."""
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
    """All dips that are deep enough for a blink, in order. open_ratio: the open level, or None to estimate it."""
    heights = np.where(np.isfinite(signal.values), signal.values, np.inf)
    is_lowest = (heights[1:-1] <= heights[:-2]) & (heights[1:-1] < heights[2:])
    values: list[float] = signal.values.tolist()  # read one by one, three times as fast as from an array
    dips = (_measure_dip(signal, values, index, open_ratio) for index in (np.flatnonzero(is_lowest) + 1).tolist())
    return [dip for dip in dips if dip]


def reopening(signal: Signal, dip: Dip, later: Dip) -> float:
    """How far the lids opened between two dips: 0 is not at all, 1 is as far as around the two."""
    between = signal.window(dip.index, later.index + 1)
    lowest = min(signal.values[dip.index], signal.values[later.index])
    return float((between.max() - lowest) / (min(dip.left, later.right) - lowest))


def percentile(values: Trace, percent: float) -> float:
    """np.percentile of (n,) finite values, n >= 1, to the last digit: its checks take ten times as long as the rest."""
    place = (values.size - 1) * (percent / 100)
    below = int(place)
    above = min(below + 1, values.size - 1)
    ordered = np.partition(values, (below, above))
    low, high, share = float(ordered[below]), float(ordered[above]), place - below
    return low + (high - low) * share if share < 0.5 else high - (high - low) * (1 - share)


def _smooth(values: Trace) -> Trace:
    """Each value averaged with its neighbours at half weight, over a tenth of a second in all; gaps stay NaN."""
    kernel = np.array([0.5, 1.0, 0.5])
    is_finite = np.isfinite(values)
    totals = np.convolve(np.where(is_finite, values, 0.0), kernel)[1:-1]
    weights = np.convolve(is_finite.astype(float), kernel)[1:-1]
    return np.where(is_finite, totals / np.maximum(weights, kernel.min()), np.nan)


def _measure_dip(signal: Signal, values: list[float], index: int, open_ratio: float | None) -> Dip | None:
    left = _shoulder(values, index, -1, LEFT_SHOULDER_WITHIN_S)
    right = _shoulder(values, index, 1, RIGHT_SHOULDER_WITHIN_S)
    lowest, shoulder = values[index], min(values[left], values[right])
    level = _open_level(signal, index) if open_ratio is None else open_ratio
    if not shoulder - lowest >= MIN_DEPTH * level > 0:
        return None
    half, open_again = (lowest + share * (shoulder - lowest) for share in (HALF, RETURNED))
    start, end = (_crossing(values, index, side, half) for side in (left, right))
    length = _crossing(values, index, right, open_again) - _crossing(values, index, left, open_again)
    measures = DipMeasures(
        depth=math.log((shoulder - lowest) / level),
        width=math.log((end - start) / GRID_HZ / USUAL_WIDTH_S) ** 2,
        excess_duration=max(0.0, math.log(length / GRID_HZ / USUAL_LENGTH_S)),
        prominence=(_low_around(signal, start, end, shoulder) - lowest) / level,
        recovery=(_height_after(signal, end, shoulder) - lowest) / level,
    )
    start_s, end_s = (float(signal.times_s[0] + position / GRID_HZ) for position in (start, end))
    return Dip(start_s, end_s, lowest / level, index, values[left], values[right], measures)


def _open_level(signal: Signal, index: int) -> float:
    around = signal.window(index - _samples(OPEN_BEFORE_S), index + _samples(OPEN_AFTER_S))
    return percentile(around, OPEN_PERCENTILE)


def _shoulder(values: list[float], index: int, step: int, within_s: float) -> int:
    """The index of the highest value on one side of a lowest point, before the trace falls below it or ends."""
    highest = index
    for neighbour in range(index + step, index + step * (_samples(within_s) + 1), step):
        if not 0 <= neighbour < len(values) or not values[neighbour] >= values[index]:
            break
        if values[neighbour] > values[highest]:
            highest = neighbour
    return highest


def _crossing(values: list[float], index: int, shoulder: int, height: float) -> float:
    """The fractional index, from the lowest point to a shoulder, at which the trace first reaches a height."""
    step = 1 if shoulder > index else -1
    neighbour = next(i for i in range(index + step, shoulder + step, step) if values[i] >= height)
    last_rise = values[neighbour] - values[neighbour - step]
    return neighbour - step * ((values[neighbour] - height) / last_rise)


def _low_around(signal: Signal, start: float, end: float, shoulder: float) -> float:
    """The low level (LOW_PERCENTILE) of the trace before and after a dip, at most the shoulder's height."""
    before = math.floor(start)
    after = math.ceil(end)
    windows = (
        signal.window(before - _samples(BEFORE_S), before - _samples(APART_S)),
        signal.window(after + _samples(APART_S), after + _samples(AFTER_S)),
    )
    lows = [percentile(window, LOW_PERCENTILE) for window in windows if window.size >= MIN_POINTS]
    return min([*lows, shoulder])


def _height_after(signal: Signal, end: float, shoulder: float) -> float:
    """The median of the trace just after a dip; the shoulder's height if too little of it is known."""
    after = math.ceil(end)
    just_after = signal.window(after + 1, after + _samples(JUST_AFTER_S))
    return float(np.median(just_after)) if just_after.size >= MIN_POINTS else shoulder


def _samples(seconds: float) -> int:
    return round(seconds * GRID_HZ)
