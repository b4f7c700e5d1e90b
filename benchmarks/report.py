"""The results, as they are printed and as they are written to docs/: in Markdown."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tabulate import tabulate

from benchmarks.figures import Target, number
from benchmarks.machine import CpuTimes, machine_facts

DOCS = Path(__file__).resolve().parent.parent / "docs"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a title, with the notes that explain them. Floats are shown with so many digits, NaN as a dash."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[object]]
    notes: Sequence[str] = ()
    digits: int = 2

    def text(self) -> str:
        rows = [
            [number(cell, self.digits) if isinstance(cell, float) else str(cell) for cell in row] for row in self.rows
        ]
        alignment = ["left"] + ["right"] * (len(self.header) - 1)
        drawn = tabulate(rows, self.header, "pipe", colalign=alignment, disable_numparse=True)
        return "\n\n".join([f"## {self.title}", drawn, *self.notes])


@dataclass(frozen=True, slots=True)
class Page:
    """A page of docs/. shows: what its chart shows, if it has one."""

    name: str
    title: str
    intro: str
    shows: str = ""


@dataclass(slots=True)
class Report:
    """All results so far. background: the share of the cores that other processes used in each part."""

    tables: list[Table] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)
    facts: list[str] = field(default_factory=machine_facts)
    background: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        before = CpuTimes.now()
        yield
        self.background[name] = CpuTimes.now().others_since(before)

    def add(self, table: Table, targets: Sequence[Target] = ()) -> None:
        self.tables.append(table)
        self.targets += targets

    def text(self) -> str:
        """Facts, targets and tables."""
        facts = list(self.facts)
        if self.background:
            shares = ", ".join(f"{name} {100 * share:.0f} %" for name, share in self.background.items())
            facts.append(f"Other processes used of the cores: {shares}.")
        cells = [target.cells() for target in self.targets]
        targets = [Table("Targets", ("target", "limit", "measured", ""), cells)] if cells else []
        tables = [table.text() for table in [*targets, *self.tables]]
        return "\n\n".join(["\n".join(f"- {fact}" for fact in facts), *tables])

    def show(self) -> None:
        print("", self.text(), sep="\n")

    def write(self, page: Page, chart: str) -> None:
        """Write the page and, if there is one, its chart (SVG)."""
        picture = f"![{page.shows}]({page.name}.svg)\n\n" if chart else ""
        (DOCS / f"{page.name}.md").write_text(f"# {page.title}\n\n{page.intro}\n\n{picture}{self.text()}\n")
        if chart:
            (DOCS / f"{page.name}.svg").write_text(chart)
        print(f"Wrote docs/{page.name}.md{f' and docs/{page.name}.svg' if chart else ''}.")
