"""Tables as text and as Markdown, and the format of measured values in them."""

from collections.abc import Sequence
from dataclasses import dataclass

from evaluation.estimates import Estimate

NOTHING = "-"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text under a title, with notes that explain them."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    notes: Sequence[str] = ()

    def text(self) -> str:
        widths = [max(map(len, column)) for column in zip(self.header, *self.rows, strict=True)]
        lines = [self.title, "-" * len(self.title)]
        for first, *rest in (self.header, *self.rows):
            cells = [first.ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True))]
            lines.append("  ".join(cells).rstrip())
        return "\n".join([*lines, *self.notes])

    def markdown(self) -> str:
        rule = ["---", *["--:"] * (len(self.header) - 1)]
        rows = [f"| {' | '.join(cells)} |" for cells in (self.header, rule, *self.rows)]
        return "\n".join([f"## {self.title}", "", *rows, *(line for note in self.notes for line in ("", note))])


def percent(estimate: Estimate) -> str:
    """A share with its interval, in percent."""
    return measured(estimate, scale=100, digits=1, unit=" %")


def measured(estimate: Estimate, *, scale: float = 1, digits: int = 2, unit: str = "") -> str:
    """A value with its interval in brackets."""
    if estimate.value is None or estimate.low is None or estimate.high is None:
        return NOTHING
    value, low, high = (f"{part * scale:.{digits}f}" for part in (estimate.value, estimate.low, estimate.high))
    return f"{value}{unit} ({low} to {high})"


def number(value: float | None, digits: int = 2, unit: str = "") -> str:
    return NOTHING if value is None else f"{value:.{digits}f}{unit}"
