"""What was measured: tables, and targets that are held against it, as printed and as docs/ has them in Markdown."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from tabulate import tabulate

from benchmarks import machine
from benchmarks.machine import CpuTimes

DOCS = Path(__file__).resolve().parent.parent / "docs"
PERCENTILES = {"median": 50, "p90": 90, "p95": 95, "p99": 99, "longest": 100}

Row = dict[str, Any]  # cells by their column


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

    def row(self) -> Row:
        limit = f"{'≥' if self.at_least else '≤'} {self.limit:g}{self.unit}"
        measured = f"{self.measured:.4g}{self.unit}"
        return {"target": self.name, "limit": limit, "measured": measured, "": "met" if self.is_met else "MISSED"}


@dataclass(frozen=True, slots=True)
class Table:
    """Rows with the same columns, and a note. Floats are shown with so many digits, NaN as a dash."""

    title: str
    rows: Sequence[Row]
    note: str = ""
    digits: int = 2

    def text(self) -> str:
        rows = [
            {name: number(cell, self.digits) if isinstance(cell, float) else str(cell) for name, cell in row.items()}
            for row in self.rows
        ]
        alignment = ["left"] + ["right"] * (len(rows[0]) - 1)
        drawn = tabulate(rows, "keys", "pipe", colalign=alignment, disable_numparse=True)
        return f"## {self.title}\n\n{drawn}\n\n{self.note}".rstrip()


@dataclass(slots=True)
class Report:
    """All results so far. background: the share of the cores that other processes used in each part."""

    tables: list[Table] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)
    facts: list[str] = field(default_factory=machine.facts)
    background: list[str] = field(default_factory=list)

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        before = CpuTimes.now()
        yield
        self.background.append(f"{name} {CpuTimes.now().others_since(before):.0%}")

    def add(self, table: Table, *targets: Target) -> None:
        self.tables.append(table)
        self.targets += targets

    def text(self) -> str:
        """Facts, targets and tables."""
        facts = list(self.facts)
        if self.background:
            facts.append(f"Other processes used of the cores: {', '.join(self.background)}.")
        targets = [Table("Targets", [target.row() for target in self.targets])] if self.targets else []
        tables = [table.text() for table in [*targets, *self.tables]]
        return "\n\n".join(["\n".join(f"- {fact}" for fact in facts), *tables])

    def write(self, name: str, title: str, intro: str, chart: str = "") -> None:
        """Write the page and, if there is one, its chart (SVG)."""
        picture = f"![{title}]({name}.svg)\n\n" if chart else ""
        (DOCS / f"{name}.md").write_text(f"# {title}\n\n{intro}\n\n{picture}{self.text()}\n")
        if chart:
            (DOCS / f"{name}.svg").write_text(chart)
        print(f"Wrote docs/{name}.md.")


def stats(values: ArrayLike, *names: str) -> dict[str, float]:
    """Mean and percentiles by their names; NaN of no values."""
    array = np.asarray(values, float)
    if not array.size:
        return dict.fromkeys(names, float("nan"))
    return {name: float(array.mean() if name == "mean" else np.percentile(array, PERCENTILES[name])) for name in names}


def median(values: ArrayLike) -> float:
    return stats(values, "median")["median"]


def number(value: float, digits: int = 2) -> str:
    return "-" if np.isnan(value) else f"{value:.{digits}f}"


def thousands(count: int) -> str:
    return f"{count:,}".replace(",", " ")
