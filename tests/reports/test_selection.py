"""GET /api/reports/ with date, from and to, page_size and cursor."""

import re
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from reports.models import Report
from tests.conftest import ApiClient
from tests.reports.factories import create_report

SEOUL_MORNING = "2026-11-25T08:30:00+09:00"  # the day before in London
SEOUL_EVENING = "2026-11-25T23:59:59.999+09:00"
NEXT_DAY = "2026-11-26T00:00:00+09:00"


def ids(response: Any) -> list[int]:
    assert response.status_code == 200, response.content
    return [row["id"] for row in response.json()]


def test_day_is_in_the_users_time_zone(owner: ApiClient) -> None:
    stored = [create_report(owner.user, start).pk for start in (SEOUL_MORNING, SEOUL_EVENING, NEXT_DAY)]
    assert ids(owner("get", "reports/?date=2026-11-25")) == stored[:2]
    assert owner("put", "accounts/time-zone/", {"time_zone": "Europe/London"}).status_code == 200
    assert ids(owner("get", "reports/?date=2026-11-24")) == stored[:1]
    assert ids(owner("get", "reports/?date=2026-11-25")) == stored[1:]


@pytest.mark.parametrize(
    ("zone", "utc"),
    [
        ("America/New_York", "13:00"),
        ("Asia/Seoul", "00:00"),
        ("Asia/Kolkata", "03:30"),
        ("Pacific/Kiritimati", "19:00"),
    ],
)
@pytest.mark.parametrize("start", ["2603300900", "2026-03-30T09:00"])
def test_local_time_is_in_the_users_zone_when_stored_and_when_asked(
    owner: ApiClient, zone: str, utc: str, start: str
) -> None:
    owner("put", "accounts/time-zone/", {"time_zone": zone})
    counts = {"blink_cnt": 1, "neck_cnt": 1, "stretching_cnt": 0}
    stored = owner("post", "reports/", counts | {"start_time": start, "end_time": "2603301130"}).json()
    assert (stored["start_time"], stored["end_time"]) == (start, "2603301130")
    assert f"{Report.objects.get().started_at:%H:%M}" == utc
    assert ids(owner("get", "reports/?date=2026-03-30")) == [stored["id"]]
    assert ids(owner("get", "reports/?date=2026-03-29")) == []
    assert ids(owner("get", "reports/?from=2603300900&to=2603300900")) == [stored["id"]]


@pytest.mark.parametrize(
    ("zone", "day", "inside", "outside"),
    [
        # 23 hours: the clock goes forward at 2:00.
        ("Europe/Berlin", "2026-03-29", ["2026-03-28T23:00Z", "2026-03-29T21:59Z"], ["2026-03-29T22:00Z"]),
        # 25 hours: the clock goes back at 3:00.
        ("Europe/Berlin", "2026-10-25", ["2026-10-24T22:00Z", "2026-10-25T22:59Z"], ["2026-10-25T23:00Z"]),
        ("America/New_York", "2026-11-01", ["2026-11-01T04:00Z", "2026-11-02T04:59Z"], ["2026-11-02T05:00Z"]),
        # A skipped day has no reports.
        ("Pacific/Apia", "2011-12-30", [], ["2011-12-30T09:59Z", "2011-12-30T10:00Z"]),
        # The clock goes forward at midnight: the day starts at 1:00.
        ("Africa/Cairo", "2026-04-24", ["2026-04-23T22:00Z", "2026-04-24T20:59Z"], ["2026-04-24T21:00Z"]),
    ],
)
def test_days_with_clock_changes_are_complete(
    owner: ApiClient, zone: str, day: str, inside: list[str], outside: list[str]
) -> None:
    assert owner("put", "accounts/time-zone/", {"time_zone": zone}).status_code == 200
    stored = [create_report(owner.user, start).pk for start in inside]
    for start in outside:
        create_report(owner.user, start)
    assert ids(owner("get", f"reports/?date={day}")) == stored


def test_span_includes_both_ends(owner: ApiClient) -> None:
    stored = [create_report(owner.user, start).pk for start in (SEOUL_MORNING, SEOUL_EVENING, NEXT_DAY)]
    assert ids(owner("get", "reports/?from=2026-11-25&to=2026-11-26")) == stored
    assert ids(owner("get", "reports/?from=2026-11-26")) == stored[2:]
    assert ids(owner("get", "reports/?to=2026-11-25")) == stored[:2]
    assert ids(owner("get", "reports/?from=2026-11-24T23:30:00Z&to=2026-11-25T15:00:00Z")) == stored
    assert ids(owner("get", "reports/?from=2026-11-25T08:30:01%2B09:00&to=2026-11-25T14:59:59.998Z")) == []
    assert ids(owner("get", "reports/?from=2026-11-25T08:30:00+09:00&to=2026-11-25T08:30:00+09:00")) == stored[:1]


