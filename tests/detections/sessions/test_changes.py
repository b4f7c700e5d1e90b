"""POST /api/detections/sessions/{id}/pause/, resume/, recalibrate/ and stretches/"""

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client

from accounts.models import User
from detections.models import Episode, Session
from detections.sessions import commands
from detections.sessions.services import SessionResult
from personal_data.withdrawal import user_erase
from tests.conftest import PASSWORD, ApiClient
from tests.detections.sessions.desk import SESSIONS, Desk, leaning_in, upright

pytestmark = pytest.mark.usefixtures("known_pictures")

CALLS = ["pause", "resume", "recalibrate", "stretches", "stop", "profile"]
COMMANDS = CALLS[:4]


def kinds(*, is_open: bool) -> list[str]:
    return list(Episode.objects.filter(ended_at__isnull=is_open).values_list("kind", flat=True))


def test_paused_session_ignores_frames_until_resumed(desk: Desk) -> None:
    desk.calibrate().frames(upright(), 3)
    paused = desk.call("pause")
    assert (paused["state"], paused["accepted"]) == ("paused", True)
    ignored = desk.frame(leaning_in())
    assert (ignored["state"], ignored["accepted"], ignored["face"]) == ("paused", False, None)
    assert ignored["active_s"] == paused["active_s"] == 3.0
    assert desk.call("resume")["state"] == "monitoring"
    response = desk.frame(upright())
    assert (response["accepted"], response["posture"]["state"]) == (True, "good")
    assert kinds(is_open=False) == ["paused"]


def test_pause_response_lists_the_ended_alarms(desk: Desk) -> None:
    desk.calibrate()
    alarms = desk.frames(leaning_in(), 30)["alarms"]
    assert {alarm["kind"] for alarm in alarms} == {"neck", "blink"}
    paused = desk.call("pause")
    assert {alarm["id"] for alarm in paused["alarms"]} == {alarm["id"] for alarm in alarms}
    assert all(alarm["ended_at"] for alarm in paused["alarms"])
    assert desk.call("resume")["alarms"] == []
    assert kinds(is_open=True) == []


@pytest.mark.parametrize("call", ["pause", "resume"])
def test_repeated_command_changes_nothing(desk: Desk, call: str) -> None:
    desk.calibrate()
    if call == "resume":
        desk.call("pause")
    once = desk.call(call)
    before = Session.objects.values().get()
    twice = desk.call(call)
    assert (once["accepted"], twice["accepted"]) == (True, False)
    assert twice["state"] == once["state"]
    assert Session.objects.values().get() == before


def test_recalibrating_replaces_baseline_and_keeps_counts(desk: Desk) -> None:
    desk.calibrate()
    desk.frames(leaning_in(), 30)
    before = desk.read()
    response = desk.call("recalibrate")
    assert (response["state"], response["calibration"]["frames"]) == ("calibrating", 0)
    assert (response["counts"], response["active_s"]) == (before["counts"], before["active_s"])
    response = desk.frames(leaning_in(), 9, every_s=0.5)
    assert (response["state"], response["posture"]["state"]) == ("monitoring", "good")
    assert abs(response["posture"]["margins"]["closer"]["value"] - 1) < 0.02


def test_each_stretch_counts(desk: Desk) -> None:
    desk.calibrate()
    assert [desk.call("stretches")["counts"]["stretches"] for _ in range(3)] == [1, 2, 3]
    assert kinds(is_open=False) == ["stretch"] * 3
    assert desk.call("stop")["report"]["stretching_cnt"] == 3


def test_stretch_ends_its_alarm(desk: Desk) -> None:
    User.objects.update(stretching_time=5, blink_on=False)
    desk.calibrate()
    [alarm] = desk.frames(upright(), 6)["alarms"]
    assert (alarm["kind"], alarm["ended_at"]) == ("stretching", None)
    [ended] = desk.call("stretches")["alarms"]
    assert (ended["id"], ended["kind"]) == (alarm["id"], "stretching")
    assert ended["ended_at"] >= ended["started_at"]
    assert desk.frame(upright())["alarms"] == []


