"""Several ways of doing the same, measured in turns on the same items.

They take turns in blocks of items: each runs with its own caches warm, as in production, and all see the same
background load. Times are processor time, unless their name says otherwise.
"""

import time
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from benchmarks.figures import ratio, summary, with_progress
from benchmarks.report import Table

T = TypeVar("T")
Name = TypeVar("Name", bound=Hashable)
Times = Mapping[str, NDArray[np.float64]]  # milliseconds of each stage and their sum, a value for each item
Mark = Callable[[str], None]  # called at the end of a stage, with its name

BLOCK = 10  # items that one way takes before the next one's turn
TOTAL, WALL = "sum", "wall time"


def no_mark(_: str) -> None:
    """For callers that do not measure stages."""


class Sample:
    """Milliseconds of one item: of this thread from mark to mark, or as given. is_found: whether it had a face."""

    def __init__(self, **given_ms: float) -> None:
        self.ms, self.is_found = {TOTAL: 0.0} | given_ms, True
        self._last = time.thread_time_ns()

    def mark(self, stage: str = "") -> None:
        now = time.thread_time_ns()
        for name in (stage, TOTAL):
            self.ms[name] = self.ms.get(name, 0.0) + (now - self._last) / 1e6
        self._last = time.thread_time_ns()

    def found(self, what: object) -> Self:
        self.is_found = bool(what)
        return self


Way = Callable[[T], Sample]


def sampled(call: Callable[[T], object]) -> Way[T]:
    """A call as a way without stages; it found a face unless it returns None."""

    def run(item: T) -> Sample:
        sample = Sample()
        result = call(item)
        sample.mark()
        return sample.found(result is not None)

    return run


def take_turns(
    ways: Mapping[Name, Way[T]], items: Sequence[T], label: str, *, with_face: bool = True
) -> dict[Name, Times]:
    """The times of every way on the items in which all find a face, or, without with_face, none does."""
    samples: dict[Name, list[Sample]] = {name: [] for name in ways}
    for start in with_progress(range(0, len(items), BLOCK), label, "block"):
        # The first one changes, so that no way always follows the same other.
        for name in list(ways)[:: 1 if start // BLOCK % 2 == 0 else -1]:
            samples[name] += map(ways[name], items[start : start + BLOCK])
    rows = [row for row in zip(*samples.values(), strict=True) if all(one.is_found == with_face for one in row)]
    return {name: _times([row[column] for row in rows]) for column, name in enumerate(ways)}


def joined(parts: Iterable[Mapping[str, Times]]) -> dict[str, Times]:
    """The times of several turns one after the other."""
    found = list(parts)
    return {
        name: {stage: np.concatenate([part[name][stage] for part in found]) for stage in times}
        for name, times in found[0].items()
    }


def ratios(theirs: Times, mine: Times, stage: str = TOTAL) -> tuple[float, float]:
    """Theirs over mine: of the medians and of the means."""
    one, other = summary(theirs[stage]), summary(mine[stage])
    return one.median / other.median, one.mean / other.mean


def comparison(
    title: str, times: Mapping[str, Times], reference: str, stages: Sequence[str] = (), notes: Sequence[str] = ()
) -> Table:
    """A row for each way: the medians of these stages, the whole, and the reference's time over it."""
    rows = []
    for name, mine in times.items():
        medians = [summary(mine.get(stage, [])).median for stage in stages]
        whole = summary(mine[TOTAL])
        wall = [ratio(ratios(times[reference], mine, WALL)[0])] if WALL in stages else []
        rows.append(
            [name, *medians, whole.median, whole.mean, whole.p95, *map(ratio, ratios(times[reference], mine)), *wall]
        )
    ratios_of = ["ratio of medians", "of means", *(["of wall time"] if WALL in stages else [])]
    header = ("way", *stages, "median", "mean", "p95", *ratios_of)
    return Table(f"{title} ({len(times[reference][TOTAL])})", header, rows, notes)


def _times(samples: Sequence[Sample]) -> Times:
    names = {name for sample in samples for name in sample.ms if name}
    return {name: np.array([sample.ms.get(name, 0.0) for sample in samples]) for name in names | {TOTAL}}
