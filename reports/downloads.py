"""A user's reports as CSV or JSON, created while they are sent."""

import csv
import json
from collections.abc import Iterable, Iterator
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

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
    yield "["
    separator = "\n"
    for report in reports:
        yield separator + json.dumps(_row(report), cls=DjangoJSONEncoder, ensure_ascii=False)
        separator = ",\n"
    yield "\n]\n"


def _row(report: Report) -> dict[str, Any]:
    row: dict[str, Any] = ROW.to_representation(report)
    return row


def _cell(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return f"'{value}"
    return "" if value is None else value
