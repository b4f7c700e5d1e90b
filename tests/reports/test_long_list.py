"""GET /api/reports/ with very many reports: the bytes of version 1, made while they are sent."""

import json
import mmap
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection

from reports import views
from reports.models import Report
from reports.serializers import ReportSerializer
from tests.conftest import ApiClient
from tests.reports.factories import create_bare_report

MIB = 2**20
STATM, PAGE_BYTES = Path("/proc/self/statm"), mmap.PAGESIZE
TEXTS = ["0530", None, "", '"},{"', "한국어 🙂", "a\u2028b\u2029", "\\u0000\\", "</script>\t"]


def add_reports(person: ApiClient, number: int) -> None:
    base = create_bare_report(person.user, "2026-11-24T09:00:00+09:00")
    columns = {
        field.attname: getattr(base, field.attname) for field in Report._meta.concrete_fields if field.attname != "id"
    }
    Report.objects.bulk_create(
        (Report(**columns | {"study_time": TEXTS[n % len(TEXTS)], "blink_cnt": n}) for n in range(number - 1)),
        batch_size=5000,
    )


def double_reports() -> None:
    """Add a copy of each, in the database: a hundred thousand in a second."""
    names = [str(field.column) for field in Report._meta.concrete_fields if not field.primary_key]
    columns, table = ", ".join(map(connection.ops.quote_name, names)), connection.ops.quote_name(Report._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {table}")  # noqa: S608


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5, 20])
def test_streamed_bytes_are_those_of_the_renderer(
    owner: ApiClient, stranger: ApiClient, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    monkeypatch.setattr(views, "BATCH_SIZE", 2)
    add_reports(owner, number)
    add_reports(stranger, 3)
    response = owner("get", "reports/")
    assert response.streaming == (number > 2)
    reports = Report.objects.filter(user=owner.user)
    expected = views.ReportsView.renderer_classes[0]().render(ReportSerializer(reports, many=True).data)
    assert response.getvalue() == expected
    assert response.headers["Content-Type"] == "application/json"
    assert len(json.loads(expected)) == number


def test_usual_list_is_not_streamed(owner: ApiClient) -> None:
    add_reports(owner, 500)
    response = owner("get", "reports/")
    assert not response.streaming
    assert len(response.json()) == 500


def test_memory_does_not_grow_with_reports(owner: ApiClient) -> None:
    def peak() -> int:
        tracemalloc.start()
        try:
            sent = sum(map(len, owner("get", "reports/")))
            assert sent > Report.objects.count() * 100
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    add_reports(owner, 1_000)
    peak()  # loads what is loaded only once
    before = peak()
    add_reports(owner, 6_000)  # would take 5 MiB
    assert peak() < before + MIB


@pytest.mark.skipif(not STATM.exists(), reason="this system does not tell a process's memory in /proc")
def test_hundred_thousand_reports_are_sent_in_flat_memory(owner: ApiClient, record_property: Any) -> None:
    def resident_mib() -> float:
        return int(STATM.read_text().split()[1]) * PAGE_BYTES / MIB

    add_reports(owner, 1_600)
    list(owner("get", "reports/"))  # loads what is loaded only once
    for _ in range(6):
        double_reports()
    before = resident_mib()  # now, since SQLite's database may be in memory
    sent, during = 0, before
    for chunk in owner("get", "reports/"):
        sent += len(chunk)
        during = max(during, resident_mib())
    growth = during - before
    record_property("speed", f"102 400 reports: {sent / MIB:.0f} MiB sent while memory grew by {growth:.1f} MiB")
    assert sent > 102_400 * 100
    assert growth < 5


def test_database_failure_is_503_before_any_byte(owner: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: Any) -> None:
        raise OperationalError(2006, "gone away")

    monkeypatch.setattr(views, "page_after", fail)
    assert owner("get", "reports/").status_code == 503
