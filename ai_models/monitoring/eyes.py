"""Eyes over time: what open is for this person, closed samples, and blinks in bursts."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Literal

import numpy as np

from ai_models.blink import Blink, find_blinks

EyeState = Literal["open", "closed", "unknown"]
EyeReason = Literal["no_face", "head_turned", "not_the_owner", "frame_rate_too_low"]

CLOSED_SHARE = 0.75  # of the own open-eye median
OPEN_SAMPLES = 30  # that the median is of
# The median may wander so far from the calibration's: light and tiredness move it, half a minute of sleep must not.
MIN_OPEN_SHARE, MAX_OPEN_SHARE = 0.8, 1.25
POISSON_95 = 1.959964  # standard deviations


@dataclass(frozen=True, slots=True)
class BlinkRate:
    """Blinks a minute with the interval that holds the true rate 95 times in 100; watched_s: seconds in bursts."""

    per_minute: float
    low: float
    high: float
    watched_s: float


@dataclass(frozen=True, slots=True)
class EyeStatus:
    """What the last frame or burst showed of the eyes."""

    state: EyeState = "unknown"
    openness: float | None = None
    reason: EyeReason | None = None
    blinks: tuple[Blink, ...] = ()


@dataclass(frozen=True, slots=True)
class EyeTracker:
    """What has been seen of the eyes. blinks and watched_s are those of bursts; closings are of single frames."""

    open_ratios: tuple[float, ...] = ()
    blinks: int = 0
    watched_s: float = 0.0
    closings: int = 0
    was_closed: bool = False

    def open_ratio(self, calibrated: float) -> float:
        """The own open-eye median, no farther from the calibrated one than is credible."""
        middle = median(self.open_ratios) if self.open_ratios else calibrated
        return min(max(middle, MIN_OPEN_SHARE * calibrated), MAX_OPEN_SHARE * calibrated)

    def openness(self, ratio: float, calibrated: float) -> float:
        """An eye aspect ratio as a share of the open one's; NaN stays NaN."""
        return ratio / self.open_ratio(calibrated)

    def is_closed(self, ratio: float, calibrated: float) -> bool:
        return self.openness(ratio, calibrated) < CLOSED_SHARE

    def with_frame(self, ratio: float, calibrated: float) -> "EyeTracker":
        """A single frame further. A closing counts once, however many frames it lasts."""
        if math.isnan(ratio):
            return self
        closed = self.is_closed(ratio, calibrated)
        begun = closed and not self.was_closed
        return replace(
            self,
            open_ratios=self._with_ratio(ratio),
            closings=self.closings + begun,
            was_closed=closed,
        )

    def with_burst(self, ratios: Sequence[float], found: Sequence[Blink], watched_s: float) -> "EyeTracker":
        """A burst further, with the blinks found in it; watched_s: for how long they could be seen."""
        known = [each for each in ratios if not math.isnan(each)]
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
    """The blinks in a burst's eye aspect ratios, NaN where there is none, of a person with this open-eye ratio."""
    return find_blinks(np.asarray(times_s, np.float64), np.asarray(ratios, np.float64), open_ratio=open_ratio)


def blink_rate(blinks: int, watched_s: float) -> BlinkRate | None:
    """The rate of blinks counted over watched seconds with its 95 % Poisson interval; None where nothing was watched.

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
