"""detections.sessions.finish: sessions that nobody stopped."""

from datetime import timedelta

import pytest

from accounts.services import user_lock
from common.telemetry import metrics
from detections.models import Session
from detections.sessions import finish
from personal_data.withdrawal import user_erase
from reports.models import Report
from tests.conftest import ApiClient
from tests.detections.sessions.desk import Desk, leaning_in, upright

pytestmark = pytest.mark.usefixtures("known_pictures")


def age_sessions(hours: float) -> None:
    for session in Session.objects.filter(running=True):
        session.received_at -= timedelta(hours=hours)
        session.save(update_fields=["received_at"])


def test_session_silent_for_12_hours_ends_with_report(desk: Desk) -> None:
    desk.calibrate().frames(leaning_in(), 30)
    age_sessions(12.1)
    stopped = metrics.sessions_stopped._value.get()
    assert finish.end_abandoned() == 1
    assert metrics.sessions_stopped._value.get() == stopped + 1
    response = desk.read()
    assert (response["state"], response["alarms"]) == ("stopped", [])
    session, report = Session.objects.get(), Report.objects.get()
    assert response["report"] == report.pk
    assert (report.active_s, report.neck_cnt) == (30.0, 1)
    assert session.stopped_at
    assert abs(session.stopped_at - desk.now - timedelta(seconds=15)) < timedelta(minutes=1)  # the test takes time
    assert not session.episodes.filter(ended_at=None).exists()
    assert desk.send(upright()).status_code == 409
    assert finish.end_abandoned() == 0


def test_session_silent_for_less_continues(desk: Desk, stranger: ApiClient) -> None:
    desk.calibrate()
    age_sessions(11.9)
    assert finish.end_abandoned() == 0
    assert desk.frame(upright(), after_s=10)["state"] == "monitoring"


def test_session_with_a_concurrent_frame_continues(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def frame_first(*, user_id: int) -> None:
        monkeypatch.setattr("detections.sessions.store.user_lock", user_lock)
        desk.frame(upright())
        user_lock(user_id=user_id)

    desk.calibrate()
    age_sessions(13)
    monkeypatch.setattr("detections.sessions.store.user_lock", frame_first)
    assert finish.end_abandoned() == 0
    assert desk.read()["state"] == "monitoring"


def test_concurrent_withdrawal_is_no_error(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def withdraw_first(*, user_id: int) -> None:
        user_erase(user_id=user_id)
        user_lock(user_id=user_id)

    desk.start()
    age_sessions(13)
    monkeypatch.setattr("detections.sessions.store.user_lock", withdraw_first)
    assert finish.end_abandoned() == 0
    assert not Report.objects.exists()
