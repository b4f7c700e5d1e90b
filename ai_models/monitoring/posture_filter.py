"""Posture over time: compares measures with the baseline; one odd frame does not change the verdict."""

import math
from statistics import median
from typing import Literal, get_args

from msgspec import Struct
from msgspec.structs import replace

from ai_models.measures import FaceMeasures
from ai_models.monitoring.calibration import Baseline

Fault = Literal["closer", "lower", "tilted"]
Sensitivity = Literal["low", "normal", "high"]

FAULTS: tuple[Fault, ...] = get_args(Fault)
MAX_YAW_DEG = 20.0  # from the baseline's; beyond it, the width of the face says nothing about its distance
WINDOW = 5  # samples
SAMPLES_OVER_LIMIT = 3  # of WINDOW: a fault starts
MEDIAN_SAMPLES = 3  # their median is reported, and decides when a fault ends
USUAL_PLACE = 0.08  # widths of the face, up or down
ADDED_FROM = 0.3  # of both limits: below it, one of the two is jitter
EXIT_SHARE = 0.7  # of the limit: a fault ends below it
MAX_PACE_S = 1.8  # onset is back-dated by at most one frame interval: the calm pace and the network latency
SAME_SHAPE = 0.01  # of the picture's width over its height: resolutions are whole pixels
CLEAR = 1.15  # of the limit; less is slight: who sits naturally is there now and then
MIN_BAD_S = 0.001  # minimum credit for a first bad sample, so that `bad_s > 0` means "in doubt"


class Limits(Struct, frozen=True):
    """The limits from which a measure is a fault; units as in Sample."""

    closer: float
    lower: float
    tilted: float


LIMITS: dict[Sensitivity, Limits] = {
    "low": Limits(closer=1.15, lower=0.18, tilted=15.0),
    "normal": Limits(closer=1.10, lower=0.15, tilted=10.0),
    "high": Limits(closer=1.07, lower=0.12, tilted=8.0),
}


class Sample(Struct, frozen=True):
    """One frame relative to the baseline.

    closer: the face's width over the baseline's. lower: how much lower the head is, in face widths. tilted: degrees,
    clockwise in the picture.
    """

    closer: float
    lower: float
    tilted: float


