"""Which tests `make test-mysql` leaves out although they use the database: those marked `refused`.

Their requests are refused before the database is asked for more than who sends them, which other tests do on MySQL. On
SQLite such a test fails if anything is written; so the mark cannot hide a query that MySQL might answer otherwise.
"""

from collections.abc import Callable, Generator
from typing import Any

import pytest
from django.db import connection

READS = ("SELECT", "SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    if not item.get_closest_marker("refused"):
        return (yield)
    written: list[str] = []

    def watch(execute: Callable[..., Any], sql: str, *arguments: Any) -> Any:
        if not sql.lstrip().upper().startswith(READS):
            written.append(sql)
        return execute(sql, *arguments)

    with connection.execute_wrapper(watch):
        result = yield
    assert written == [], "a test that writes runs on MySQL as well: it cannot be marked `refused`"
    return result
