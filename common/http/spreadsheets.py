"""CSV that a spreadsheet opens as text and numbers, and runs nothing of."""

import csv
import re
from collections.abc import Iterable, Iterator
from typing import Any

BYTE_ORDER_MARK = "\ufeff"  # tells spreadsheets that it is UTF-8
# Spreadsheets run cells that begin so. One that splits lines at another separator than the comma, or that joins them at
# line ends, begins a cell in the middle of ours.
FORMULA_START = re.compile(r'((?:^|[;,|\t\r\n])[\s"]*)(?=[=+\-@\t\r\n＝＋－＠])')


class _Line:
    """A file for csv.writer whose write() returns the line."""

    def write(self, line: str) -> str:
        return line


def csv_lines(columns: Iterable[str], rows: Iterable[Iterable[Any]]) -> Iterator[str]:
    """The header and each row, a line at a time."""
    writer = csv.writer(_Line())
    yield BYTE_ORDER_MARK + writer.writerow(columns)
    for row in rows:
        yield writer.writerow([_cell(value) for value in row])


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        return FORMULA_START.sub(r"\1'", value)
    return "" if value is None else value
