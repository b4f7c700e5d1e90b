"""What is asked of a user's reports is found by an index: nobody else's are read, and nothing is sorted."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from detections.models import Episode, Session
from reports.models import Report
from tests.conftest import ApiClient
from tests.reports.kept import report

OF_OWNER, OF_OTHERS = 40, 800
FIRST = "2026-11-01T00:00:00Z"
BY_START = "report_user_start"


@pytest.fixture
def crowd(owner: ApiClient, stranger: ApiClient) -> list[Report]:
    """Forty reports of the owner's sessions, two a day, among hundreds of others."""
    pattern = report(stranger.user, FIRST)
    columns = {
        field.attname: getattr(pattern, field.attname)
        for field in Report._meta.concrete_fields
        if not field.primary_key
    }
    people = [owner.user.pk] * OF_OWNER + [stranger.user.pk] * OF_OTHERS
    moments = [pattern.started_at + timedelta(hours=12) * (number % OF_OWNER) for number in range(len(people))]
    pairs = list(zip(people, moments, strict=True))
    Report.objects.bulk_create(
        [Report(**columns | {"user_id": person, "started_at": moment}) for person, moment in pairs]
    )
    reports = list(Report.objects.order_by("pk"))
    sessions = [
        Session(user_id=each.user_id, started_at=FIRST, received_at=FIRST, phase="stopped", state="{}", report=each)
        for each in reports
    ]
    Session.objects.bulk_create(sessions)
    Episode.objects.bulk_create([Episode(session=each, number=1, kind="neck", started_at=FIRST) for each in sessions])
    return list(Report.objects.filter(user=owner.user))


def plans(call: Callable[[], Any], table: str) -> list[str]:
    """How the database finds what a call's queries ask of a table."""
    sent: list[tuple[str, Any]] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        sent.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        assert call().status_code == 200
    words = "EXPLAIN" if connection.vendor == "mysql" else "EXPLAIN QUERY PLAN"
    told = []
    with connection.cursor() as cursor:
        for sql, params in sent:
            if f"FROM {connection.ops.quote_name(table)}" in sql:
                cursor.execute(f"{words} {sql}", params)
                told.append("; ".join(map(_in_words, cursor.fetchall())))
    return told


def _in_words(row: Any) -> str:
    """SQLite's detail; of MySQL and MariaDB the type of access, the index taken, and what is done besides."""
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
def test_a_selection_reads_the_index_in_its_order(owner: ApiClient, crowd: list[Report], query: str) -> None:
    (plan,) = plans(lambda: owner("get", f"reports/{query}"), Report._meta.db_table)
    assert BY_START in plan
    assert "filesort" not in plan
    assert "ORDER BY" not in plan  # as SQLite tells that it sorts


@pytest.mark.parametrize("bucket", ["day", "week", "month"])
def test_a_summary_reads_the_index(owner: ApiClient, crowd: list[Report], bucket: str) -> None:
    path = f"reports/summary/?bucket={bucket}&from=2026-11-05&to=2026-11-06"
    (plan,) = plans(lambda: owner("get", path), Report._meta.db_table)
    assert BY_START in plan


@pytest.mark.parametrize("model", [Report, Session, Episode])
def test_a_timeline_is_found_by_keys(
    owner: ApiClient, crowd: list[Report], model: type[Report | Session | Episode]
) -> None:
    path = f"reports/{crowd[0].pk}/timeline/"
    (plan,) = plans(lambda: owner("get", path), model._meta.db_table)
    assert BY_START not in plan  # nor are the user's reports gone through
    assert not plan.startswith(("ALL", "index"))  # as MariaDB tells that it reads a whole table, or index
    assert "SCAN" not in plan  # and SQLite
    assert "filesort" not in plan
    assert "ORDER BY" not in plan
