"""GET /api/reports/insights/, GET and PUT /api/reports/goal/"""

from datetime import date, datetime, time, timedelta
from typing import Any

import numpy as np
import pytest
from django.core.cache import caches
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from detections.models import Session
from reports import user_insights
from reports.goals import streak_of
from reports.insights.hours import SUMMED
from reports.models import Goal, Quarter
from tests.conftest import ApiClient
from tests.reports.factories import create_report
from tests.reports.test_insights import TODAY as MADE_TODAY
from tests.reports.test_insights import Habits, made_hours

SINKS = Habits(falls_by=0.25, main_fault="lower")


@pytest.fixture
def today(owner: ApiClient) -> date:
    return timezone.localdate(timezone=owner.user.zone)


def create_weeks(user: User, last: date, habits: Habits = SINKS, times: int = 1) -> None:
    """Eight weeks up to a day, each of their hours as one quarter; times: as often, farther back in the past."""
    received_at = timezone.now()
    session = Session.objects.create(user=user, started_at=received_at, received_at=received_at, phase="stopped")
    hours = list(made_hours(habits, np.random.default_rng(3)))
    Quarter.objects.bulk_create(
        Quarter(
            user=user,
            session=session,
            starts_at=datetime.combine(hour.day + (last - MADE_TODAY) - back, time(hour.hour), user.zone),
            worst_closer=0.0,
            worst_lower=0.0,
            worst_tilted=0.0,
            **{name: getattr(hour, name) for name in SUMMED},
        )
        for back in (timedelta(days=56) * number for number in range(times))
        for hour in hours
    )


def insights(person: ApiClient) -> Any:
    response = person("get", "reports/insights/")
    assert response.status_code == 200, response.content
    return response.json()


def kinds(person: ApiClient) -> set[str]:
    return {insight["kind"] for insight in insights(person)["insights"]}


def test_what_the_weeks_bear_out_is_told(owner: ApiClient, today: date) -> None:
    create_weeks(owner.user, today - timedelta(days=1))
    found = insights(owner)
    assert found["last_day"] == str(today - timedelta(days=1))
    assert found["first_day"] == str(today - timedelta(days=56))
    told = {insight["kind"]: insight for insight in found["insights"]}
    assert set(told) == {"sinks_after", "mostly"}
    assert abs(told["sinks_after"]["hour"] - 15) <= 1
    assert told["sinks_after"]["low"] < told["sinks_after"]["effect"] < told["sinks_after"]["high"] < 0
    assert told["mostly"]["fault"] == "lower"


def test_today_is_left_out(owner: ApiClient, today: date) -> None:
    create_weeks(owner.user, today + timedelta(days=55))  # only what is of today could be seen
    assert insights(owner)["insights"] == []


def test_others_weeks_tell_nothing(owner: ApiClient, stranger: ApiClient, today: date) -> None:
    create_weeks(stranger.user, today - timedelta(days=1))
    assert kinds(owner) == set()


def test_insights_are_computed_once_a_day(owner: ApiClient, today: date, monkeypatch: pytest.MonkeyPatch) -> None:
    create_weeks(owner.user, today - timedelta(days=1))
    found = insights(owner)
    monkeypatch.setattr(user_insights, "insights_of", lambda *_: pytest.fail("computed again"))
    assert insights(owner) == found


def test_deletion_is_noticed_at_once(owner: ApiClient, today: date) -> None:
    create_weeks(owner.user, today - timedelta(days=1))
    assert "sinks_after" in kinds(owner)
    Quarter.objects.filter(user=owner.user, starts_at__gt=timezone.now() - timedelta(days=25)).delete()
    assert "sinks_after" not in kinds(owner)


def test_other_time_zone_is_computed_anew(owner: ApiClient, today: date) -> None:
    create_weeks(owner.user, today - timedelta(days=1))
    hour = insights(owner)["insights"][0]["hour"]
    owner("put", "accounts/time-zone/", {"time_zone": "Asia/Kolkata"})
    assert insights(owner)["insights"][0]["hour"] < hour


