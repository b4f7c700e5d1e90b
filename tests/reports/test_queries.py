"""Queries for a user's reports use an index: no reports of others are read, and nothing is sorted."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from detections.models import Episode, Session
from reports.models import Report
from tests.conftest import ApiClient
from tests.reports.factories import create_report

# SQLite plans by the indexes alone, MySQL by the number of rows as well.
OF_OWNER, OF_OTHERS = 40, 800 if connection.vendor == "mysql" else 80
FIRST = "2026-11-01T00:00:00Z"
BY_START = "report_user_start"


@pytest.fixture
def reports_among_many(owner: ApiClient, stranger: ApiClient) -> list[Report]:
    """Forty reports of the owner's sessions, two a day, among hundreds of others."""
    template = create_report(stranger.user, FIRST)
    columns = {
        field.attname: getattr(template, field.attname)
        for field in Report._meta.concrete_fields
        if not field.primary_key
    }
    people = [owner.user.pk] * OF_OWNER + [stranger.user.pk] * OF_OTHERS
    moments = [template.started_at + timedelta(hours=12) * (number % OF_OWNER) for number in range(len(people))]
    pairs = list(zip(people, moments, strict=True))
    Report.objects.bulk_create(
        [Report(**columns | {"user_id": person, "started_at": moment}) for person, moment in pairs]
    )
    reports = list(Report.objects.order_by("pk"))
    sessions = [
        Session(user_id=row.user_id, started_at=FIRST, received_at=FIRST, phase="stopped", state="{}", report=row)
        for row in reports
    ]
    Session.objects.bulk_create(sessions)
    Episode.objects.bulk_create([Episode(session=row, number=1, kind="neck", started_at=FIRST) for row in sessions])
    return list(Report.objects.filter(user=owner.user))


def query_plans(call: Callable[[], Any], table: str) -> list[str]:
    """The query plans of those of a call's queries that read from a table."""
    executed: list[tuple[str, Any]] = []

    def record(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        executed.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(record):
        assert call().status_code == 200
    command = "EXPLAIN" if connection.vendor == "mysql" else "EXPLAIN QUERY PLAN"
    plans = []
    with connection.cursor() as cursor:
        for sql, params in executed:
            if f"FROM {connection.ops.quote_name(table)}" in sql:
                cursor.execute(f"{command} {sql}", params)
                plans.append("; ".join(map(_as_text, cursor.fetchall())))
    return plans


def _as_text(row: Any) -> str:
    """SQLite's detail; MySQL's and MariaDB's access type, index and extra column."""
    return str(row[3]) if connection.vendor == "sqlite" else f"{row[3]}, {row[5]}, {row[-1]}"


@pytest.mark.parametrize(
    "query",
    [
        "?date=2026-11-05",
        "?from=2026-11-05&to=2026-11-06",
        "?page_size=2",
        "?page_size=2&cursor=1794700000000000-1",
        "?from=2026-11-05&to=2026-11-06&page_size=2",
        "export/?from=2026-11-05&to=2026-11-06",
    ],
)
def test_selection_reads_the_index_in_order(owner: ApiClient, reports_among_many: list[Report], query: str) -> None:
    (plan,) = query_plans(lambda: owner("get", f"reports/{query}"), Report._meta.db_table)
    assert BY_START in plan
    assert "filesort" not in plan
    assert "ORDER BY" not in plan  # SQLite's note that it sorts


@pytest.mark.parametrize("bucket", ["day", "week", "month"])
def test_summary_reads_the_index(owner: ApiClient, reports_among_many: list[Report], bucket: str) -> None:
    path = f"reports/summary/?bucket={bucket}&from=2026-11-05&to=2026-11-06"
    (plan,) = query_plans(lambda: owner("get", path), Report._meta.db_table)
    assert BY_START in plan


@pytest.mark.parametrize("model", [Report, Session, Episode])
def test_timeline_is_found_by_keys(
    owner: ApiClient, reports_among_many: list[Report], model: type[Report | Session | Episode]
) -> None:
    path = f"reports/{reports_among_many[0].pk}/timeline/"
    (plan,) = query_plans(lambda: owner("get", path), model._meta.db_table)
    assert BY_START not in plan  # the user's other reports are not read
    assert not plan.startswith(("ALL", "index"))  # MariaDB's note that it reads a whole table or index
    assert "SCAN" not in plan  # and SQLite's
    assert "filesort" not in plan
    assert "ORDER BY" not in plan
