"""A user's reports as CSV or JSON, created while they are sent."""

import csv
from collections.abc import Iterable, Iterator
from typing import Any

from common.http.streaming import json_array
from reports.models import Report
from reports.serializers import SessionReportSerializer

ROW = SessionReportSerializer()
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # spreadsheets run such cells


class _Line:
    """A file for csv.writer whose write() returns the line."""

    def write(self, line: str) -> str:
        return line


def as_csv(reports: Iterable[Report]) -> Iterator[str]:
    writer = csv.writer(_Line())
    yield "\ufeff" + writer.writerow(ROW.fields)  # the mark tells spreadsheets that it is UTF-8
    for report in reports:
        yield writer.writerow([_cell(value) for value in _row(report).values()])


def as_json(reports: Iterable[Report]) -> Iterator[str]:
    yield from json_array(map(_row, reports))
    yield "\n"


def _row(report: Report) -> dict[str, Any]:
    row: dict[str, Any] = ROW.to_representation(report)
    return row


def _cell(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return f"'{value}"
    return "" if value is None else value
