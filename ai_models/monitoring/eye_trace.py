"""The last seconds of a watched trace of the eye aspect ratio: what the next burst is joined to.

A blink at the end of one burst, or across two, is found in the joined trace. It is counted once it has settled: when
enough of the trace after it is known, see ai_models.blink_finder.
"""

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from msgspec import Struct

from ai_models.dips import Trace

JOIN_WITHIN_S = 1.0  # a burst that begins later is the start of another trace
WATCHED_GAP_S = 0.25  # between two frames; in a longer gap a blink may pass unseen
# Kept for the next burst: a settled blink has 1 s after it, may last 0.7 s, and needs the 1.5 s before it.
TAIL_S = 3.4
MAX_TAIL_SAMPLES = 90
RATIO_UNIT = 10_000  # stored as whole numbers, which are short as text
UNKNOWN = -1  # stored for a frame whose eyes were not seen


class EyeTrace(Struct, frozen=True):
    """Samples as whole numbers: milliseconds since start_s, and ten-thousandths of the ratio.

    counted_until_s: blinks that ended by then have been counted.
    """

    start_s: float = 0.0
    offsets_ms: tuple[int, ...] = ()
    ratios: tuple[int, ...] = ()
    counted_until_s: float = 0.0

    @property
    def end_s(self) -> float:
        """The time of the last sample; -inf without one."""
        return self.start_s + self.offsets_ms[-1] / 1000 if self.offsets_ms else -math.inf

    def is_continued_at(self, at_s: float) -> bool:
        """True if a burst that begins at at_s can be joined to this trace."""
        return at_s - self.end_s <= JOIN_WITHIN_S

    def samples(self) -> tuple[list[float], list[float]]:
        """Times in seconds since the epoch, and ratios, NaN where unknown."""
        times = [self.start_s + offset / 1000 for offset in self.offsets_ms]
        return times, [math.nan if ratio == UNKNOWN else ratio / RATIO_UNIT for ratio in self.ratios]

    def joined(self, times_s: Sequence[float], ratios: Sequence[float]) -> tuple[Trace, Trace]:
        """This trace and later samples as (n,) arrays; samples within a millisecond of the last one are left out."""
        before, ratios_before = self.samples()
        first = next((index for index, at_s in enumerate(times_s) if at_s > self.end_s + 0.001), len(times_s))
        times = np.array([*before, *times_s[first:]], np.float64)
        return times, np.array([*ratios_before, *ratios[first:]], np.float64)


def tail_of(times: Trace, ratios: Trace, counted_until_s: float) -> EyeTrace:
    """The end of a trace of (n,) arrays, as it is kept."""
    first = max(int(np.searchsorted(times, times[-1] - TAIL_S)), times.size - MAX_TAIL_SAMPLES, 0)
    times, ratios = times[first:], ratios[first:]
    start_s = round(float(times[0]), 3)
    return EyeTrace(
        start_s=start_s,
        offsets_ms=tuple(round(1000 * (at_s - start_s)) for at_s in times.tolist()),
        ratios=tuple(UNKNOWN if math.isnan(ratio) else round(RATIO_UNIT * ratio) for ratio in ratios.tolist()),
        counted_until_s=round(counted_until_s, 3),
    )


def watched_seconds(times: Trace, ratios: Trace, since_s: float) -> float:
    """The seconds after since_s in which the eyes were seen without a gap, in (n,) arrays."""
    known: list[tuple[float, bool]] = list(zip(times.tolist(), np.isfinite(ratios).tolist(), strict=True))
    return sum(
        (
            later - earlier
            for (earlier, is_seen), (later, is_seen_later) in pairwise(known)
            if is_seen and is_seen_later and later - earlier <= WATCHED_GAP_S and later > since_s
        ),
        0.0,
    )
