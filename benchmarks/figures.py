"""Summaries of many measurements, and the targets they are held against."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

import numpy as np
from numpy.typing import ArrayLike
from tqdm import tqdm

T = TypeVar("T")
P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class Summary:
    """Median, percentiles and mean; NaN of no values."""

    count: int
    median: float
    p95: float
    p99: float
    mean: float


@dataclass(frozen=True, slots=True)
class Target:
    """A promised figure and the measured one. at_least: the limit is a minimum, otherwise a maximum."""

    name: str
    limit: float
    measured: float
    unit: str = ""
    at_least: bool = False

    @property
    def is_met(self) -> bool:
        return self.measured >= self.limit if self.at_least else self.measured <= self.limit

    def cells(self) -> list[str]:
        limit = f"{'≥' if self.at_least else '≤'} {self.limit:g}{self.unit}"
        return [self.name, limit, f"{self.measured:.4g}{self.unit}", "met" if self.is_met else "MISSED"]


def times_faster(name: str, limit: float, measured: float) -> Target:
    return Target(name, limit, measured, "×", at_least=True)


def summary(values: ArrayLike) -> Summary:
    array = np.asarray(values, float)
    if not array.size:
        return Summary(0, *[float("nan")] * 4)
    median, p95, p99 = (float(value) for value in np.percentile(array, (50, 95, 99)))
    return Summary(array.size, median, p95, p99, float(array.mean()))


def number(value: float, digits: int = 2) -> str:
    return "-" if np.isnan(value) else f"{value:.{digits}f}"


def ratio(value: float) -> str:
    return f"{number(value, 1)}×"


def thousands(count: int) -> str:
    return f"{count:,}".replace(",", " ")


def timed(call: Callable[P, T], *args: P.args, **options: P.kwargs) -> tuple[T, float]:
    """The call's result and the milliseconds it took, by the clock."""
    start = time.perf_counter_ns()
    result = call(*args, **options)
    return result, (time.perf_counter_ns() - start) / 1e6


def with_progress(values: Iterable[T], label: str, unit: str) -> Iterator[T]:
    return iter(tqdm(values, desc=label, unit=unit, mininterval=1, disable=not label))
