"""GET /api/reports/ with date, from and to, page_size and cursor."""

import re
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from tests.conftest import ApiClient
from tests.reports.kept import report

SEOUL_MORNING = "2026-11-25T08:30:00+09:00"  # the day before in London
SEOUL_EVENING = "2026-11-25T23:59:59.999+09:00"
NEXT_DAY = "2026-11-26T00:00:00+09:00"


def ids(response: Any) -> list[int]:
    assert response.status_code == 200, response.content
    return [each["id"] for each in response.json()]


def test_a_day_is_the_users_own(owner: ApiClient) -> None:
    kept = [report(owner.user, began).pk for began in (SEOUL_MORNING, SEOUL_EVENING, NEXT_DAY)]
    assert ids(owner("get", "reports/?date=2026-11-25")) == kept[:2]
    assert owner("put", "accounts/time-zone/", {"time_zone": "Europe/London"}).status_code == 200
    assert ids(owner("get", "reports/?date=2026-11-24")) == kept[:1]
    assert ids(owner("get", "reports/?date=2026-11-25")) == kept[1:]


@pytest.mark.parametrize(
    ("zone", "day", "inside", "outside"),
    [
        # 23 hours: the clock goes forward at two.
        ("Europe/Berlin", "2026-03-29", ["2026-03-28T23:00Z", "2026-03-29T21:59Z"], ["2026-03-29T22:00Z"]),
        # 25 hours: it goes back at three.
        ("Europe/Berlin", "2026-10-25", ["2026-10-24T22:00Z", "2026-10-25T22:59Z"], ["2026-10-25T23:00Z"]),
        ("America/New_York", "2026-11-01", ["2026-11-01T04:00Z", "2026-11-02T04:59Z"], ["2026-11-02T05:00Z"]),
        # A day that was left out holds nothing.
        ("Pacific/Apia", "2011-12-30", [], ["2011-12-30T09:59Z", "2011-12-30T10:00Z"]),
        # The clock goes forward at midnight: the day begins at one.
        ("Africa/Cairo", "2026-04-24", ["2026-04-23T22:00Z", "2026-04-24T20:59Z"], ["2026-04-24T21:00Z"]),
    ],
)
def test_days_on_which_the_clock_is_changed_are_whole(
    owner: ApiClient, zone: str, day: str, inside: list[str], outside: list[str]
) -> None:
    assert owner("put", "accounts/time-zone/", {"time_zone": zone}).status_code == 200
    kept = [report(owner.user, began).pk for began in inside]
    for began in outside:
        report(owner.user, began)
    assert ids(owner("get", f"reports/?date={day}")) == kept


def test_a_span_has_both_its_ends(owner: ApiClient) -> None:
    kept = [report(owner.user, began).pk for began in (SEOUL_MORNING, SEOUL_EVENING, NEXT_DAY)]
    assert ids(owner("get", "reports/?from=2026-11-25&to=2026-11-26")) == kept
    assert ids(owner("get", "reports/?from=2026-11-26")) == kept[2:]
    assert ids(owner("get", "reports/?to=2026-11-25")) == kept[:2]
    assert ids(owner("get", "reports/?from=2026-11-24T23:30:00Z&to=2026-11-25T15:00:00Z")) == kept
    assert ids(owner("get", "reports/?from=2026-11-25T08:30:01%2B09:00&to=2026-11-25T14:59:59.998Z")) == []
    assert ids(owner("get", "reports/?from=2026-11-25T08:30:00+09:00&to=2026-11-25T08:30:00+09:00")) == kept[:1]


