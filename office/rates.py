"""What happened between two samples of a machine. Pure."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Protocol

from office.reading import CALLS, Histogram

SLOT = timedelta(minutes=5)  # as the alerts' windows; samples are taken at the start of each
COUNTS = ("frames", "unusable", "shed", "dropped", "requests", "errors")


class Counted(Protocol):
    """A row of Sample."""

    machine: str
    at: datetime
    frames: int
    unusable: int
    shed: int
    dropped: int
    requests: int
    errors: int
    histograms: str


@dataclass(frozen=True, slots=True)
class Span:
    """What all machines counted from `since` until `until`."""

    since: datetime
    until: datetime
    frames: int
    unusable: int
    shed: int
    dropped: int
    requests: int
    errors: int
    histograms: Mapping[str, Histogram]

    @property
    def frames_per_s(self) -> float:
        return self.frames / (self.until - self.since).total_seconds()

    def share(self, count: int, of: int) -> float:
        """0 if there was nothing."""
        return count / of if of else 0.0

    def quantile_ms(self, name: str, share: float) -> float | None:
        """A quantile of a histogram in milliseconds, None if nothing was counted."""
        seconds = quantile(self.histograms.get(name, {}), share)
        return None if seconds is None else seconds * 1000

    def slowest_stage(self, share: float) -> tuple[str, float] | None:
        """The stage of judging a frame that took longest, by a quantile in milliseconds."""
        times = {name: self.quantile_ms(name, share) for name in self.histograms if name != CALLS}
        known = [(name, ms) for name, ms in times.items() if ms is not None]
        return max(known, key=lambda pair: pair[1], default=None)


def spans(samples: Iterable[Counted]) -> list[Span]:
    """The spans between neighbouring samples, which come oldest first; those of several machines are added up."""
    by_machine: dict[str, list[Counted]] = {}
    for sample in samples:
        by_machine.setdefault(sample.machine, []).append(sample)
    by_end: dict[datetime, list[Span]] = {}
    for rows in by_machine.values():
        for before, after in pairwise(rows):
            by_end.setdefault(after.at, []).append(_span(before, after))
    return [_together(by_end[end]) for end in sorted(by_end)]


def quantile(histogram: Histogram, share: float) -> float | None:
    """A quantile in seconds, interpolated within its bucket as Prometheus does; None for an empty histogram."""
    bounds = sorted(histogram, key=float)
    total = histogram[bounds[-1]] if bounds else 0
    if not total:
        return None
    rank, low, below = share * total, 0.0, 0
    for bound in bounds[:-1]:
        if histogram[bound] >= rank:
            inside = histogram[bound] - below
            return low + (float(bound) - low) * (rank - below) / inside if inside else float(bound)
        low, below = float(bound), histogram[bound]
    return low  # beyond the last bound: at least this


def _span(before: Counted, after: Counted) -> Span:
    counts = {name: _more(getattr(before, name), getattr(after, name)) for name in COUNTS}
    earlier, later = json.loads(before.histograms), json.loads(after.histograms)
    has_restarted = after.requests < before.requests
    histograms = {name: _less(later[name], {} if has_restarted else earlier.get(name, {})) for name in later}
    return Span(since=before.at, until=after.at, histograms=histograms, **counts)


def _more(before: int, after: int) -> int:
    """A restart begins at 0."""
    return after - before if after >= before else after


def _less(later: Histogram, earlier: Histogram) -> Histogram:
    return {bound: max(0, count - earlier.get(bound, 0)) for bound, count in later.items()}


def _together(parts: list[Span]) -> Span:
    if len(parts) == 1:
        return parts[0]
    histograms: dict[str, Counter[str]] = {}
    for part in parts:
        for name, histogram in part.histograms.items():
            histograms.setdefault(name, Counter()).update(histogram)
    counts = {name: sum(getattr(part, name) for part in parts) for name in COUNTS}
    since = min(part.since for part in parts)
    return Span(since, parts[0].until, histograms={name: dict(sums) for name, sums in histograms.items()}, **counts)
