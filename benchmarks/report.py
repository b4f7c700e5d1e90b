"""What was measured, as it is printed and as it stands in docs/."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

from benchmarks.machine import CpuTimes
from benchmarks.stats import Bar, Progress, bars_table
from evaluation.tables import Table

DOCS = Path(__file__).resolve().parent.parent / "docs"


@dataclass(slots=True)
class Report:
    """What was measured so far."""

    tables: list[Table]
    bars: list[Bar]
    noise: dict[str, float]

    @contextmanager
    def part(self, name: str, total: int, unit: str) -> Iterator[Progress]:
        """A part of the measuring, with its progress; how busy others kept the machine meanwhile is noted."""
        before = CpuTimes.now()
        with tqdm(total=total, desc=name, unit=unit, mininterval=1) as progress:
            yield progress
        self.noise[name] = CpuTimes.now().others_since(before)

    def told_noise(self) -> str:
        shares = ", ".join(f"{name} {100 * share:.0f} %" for name, share in self.noise.items())
        return f"Of the cores, others used meanwhile: {shares}."

    def tell(self, facts: Sequence[str]) -> None:
        """Print it."""
        print("\n".join(["", *facts, ""]))
        print("\n\n".join(table.text() for table in [*self.tables, bars_table(self.bars)]))

    def add(self, table: Table, bars: Sequence[Bar] = ()) -> None:
        self.tables.append(table)
        self.bars += bars


@dataclass(frozen=True, slots=True)
class Page:
    """A page of docs/, with what its drawing shows where it has one."""

    name: str
    title: str
    intro: str
    shows: str = ""

    def write(self, facts: Sequence[str], report: Report, drawing: str = "") -> None:
        DOCS.mkdir(exist_ok=True)
        told = [self.intro, "", *(f"- {fact}" for fact in facts), ""]
        tables = "\n\n".join(each.markdown() for each in [bars_table(report.bars), *report.tables])
        written, drawn = DOCS / f"{self.name}.md", DOCS / f"{self.name}.svg"
        if drawing:
            told += [f"![{self.shows}]({self.name}.svg)", ""]
            drawn.write_text(drawing)
        written.write_text("\n".join([f"# {self.title}", "", *told, tables, ""]))
        print(f"Wrote {written}{f' and {drawn}' if drawing else ''}.")