@pytest.mark.parametrize("call", COMMANDS)
def test_command_after_stop_is_409(desk: Desk, call: str) -> None:
    desk.calibrate().call("stop")
    before = Session.objects.values().get()
    response = desk.person("post", f"{desk.path}{call}/")
    assert (response.status_code, set(response.json())) == (409, {"detail"})
    assert Session.objects.values().get() == before


@pytest.mark.parametrize("call", CALLS)
def test_strangers_session_is_not_found(desk: Desk, stranger: ApiClient, call: str) -> None:
    desk.calibrate()
    before = Session.objects.values().get()
    responses = [
        stranger("post", f"{SESSIONS}{session_id}/{call}/", {"name": "mine"}) for session_id in (desk.id, uuid4())
    ]
    assert [response.status_code for response in responses] == [404, 404]
    assert responses[0].json() == responses[1].json()
    assert Session.objects.values().get() == before


@pytest.mark.refused
@pytest.mark.parametrize("session_id", ["1", "0" * 33, "not-an-id", "%00", "🙂"])
@pytest.mark.parametrize("call", ["frames", *CALLS])
def test_invalid_id_is_404(owner: ApiClient, session_id: str, call: str) -> None:
    assert owner("post", f"{SESSIONS}{session_id}/{call}/").status_code == 404


@pytest.mark.parametrize("call", ["frames", *CALLS])
def test_request_without_login_is_401(desk: Desk, client: Client, call: str) -> None:
    desk.start()
    assert client.post(f"/api/{desk.path}{call}/").status_code == 401
    assert client.get(f"/api/{desk.path}").status_code == 401
    assert desk.read()["state"] == "calibrating"


@pytest.mark.parametrize("call", COMMANDS)
def test_other_methods_are_405(desk: Desk, call: str) -> None:
    desk.start()
    for method in ("get", "put", "delete", "patch"):
        assert desk.person(method, f"{desk.path}{call}/").status_code == 405


@pytest.mark.parametrize("call", COMMANDS)
def test_withdrawal_during_the_command_is_401(desk: Desk, monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    def withdraw_first(*, user: User, session_id: UUID, change: Any) -> SessionResult:
        user_erase(user_id=user.pk)
        return session_change(user=user, session_id=session_id, change=change)

    session_change = commands.session_change
    desk.start()
    monkeypatch.setattr(commands, "session_change", withdraw_first)
    assert desk.person("post", f"{desk.path}{call}/").status_code == 401
    assert not Session.objects.exists()


def test_cancelled_calibration_brings_the_one_before_back(desk: Desk) -> None:
    before = desk.calibrate().read()["calibration"]
    desk.call("recalibrate")
    desk.frame(upright(), after_s=0.5)
    response = desk.call("cancel-calibration")
    assert (response["state"], response["calibration"], response["accepted"]) == ("monitoring", before, True)
    assert desk.frame(upright())["posture"]["state"] == "good"


@pytest.mark.parametrize("recalibrations", [0, 1])
def test_without_a_calibration_before_there_is_none_to_go_back_to(desk: Desk, recalibrations: int) -> None:
    desk.start()
    for _ in range(recalibrations):
        desk.call("recalibrate")
    assert desk.person("post", f"{desk.path}cancel-calibration/").status_code == 409
    assert desk.read()["state"] == "calibrating"


def test_completed_calibration_cannot_be_cancelled(desk: Desk) -> None:
    desk.calibrate().call("recalibrate")
    desk.frames(upright(), 9, every_s=0.5)
    assert desk.person("post", f"{desk.path}cancel-calibration/").status_code == 409
    assert desk.read()["state"] == "monitoring"


def test_confirmed_face_is_not_learned_after_cancelling(desk: Desk) -> None:
    desk.calibrate().call("face", {"password": PASSWORD})
    desk.call("cancel-calibration")
    assert desk.state()["confirmation"] is None


def test_strangers_calibration_cannot_be_cancelled(desk: Desk, stranger: ApiClient) -> None:
    desk.calibrate().call("recalibrate")
    assert stranger("post", f"{desk.path}cancel-calibration/").status_code == 404
    assert desk.read()["state"] == "calibrating"
