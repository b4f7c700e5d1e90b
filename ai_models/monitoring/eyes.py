"""Eyes over time: the person's open level, closed samples, long closings, and blinks in joined bursts."""

import math
from collections.abc import Sequence
from statistics import median
from typing import Literal

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from ai_models.blink import Blink, find_blinks
from ai_models.blink_finder import SETTLED_AFTER_S, WEIGHTS, Weights
from ai_models.monitoring.eye_trace import EyeTrace, tail_of, watched_seconds

EyeState = Literal["open", "closed", "unknown"]
EyeReason = Literal["no_face", "head_turned", "not_the_owner", "frame_rate_too_low", "too_dark", "glare"]

CLOSED_SHARE = 0.75  # of the person's open level
MIN_RATED_S = 30.0  # a rate from less time is too uncertain to be used for the rest of a session
OPEN_SAMPLES = 30  # in that level: its median
OPEN_PERCENTILE = 60  # of a burst, is its sample: eyes are half closed more often than wide open
# Light and tiredness lower the level; half a minute's sleep must not.
MIN_OPEN_SHARE = 0.8  # of the calibrated ratio
# Eyes that open this much wider than the level were narrowed or shut before: the level is learned anew.
RISEN_SHARE, RISEN_SAMPLES = 1.25, 3
# Blinks cut off by the first edge of a trace are missed: one in eight, measured on bursts of 3 s from annotated
# recordings.
EDGE_S = 0.37
SHUT_BELOW = 0.5  # of the open level: lowered lids stay above it, measured in annotated recordings
MAX_LOWERED_DEG = 12.0  # the head, from the calibrated pitch: somebody who looks down that far has not shut their eyes
LONG_CLOSING_S = 1.0  # nearly all annotated blinks are shorter
MAX_UNSEEN_S = 5.0  # between two frames with shut eyes; after a longer gap, it is another closing
POISSON_95 = 1.959964  # standard deviations


class BlinkRate(Struct, frozen=True):
    """Blinks per minute with the 95 % confidence interval; watched_s: seconds in bursts."""

    per_minute: float
    low: float
    high: float
    watched_s: float


class EyeStatus(Struct, frozen=True):
    """The eyes in the last frame or burst. openness: a fraction of the open eye aspect ratio.

    blinks: those counted by it; the last of them may be in the burst before.
    """

    state: EyeState = "unknown"
    openness: float | None = None
    reason: EyeReason | None = None
    blinks: tuple[Blink, ...] = ()


class Closing(Struct, frozen=True):
    """The closing of the eyes that is going on, maybe over several bursts and single frames.

    Seconds since the epoch; both None with open eyes.
    """

    start_s: float | None = None
    last_s: float | None = None

    @property
    def length_s(self) -> float:
        return 0.0 if self.start_s is None or self.last_s is None else self.last_s - self.start_s

    def after(self, at_s: float, *, is_shut: bool) -> "Closing":
        """The closing after a frame in which the eyes were seen."""
        if not is_shut:
            return Closing()
        is_another = self.start_s is None or self._is_over(at_s)
        return Closing(at_s if is_another else self.start_s, at_s)

    def ended_at(self, at_s: float, *, is_shut: bool) -> Blink | None:
        """This closing, if a frame ends it and it was a long one."""
        is_ended = not is_shut or self._is_over(at_s)
        if self.start_s is None or self.last_s is None or not is_ended or self.length_s < LONG_CLOSING_S:
            return None
        return Blink(self.start_s, self.last_s, complete=True)

    def _is_over(self, at_s: float) -> bool:
        return self.last_s is not None and at_s - self.last_s > MAX_UNSEEN_S


class BurstEyes(Struct, frozen=True):
    """A burst's part in the joined trace. found: all blinks in the trace, also those that are not counted yet."""

    counted: tuple[Blink, ...]
    found: tuple[Blink, ...]
    watched_s: float
    openness: float  # in the last frame whose eyes were seen


