"""Blinks in a trace of the eye aspect ratio, told by their shape.

A threshold takes looking down, smiling and narrowed eyes for blinks. A blink is a dip: the lids leave the open level
and are back near it within half a second. Each dip in a trace is measured, and the measures, weighed, make its score: a
blink's is above nought. To judge a stretch of trace and not a sample is Soukupová and Čech's idea (Real-Time Eye Blink
Detection using Facial Landmarks, 2016); the measures and the weights are this project's own.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from ai_models.dips import OPEN_BEFORE_S, Dip, DipMeasures, Signal, Trace, find_dips, reopening, resample

MIN_FRAME_RATE = 8.0  # a second; with fewer, a blink's lowest point falls between two frames too often
SETTLED_AFTER_S = 1.0  # a blink that ended this long before the last frame is told the same ever after
# Two dips within this time are one blink where the lids opened less in between, as a part of how open they are around.
TOGETHER_WITHIN_S = 1.0
REOPENED = 0.75

# Two thirds of the way from open (1) to closed, which is 0.2 to 0.3 in most annotated blinks: landmarks on the edges of
# closed lids do not meet. No annotation says which blinks were complete, so this is a definition, not a measurement.
COMPLETE_BELOW = 0.5


class Weights(NamedTuple):
    """What each of a dip's measures adds to its score, and where the score begins."""

    offset: float
    measures: DipMeasures


# Fitted by logistic regression to the dips of four annotated sittings (EyeBlink8, Drutarovsky and Fogelton, 2014), at
# 30, 15 and 10 frames a second. `manage.py evaluate --leave-one-out` fits them anew, each time without the person whom
# it scores.
WEIGHTS = Weights(3.23, DipMeasures(depth=2.98, width=-1.14, excess_duration=-3.55, prominence=2.94, recovery=4.40))


@dataclass(frozen=True, slots=True)
class Blink:
    """One closing and opening of the lids, from half way down to half way up, and whether they closed wholly."""

    start_s: float
    end_s: float
    complete: bool


def frame_rate(times_s: ArrayLike) -> float:
    """Frames a second, by the median time from one to the next of (n,) times; 0 where there are fewer than two."""
    times = np.asarray(times_s, np.float64)
    return float(1 / np.median(np.diff(times))) if times.size > 1 else 0.0


def find_blinks(
    times_s: ArrayLike, eye_aspect_ratio: ArrayLike, *, open_ratio: float | None = None, weights: Weights = WEIGHTS
) -> list[Blink]:
    """The blinks in a trace, in order; none where there are fewer than MIN_FRAME_RATE frames a second.

    times_s and eye_aspect_ratio are (n,), the times increasing, a ratio NaN where no face was found. open_ratio is the
    person's own ratio with open eyes; without it, the trace has to show it. Blinks of the last second may still change
    with more of the trace, see SETTLED_AFTER_S. Raises ValueError.
    """
    times, ratios = _checked(times_s, eye_aspect_ratio)
    if open_ratio is not None and not 0 < open_ratio < np.inf:
        raise ValueError(f"open_ratio is {open_ratio}. Give the person's ratio with open eyes, above 0, or nothing.")
    if frame_rate(times) < MIN_FRAME_RATE:
        return []
    return [
        Blink(dip.start_s, dip.end_s, dip.lowest < COMPLETE_BELOW)
        for signal in split_at_gaps(times, ratios)
        for dip in select_blinks(signal, find_dips(signal, open_ratio), weights)
    ]


def split_at_gaps(times: Trace, ratios: Trace) -> Iterator[Signal]:
    """The trace in pieces, cut where the face was away so long that what was before says nothing any more."""
    is_seen = np.isfinite(ratios)
    times, ratios = times[is_seen], ratios[is_seen]
    cuts = np.flatnonzero(np.diff(times) > OPEN_BEFORE_S) + 1
    for start, stop in pairwise([0, *cuts.tolist(), times.size]):
        yield resample(times[start:stop], ratios[start:stop])


def select_blinks(signal: Signal, dips: Iterable[Dip], weights: Weights) -> list[Dip]:
    """The dips that are blinks. Of two between which the lids hardly opened, the first stands for both."""
    chosen: list[Dip] = []
    for dip in dips:
        if weights.offset + np.dot(weights.measures, dip.measures) <= 0:
            continue
        if not chosen or not _is_same_blink(signal, chosen[-1], dip):
            chosen.append(dip)
    return chosen


def _is_same_blink(signal: Signal, dip: Dip, later: Dip) -> bool:
    return later.start_s - dip.end_s < TOGETHER_WITHIN_S and reopening(signal, dip, later) < REOPENED


def _checked(times_s: ArrayLike, eye_aspect_ratio: ArrayLike) -> tuple[Trace, Trace]:
    times, ratios = np.asarray(times_s, np.float64), np.asarray(eye_aspect_ratio, np.float64)
    if times.ndim != 1 or times.shape != ratios.shape:
        raise ValueError(f"Give one time and one ratio for each frame; these are {times.shape} and {ratios.shape}.")
    if not np.isfinite(times).all():
        raise ValueError("A time is not a finite number. Leave out frames without a time; only a ratio may be NaN.")
    if (np.diff(times) <= 0).any():
        raise ValueError("The times do not increase. Sort the frames, and leave out those that come twice.")
    return times, ratios