class PostureFilter(Struct, frozen=True):
    """The last samples, the faults they show, and how long posture has been bad.

    bad_s: seconds of bad posture since its back-dated onset; 0 if nothing is in doubt. unsure_s: seconds since its last
    bad sample. unsure_s is added to bad_s only if another bad sample follows, so that the time the filter takes to
    notice a correction does not count.
    """

    samples: tuple[Sample, ...] = ()
    faults: tuple[Fault, ...] = ()
    bad_s: float = 0.0
    unsure_s: float = 0.0

    @property
    def is_in_doubt(self) -> bool:
        """True if a recent sample was over its limit."""
        return self.bad_s > 0

    def margins(self) -> Sample | None:
        """The median of the last samples; None before the first."""
        if not self.samples:
            return None
        last = self.samples[-MEDIAN_SAMPLES:]
        return Sample(*(median(getattr(sample, name) for sample in last) for name in FAULTS))

    def shares(self, limits: Limits) -> Sample:
        """The margins as shares of their limits, in thousandths: 1 is at the limit. Only tilted may be negative."""
        middle = self.margins()
        if middle is None:
            return Sample(0.0, 0.0, 0.0)
        return Sample(
            closer=max(0.0, round((middle.closer - 1) / (limits.closer - 1), 3)),
            lower=max(0.0, round(middle.lower / limits.lower, 3)),
            tilted=round(middle.tilted / limits.tilted, 3),
        )

    def is_slight(self, limits: Limits) -> bool:
        """True if the last samples were hardly over their limits."""
        return median([_max_share(sample, limits) for sample in self.samples] or [0.0]) < CLEAR

    def with_sample(self, sample: Sample, limits: Limits, since_last_s: float) -> "PostureFilter":
        """The filter after one more sample; since_last_s: seconds since the last frame, 0 if it was not judged."""
        samples = (*self.samples, sample)[-WINDOW:]
        updated = replace(self, samples=samples)
        faults = tuple(fault for fault in FAULTS if updated._shows(fault, limits))
        if not faults and not any(_max_share(recent, limits) >= 1 for recent in samples[-2:]):
            return PostureFilter(samples)
        if self.is_in_doubt and not self._is_new_fault(sample, limits):
            unsure_s = self.unsure_s + max(since_last_s, MIN_BAD_S)
            if _max_share(sample, limits) < EXIT_SHARE:
                return PostureFilter(samples, faults, self.bad_s, unsure_s)
            return PostureFilter(samples, faults, self.bad_s + unsure_s)
        return PostureFilter(samples, faults, max(self._back_dated_s(sample, limits, since_last_s), MIN_BAD_S))

    def _is_new_fault(self, sample: Sample, limits: Limits) -> bool:
        """True if the sample exceeds a limit that the last two did not approach: an odd frame, then a fault."""
        exceeded = _exceeded(sample, limits)
        doubted = any(_share(recent, fault, limits) >= EXIT_SHARE for recent in self.samples[-2:] for fault in exceeded)
        return bool(exceeded) and not self.faults and not doubted

    def _back_dated_s(self, sample: Sample, limits: Limits, since_last_s: float) -> float:
        """Seconds from the earliest onset to the first sample over a limit: just after the sample before it.

        If that sample was nearly over the same limit, jitter may have hidden the onset: it then counts as the first.
        """
        pace_s = min(since_last_s, MAX_PACE_S)
        exceeded = _exceeded(sample, limits)
        was_nearly_over = any(
            _share(last, fault, limits) >= EXIT_SHARE for last in self.samples[-1:] for fault in exceeded
        )
        return 2 * pace_s if was_nearly_over else pace_s

    def _shows(self, fault: Fault, limits: Limits) -> bool:
        if fault in self.faults:
            return median(_share(sample, fault, limits) for sample in self.samples[-MEDIAN_SAMPLES:]) >= EXIT_SHARE
        return sum(_share(sample, fault, limits) >= 1 for sample in self.samples) >= SAMPLES_OVER_LIMIT


def sample_of(measures: FaceMeasures, baseline: Baseline) -> Sample:
    """A face's measures relative to the baseline."""
    closer = measures.width / baseline.width
    # In widths of the face as it is now: who moves back or forth along the camera's axis keeps this height.
    lower = measures.y / measures.width - baseline.y / baseline.width
    return Sample(closer, lower, measures.roll_deg - baseline.roll_deg)


def _share(sample: Sample, fault: Fault, limits: Limits) -> float:
    """The share of a limit that a sample uses; 1 is at the limit. Leaning in and sinking at once add up."""
    if fault == "tilted":
        return abs(sample.tilted) / limits.tilted
    closer, lower = (sample.closer - 1) / (limits.closer - 1), sample.lower / limits.lower
    if min(closer, lower) > ADDED_FROM:
        return math.hypot(closer, lower)
    return closer if fault == "closer" else lower


def _exceeded(sample: Sample, limits: Limits) -> list[Fault]:
    return [fault for fault in FAULTS if _share(sample, fault, limits) >= 1]


def _max_share(sample: Sample, limits: Limits) -> float:
    return max(_share(sample, fault, limits) for fault in FAULTS)


def is_usual(measures: FaceMeasures, baseline: Baseline) -> bool:
    """True if the face is about where the baseline has it."""
    return abs(sample_of(measures, baseline).lower) < USUAL_PLACE


def is_turned(measures: FaceMeasures, baseline: Baseline) -> bool:
    """True if the head is turned too far to judge posture and eyes."""
    return abs(measures.yaw_deg - baseline.yaw_deg) > MAX_YAW_DEG


def is_same_shape(one: float | None, other: float | None) -> bool:
    """True if two shapes of a picture are the same, or one of them is not known."""
    return one is None or other is None or abs(one / other - 1) <= SAME_SHAPE