def test_naive_time_is_in_the_users_zone(owner: ApiClient) -> None:
    stored = create_report(owner.user, "2026-11-25T08:00:00Z").pk
    for zone, hour in (("Asia/Seoul", "17:00"), ("America/New_York", "03:00")):
        assert owner("put", "accounts/time-zone/", {"time_zone": zone}).status_code == 200
        assert ids(owner("get", f"reports/?from=2026-11-25T{hour}&to=2026-11-25T{hour}")) == [stored]


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
def test_invalid_parameter_is_named(owner: ApiClient, query: str, field: str) -> None:
    create_report(owner.user, SEOUL_MORNING)
    response = owner("get", f"reports/?{query}")
    assert (response.status_code, list(response.json())) == (400, [field])


def test_link_header_leads_to_the_next_page(owner: ApiClient) -> None:
    stored = [create_report(owner.user, SEOUL_MORNING).pk for _ in range(3)]
    stored += [create_report(owner.user, NEXT_DAY).pk for _ in range(2)]
    listed: list[int] = []
    address = "reports/?page_size=2&from=2026-11-25"
    for _ in range(3):
        response = owner("get", address)
        listed += ids(response)
        found = re.search(r'<http://testserver/api/([^>]+)>; rel="next"', response.headers.get("Link", ""))
        address = found[1] if found else ""
    assert (listed, address) == (stored, "")


def test_new_report_does_not_shift_later_pages(owner: ApiClient) -> None:
    stored = [create_report(owner.user, start).pk for start in (SEOUL_MORNING, SEOUL_EVENING, NEXT_DAY)]
    response = owner("get", "reports/?page_size=2")
    assert ids(response) == stored[:2]
    create_report(owner.user, "2026-11-20T09:00:00+09:00")
    address = response.headers["Link"].split(">")[0].partition("/api/")[2]
    assert ids(owner("get", address)) == stored[2:]


def test_simultaneous_reports_appear_exactly_once(owner: ApiClient) -> None:
    stored = [create_report(owner.user, SEOUL_MORNING).pk for _ in range(5)]
    response = owner("get", "reports/?page_size=2")
    assert ids(response) == stored[:2]
    create_report(owner.user, "2026-11-20T09:00:00+09:00")
    new = create_report(owner.user, SEOUL_MORNING).pk
    assert owner("delete", f"reports/{stored[0]}/").status_code == 204
    assert owner("delete", f"reports/{stored[1]}/").status_code == 204  # the last report of the first page
    address = response.headers["Link"].split(">")[0].partition("/api/")[2].replace("page_size=2", "page_size=9")
    assert ids(owner("get", address)) == [*stored[2:], new]


def test_extreme_dates_can_be_paged(owner: ApiClient) -> None:
    for start in ("1970-01-01T00:00:00+14:00", "1970-01-01T00:00:00.000001Z", "9998-12-31T23:59:59-12:00"):
        create_report(owner.user, start)
    address, listed = "reports/?page_size=1", []
    while address:
        response = owner("get", address)
        listed += ids(response)
        address = response.headers.get("Link", "").split(">")[0].partition("/api/")[2]
    assert listed == ids(owner("get", "reports/"))


def test_all_reports_are_listed_without_page_size(owner: ApiClient) -> None:
    stored = [create_report(owner.user, SEOUL_MORNING).pk for _ in range(60)]
    response = owner("get", "reports/")
    assert ids(response) == stored
    assert "Link" not in response.headers


def test_reports_of_others_are_not_listed(owner: ApiClient, stranger: ApiClient) -> None:
    create_report(owner.user, SEOUL_MORNING)
    assert ids(stranger("get", "reports/?date=2026-11-25")) == []
    assert ids(stranger("get", "reports/?page_size=10")) == []


def test_anonymous_is_refused(client: Client, db: None) -> None:
    assert client.get("/api/reports/?date=2026-11-25").status_code == 401


def test_page_takes_two_queries(owner: ApiClient, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for _ in range(20):
        create_report(owner.user, SEOUL_MORNING)
    with django_assert_num_queries(2):  # the user, and the page
        owner("get", "reports/?page_size=10")
