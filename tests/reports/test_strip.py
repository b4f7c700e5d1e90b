"""GET /api/reports/strip/, GET /api/reports/week/"""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from ai_models.outlines import OUTLINE_POINTS
from tests.conftest import ApiClient
from tests.detections.sessions.desk import Desk, upright
from tests.reports.factories import create_quarters, create_report

DAY = "2026-11-25"
OUTLINE = bytes(2 * (1 + 2 * OUTLINE_POINTS))


def strip(person: ApiClient, day: str = DAY) -> Any:
    response = person("get", f"reports/strip/?date={day}")
    assert response.status_code == 200, response.content
    return response.json()


def in_zone(person: ApiClient, zone: str) -> None:
    assert person("put", "accounts/time-zone/", {"time_zone": zone}).status_code == 200


def test_hour_is_the_sum_of_its_quarters(owner: ApiClient) -> None:
    quarters = create_quarters(
        owner.user,
        f"{DAY}T14:30:00+09:00",
        {"rests": 1, "outline": OUTLINE},
        {"worst_lower": 1.9, "worst_tilted": 0.1},
        {"good_s": 900.0, "bad_s": 0.0, "lower_s": 0.0, "closer_s": 0.0, "neck": 0},
    )
    found = strip(owner)
    assert (found["date"], found["time_zone"]) == (DAY, "Asia/Seoul")
    first, second = found["hours"]
    rate = first.pop("blink_rate")
    assert (rate["per_minute"], rate["watched_s"], rate["low"] < 12 < rate["high"]) == (12.0, 240.0, True)
    assert first == {
        "hour": 14,
        "starts_at": "2026-11-25T14:00:00+09:00",
        "desk_s": 1800.0,
        "good_s": 1200.0,
        "bad_s": 600.0,
        "good_share": pytest.approx(2 / 3),
        "shares": {"closer": 0.1, "lower": 1.0, "tilted": 0.0},
        "direction": "lower",
        "worst": {"closer": 0.4, "lower": 1.9, "tilted": -0.2},
        "rests": 1,
        "neck": 2,
        "neck_per_hour": 4.0,
        "outlines": [quarters[0].pk],
    }
    assert (second["hour"], second["good_share"], second["shares"], second["direction"]) == (15, 1.0, None, None)
    assert (found["total"]["desk_s"], found["total"]["neck"], found["total"]["rests"]) == (2700.0, 2, 1)


@pytest.mark.parametrize(
    ("zone", "day", "hour"),
    [("Asia/Seoul", "2026-11-26", 0), ("Asia/Kathmandu", DAY, 20), ("America/New_York", DAY, 10)],
)
def test_hours_are_those_of_the_users_zone(owner: ApiClient, zone: str, day: str, hour: int) -> None:
    in_zone(owner, zone)
    create_quarters(owner.user, f"{DAY}T15:00:00+00:00", {})
    assert [shown["hour"] for shown in strip(owner, day)["hours"]] == [hour]


def test_hour_that_comes_twice_is_told_twice(owner: ApiClient) -> None:
    in_zone(owner, "America/New_York")
    create_quarters(owner.user, "2026-11-01T05:45:00+00:00", {}, {})
    hours = strip(owner, "2026-11-01")["hours"]
    assert [(shown["hour"], shown["starts_at"]) for shown in hours] == [
        (1, "2026-11-01T01:00:00-04:00"),
        (1, "2026-11-01T01:00:00-05:00"),
    ]


def test_running_session_is_included(owner: ApiClient) -> None:
    in_zone(owner, "UTC")
    desk = Desk(owner)
    desk.calibrate().frames(upright(), 5)
    active_s = desk.read()["active_s"]
    days = {str(moment.date()) for moment in (datetime.now(UTC), desk.now)}
    assert sum(strip(owner, day)["total"]["desk_s"] for day in days) == pytest.approx(active_s, abs=0.01)


def test_nothing_is_zero_and_today_is_the_default(owner: ApiClient) -> None:
    found = owner("get", "reports/strip/").json()
    assert (found["hours"], found["total"]["desk_s"], found["total"]["worst"]) == ([], 0.0, None)
    assert found["date"] in {str(datetime.now(owner.user.zone).date()), str(datetime.now(UTC).date())}


def test_little_time_has_no_rates(owner: ApiClient) -> None:
    create_quarters(owner.user, f"{DAY}T14:30:00+09:00", {"desk_s": 500.0, "watched_s": 20.0})
    [hour] = strip(owner)["hours"]
    assert (hour["blink_rate"], hour["neck_per_hour"]) == (None, None)


@pytest.mark.refused
@pytest.mark.parametrize("path", ["strip", "week", "outlines"])
@pytest.mark.parametrize("day", ["yesterday", "2026-13-01", "0001-01-01", "9999-12-31"])
def test_bad_day_is_refused(owner: ApiClient, path: str, day: str) -> None:
    response = owner("get", f"reports/{path}/?date={day}")
    assert (response.status_code, list(response.json())) == (400, ["date"])


@pytest.mark.parametrize("path", ["strip", "week", "outlines", "insights", "goal"])
def test_token_is_needed(db: None, path: str) -> None:
    assert Client().get(f"/api/reports/{path}/").status_code == 401


def test_others_see_nothing_of_it(owner: ApiClient, stranger: ApiClient) -> None:
    create_quarters(owner.user, f"{DAY}T14:30:00+09:00", {"outline": OUTLINE})
    assert strip(stranger)["hours"] == []
    assert stranger("get", f"reports/outlines/?date={DAY}").json() == {"date": DAY, "best": [], "outlines": []}
    assert stranger("get", f"reports/week/?date={DAY}").json()["days"] == []


# --- Week ---


def test_week_has_its_days_and_what_was_before(owner: ApiClient) -> None:
    create_quarters(owner.user, "2026-11-23T09:00:00+09:00", {}, {})
    create_quarters(owner.user, "2026-11-29T09:00:00+09:00", {"good_s": 300.0})
    create_quarters(owner.user, "2026-11-30T09:00:00+09:00", {})
    for day, good_s in (("2026-11-16", 2700.0), ("2026-11-10", 900.0), ("2026-11-02", 1800.0), ("2026-01-05", 0.0)):
        create_report(owner.user, f"{day}T09:00:00+09:00", good_s=good_s, bad_s=3600 - good_s)
    week = owner("get", f"reports/week/?date={DAY}").json()
    assert (week["first_day"], week["last_day"]) == ("2026-11-23", "2026-11-29")
    assert [(day["date"], day["desk_s"]) for day in week["days"]] == [("2026-11-23", 1800.0), ("2026-11-29", 900.0)]
    assert (week["total"]["good_s"], week["total"]["neck"]) == (1500.0, 3)
    assert week["before"] == {"weeks": 3, "desk_s": 3600.0, "good_share": 0.5, "neck_per_hour": 2.0}


def test_first_week_has_nothing_before(owner: ApiClient) -> None:
    week = owner("get", f"reports/week/?date={DAY}").json()
    assert week["before"] == {"weeks": 0, "desk_s": None, "good_share": None, "neck_per_hour": None}
    assert (week["days"], week["total"]["good_share"]) == ([], None)
