"""GET /api/reports/summary/"""

import random
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from reports.summaries import trend_of
from tests.conftest import ApiClient
from tests.reports.factories import create_bare_report, create_report

PATH = "reports/summary/"


def test_summary_has_every_day_of_the_span(owner: ApiClient) -> None:
    create_report(owner.user, "2026-11-24T09:00:00+09:00")
    create_report(owner.user, "2026-11-24T23:30:00+09:00", good_s=3600.0, bad_s=0.0)
    create_report(owner.user, "2026-11-27T00:00:00+09:00")
    response = owner("get", f"{PATH}?from=2026-11-24&to=2026-11-26").json()
    first, *empty = response["buckets"]
    assert {**first, "blink_rate": None} == {
        "first_day": "2026-11-24",
        "sessions": 2,
        "active_s": 7200.0,
        "good_share": 0.75,
        "neck": 4,
        "neck_per_hour": 2.0,
        "blinks": 40,
        "blink_rate": None,
        "stretches": 2,
        "rests": 2,
        "wrong_alarms": 0,
        "wrong_alarms_per_8_h": 0.0,
    }
    assert first["blink_rate"] == {
        "per_minute": 15.0,
        "low": pytest.approx(10.1, abs=0.1),  # the exact Poisson interval of 30: 20.24 to 42.83
        "high": pytest.approx(21.4, abs=0.1),
        "watched_s": 120.0,
    }
    zeros = {"sessions": 0, "active_s": 0.0, "good_share": None, "neck": 0, "blinks": 0, "blink_rate": None}
    zeros |= {"neck_per_hour": None, "stretches": 0, "rests": 0, "wrong_alarms": 0, "wrong_alarms_per_8_h": None}
    assert empty == [{"first_day": day, **zeros} for day in ("2026-11-25", "2026-11-26")]
    assert {**first, **response["total"]} == first
    assert response["median_good_share"] == 0.75
    assert (response["first_day"], response["last_day"]) == ("2026-11-24", "2026-11-26")
    assert (response["bucket"], response["time_zone"]) == ("day", "Asia/Seoul")


def test_weeks_start_on_monday(owner: ApiClient) -> None:
    create_report(owner.user, "2026-11-01T09:00:00+09:00")  # a Sunday
    create_report(owner.user, "2026-11-02T09:00:00+09:00")
    weeks = owner("get", f"{PATH}?bucket=week&from=2026-11-01&to=2026-11-08").json()["buckets"]
    assert [(bucket["first_day"], bucket["sessions"]) for bucket in weeks] == [("2026-10-26", 1), ("2026-11-02", 1)]
    months = owner("get", f"{PATH}?bucket=month&from=2026-10-15&to=2026-12-01").json()["buckets"]
    assert [(bucket["first_day"], bucket["sessions"]) for bucket in months] == [
        ("2026-10-01", 0),
        ("2026-11-01", 2),
        ("2026-12-01", 0),
    ]


def test_span_cuts_weeks_at_its_ends(owner: ApiClient) -> None:
    for day in (3, 4, 5, 6):
        create_report(owner.user, f"2026-11-0{day}T09:00:00+09:00")
    (week,) = owner("get", f"{PATH}?bucket=week&from=2026-11-04&to=2026-11-05").json()["buckets"]
    assert (week["first_day"], week["sessions"]) == ("2026-11-02", 2)


@pytest.mark.parametrize(("bucket", "count"), [("day", 7), ("week", 12), ("month", 12)])
def test_default_span_is_the_most_recent(owner: ApiClient, bucket: str, count: int) -> None:
    create_report(owner.user, datetime.now(UTC).isoformat())
    response = owner("get", f"{PATH}?bucket={bucket}").json()
    assert len(response["buckets"]) == count
    assert response["buckets"][-1]["sessions"] == 1


def test_version_1_reports_count_without_measurements(owner: ApiClient) -> None:
    create_bare_report(owner.user, "2026-11-24T09:00:00+09:00")
    (day,) = owner("get", f"{PATH}?from=2026-11-24&to=2026-11-24").json()["buckets"]
    assert (day["sessions"], day["blinks"], day["active_s"]) == (1, 20, 0.0)
    assert (day["good_share"], day["blink_rate"]) == (None, None)


