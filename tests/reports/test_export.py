"""GET /api/reports/export/"""

import csv
import io
import json
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

from reports import views
from tests.conftest import ApiClient
from tests.reports.kept import bare_report, report

PATH = "reports/export/"


def body(response: Any) -> str:
    assert response.status_code == 200
    return b"".join(response).decode()


def rows(response: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(body(response).removeprefix("\ufeff"))))


def test_the_file_has_a_line_for_each_report(owner: ApiClient) -> None:
    kept = report(owner.user, "2026-11-24T09:00:00+09:00")
    bare = bare_report(owner.user, "2026-11-25T09:00:00+09:00", study_time=None)
    response = owner("get", PATH)
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert response.headers["Content-Disposition"] == 'attachment; filename="pose-smart-reports.csv"'
    assert response.headers["Cache-Control"] == "private, no-store"
    first, second = rows(response)
    assert (first["id"], first["good_s"], first["study_time"]) == (str(kept.pk), "1800.0", "0100")
    assert (second["id"], second["good_s"], second["study_time"]) == (str(bare.pk), "", "")


def test_as_json_it_is_what_the_reports_are(owner: ApiClient) -> None:
    kept = report(owner.user, "2026-11-24T09:00:00+09:00")
    response = owner("get", f"{PATH}?format=json")
    assert response.headers["Content-Type"] == "application/json"
    assert json.loads(body(response)) == [owner("get", f"reports/{kept.pk}/").json()]


def test_of_nothing_it_is_empty(owner: ApiClient) -> None:
    assert rows(owner("get", PATH)) == []
    assert json.loads(body(owner("get", f"{PATH}?format=json"))) == []


def test_a_day_or_a_span_can_be_chosen(owner: ApiClient) -> None:
    kept = [report(owner.user, f"2026-11-2{day}T09:00:00+09:00").pk for day in (4, 5, 6)]
    assert [row["id"] for row in rows(owner("get", f"{PATH}?date=2026-11-25"))] == [str(kept[1])]
    assert len(rows(owner("get", f"{PATH}?from=2026-11-25"))) == 2


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝"])
def test_a_spreadsheet_carries_nothing_out(owner: ApiClient, start: str) -> None:
    report(owner.user, "2026-11-24T09:00:00+09:00", study_time=f"{start}1+1")
    (row,) = rows(owner("get", PATH))
    assert row["study_time"] == f"'{start}1+1"


def test_more_than_one_query_reads_are_all_in_it(owner: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "BATCH_SIZE", 2)
    moments = ["2026-11-24T09:00:00+09:00"] * 3 + ["2026-11-25T09:00:00+09:00"] * 2
    kept = [str(report(owner.user, moment).pk) for moment in moments]
    assert [row["id"] for row in rows(owner("get", PATH))] == kept


@pytest.mark.parametrize(("query", "field"), [("format=xlsx", "format"), ("date=2026-02-30", "date")])
def test_what_is_no_export_is_a_400_that_names_it(owner: ApiClient, query: str, field: str) -> None:
    response = owner("get", f"{PATH}?{query}")
    assert (response.status_code, list(response.json())) == (400, [field])


def test_a_database_that_is_away_is_told_before_the_file_begins(
    owner: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*arguments: Any) -> None:
        raise OperationalError(2006, "gone away")

    monkeypatch.setattr(views, "page_after", away)
    assert owner("get", PATH).status_code == 503


def test_nobody_takes_somebody_elses(owner: ApiClient, stranger: ApiClient) -> None:
    report(owner.user, "2026-11-24T09:00:00+09:00")
    assert rows(stranger("get", PATH)) == []


def test_an_export_needs_a_login(client: Client, db: None) -> None:
    assert client.get(f"/api/{PATH}").status_code == 401
