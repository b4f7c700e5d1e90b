"""GET and DELETE /api/reports/{id}/, GET /api/reports/{id}/timeline/"""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from detections.models import Episode, Session
from reports.models import Report
from tests.conftest import ApiClient
from tests.reports.kept import bare_report, report

BEGAN = "2026-11-25T09:00:00+09:00"
BEGAN_AT = datetime(2026, 11, 25, 0, tzinfo=UTC)


def session_of(kept: Report, episodes: int) -> Session:
    session = Session.objects.create(
        user=kept.user, started_at=BEGAN_AT, received_at=BEGAN_AT, phase="stopped", state="{}", report=kept
    )
    for number in range(1, episodes + 1):
        started_at = BEGAN_AT + timedelta(minutes=number)
        ended_at = started_at + timedelta(seconds=30)
        Episode.objects.create(session=session, number=number, kind="neck", started_at=started_at, ended_at=ended_at)
    return session


def test_a_report_tells_what_its_session_measured(owner: ApiClient) -> None:
    kept = report(owner.user, BEGAN)
    response = owner("get", f"reports/{kept.pk}/")
    assert (response.status_code, response.json()) == (
        200,
        {
            "id": kept.pk,
            "blink_cnt": 20,
            "neck_cnt": 2,
            "stretching_cnt": 1,
            "start_time": BEGAN,
            "end_time": "2026-11-25T10:00:00+09:00",
            "study_time": "0100",
            "active_s": 3600.0,
            "good_s": 1800.0,
            "bad_s": 1800.0,
            "unreliable_s": 0.0,
            "watched_s": 60.0,
            "watched_blinks": 15,
            "rests": 1,
        },
    )


def test_a_version_1_report_measured_nothing(owner: ApiClient) -> None:
    response = owner("get", f"reports/{bare_report(owner.user, BEGAN).pk}/").json()
    assert (response["active_s"], response["watched_blinks"], response["rests"]) == (None, None, None)


def test_a_timeline_tells_the_sessions_episodes_page_by_page(owner: ApiClient) -> None:
    kept = report(owner.user, BEGAN)
    session = session_of(kept, episodes=3)
    response = owner("get", f"reports/{kept.pk}/timeline/?page_size=2").json()
    assert response["report"] == owner("get", f"reports/{kept.pk}/").json()
    assert response["session"] == {
        "id": str(session.pk),
        "state": "stopped",
        "started_at": "2026-11-25T09:00:00+09:00",
        "stopped_at": None,
        "profile": None,
        "report": kept.pk,
    }
    assert [each["number"] for each in response["episodes"]] == [1, 2]
    assert response["episodes"][0] == {
        "number": 1,
        "kind": "neck",
        "started_at": "2026-11-25T09:01:00+09:00",
        "ended_at": "2026-11-25T09:01:30+09:00",
    }
    after = owner("get", response["next"].partition("/api/")[2]).json()
    assert ([each["number"] for each in after["episodes"]], after["next"]) == ([3], None)


def test_the_timeline_of_a_version_1_report_is_empty(owner: ApiClient) -> None:
    kept = bare_report(owner.user, BEGAN)
    response = owner("get", f"reports/{kept.pk}/timeline/")
    told = response.json()
    assert (response.status_code, told["session"], told["episodes"], told["next"]) == (200, None, [], None)


@pytest.mark.parametrize(
    ("query", "field"),
    [("page_size=0", "page_size"), ("page_size=many", "page_size"), ("cursor=nonsense", "cursor")],
)
def test_what_is_no_page_of_a_timeline_is_a_400_that_names_it(owner: ApiClient, query: str, field: str) -> None:
    kept = report(owner.user, BEGAN)
    session_of(kept, episodes=1)
    response = owner("get", f"reports/{kept.pk}/timeline/?{query}")
    assert (response.status_code, list(response.json())) == (400, [field])


def test_with_a_report_goes_its_session(owner: ApiClient) -> None:
    kept, other = report(owner.user, BEGAN), report(owner.user, BEGAN)
    session_of(kept, episodes=2)
    left = session_of(other, episodes=1)
    assert owner("delete", f"reports/{kept.pk}/").status_code == 204
    assert list(Report.objects.values_list("pk", flat=True)) == [other.pk]
    assert list(Session.objects.values_list("pk", flat=True)) == [left.pk]
    assert Episode.objects.count() == 1
    assert owner("delete", f"reports/{kept.pk}/").status_code == 404


@pytest.mark.parametrize(("method", "path"), [("get", ""), ("delete", ""), ("get", "timeline/")])
def test_somebody_elses_report_is_not_there(owner: ApiClient, stranger: ApiClient, method: str, path: str) -> None:
    kept = report(owner.user, BEGAN)
    assert stranger(method, f"reports/{kept.pk}/{path}").status_code == 404
    assert Report.objects.filter(pk=kept.pk).exists()


@pytest.mark.parametrize(("method", "path"), [("get", ""), ("delete", ""), ("get", "timeline/")])
def test_a_report_needs_a_login(client: Client, owner: ApiClient, method: str, path: str) -> None:
    kept = report(owner.user, BEGAN)
    assert client.generic(method.upper(), f"/api/reports/{kept.pk}/{path}").status_code == 401


@pytest.mark.parametrize("number", ["0", "-1", "x", str(2**63), "9" * 400])
def test_a_number_of_no_report_is_a_404(owner: ApiClient, number: str) -> None:
    for method, path in (("get", ""), ("delete", ""), ("get", "timeline/")):
        assert owner(method, f"reports/{number}/{path}").status_code == 404