def test_reports_fall_into_the_right_days(owner: ApiClient) -> None:
    first = date(2025, 11, 26)
    chosen = sorted(random.Random(1).sample(range(365), 40))  # noqa: S311
    for number in chosen:
        day = first + timedelta(days=number)
        create_report(owner.user, f"{day}T00:00:00+09:00")
        create_report(owner.user, f"{day}T23:59:59+09:00")
    response = owner("get", f"{PATH}?from={first}&to=2026-11-25").json()
    filled = [number for number, day in enumerate(response["buckets"]) if day["sessions"]]
    assert filled == chosen
    assert {day["sessions"] for day in response["buckets"]} == {0, 2}


@pytest.mark.parametrize(
    ("zone", "span", "expected"),
    [
        # The clock goes forward: 23 hours, from 05:00 to 04:00 UTC.
        (
            "America/New_York",
            ("2026-03-07", "2026-03-09"),
            {"2026-03-08T04:59:59Z": 0, "2026-03-08T05:00Z": 1, "2026-03-09T03:59:59Z": 1, "2026-03-09T04:00Z": 2},
        ),
        # The clock goes back: 25 hours.
        (
            "Europe/Berlin",
            ("2026-10-24", "2026-10-26"),
            {"2026-10-24T21:59:59Z": 0, "2026-10-24T22:00Z": 1, "2026-10-25T22:59:59Z": 1, "2026-10-25T23:00Z": 2},
        ),
        ("Asia/Seoul", ("2026-11-24", "2026-11-25"), {"2026-11-24T14:59:59.999999Z": 0, "2026-11-24T15:00Z": 1}),
        ("Asia/Kathmandu", ("2026-11-24", "2026-11-25"), {"2026-11-24T18:14:59Z": 0, "2026-11-24T18:15Z": 1}),
        # It goes back at 00:01, into the day before; times before the first midnight are outside the span.
        ("America/St_Johns", ("2010-11-07", "2010-11-08"), {"2010-11-07T02:30:30Z": 0, "2010-11-07T03:00Z": 0}),
        # A skipped day.
        ("Pacific/Apia", ("2011-12-29", "2011-12-31"), {"2011-12-30T09:59:59Z": 0, "2011-12-30T10:00Z": 2}),
    ],
)
def test_day_follows_the_users_clock_changes(
    owner: ApiClient, zone: str, span: tuple[str, str], expected: dict[str, int]
) -> None:
    assert owner("put", "accounts/time-zone/", {"time_zone": zone}).status_code == 200
    for moment in expected:
        create_report(owner.user, moment)
    buckets = owner("get", f"{PATH}?from={span[0]}&to={span[1]}").json()["buckets"]
    assert [day["sessions"] for day in buckets] == [list(expected.values()).count(day) for day in range(len(buckets))]


def test_span_has_at_most_400_buckets(owner: ApiClient) -> None:
    create_report(owner.user, "2026-11-24T09:00:00+09:00")
    assert owner("put", "accounts/time-zone/", {"time_zone": "Europe/Berlin"}).status_code == 200
    for bucket, first, too_early in (
        ("day", "2025-10-23", "2025-10-20"),
        ("week", "2019-04-01", "2019-03-18"),
        ("month", "1996-06-01", "1996-01-01"),
    ):
        response = owner("get", f"{PATH}?bucket={bucket}&from={first}&to=2026-11-26").json()
        assert response["total"]["sessions"] == 1
        refused = owner("get", f"{PATH}?bucket={bucket}&from={too_early}&to=2026-11-26")
        assert (refused.status_code, list(refused.json())) == (400, ["from"])
        assert "400" in refused.json()["from"][0]


def test_days_are_in_the_users_time_zone(owner: ApiClient) -> None:
    create_report(owner.user, "2026-11-24T20:00:00Z")
    for zone, day in (("Asia/Seoul", "2026-11-25"), ("America/New_York", "2026-11-24")):
        assert owner("put", "accounts/time-zone/", {"time_zone": zone}).status_code == 200
        response = owner("get", f"{PATH}?from={day}&to={day}").json()
        assert (response["total"]["sessions"], response["time_zone"]) == (1, zone)