class EyeTracker(Struct, frozen=True):
    """The eyes so far in a session.

    blinks, partial_blinks (those in which the lids did not meet) and watched_s are from bursts; closings from single
    frames.
    """

    open_ratios: tuple[float, ...] = ()
    blinks: int = 0
    partial_blinks: int = 0
    watched_s: float = 0.0
    closings: int = 0
    was_closed: bool = False
    trace: EyeTrace = EyeTrace()
    closing: Closing = Closing()
    last_long: Blink | None = None  # the last long closing, which is not counted as a blink as well

    def open_ratio(self, calibrated: float) -> float:
        """The person's open level, no farther below the calibrated ratio than is credible."""
        middle = median(self.open_ratios) if self.open_ratios else calibrated
        return max(middle, MIN_OPEN_SHARE * calibrated)

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
        return replace(
            self,
            open_ratios=self._with_ratio(ratio, calibrated),
            closings=self.closings + (closed and not self.was_closed),
            was_closed=closed,
        )

    def with_burst(
        self, times_s: Sequence[float], ratios: Sequence[float], calibrated: float, weights: Weights = WEIGHTS
    ) -> tuple["EyeTracker", BurstEyes]:
        """The tracker after a burst of which some eyes were seen, joined to the trace so far if that is recent."""
        before, rest = (self, ()) if self.trace.is_continued_at(times_s[0]) else self.ended(calibrated, weights)
        is_new = not before.trace.offsets_ms
        times, joined = before.trace.joined(times_s, ratios)
        known = [ratio for ratio in ratios if not math.isnan(ratio)]
        before = replace(
            before, open_ratios=before._with_ratio(float(np.percentile(known, OPEN_PERCENTILE)), calibrated)
        )
        level = before.open_ratio(calibrated)
        found = tuple(find_blinks(times, joined, open_ratio=level, weights=weights))
        settled_s = float(times[-1]) - SETTLED_AFTER_S
        settled = [blink for blink in before._uncounted(found) if blink.end_s <= settled_s]
        watched_s = watched_seconds(times, joined, before.trace.end_s) - (EDGE_S if is_new else 0.0)
        after = replace(
            before._with_blinks(settled),
            watched_s=before.watched_s + max(0.0, watched_s),
            was_closed=known[-1] / level < CLOSED_SHARE,
            trace=tail_of(times, joined, max(settled_s, before.trace.counted_until_s)),
        )
        return after, BurstEyes((*rest, *settled), found, max(0.0, watched_s), known[-1] / level)

    def ended(self, calibrated: float, weights: Weights = WEIGHTS) -> tuple["EyeTracker", tuple[Blink, ...]]:
        """The tracker when its trace has ended, and the blinks at its end that were not counted yet."""
        if len(self.trace.offsets_ms) < 2:
            return replace(self, trace=EyeTrace()), ()
        found = find_blinks(*self.trace.joined((), ()), open_ratio=self.open_ratio(calibrated), weights=weights)
        rest = self._uncounted(found)
        return replace(self._with_blinks(rest), trace=EyeTrace()), tuple(rest)

    def with_closing(self, times_s: Sequence[float], shut: Sequence[bool]) -> tuple["EyeTracker", Blink | None]:
        """The tracker after frames in which the eyes were shut or not, and the long closing that ended in them."""
        closing, ended = self.closing, None
        for at_s, is_shut in zip(times_s, shut, strict=True):
            ended = closing.ended_at(at_s, is_shut=is_shut) or ended
            closing = closing.after(at_s, is_shut=is_shut)
        after = replace(self, closing=closing, last_long=ended or self.last_long)
        return (after._with_blinks([ended]) if ended else after), ended

    def is_long_closed(self) -> bool:
        """True if the eyes have been shut for longer than a blink."""
        return self.closing.length_s >= LONG_CLOSING_S

    def _uncounted(self, found: Sequence[Blink]) -> list[Blink]:
        long = self.last_long
        return [
            blink
            for blink in found
            if blink.end_s > self.trace.counted_until_s
            and not (long and blink.start_s <= long.end_s and blink.end_s >= long.start_s)
        ]

    def _with_blinks(self, blinks: Sequence[Blink]) -> "EyeTracker":
        partial = sum(not blink.complete for blink in blinks)
        return replace(self, blinks=self.blinks + len(blinks), partial_blinks=self.partial_blinks + partial)

    def _with_ratio(self, ratio: float, calibrated: float) -> tuple[float, ...]:
        ratios = (*self.open_ratios, round(ratio, 4))[-OPEN_SAMPLES:]
        newest = ratios[-RISEN_SAMPLES:]
        has_risen = len(newest) == RISEN_SAMPLES and min(newest) > RISEN_SHARE * self.open_ratio(calibrated)
        return newest if has_risen else ratios


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
