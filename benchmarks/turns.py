"""Several ways of doing the same, measured in turns on the same items.

They take turns in blocks of items: each runs with its own caches warm, as in production, and all see the same
background load. Times are processor time, unless their name says otherwise.
"""

import time
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Any, ParamSpec, Self, TypeVar

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from benchmarks.report import Row, Table, Target, median, number, stats

T = TypeVar("T")
P = ParamSpec("P")
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
        self.ms, self.is_found = {TOTAL: 0.0, WALL: 0.0} | given_ms, True
        self._last, self._last_wall = time.thread_time_ns(), time.perf_counter_ns()

    def mark(self, stage: str = "") -> None:
        ms, wall_ms = (time.thread_time_ns() - self._last) / 1e6, (time.perf_counter_ns() - self._last_wall) / 1e6
        for name, took_ms in ((stage, ms), (TOTAL, ms), (WALL, wall_ms)):
            self.ms[name] = self.ms.get(name, 0.0) + took_ms
        self._last, self._last_wall = time.thread_time_ns(), time.perf_counter_ns()

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


def timed(call: Callable[P, T], *args: P.args, **options: P.kwargs) -> tuple[T, float]:
    """The call's result and the milliseconds it took, by the clock."""
    start = time.perf_counter_ns()
    result = call(*args, **options)
    return result, (time.perf_counter_ns() - start) / 1e6


def take_turns(
    ways: Mapping[Name, Way[T]],
    items: Sequence[T],
    label: str,
    *,
    with_face: bool = True,
    block: int = BLOCK,
    warm_up: int = 0,
) -> dict[Name, Times]:
    """The times of every way on the items in which all find a face, or, without with_face, none does.

    warm_up: so many items that each way gets before.
    """
    for way in ways.values():
        for item in items[:warm_up]:
            way(item)
    samples: dict[Name, list[Sample]] = {name: [] for name in ways}
    for start in tqdm(range(0, len(items), block), label, unit="block"):
        # The first one changes, so that no way always follows the same other.
        for name in list(ways)[:: 1 if start // block % 2 == 0 else -1]:
            samples[name] += map(ways[name], items[start : start + block])
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
    one, other = (stats(times[stage], "median", "mean") for times in (theirs, mine))
    return one["median"] / other["median"], one["mean"] / other["mean"]


def faster(name: str, limit: float, theirs: Times, mine: Times, *, by_means: bool = False) -> Target:
    """So many times faster mine has to be."""
    return Target(name, limit, ratios(theirs, mine)[by_means], "×", at_least=True)


def comparison(
    title: str, times: Mapping[str, Times], reference: str, stages: Sequence[str] = (), note: str = ""
) -> Table:
    """A row for each way: the medians of these stages, the whole, and the reference's time over it."""
    rows = []
    for name, mine in times.items():
        row: Row = {"way": name} | {stage: median(mine.get(stage, [])) for stage in stages}
        row |= stats(mine[TOTAL], "median", "mean", "p95")
        of = dict(zip(("ratio of medians", "of means"), ratios(times[reference], mine), strict=True))
        if WALL in stages:
            of["of wall time"] = ratios(times[reference], mine, WALL)[0]
        rows.append(row | {column: f"{number(value, 1)}×" for column, value in of.items()})
    return Table(f"{title} ({len(times[reference][TOTAL])})", rows, note)


def _times(samples: Sequence[Sample]) -> dict[str, Any]:
    names = {name for sample in samples for name in sample.ms if name}
    return {name: np.array([sample.ms.get(name, 0.0) for sample in samples]) for name in names | {TOTAL}}