def test_steady_improvement_is_a_rising_trend(owner: ApiClient) -> None:
    for week in range(10):
        day = date(2026, 9, 7) + timedelta(weeks=week)
        create_report(owner.user, f"{day}T09:00:00+09:00", good_s=1800.0 + 100 * week)
    trends = owner("get", f"{PATH}?bucket=week&from=2026-09-07&to=2026-11-15").json()["trends"]
    known = {"reason": None, "buckets": 10, "needed": 8}
    assert trends["good_share"] == {"direction": "rising", **known}
    assert trends["blink_rate"] == {"direction": "level", **known}


def test_too_few_buckets_give_no_trend(owner: ApiClient) -> None:
    for day in range(1, 8):
        create_report(owner.user, f"2026-11-0{day}T09:00:00+09:00", good_s=100.0 * day, bad_s=10.0)
    for day in (8, 9):
        create_report(owner.user, f"2026-11-0{day}T09:00:00+09:00", good_s=500.0, bad_s=0.0, watched_s=5.0)
    trends = owner("get", f"{PATH}?from=2026-11-01&to=2026-11-09").json()["trends"]
    unknown = {"direction": None, "reason": "too_few_buckets", "needed": 8}
    assert trends["good_share"] == {**unknown, "buckets": 2}  # those of at least ten minutes
    assert trends["blink_rate"] == {**unknown, "buckets": 7}


@pytest.mark.parametrize(
    ("values", "direction"),
    [
        ([1, 2, 3, 4, 5, 6, 7, 8], "rising"),
        ([8, 7, 6, 5, 4, 3, 2, 1], "falling"),
        ([1, 1, 1, 1, 1, 1, 1, 1], "level"),
        ([4, 1, 3, 2, 4, 1, 3, 2, 4], "level"),
        ([1, 2, 3, 4, 5, 6, 7], None),
        ([], None),
    ],
)
def test_trend_requires_significance(values: list[float], direction: str | None) -> None:
    assert trend_of(values).direction == direction


@given(st.lists(st.integers(0, 9), min_size=8, max_size=40))
def test_reversed_rising_series_falls(values: list[float]) -> None:
    opposite = {"rising": "falling", "falling": "rising", "level": "level"}
    direction = trend_of(values).direction
    assert direction
    assert trend_of(values[::-1]).direction == opposite[direction] == trend_of([-value for value in values]).direction


def test_random_series_rarely_have_a_trend() -> None:
    numbers = random.Random(7)  # noqa: S311
    rows = [[numbers.random() for _ in range(12)] for _ in range(2000)]
    trends = [trend_of(row).direction for row in rows]
    assert trends.count("level") >= 0.94 * len(rows)


@pytest.mark.refused
@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("bucket=year", "bucket"),
        ("bucket=", "bucket"),
        ("from=2026-02-30", "from"),
        ("from=2026-11-25T09:00:00Z", "from"),
        ("to=9999-12-31", "to"),
        ("from=0001-01-01", "from"),
        ("from=2026-11-26&to=2026-11-25", "to"),
        ("from=2020-01-01&to=2026-01-01", "from"),
        ("from=9000-01-01", "to"),
    ],
)
def test_invalid_parameter_is_named(owner: ApiClient, query: str, field: str) -> None:
    response = owner("get", f"{PATH}?{query}")
    assert (response.status_code, list(response.json())) == (400, [field])


def test_reports_of_others_are_not_counted(owner: ApiClient, stranger: ApiClient) -> None:
    create_report(owner.user, "2026-11-24T09:00:00+09:00")
    assert stranger("get", f"{PATH}?from=2026-11-24&to=2026-11-24").json()["total"]["sessions"] == 0


def test_anonymous_is_refused(client: Client, db: None) -> None:
    assert client.get(f"/api/{PATH}").status_code == 401


def test_summary_takes_three_queries(owner: ApiClient, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    create_report(owner.user, "2026-11-24T09:00:00+09:00")
    with django_assert_num_queries(3):  # the user, the sums, and the running session
        assert owner("get", f"{PATH}?from=2025-11-26&to=2026-11-25").status_code == 200
