"""Numbers of many measurements, and the bars they are held against."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike

from evaluation.tables import Table


class Progress(Protocol):
    """What tqdm shows."""

    def update(self, n: float | None = 1) -> object: ...


@dataclass(frozen=True, slots=True)
class Summary:
    """Median, 95th and 99th percentile and mean of so many values; NaN of none."""

    count: int
    median: float
    p95: float
    p99: float
    mean: float


@dataclass(frozen=True, slots=True)
class Bar:
    """What was promised and what was measured."""

    name: str
    limit: float
    measured: float
    unit: str = ""
    at_least: bool = False

    @property
    def holds(self) -> bool:
        return self.measured >= self.limit if self.at_least else self.measured <= self.limit

    def cells(self) -> tuple[str, str, str, str]:
        limit = f"{'≥' if self.at_least else '≤'} {self.limit:g}{self.unit}"
        return self.name, limit, f"{self.measured:.4g}{self.unit}", "hold" if self.holds else "MISSED"


def summary(values: ArrayLike) -> Summary:
    array = np.asarray(values, float)
    if not array.size:
        return Summary(0, *[float("nan")] * 4)
    median, p95, p99 = (float(each) for each in np.percentile(array, (50, 95, 99)))
    return Summary(array.size, median, p95, p99, float(array.mean()))


def bars_table(bars: Sequence[Bar]) -> Table:
    return Table("Bars", ("bar", "promised", "measured", ""), [bar.cells() for bar in bars])


def number(value: float, digits: int = 2) -> str:
    return "-" if np.isnan(value) else f"{value:.{digits}f}"


def ratio(value: float) -> str:
    return "-" if np.isnan(value) else f"{value:.1f}×"
