"""The report that is created when a session stops."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from ai_models.monitoring.session_state import Totals
from reports.services import report_of_session
from tests.conftest import ApiClient

STARTED_AT = datetime(2026, 11, 24, 22, 12, 0, 5_999, tzinfo=UTC)  # the next day in Seoul
ENDED_AT = STARTED_AT + timedelta(hours=5, minutes=30)
TOTALS = Totals(
    active_s=16_240.5,
    good_s=15_011.0,
    bad_s=801.5,
    unreliable_s=428.0,
    blinks=412,
    watched_s=801.0,
    burst_blinks=190,
    neck=3,
    stretches=1,
    rests=4,
)
VERSION_1 = {
    "blink_cnt": 412,
    "neck_cnt": 3,
    "stretching_cnt": 1,
    "start_time": "2026-11-24T22:12:00.005Z",
    "end_time": "2026-11-25T03:42:00.005Z",
    "study_time": "0431",
}
MEASURED = {
    "active_s": 16_240.5,
    "good_s": 15_011.0,
    "bad_s": 801.5,
    "unreliable_s": 428.0,
    "watched_s": 801.0,
    "watched_blinks": 190,
    "rests": 4,
    "blink_rate": {
        "per_minute": pytest.approx(14.232, abs=0.001),
        "low": pytest.approx(12.28, abs=0.01),
        "high": pytest.approx(16.41, abs=0.01),
        "watched_s": 801.0,
    },
    "good_share": pytest.approx(0.9493, abs=0.0001),
    "neck_per_hour": pytest.approx(0.665, abs=0.001),
}


def test_measurements_are_stored(owner: ApiClient) -> None:
    report = report_of_session(user=owner.user, started_at=STARTED_AT, ended_at=ENDED_AT, totals=TOTALS)
    assert owner("get", f"reports/{report.pk}/").json() == {"id": report.pk, **VERSION_1, **MEASURED}
    assert (report.started_at, report.ended_at, report.day) == (STARTED_AT, ENDED_AT, date(2026, 11, 25))


def test_version_1_list_has_only_version_1_fields(owner: ApiClient) -> None:
    report = report_of_session(user=owner.user, started_at=STARTED_AT, ended_at=ENDED_AT, totals=TOTALS)
    assert owner("get", "reports/").json() == [{"id": report.pk, **VERSION_1}]


def test_time_texts_are_utc(owner: ApiClient) -> None:
    moment = STARTED_AT.astimezone(timezone(timedelta(hours=-9, minutes=-30)))
    report = report_of_session(user=owner.user, started_at=moment, ended_at=moment, totals=Totals())
    assert (report.start_time, report.end_time) == (VERSION_1["start_time"], VERSION_1["start_time"])


def test_time_texts_are_valid_version_1_input(owner: ApiClient) -> None:
    report_of_session(user=owner.user, started_at=STARTED_AT, ended_at=ENDED_AT, totals=TOTALS)
    assert owner("post", "reports/", VERSION_1).status_code == 201
    assert len(owner("get", "reports/?date=2026-11-25").json()) == 2


@pytest.mark.parametrize(
    ("active_s", "expected"),
    [(0.0, "0000"), (29.9, "0000"), (30.1, "0001"), (3599.0, "0100"), (19_800.0, "0530"), (360_000.0, "10000")],
)
def test_study_time_is_active_time_as_hhmm(owner: ApiClient, active_s: float, expected: str) -> None:
    totals = Totals(active_s=active_s)
    report = report_of_session(user=owner.user, started_at=STARTED_AT, ended_at=ENDED_AT, totals=totals)
    assert report.study_time == expected