@pytest.mark.parametrize("path", ["insights/", "strip/", "week/", "goal/", "outlines/"])
def test_long_history_reads_no_more(owner: ApiClient, today: date, path: str) -> None:
    """The number of queries, and of the rows that they return, is that of the last weeks."""
    create_weeks(owner.user, today - timedelta(days=1))
    for back in range(60, 60 + 14):
        create_report(owner.user, f"{today - timedelta(days=7 * back)}T09:00:00+09:00")
    short = _reads(owner, path)
    session = Session.objects.get()
    old = [
        Quarter(**{field.attname: getattr(row, field.attname) for field in Quarter._meta.concrete_fields} | shift)
        for row in Quarter.objects.all()
        for shift in (
            {"id": None, "starts_at": row.starts_at - timedelta(days=57 * n), "session_id": session.pk}
            for n in range(1, 9)
        )
    ]
    Quarter.objects.bulk_create(old, ignore_conflicts=True)
    for back in range(100, 160):
        create_report(owner.user, f"{today - timedelta(days=7 * back)}T09:00:00+09:00")
    assert _reads(owner, path) == short


def _reads(person: ApiClient, path: str) -> list[int]:
    """The number of rows that each query of a call returns."""
    caches["insights"].clear()
    with CaptureQueriesContext(connection) as captured:
        assert person("get", f"reports/{path}").status_code == 200
    queries = [query["sql"] for query in captured if query["sql"].startswith("SELECT")]
    rows = []
    with connection.cursor() as cursor:
        for sql in queries:
            cursor.execute(f"SELECT COUNT(*) FROM ({sql}) AS found")  # noqa: S608 - the service's own queries
            rows.append(cursor.fetchone()[0])
    return rows


# --- Goal ---


def create_week(user: User, today: date, weeks_ago: int, share: float) -> None:
    monday = today - timedelta(days=today.weekday(), weeks=weeks_ago)
    create_report(user, f"{monday}T09:00:00+09:00", good_s=3600 * share, bad_s=3600 * (1 - share))


def test_goal_is_compared_with_the_users_own_weeks(owner: ApiClient, today: date) -> None:
    assert owner("get", "reports/goal/").json() == {
        "good_share": None,
        "this_week": {"good_share": None, "is_reached": False},
        "median_good_share": None,
        "streak_weeks": 0,
    }
    for weeks_ago, share in enumerate([0.9, 0.8, 0.75, 0.5, 0.9]):
        create_week(owner.user, today, weeks_ago, share)
    response = owner("put", "reports/goal/", {"good_share": 0.75})
    assert (response.status_code, response.json()) == (
        200,
        {
            "good_share": 0.75,
            "this_week": {"good_share": pytest.approx(0.9), "is_reached": True},
            "median_good_share": pytest.approx(0.775),
            "streak_weeks": 2,
        },
    )
    assert insights(owner)["goal"] == owner("get", "reports/goal/").json() == response.json()


def test_week_off_neither_breaks_nor_lengthens_a_streak() -> None:
    assert streak_of([0.2, 0.8, None, None, 0.8, None], 0.75) == 2
    assert streak_of([], 0.75) == streak_of([0.7], 0.75) == 0


def test_goal_can_be_dropped(owner: ApiClient) -> None:
    owner("put", "reports/goal/", {"good_share": 0.8})
    assert owner("put", "reports/goal/", {"good_share": None}).json()["good_share"] is None
    assert Goal.objects.count() == 0


@pytest.mark.parametrize("share", [0.0, 0.05, 1.01, -1, "much", [], float("inf")])
def test_goal_without_sense_is_refused(owner: ApiClient, share: Any) -> None:
    body = '{"good_share": Infinity}' if share == float("inf") else {"good_share": share}
    response = owner("put", "reports/goal/", body)
    assert response.status_code == 400
    assert Goal.objects.count() == 0


def test_goal_is_needed_in_its_request(owner: ApiClient) -> None:
    assert list(owner("put", "reports/goal/", {}).json()) == ["good_share"]


def test_goal_is_the_users_own(owner: ApiClient, stranger: ApiClient) -> None:
    owner("put", "reports/goal/", {"good_share": 0.8})
    assert stranger("get", "reports/goal/").json()["good_share"] is None
