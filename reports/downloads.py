"""A user's reports as CSV or JSON, created while they are sent."""

from collections.abc import Iterable, Iterator
from typing import Any

from common.http.bodies import AnyTextJSONRenderer
from common.http.spreadsheets import csv_lines
from common.http.streaming import json_array
from reports.models import Report
from reports.serializers import ReportSerializer, SessionReportSerializer

ROW = SessionReportSerializer()
RATE = ("per_minute", "low", "high")  # of blinks, each in a column of its own
COLUMNS = (*(name for name in map(str, ROW.fields) if name != "blink_rate"), *(f"blink_rate_{name}" for name in RATE))
VERSION_1 = tuple(ReportSerializer().fields)  # each is a column, whose value is shown as it is


def as_version_1(batches: Iterable[list[Report]]) -> Iterator[bytes]:
    """A JSON array in the bytes that the renderer makes of ReportSerializer's rows, a batch at a time."""
    renderer = AnyTextJSONRenderer()
    separator = b"["
    for batch in batches:
        rows = [{name: getattr(report, name) for name in VERSION_1} for report in batch]
        yield separator + renderer.render(rows)[1:-1]
        separator = b","
    yield b"]"


def as_csv(reports: Iterable[Report]) -> Iterator[str]:
    yield from csv_lines(COLUMNS, map(_cells, reports))


def as_json(reports: Iterable[Report]) -> Iterator[str]:
    yield from json_array(map(_row, reports))
    yield "\n"


def _row(report: Report) -> dict[str, Any]:
    row: dict[str, Any] = ROW.to_representation(report)
    return row


def _cells(report: Report) -> list[Any]:
    row = _row(report)
    rate = row.pop("blink_rate") or {}
    return [*row.values(), *map(rate.get, RATE)]
