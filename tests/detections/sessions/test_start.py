"""POST /api/detections/sessions/"""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from accounts.models import User
from detections.models import Session
from detections.sessions import commands
from detections.sessions.services import SessionResult
from personal_data.withdrawal import user_erase
from reports.models import Report
from tests.conftest import ApiClient
from tests.detections.sessions.desk import SESSIONS, Desk, leaning_in, upright

pytestmark = pytest.mark.usefixtures("known_pictures")

UNKNOWN_EYES: dict[str, Any] = {
    "state": "unknown",
    "openness": None,
    "reliable": False,
    "reason": None,
    "blinks": [],
    "rate": None,
    "partial_share": None,
    "watched_share": None,
}


def test_new_session_calibrates_first(desk: Desk) -> None:
    response = desk.start()
    started_at = response.pop("started_at")
    assert response == {
        "id": desk.id,
        "state": "calibrating",
        "accepted": True,
        "stopped_at": None,
        "active_s": 0.0,
        "report": None,
        "profile": None,
        "counts": {"blinks": 0, "neck": 0, "stretches": 0},
        "hint": None,
        "question": None,
        "calibration": {"frames": 0, "needed": 8, "hints": response["calibration"]["hints"], "quality": None},
        "posture": {"state": "unknown", "faults": [], "reason": None, "margins": None},
        "eyes": UNKNOWN_EYES,
        "identity": {"state": "unknown"},
        "someone_behind": False,
        "face": None,
        "outlines": {"now": None, "best": None},
        "alarms": [],
        "snoozed": [],
        "upcoming": None,
        "next": "frame",
        "next_after_ms": 500,
        "burst": {"frames": 45, "interval_ms": 66},
    }
    assert str(UUID(desk.id)) == desk.id
    session = Session.objects.get()
    assert timezone.now() - session.started_at < timedelta(minutes=1)
    assert started_at == timezone.localtime(session.started_at).isoformat()


@pytest.mark.parametrize("body", [{}, {"profile": None}, {"flag": 1}])
def test_profile_is_optional(owner: ApiClient, body: Any) -> None:
    response = owner("post", SESSIONS, body)
    assert (response.status_code, response.json()["state"]) == (201, "calibrating")


def test_starting_another_session_stops_the_first(desk: Desk) -> None:
    desk.calibrate().frames(upright(), 3)
    first = desk.read()
    other = Desk(desk.person)
    other.start()
    assert other.id != desk.id
    ended = desk.read()
    assert (ended["state"], ended["active_s"], ended["counts"]) == ("stopped", first["active_s"], first["counts"])
    report = Report.objects.get()
    assert (ended["report"], report.active_s) == (report.pk, 3.0)
    assert desk.send(upright()).status_code == 409
    assert other.read()["state"] == "calibrating"


def test_client_that_asks_learns_what_is_running_and_stops_nothing(desk: Desk) -> None:
    desk.calibrate()
    response = desk.person("post", SESSIONS, {"ask": True})
    running = Session.objects.get()
    assert (response.status_code, response.json()) == (
        409,
        {
            "detail": "Another session is running. End it, or take over.",
            "id": desk.id,
            "last_frame_at": timezone.localtime(running.received_at).isoformat(),
        },
    )
    assert desk.read()["state"] == "monitoring"


def test_client_that_takes_over_stops_the_other_session(desk: Desk) -> None:
    desk.calibrate()
    response = desk.person("post", SESSIONS, {"ask": True, "take_over": True})
    assert (response.status_code, desk.read()["state"]) == (201, "stopped")


@pytest.mark.parametrize("body", [{"ask": True}, {"ask": False}, {"take_over": True}])
def test_without_another_session_asking_starts_one(owner: ApiClient, stranger: ApiClient, body: Any) -> None:
    Desk(stranger).start()
    assert owner("post", SESSIONS, body).status_code == 201


