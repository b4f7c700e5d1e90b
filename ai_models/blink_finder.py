"""Blinks in a trace of the eye aspect ratio, recognised by their shape.

A threshold mistakes looking down, smiling and narrowed eyes for blinks. A blink is a dip: the lids leave the open level
and return close to it within half a second. Each dip in a trace is measured, and the weighted sum of the measures is
its score; a blink's score is positive. Judging a stretch of the trace instead of a single sample is Soukupová and
Čech's idea (Real-Time Eye Blink Detection using Facial Landmarks, 2016); the measures and weights are this project's
own.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from ai_models.dips import OPEN_BEFORE_S, Dip, DipMeasures, Signal, Trace, find_dips, reopening, resample

MIN_FRAME_RATE = 8.0  # frames per second; below it, a blink's lowest point too often falls between two frames
SETTLED_AFTER_S = 1.0  # a blink that ended this long before the last frame no longer changes
# Two dips less than this apart are one blink if the lids reopened by less than MIN_REOPENING in between.
SAME_BLINK_WITHIN_S = 1.0
MIN_REOPENING = 0.75  # 1: as far as around the two dips

# Two thirds of the way from open (1) to closed, which is 0.2 to 0.3 in most annotated blinks: landmarks on the edges of
# closed lids do not meet. No annotation says which blinks were complete, so this is a definition, not a measurement.
COMPLETE_BELOW = 0.5


class Weights(NamedTuple):
    """The constant term of a dip's score, and the weight of each measure."""

    offset: float
    measures: DipMeasures


# Fitted by logistic regression to the dips of four annotated recordings (EyeBlink8, Drutarovsky and Fogelton, 2014), at
# 30, 15 and 10 frames per second. `manage.py evaluate --leave-one-out` refits them for each person it scores, without
# that person's recordings.
WEIGHTS = Weights(3.23, DipMeasures(depth=2.98, width=-1.14, excess_duration=-3.55, prominence=2.94, recovery=4.40))


@dataclass(frozen=True, slots=True)
class Blink:
    """One closing and opening of the lids, from half way down to half way up. complete: they closed fully."""

    start_s: float
    end_s: float
    complete: bool


def frame_rate(times_s: ArrayLike) -> float:
    """Frames per second, from the median interval of (n,) times in seconds; 0 if there are fewer than two."""
    times = np.asarray(times_s, np.float64)
    return float(1 / np.median(np.diff(times))) if times.size > 1 else 0.0


def find_blinks(
    times_s: ArrayLike, eye_aspect_ratio: ArrayLike, *, open_ratio: float | None = None, weights: Weights = WEIGHTS
) -> list[Blink]:
    """The blinks in a trace, in order; none below MIN_FRAME_RATE.

    times_s and eye_aspect_ratio are (n,): times increase, and a ratio is NaN if no face was found. open_ratio is the
    person's own ratio with open eyes; if None, it is estimated from the trace. Blinks of the last second may still
    change as the trace goes on, see SETTLED_AFTER_S. Raises ValueError.
    """
    times, ratios = _validate(times_s, eye_aspect_ratio)
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
    """The trace, resampled, and split at gaps longer than OPEN_BEFORE_S."""
    has_face = np.isfinite(ratios)
    times, ratios = times[has_face], ratios[has_face]
    cuts = np.flatnonzero(np.diff(times) > OPEN_BEFORE_S) + 1
    for start, stop in pairwise([0, *cuts.tolist(), times.size]):
        yield resample(times[start:stop], ratios[start:stop])


def select_blinks(signal: Signal, dips: Iterable[Dip], weights: Weights) -> list[Dip]:
    """The dips that are blinks. If the lids hardly reopened between two dips, only the first is returned."""
    blinks: list[Dip] = []
    for dip in dips:
        if weights.offset + np.dot(weights.measures, dip.measures) <= 0:
            continue
        if not blinks or not _is_same_blink(signal, blinks[-1], dip):
            blinks.append(dip)
    return blinks


def _is_same_blink(signal: Signal, dip: Dip, later: Dip) -> bool:
    return later.start_s - dip.end_s < SAME_BLINK_WITHIN_S and reopening(signal, dip, later) < MIN_REOPENING


def _validate(times_s: ArrayLike, eye_aspect_ratio: ArrayLike) -> tuple[Trace, Trace]:
    times, ratios = np.asarray(times_s, np.float64), np.asarray(eye_aspect_ratio, np.float64)
    if times.ndim != 1 or times.shape != ratios.shape:
        raise ValueError(f"Give one time and one ratio for each frame, not shapes {times.shape} and {ratios.shape}.")
    if not np.isfinite(times).all():
        raise ValueError("A time is not a finite number. Leave out frames without a time; only a ratio may be NaN.")
    if (np.diff(times) <= 0).any():
        raise ValueError("The times do not increase. Sort the frames and remove duplicates.")
    return times, ratios
