"""Answers that are made while they are sent, so that their size is never held in memory."""

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from django.core.serializers.json import DjangoJSONEncoder

from common.telemetry import worker

Row = TypeVar("Row")
After = TypeVar("After")


def rows_of(page_after: Callable[[After | None], tuple[list[Row], After | None]]) -> Iterator[Row]:
    """All rows, a page at a time.

    page_after: gives the page after a position, None at first, and the position of the next page, None if it was the
    last. With one query for all, MySQL's driver would load every row, and a slow client would keep the query open. The
    first page is read now, so that a database that is down still gives an error status.
    """
    return _rows(page_after, *page_after(None))


def batches_of(page_after: Callable[[After | None], tuple[list[Row], After | None]]) -> Iterator[list[Row]]:
    """The same pages, whole."""
    page, after = page_after(None)
    yield page
    while after is not None:
        worker.heartbeat()
        page, after = page_after(after)
        yield page


def json_array(rows: Iterable[Any], indent: int = 0) -> Iterator[str]:
    """A JSON array with a row on each line, indented by so many spaces."""
    yield "["
    separator = f"\n{' ' * indent}"
    for row in rows:
        yield separator + json.dumps(row, cls=DjangoJSONEncoder, ensure_ascii=False)
        separator = f",\n{' ' * indent}"
    yield f"\n{' ' * (indent - 2)}]"


def _rows(
    page_after: Callable[[After | None], tuple[list[Row], After | None]], page: list[Row], after: After | None
) -> Iterator[Row]:
    yield from page
    while after is not None:
        worker.heartbeat()
        page, after = page_after(after)
        yield from page
