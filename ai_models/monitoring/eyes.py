"""Eyes over time: the person's open level, closed samples, and blinks in bursts."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Literal

import numpy as np

from ai_models.blink import Blink, find_blinks

EyeState = Literal["open", "closed", "unknown"]
EyeReason = Literal["no_face", "head_turned", "not_the_owner", "frame_rate_too_low"]

CLOSED_SHARE = 0.75  # of the person's open-eye median
OPEN_SAMPLES = 30  # in that median
# Bounds on the median's drift from the calibrated ratio: light and tiredness move it, half a minute's sleep must not.
MIN_OPEN_SHARE, MAX_OPEN_SHARE = 0.8, 1.25
POISSON_95 = 1.959964  # standard deviations


@dataclass(frozen=True, slots=True)
class BlinkRate:
    """Blinks per minute with the 95 % confidence interval; watched_s: seconds in bursts."""

    per_minute: float
    low: float
    high: float
    watched_s: float


@dataclass(frozen=True, slots=True)
class EyeStatus:
    """The eyes in the last frame or burst. openness: a fraction of the open eye aspect ratio."""

    state: EyeState = "unknown"
    openness: float | None = None
    reason: EyeReason | None = None
    blinks: tuple[Blink, ...] = ()


@dataclass(frozen=True, slots=True)
class EyeTracker:
    """The eyes so far in a session. blinks and watched_s are from bursts, closings from single frames."""

    open_ratios: tuple[float, ...] = ()
    blinks: int = 0
    watched_s: float = 0.0
    closings: int = 0
    was_closed: bool = False

    def open_ratio(self, calibrated: float) -> float:
        """The person's open-eye median, no farther from the calibrated ratio than is credible."""
        middle = median(self.open_ratios) if self.open_ratios else calibrated
        return min(max(middle, MIN_OPEN_SHARE * calibrated), MAX_OPEN_SHARE * calibrated)

    def openness(self, ratio: float, calibrated: float) -> float:
        """An eye aspect ratio as a fraction of the open one; NaN stays NaN."""
        return ratio / self.open_ratio(calibrated)

    def is_closed(self, ratio: float, calibrated: float) -> bool:
        """True if the openness is below CLOSED_SHARE; False for NaN."""
        return self.openness(ratio, calibrated) < CLOSED_SHARE

    def with_frame(self, ratio: float, calibrated: float) -> "EyeTracker":
        """The tracker after a single frame. A closing counts once, however many frames it lasts."""
        if math.isnan(ratio):
            return self
        closed = self.is_closed(ratio, calibrated)
        has_just_closed = closed and not self.was_closed
        return replace(
            self,
            open_ratios=self._with_ratio(ratio),
            closings=self.closings + has_just_closed,
            was_closed=closed,
        )

    def with_burst(self, ratios: Sequence[float], found: Sequence[Blink], watched_s: float) -> "EyeTracker":
        """The tracker after a burst and the blinks found in it; watched_s: seconds in which they could be seen."""
        known = [ratio for ratio in ratios if not math.isnan(ratio)]
        return replace(
            self,
            open_ratios=self._with_ratio(median(known)) if known else self.open_ratios,
            blinks=self.blinks + len(found),
            watched_s=self.watched_s + watched_s,
            was_closed=False,
        )

    def _with_ratio(self, ratio: float) -> tuple[float, ...]:
        return (*self.open_ratios, round(ratio, 4))[-OPEN_SAMPLES:]


def blinks_in(times_s: Sequence[float], ratios: Sequence[float], open_ratio: float) -> list[Blink]:
    """The blinks in a burst's eye aspect ratios (NaN if unknown), given the person's open-eye ratio."""
    return find_blinks(np.asarray(times_s, np.float64), np.asarray(ratios, np.float64), open_ratio=open_ratio)


def blink_rate(blinks: int, watched_s: float) -> BlinkRate | None:
    """The rate of blinks counted in watched_s seconds, with its 95 % Poisson interval; None if nothing was watched.

    Source of the interval: Byar's approximation to the exact one, in Breslow and Day, Statistical Methods in Cancer
    Research II, 1987; within 1 % of it from the first blink on.
    """
    if watched_s <= 0:
        return None
    minutes = watched_s / 60
    low = blinks * (1 - 1 / (9 * blinks) - POISSON_95 / (3 * math.sqrt(blinks))) ** 3 if blinks else 0.0
    more = blinks + 1
    high = more * (1 - 1 / (9 * more) + POISSON_95 / (3 * math.sqrt(more))) ** 3
    return BlinkRate(blinks / minutes, max(0.0, low) / minutes, high / minutes, watched_s)
