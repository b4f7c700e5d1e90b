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
from tests.reports.factories import create_bare_report, create_report

PATH = "reports/export/"


def body(response: Any) -> str:
    assert response.status_code == 200
    return b"".join(response).decode()


def rows(response: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(body(response).removeprefix("\ufeff"))))


def test_csv_has_a_line_for_each_report(owner: ApiClient) -> None:
    stored = create_report(owner.user, "2026-11-24T09:00:00+09:00")
    bare = create_bare_report(owner.user, "2026-11-25T09:00:00+09:00", study_time=None)
    response = owner("get", PATH)
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert response.headers["Content-Disposition"] == 'attachment; filename="pose-smart-reports.csv"'
    assert response.headers["Cache-Control"] == "private, no-store"
    first, second = rows(response)
    assert (first["id"], first["good_s"], first["study_time"]) == (str(stored.pk), "1800.0", "0100")
    assert (first["blink_rate_per_minute"], second["blink_rate_low"]) == ("15.0", "")
    assert (first["good_share"], first["neck_per_hour"], second["neck_per_hour"]) == ("0.5", "2.0", "")
    assert (second["id"], second["good_s"], second["study_time"]) == (str(bare.pk), "", "")


def test_json_equals_the_reports(owner: ApiClient) -> None:
    stored = create_report(owner.user, "2026-11-24T09:00:00+09:00")
    response = owner("get", f"{PATH}?format=json")
    assert response.headers["Content-Type"] == "application/json"
    assert json.loads(body(response)) == [owner("get", f"reports/{stored.pk}/").json()]


def test_export_without_reports_is_empty(owner: ApiClient) -> None:
    assert rows(owner("get", PATH)) == []
    assert json.loads(body(owner("get", f"{PATH}?format=json"))) == []


def test_export_can_be_limited_to_days(owner: ApiClient) -> None:
    ids = [create_report(owner.user, f"2026-11-2{day}T09:00:00+09:00").pk for day in (4, 5, 6)]
    assert [row["id"] for row in rows(owner("get", f"{PATH}?date=2026-11-25"))] == [str(ids[1])]
    assert len(rows(owner("get", f"{PATH}?from=2026-11-25"))) == 2


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝"])
def test_csv_formulas_are_escaped(owner: ApiClient, start: str) -> None:
    create_report(owner.user, "2026-11-24T09:00:00+09:00", study_time=f"{start}1+1")
    (row,) = rows(owner("get", PATH))
    assert row["study_time"] == f"'{start}1+1"


@pytest.mark.parametrize("separator", [";", ",", "|", "\t", "\n", "\r\n", "; ", ';"'])
@pytest.mark.parametrize("start", ["=", "+", "-", "@", "＝"])
def test_csv_formulas_after_another_separator_are_escaped(owner: ApiClient, separator: str, start: str) -> None:
    create_report(owner.user, "2026-11-24T09:00:00+09:00", study_time=f"1{separator}{start}1+1")
    (row,) = rows(owner("get", PATH))
    assert row["study_time"] == f"1{separator}'{start}1+1"


@pytest.mark.parametrize("text", ["0530", "2022-04-08T01:12:00.000+09:00", "a-b", "1;2", "5, 6"])
def test_csv_leaves_other_texts_alone(owner: ApiClient, text: str) -> None:
    create_report(owner.user, "2026-11-24T09:00:00+09:00", study_time=text)
    (row,) = rows(owner("get", PATH))
    assert row["study_time"] == text


def test_export_reads_every_page(owner: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "BATCH_SIZE", 2)
    moments = ["2026-11-24T09:00:00+09:00"] * 3 + ["2026-11-25T09:00:00+09:00"] * 2
    ids = [str(create_report(owner.user, moment).pk) for moment in moments]
    assert [row["id"] for row in rows(owner("get", PATH))] == ids


@pytest.mark.parametrize(("query", "field"), [("format=xlsx", "format"), ("date=2026-02-30", "date")])
def test_invalid_parameter_is_named(owner: ApiClient, query: str, field: str) -> None:
    response = owner("get", f"{PATH}?{query}")
    assert (response.status_code, list(response.json())) == (400, [field])


def test_database_failure_is_503_before_any_byte(owner: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: Any) -> None:
        raise OperationalError(2006, "gone away")

    monkeypatch.setattr(views, "page_after", fail)
    assert owner("get", PATH).status_code == 503


def test_reports_of_others_are_not_exported(owner: ApiClient, stranger: ApiClient) -> None:
    create_report(owner.user, "2026-11-24T09:00:00+09:00")
    assert rows(stranger("get", PATH)) == []


def test_anonymous_is_refused(client: Client, db: None) -> None:
    assert client.get(f"/api/{PATH}").status_code == 401