def test_a_moment_without_a_zone_is_the_users(owner: ApiClient) -> None:
    kept = report(owner.user, "2026-11-25T08:00:00Z").pk
    for zone, hour in (("Asia/Seoul", "17:00"), ("America/New_York", "03:00")):
        assert owner("put", "accounts/time-zone/", {"time_zone": zone}).status_code == 200
        assert ids(owner("get", f"reports/?from=2026-11-25T{hour}&to=2026-11-25T{hour}")) == [kept]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("date=2026-02-30", "date"),
        ("date=yesterday", "date"),
        ("date=", "date"),
        ("date=0001-01-01", "date"),
        ("date=9999-12-31", "date"),
        ("date=2026-11-25&from=2026-11-25", "date"),
        ("from=2026-11-26&to=2026-11-25", "to"),
        ("from=2026-13-01", "from"),
        ("to=NaN", "to"),
        ("page_size=0", "page_size"),
        ("page_size=201", "page_size"),
        ("page_size=many", "page_size"),
        ("page_size=99999999999999999999", "page_size"),
        ("from=2026-11-26T00:00:00Z&to=2026-11-25", "to"),
        ("from=2026-11-26T00:00:00%2B09:00&to=2026-11-25", "to"),
        ("to=2026-02-30T00:00:00Z", "to"),
        ("from=9999-12-31T23:59:59Z", "from"),
        ("cursor=", "cursor"),
        ("cursor=nonsense", "cursor"),
        ("cursor=1-9223372036854775808", "cursor"),
        ("cursor=999999999999999999-1", "cursor"),
        ("cursor=-999999999999999999-1", "cursor"),
        ("cursor=-172800000001-1", "cursor"),
        ("cursor=1-1%00", "cursor"),
        ("cursor=%D9%A1-1", "cursor"),
    ],
)
def test_what_is_no_selection_is_a_400_that_names_it(owner: ApiClient, query: str, field: str) -> None:
    report(owner.user, SEOUL_MORNING)
    response = owner("get", f"reports/?{query}")
    assert (response.status_code, list(response.json())) == (400, [field])


def test_pages_follow_each_other_by_the_link(owner: ApiClient) -> None:
    kept = [report(owner.user, SEOUL_MORNING).pk for _ in range(3)]
    kept += [report(owner.user, NEXT_DAY).pk for _ in range(2)]
    seen: list[int] = []
    address = "reports/?page_size=2&from=2026-11-25"
    for _ in range(3):
        response = owner("get", address)
        seen += ids(response)
        found = re.search(r'<http://testserver/api/([^>]+)>; rel="next"', response.headers.get("Link", ""))
        address = found[1] if found else ""
    assert (seen, address) == (kept, "")


def test_a_page_stays_where_it_is_when_reports_come_in_before_it(owner: ApiClient) -> None:
    kept = [report(owner.user, began).pk for began in (SEOUL_MORNING, SEOUL_EVENING, NEXT_DAY)]
    response = owner("get", "reports/?page_size=2")
    assert ids(response) == kept[:2]
    report(owner.user, "2026-11-20T09:00:00+09:00")
    address = response.headers["Link"].split(">")[0].partition("/api/")[2]
    assert ids(owner("get", address)) == kept[2:]


def test_reports_of_one_moment_are_neither_repeated_nor_missed(owner: ApiClient) -> None:
    kept = [report(owner.user, SEOUL_MORNING).pk for _ in range(5)]
    response = owner("get", "reports/?page_size=2")
    assert ids(response) == kept[:2]
    report(owner.user, "2026-11-20T09:00:00+09:00")
    new = report(owner.user, SEOUL_MORNING).pk
    assert owner("delete", f"reports/{kept[0]}/").status_code == 204
    assert owner("delete", f"reports/{kept[1]}/").status_code == 204  # where the page began
    address = response.headers["Link"].split(">")[0].partition("/api/")[2].replace("page_size=2", "page_size=9")
    assert ids(owner("get", address)) == [*kept[2:], new]


def test_the_earliest_and_the_latest_report_can_be_turned_over(owner: ApiClient) -> None:
    for began in ("1970-01-01T00:00:00+14:00", "1970-01-01T00:00:00.000001Z", "9998-12-31T23:59:59-12:00"):
        report(owner.user, began)
    address, seen = "reports/?page_size=1", []
    while address:
        response = owner("get", address)
        seen += ids(response)
        address = response.headers.get("Link", "").split(">")[0].partition("/api/")[2]
    assert seen == ids(owner("get", "reports/"))


def test_without_a_page_size_all_come_in_one_answer(owner: ApiClient) -> None:
    kept = [report(owner.user, SEOUL_MORNING).pk for _ in range(60)]
    response = owner("get", "reports/")
    assert ids(response) == kept
    assert "Link" not in response.headers


def test_nobody_selects_somebody_elses(owner: ApiClient, stranger: ApiClient) -> None:
    report(owner.user, SEOUL_MORNING)
    assert ids(stranger("get", "reports/?date=2026-11-25")) == []
    assert ids(stranger("get", "reports/?page_size=10")) == []


def test_a_selection_needs_a_login(client: Client, db: None) -> None:
    assert client.get("/api/reports/?date=2026-11-25").status_code == 401


def test_a_page_costs_two_queries_however_many_there_are(
    owner: ApiClient, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(20):
        report(owner.user, SEOUL_MORNING)
    with django_assert_num_queries(2):  # who it is, and the page
        owner("get", "reports/?page_size=10")
