"""POST /api/detections/sessions/{id}/stop/, and GET /api/detections/sessions/{id}/ afterwards."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from accounts.models import User
from detections.models import Episode, Session
from detections.sessions import codec, commands
from detections.sessions.services import SessionResult
from personal_data.withdrawal import user_erase
from reports.models import Report
from tests.detections.sessions.desk import Desk, eyes_closed, leaning_in, nobody, upright

pytestmark = pytest.mark.usefixtures("known_pictures")


def run_session(desk: Desk) -> Desk:
    """A session with an episode of bad posture, a blink and an absence."""
    desk.calibrate()
    desk.burst([upright()] * 20 + [eyes_closed()] * 3 + [upright()] * 22)
    desk.frames(leaning_in(), 30)
    desk.frames(upright(), 5)
    desk.frames(nobody(), 20)
    desk.frames(upright(), 5)
    return desk


def test_stopping_creates_the_report(desk: Desk) -> None:
    before = run_session(desk).read()
    response = desk.call("stop")
    session, report = response["session"], response["report"]
    assert (session["state"], session["report"], session["alarms"]) == ("stopped", report["id"], [])
    assert (report["blink_cnt"], report["neck_cnt"], report["stretching_cnt"]) == (1, 1, 0)
    assert report["active_s"] == session["active_s"] == before["active_s"]
    assert report["bad_s"] == pytest.approx(30, abs=3)
    assert report["good_s"] + report["bad_s"] <= report["active_s"] + 1
    assert report["watched_blinks"] == 1
    assert report["watched_s"] == pytest.approx(3 - 0.37, abs=0.2)
    assert desk.person("get", "reports/").json()[0]["id"] == report["id"]


def test_report_has_the_sessions_times(desk: Desk) -> None:
    run_session(desk)
    response = desk.call("stop")
    session, report = response["session"], response["report"]
    for at, text in (("started_at", report["start_time"]), ("stopped_at", report["end_time"])):
        assert abs(datetime.fromisoformat(session[at]) - datetime.fromisoformat(text)) < timedelta(milliseconds=1)
    assert session["started_at"] < session["stopped_at"]
    assert report["study_time"] == "0001"


def test_stopping_again_gives_the_same_report(desk: Desk) -> None:
    run_session(desk)
    first, second = desk.call("stop"), desk.call("stop")
    assert second["report"] == first["report"]
    assert second["session"] == first["session"] | {"accepted": False, "alarms": []}
    assert (Report.objects.count(), Session.objects.count()) == (1, 1)


def test_session_that_was_never_calibrated_leaves_no_report(desk: Desk) -> None:
    for frames in ([], [nobody()] * 5, [upright()] * 2):
        desk.start()
        for frame in frames:
            desk.frame(frame)
    for _ in range(2):
        response = desk.call("stop")
        assert (response["session"]["state"], response["report"], response["session"]["report"]) == (
            "stopped",
            None,
            None,
        )
    assert desk.person("get", "reports/").json() == []
    assert desk.person("get", "reports/summary/").json()["total"]["sessions"] == 0


def test_recalibrating_at_the_end_keeps_the_report(desk: Desk) -> None:
    run_session(desk)
    desk.call("recalibrate")
    assert desk.call("stop")["report"]["neck_cnt"] == 1


def test_paused_session_can_be_stopped(desk: Desk) -> None:
    desk.calibrate().call("pause")
    assert desk.call("stop")["session"]["state"] == "stopped"
    assert not Episode.objects.filter(ended_at=None).exists()


def test_stop_response_lists_the_ended_alarms(desk: Desk) -> None:
    desk.calibrate()
    alarms = desk.frames(leaning_in(), 30)["alarms"]
    assert alarms
    ended = desk.call("stop")["session"]["alarms"]
    assert {alarm["id"] for alarm in ended} == {alarm["id"] for alarm in alarms}
    assert all(alarm["ended_at"] for alarm in ended)
    assert not Episode.objects.filter(ended_at=None).exists()


def test_stopping_deletes_personal_measures(desk: Desk) -> None:
    run_session(desk)
    assert set(codec.state_fields(Session.objects.get().state)) >= {"baseline", "eye_tracker", "identity", "box"}
    desk.call("stop")
    remains = codec.state_fields(Session.objects.get().state)
    assert (remains["baseline"], remains["box"], remains["eye_tracker"]["open_ratios"]) == (None, None, [])
    assert (remains["identity"], remains["posture"]["samples"]) == ({"state": "unknown", "is_sure": False}, [])
    assert (remains["seen_box"], remains["owner_box"], remains["bystanders"]) == (None, None, [])
    assert remains["calibration"]["samples"] == []


def test_stopped_session_can_still_be_read(desk: Desk) -> None:
    run_session(desk)
    ended = desk.call("stop")["session"]
    assert desk.read() == ended | {"accepted": True, "alarms": []}


def test_deleting_a_report_deletes_its_session(desk: Desk) -> None:
    run_session(desk).call("stop")
    Report.objects.all().delete()
    assert desk.person("post", f"{desk.path}stop/").status_code == 404
    assert not Session.objects.exists()


def test_another_session_can_start_after_stop(desk: Desk) -> None:
    desk.calibrate().frames(upright(), 3)
    desk.call("stop")
    assert not Session.objects.filter(running=True).exists()
    desk.start()
    assert Session.objects.filter(running=True).count() == 1
    assert Report.objects.count() == 1


def test_withdrawal_during_stop_is_401(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def withdraw_first(*, user: User, session_id: UUID) -> SessionResult:
        user_erase(user_id=user.pk)
        return session_stop(user=user, session_id=session_id)

    session_stop = commands.session_stop
    desk.start()
    monkeypatch.setattr(commands, "session_stop", withdraw_first)
    assert desk.person("post", f"{desk.path}stop/").status_code == 401
    assert not Report.objects.exists()
