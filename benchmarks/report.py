"""The results, as they are printed and as they are written to docs/."""

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
        return "\n".join([self.title, "=" * len(self.title), self._render("simple"), *self.notes])

    def markdown(self) -> str:
        return "\n\n".join([f"## {self.title}", self._render("pipe"), *self.notes])

    def _render(self, style: str) -> str:
        rows = [
            [number(cell, self.digits) if isinstance(cell, float) else str(cell) for cell in row] for row in self.rows
        ]
        alignment = ["left"] + ["right"] * (len(self.header) - 1)
        return tabulate(rows, self.header, style, colalign=alignment, disable_numparse=True)


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

    def show(self) -> None:
        print("\n".join(["", *self._all_facts()]), *(table.text() for table in self._all_tables()), sep="\n\n")

    def write(self, page: Page, chart: str) -> None:
        """Write the page and, if there is one, its chart (SVG)."""
        picture = [f"![{page.shows}]({page.name}.svg)"] if chart else []
        facts = "\n".join(f"- {fact}" for fact in self._all_facts())
        tables = [table.markdown() for table in [*self._all_tables()[-1:], *self.tables]]
        content = "\n\n".join([f"# {page.title}", page.intro, facts, *picture, *tables])
        (DOCS / f"{page.name}.md").write_text(f"{content}\n")
        if chart:
            (DOCS / f"{page.name}.svg").write_text(chart)
        print(f"Wrote docs/{page.name}.md{f' and docs/{page.name}.svg' if chart else ''}.")

    def _all_facts(self) -> list[str]:
        shares = ", ".join(f"{name} {100 * share:.0f} %" for name, share in self.background.items())
        return [*self.facts, *([f"Other processes used of the cores: {shares}."] if shares else [])]

    def _all_tables(self) -> list[Table]:
        cells = [target.cells() for target in self.targets]
        return [*self.tables, *([Table("Targets", ("target", "limit", "measured", ""), cells)] if cells else [])]
