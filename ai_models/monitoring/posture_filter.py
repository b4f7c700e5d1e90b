"""Posture over time: measures against the baseline, and a verdict that one odd frame does not change."""

from dataclasses import dataclass, replace
from statistics import median
from typing import Literal, get_args

from ai_models.measures import FaceMeasures
from ai_models.monitoring.calibration import Baseline

Fault = Literal["closer", "lower", "tilted"]
Sensitivity = Literal["low", "normal", "high"]

FAULTS: tuple[Fault, ...] = get_args(Fault)
MAX_YAW_DEG = 20.0  # from the baseline's; further round the outline's width tells nothing of distance
AWAY_FROM_SCREEN = 0.85  # of the baseline's width: as in version 1, who is that far back is not too low
WINDOW = 5  # samples
ENTERED_ON = 3  # of them over the limit
MIDDLE_OF = 3  # samples whose median is told, and decides when a fault is over
LEFT_AT = 0.7  # of the limit
MAX_PACE_S = 1.8  # the calm pace and a frame's way here: bad posture began at most so long before it shows
MIN_BAD_S = 0.001  # of a first sample: in doubt, whenever the one before was


@dataclass(frozen=True, slots=True)
class Limits:
    """From where on something is a fault. closer: widths over the baseline's. lower: face widths. tilted: degrees."""

    closer: float
    lower: float
    tilted: float


LIMITS: dict[Sensitivity, Limits] = {
    "low": Limits(closer=1.15, lower=0.18, tilted=15.0),
    "normal": Limits(closer=1.10, lower=0.15, tilted=10.0),
    "high": Limits(closer=1.05, lower=0.12, tilted=8.0),
}


@dataclass(frozen=True, slots=True)
class Sample:
    """One frame against the baseline. closer: its width over the baseline's. lower: how far down, in face widths.
    tilted: degrees, clockwise in the picture."""

    closer: float
    lower: float
    tilted: float


@dataclass(frozen=True, slots=True)
class PostureFilter:
    """The last samples, the faults that they show, and how long posture has been bad.

    bad_s: seconds of bad posture that were seen, from its dated beginning; 0 while nothing is in doubt. unsure_s: those
    since its last bad sample. They count once another follows: who has corrected themselves is not told for the time
    that the filter takes to see it.
    """

    samples: tuple[Sample, ...] = ()
    faults: tuple[Fault, ...] = ()
    bad_s: float = 0.0
    unsure_s: float = 0.0

    @property
    def is_in_doubt(self) -> bool:
        """Whether a sample was over its limit of late."""
        return self.bad_s > 0

    def margins(self) -> Sample | None:
        """The median of the last samples."""
        if not self.samples:
            return None
        last = self.samples[-MIDDLE_OF:]
        return Sample(*(median(getattr(each, name) for each in last) for name in FAULTS))

    def with_sample(self, sample: Sample, limits: Limits, since_last_s: float) -> "PostureFilter":
        """One sample further; since_last_s: seconds since the last frame, as far as that one could be judged, too."""
        samples = (*self.samples, sample)[-WINDOW:]
        moved = replace(self, samples=samples)
        faults = tuple(fault for fault in FAULTS if moved._shows(fault, limits))
        if not faults and not any(_most(each, limits) >= 1 for each in samples[-2:]):
            return PostureFilter(samples)
        if self.is_in_doubt and not self._begins_anew(sample, limits):
            unsure_s = self.unsure_s + max(since_last_s, MIN_BAD_S)
            if _most(sample, limits) < LEFT_AT:
                return PostureFilter(samples, faults, self.bad_s, unsure_s)
            return PostureFilter(samples, faults, self.bad_s + unsure_s)
        return PostureFilter(samples, faults, max(self._dated_back_s(sample, limits, since_last_s), MIN_BAD_S))

    def _begins_anew(self, sample: Sample, limits: Limits) -> bool:
        """Whether a sample is over limits of which the doubt so far was not about: an odd frame, and then a fault."""
        over = _over(sample, limits)
        doubted = any(_share(each, fault, limits) >= LEFT_AT for each in self.samples[-2:] for fault in over)
        return bool(over) and not self.faults and not doubted

    def _dated_back_s(self, sample: Sample, limits: Limits, since_last_s: float) -> float:
        """How long before the first sample over a limit bad posture may have begun: just after the one before it.

        Where that one was nearly over the same limit, jitter may have hidden it, and it was the first.
        """
        pace_s = min(since_last_s, MAX_PACE_S)
        over = _over(sample, limits)
        was_nearly_over = any(_share(each, fault, limits) >= LEFT_AT for each in self.samples[-1:] for fault in over)
        return 2 * pace_s if was_nearly_over else pace_s

    def _shows(self, fault: Fault, limits: Limits) -> bool:
        if fault in self.faults:
            return median(_share(each, fault, limits) for each in self.samples[-MIDDLE_OF:]) >= LEFT_AT
        return sum(_share(each, fault, limits) >= 1 for each in self.samples) >= ENTERED_ON


def sample_of(measures: FaceMeasures, baseline: Baseline) -> Sample:
    """A look against the baseline."""
    closer = measures.width / baseline.width
    lower = (measures.y - baseline.y) / baseline.width
    if closer < AWAY_FROM_SCREEN:
        lower = min(0.0, lower)
    return Sample(closer, lower, measures.roll_deg - baseline.roll_deg)


def _share(sample: Sample, fault: Fault, limits: Limits) -> float:
    """How much of a limit is used up; 1 is at it."""
    match fault:
        case "closer":
            return (sample.closer - 1) / (limits.closer - 1)
        case "lower":
            return sample.lower / limits.lower
        case "tilted":
            return abs(sample.tilted) / limits.tilted


def _over(sample: Sample, limits: Limits) -> list[Fault]:
    return [fault for fault in FAULTS if _share(sample, fault, limits) >= 1]


def _most(sample: Sample, limits: Limits) -> float:
    return max(_share(sample, fault, limits) for fault in FAULTS)


def is_turned(measures: FaceMeasures, baseline: Baseline) -> bool:
    """Whether the head is turned so far that posture and eyes cannot be told."""
    return abs(measures.yaw_deg - baseline.yaw_deg) > MAX_YAW_DEG
