"""GET and DELETE /api/reports/{id}/, GET /api/reports/{id}/timeline/"""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from detections.models import Episode, Session
from reports.models import Report
from tests.conftest import ApiClient
from tests.reports.factories import create_bare_report, create_report

STARTED = "2026-11-25T09:00:00+09:00"
STARTED_AT = datetime(2026, 11, 25, 0, tzinfo=UTC)


def create_session(report: Report, episodes: int) -> Session:
    session = Session.objects.create(
        user=report.user, started_at=STARTED_AT, received_at=STARTED_AT, phase="stopped", state="{}", report=report
    )
    for number in range(1, episodes + 1):
        started_at = STARTED_AT + timedelta(minutes=number)
        ended_at = started_at + timedelta(seconds=30)
        Episode.objects.create(session=session, number=number, kind="neck", started_at=started_at, ended_at=ended_at)
    return session


def test_report_contains_its_sessions_measurements(owner: ApiClient) -> None:
    stored = create_report(owner.user, STARTED)
    response = owner("get", f"reports/{stored.pk}/")
    assert (response.status_code, response.json()) == (
        200,
        {
            "id": stored.pk,
            "blink_cnt": 20,
            "neck_cnt": 2,
            "stretching_cnt": 1,
            "start_time": STARTED,
            "end_time": "2026-11-25T10:00:00+09:00",
            "study_time": "0100",
            "active_s": 3600.0,
            "good_s": 1800.0,
            "bad_s": 1800.0,
            "unreliable_s": 0.0,
            "watched_s": 60.0,
            "watched_blinks": 15,
            "rests": 1,
            "blink_rate": {
                "per_minute": 15.0,
                "low": pytest.approx(8.389, abs=0.001),
                "high": pytest.approx(24.74, abs=0.01),
                "watched_s": 60.0,
            },
            "good_share": 0.5,
            "neck_per_hour": 2.0,
        },
    )


def test_version_1_report_has_no_measurements(owner: ApiClient) -> None:
    response = owner("get", f"reports/{create_bare_report(owner.user, STARTED).pk}/").json()
    assert (response["active_s"], response["watched_blinks"], response["rests"]) == (None, None, None)
    assert (response["blink_rate"], response["good_share"], response["neck_per_hour"]) == (None, None, None)


def test_rate_from_less_than_half_a_minute_is_not_told(owner: ApiClient) -> None:
    stored = create_report(owner.user, STARTED, watched_s=29.9)
    assert owner("get", f"reports/{stored.pk}/").json()["blink_rate"] is None


def test_timeline_lists_episodes_in_pages(owner: ApiClient) -> None:
    stored = create_report(owner.user, STARTED)
    session = create_session(stored, episodes=3)
    response = owner("get", f"reports/{stored.pk}/timeline/?page_size=2").json()
    assert response["report"] == owner("get", f"reports/{stored.pk}/").json()
    assert response["session"] == {
        "id": str(session.pk),
        "state": "stopped",
        "started_at": "2026-11-25T09:00:00+09:00",
        "stopped_at": None,
        "profile": None,
        "report": stored.pk,
    }
    assert [episode["number"] for episode in response["episodes"]] == [1, 2]
    assert response["episodes"][0] == {
        "number": 1,
        "kind": "neck",
        "started_at": "2026-11-25T09:01:00+09:00",
        "ended_at": "2026-11-25T09:01:30+09:00",
        "outline": None,
    }
    after = owner("get", response["next"].partition("/api/")[2]).json()
    assert ([episode["number"] for episode in after["episodes"]], after["next"]) == ([3], None)


def test_version_1_report_has_an_empty_timeline(owner: ApiClient) -> None:
    stored = create_bare_report(owner.user, STARTED)
    response = owner("get", f"reports/{stored.pk}/timeline/")
    body = response.json()
    assert (response.status_code, body["session"], body["episodes"], body["next"]) == (200, None, [], None)


@pytest.mark.parametrize(
    ("query", "field"),
    [("page_size=0", "page_size"), ("page_size=many", "page_size"), ("cursor=nonsense", "cursor")],
)
def test_invalid_timeline_parameter_is_named(owner: ApiClient, query: str, field: str) -> None:
    stored = create_report(owner.user, STARTED)
    create_session(stored, episodes=1)
    response = owner("get", f"reports/{stored.pk}/timeline/?{query}")
    assert (response.status_code, list(response.json())) == (400, [field])


def test_deleting_a_report_deletes_its_session(owner: ApiClient) -> None:
    deleted, other = create_report(owner.user, STARTED), create_report(owner.user, STARTED)
    create_session(deleted, episodes=2)
    remaining = create_session(other, episodes=1)
    assert owner("delete", f"reports/{deleted.pk}/").status_code == 204
    assert list(Report.objects.values_list("pk", flat=True)) == [other.pk]
    assert list(Session.objects.values_list("pk", flat=True)) == [remaining.pk]
    assert Episode.objects.count() == 1
    assert owner("delete", f"reports/{deleted.pk}/").status_code == 404


@pytest.mark.parametrize(("method", "path"), [("get", ""), ("delete", ""), ("get", "timeline/")])
def test_report_of_another_user_is_404(owner: ApiClient, stranger: ApiClient, method: str, path: str) -> None:
    stored = create_report(owner.user, STARTED)
    assert stranger(method, f"reports/{stored.pk}/{path}").status_code == 404
    assert Report.objects.filter(pk=stored.pk).exists()


@pytest.mark.parametrize(("method", "path"), [("get", ""), ("delete", ""), ("get", "timeline/")])
def test_anonymous_is_refused(client: Client, owner: ApiClient, method: str, path: str) -> None:
    stored = create_report(owner.user, STARTED)
    assert client.generic(method.upper(), f"/api/reports/{stored.pk}/{path}").status_code == 401


@pytest.mark.parametrize("number", ["0", "-1", "x", str(2**63), "9" * 400])
def test_unknown_report_number_is_404(owner: ApiClient, number: str) -> None:
    for method, path in (("get", ""), ("delete", ""), ("get", "timeline/")):
        assert owner(method, f"reports/{number}/{path}").status_code == 404