@pytest.mark.parametrize("name", ["ask", "take_over"])
@pytest.mark.parametrize("value", [None, "", "perhaps", 2, [], {}])
def test_invalid_answers_are_refused_and_stop_nothing(desk: Desk, name: str, value: Any) -> None:
    desk.start()
    response = desk.person("post", SESSIONS, {name: value})
    assert (response.status_code, set(response.json())) == (400, {name})
    assert desk.read()["state"] == "calibrating"


def test_every_replaced_session_has_a_report(desk: Desk) -> None:
    for _ in range(2):
        desk.calibrate().frames(upright(), 3)
    desk.start()
    ended = Session.objects.filter(stopped_at__isnull=False)
    assert (ended.count(), Report.objects.count()) == (2, 2)
    assert {session.report_id for session in ended} == set(Report.objects.values_list("pk", flat=True))


def test_silent_session_ends_at_its_last_frame(desk: Desk) -> None:
    desk.calibrate().frames(upright(), 3)
    session = Session.objects.get()
    Session.objects.update(received_at=session.received_at - timedelta(hours=3))
    Desk(desk.person).start()
    session.refresh_from_db()
    assert session.stopped_at
    assert abs(session.stopped_at - desk.now) < timedelta(seconds=5)


def test_alarms_end_with_their_session(desk: Desk) -> None:
    desk.calibrate().frames(leaning_in(), 30)
    session = Session.objects.get()
    assert session.episodes.filter(ended_at=None).exists()
    desk.start()
    assert not session.episodes.filter(ended_at=None).exists()


def test_database_allows_one_running_session_per_user(desk: Desk, stranger: ApiClient) -> None:
    desk.start()
    Desk(stranger).start()
    session = Session.objects.get(pk=desk.id)
    session.pk = UUID(int=1)
    with transaction.atomic(), pytest.raises(IntegrityError):
        session.save(force_insert=True)
    for number in (2, 3):
        session.pk, session.running = UUID(int=number), None
        session.save(force_insert=True)


@pytest.mark.parametrize(
    "profile", [0, -1, 2**31, 2**63, 10**30, "", "desk", "1\0", "🙂", True, [], {}, 1.5, float("nan"), float("inf")]
)
def test_invalid_profile_is_refused_and_stops_nothing(desk: Desk, profile: Any) -> None:
    desk.start()
    response = desk.person("post", SESSIONS, {"profile": profile})
    assert (response.status_code, set(response.json())) == (400, {"profile"})
    assert desk.read()["state"] == "calibrating"


def test_strangers_profile_is_refused_as_missing(desk: Desk, stranger: ApiClient) -> None:
    profile = Desk(stranger).calibrate().call("profile", {"name": "desk"})
    responses = [desk.person("post", SESSIONS, {"profile": number}) for number in (profile["id"], 10**6)]
    assert [response.status_code for response in responses] == [400, 400]
    assert responses[0].json() == responses[1].json()


@pytest.mark.parametrize("body", ["{", "[]", "null", '"desk"', "NaN"])
def test_non_object_body_is_400(desk: Desk, body: str) -> None:
    headers = {"Authorization": f"Bearer {desk.person.access}"}
    response = Client().post(f"/api/{SESSIONS}", body, content_type="application/json", headers=headers)
    assert response.status_code == 400
    assert not Session.objects.exists()


def test_request_without_login_is_401(client: Client, owner: ApiClient) -> None:
    assert client.post(f"/api/{SESSIONS}", {}, content_type="application/json").status_code == 401
    assert not Session.objects.exists()


def test_withdrawal_during_start_is_401(owner: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def withdraw_first(*, user: User, **options: Any) -> SessionResult:
        user_erase(user_id=user.pk)
        return session_start(user=user, **options)

    session_start = commands.session_start
    monkeypatch.setattr(commands, "session_start", withdraw_first)
    assert owner("post", SESSIONS, {}).status_code == 401
    assert not Session.objects.exists()
