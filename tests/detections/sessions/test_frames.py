"""POST /api/detections/sessions/{id}/frames/ with one frame as its body."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from accounts.models import FaceProfile
from detections import vision
from detections.models import Episode, Session
from detections.vision import analyze_image
from tests import pictures
from tests.conftest import ApiClient
from tests.detections.sessions.desk import (
    CENTRE,
    FACE_PX,
    Desk,
    eyes_closed,
    leaning_in,
    nobody,
    tilted,
    two_people,
    upright,
)

pytestmark = pytest.mark.usefixtures("known_pictures")

SMALL = pictures.jpeg(pictures.framed(90, CENTRE))
DARK = pictures.jpeg((pictures.framed(FACE_PX, CENTRE) * 0.15).astype(np.uint8))


def enrol_a_stranger(desk: Desk) -> None:
    FaceProfile.objects.all().delete()
    desk.enrol(np.zeros(128))


def kinds(response: Any) -> set[str]:
    return {alarm["kind"] for alarm in response["alarms"] if alarm["ended_at"] is None}


# --- Calibrating ---


def test_eight_steady_frames_calibrate_and_enrol_the_face(desk: Desk) -> None:
    desk.start()
    responses = [desk.frame(upright(), after_s=0.5) for _ in range(8)]
    assert [response["calibration"]["frames"] for response in responses] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert [response["state"] for response in responses] == ["calibrating"] * 7 + ["monitoring"]
    assert [response["calibration"]["hints"] for response in responses] == [[]] * 8
    assert 0.5 < responses[-1]["calibration"]["quality"] <= 1
    assert FaceProfile.objects.get(user=desk.person.user).frame_count == 8
    assert [response["identity"]["state"] for response in responses] == ["unknown"] * 8
    assert desk.frame(upright(), after_s=3)["identity"] == {"state": "owner"}


@pytest.mark.parametrize(
    ("data", "hint"),
    [(nobody(), "no_face"), (SMALL, "face_too_small"), (DARK, "too_dark"), (two_people(), "more_than_one_face")],
)
def test_bad_frame_gives_hint_and_enrols_nobody(desk: Desk, data: bytes, hint: str) -> None:
    desk.start()
    response = desk.frame(data)
    assert (response["state"], response["calibration"]["frames"]) == ("calibrating", 0)
    assert hint in response["calibration"]["hints"]
    assert not FaceProfile.objects.exists()


def test_strangers_face_neither_calibrates_nor_enrols(desk: Desk) -> None:
    desk.enrol(np.zeros(128))
    desk.start()
    response = desk.frames(upright(), 9, every_s=0.5)
    assert (response["state"], response["identity"]["state"]) == ("calibrating", "other")
    assert FaceProfile.objects.get().frame_count == 1


# --- Monitoring ---


def test_response_gives_posture_margins_and_face(desk: Desk) -> None:
    response = desk.calibrate().frames(upright(), 3)
    assert response["posture"] == {
        "state": "good",
        "faults": [],
        "reason": None,
        "margins": {
            "closer": {"value": pytest.approx(1.0, abs=0.01), "limit": 1.1},
            "lower": {"value": pytest.approx(0.0, abs=0.01), "limit": 0.15},
            "tilted": {"value": pytest.approx(0.0, abs=0.5), "limit": 10.0},
        },
    }
    eyes = response["eyes"]
    assert (eyes["state"], eyes["openness"], eyes["rate"]) == ("open", pytest.approx(1.0, abs=0.1), None)
    face = response["face"]
    assert (face["width"], face["height"]) == (640, 480)
    assert abs((face["box"]["left"] + face["box"]["right"]) / 2 - CENTRE[0]) < 20
    assert np.shape(face["outline"]) == (17, 2)
    ends = [face["outline"][index][0] for index in (0, 16)]
    assert face["box"]["left"] - 20 < ends[0] < ends[1] < face["box"]["right"] + 20
    assert response["active_s"] == 3.0


def test_neck_alarm_lasts_until_corrected(desk: Desk) -> None:
    desk.calibrate()
    responses = [desk.frame(leaning_in()) for _ in range(40)]
    assert responses[3]["posture"]["state"] == "bad"
    assert responses[3]["posture"]["faults"] == ["closer"]
    alarmed = [number for number, response in enumerate(responses, 1) if "neck" in kinds(response)]
    assert 18 <= alarmed[0] <= 23
    assert alarmed == list(range(alarmed[0], 41))
    response = desk.frames(upright(), 4)
    assert response["posture"]["state"] == "good"
    assert "neck" not in kinds(response)
    assert response["counts"]["neck"] == 1
    ended = Episode.objects.exclude(ended_at=None).values_list("kind", "started_at", "ended_at")
    spans: dict[str, Any] = {kind: times for kind, *times in ended}
    (bad_from, bad_to), (neck_from, neck_to) = spans["bad_posture"], spans["neck"]
    assert bad_from < neck_from < neck_to <= bad_to


def test_end_of_alarm_is_sent_once(desk: Desk) -> None:
    desk.calibrate().frames(leaning_in(), 25)
    ended = [alarm for _ in range(4) for alarm in desk.frame(upright())["alarms"] if alarm["kind"] == "neck"]
    assert [alarm["ended_at"] is None for alarm in ended][-1] is False
    assert len({alarm["id"] for alarm in ended}) == 1
    assert [alarm["ended_at"] is None for alarm in ended].count(False) == 1


def test_tilted_head_is_a_fault(desk: Desk) -> None:
    response = desk.calibrate().frames(tilted(), 4)
    assert response["posture"]["faults"] == ["tilted"]
    assert abs(response["posture"]["margins"]["tilted"]["value"] - 16) < 3


def test_changed_settings_apply_at_the_next_frame(desk: Desk) -> None:
    desk.calibrate()
    desk.person("put", "accounts/alarms/", {"neck_time": 5, "blink_on": False, "sensitivity": "low"})
    response = desk.frames(leaning_in(), 9)
    assert kinds(response) == {"neck"}
    assert response["posture"]["margins"]["closer"]["limit"] == 1.15
    assert response["next"] == "frame"
    desk.person("put", "accounts/alarms/", {"neck_on": False})
    assert kinds(desk.frame(leaning_in())) == set()


def test_blink_alarm_lasts_until_eyes_close(desk: Desk) -> None:
    desk.calibrate()
    response = desk.frames(upright(), 22)
    assert kinds(response) == {"blink"}
    assert response["next"] == "burst"
    response = desk.frame(eyes_closed())
    assert (response["eyes"]["state"], kinds(response)) == ("closed", set())
    assert response["eyes"]["rate"] is None
    assert response["counts"]["blinks"] == 1


def test_absence_lasts_until_the_owner_returns(desk: Desk) -> None:
    desk.calibrate().frames(upright(), 3)
    responses = [desk.frame(nobody()) for _ in range(20)]
    assert (responses[0]["posture"]["state"], responses[0]["posture"]["reason"]) == ("unreliable", "no_face")
    assert responses[0]["face"] is None
    assert [response["state"] for response in responses[:14]] == ["monitoring"] * 14
    assert responses[-1]["state"] == "away"
    assert responses[-1]["active_s"] == 3.0
    assert responses[-1]["next_after_ms"] >= 1500
    assert desk.frame(upright())["state"] == "monitoring"
    assert desk.frames(upright(), 2)["active_s"] == 5.0


def test_stranger_raises_alarm_and_is_not_counted(desk: Desk) -> None:
    desk.calibrate().frames(upright(), 3)
    enrol_a_stranger(desk)
    response = desk.frames(upright(), 12)
    assert response["identity"]["state"] == "other"
    assert (response["posture"]["state"], response["posture"]["reason"]) == ("unreliable", "not_the_owner")
    assert "stranger" in kinds(response)
    assert response["active_s"] < 10
    assert FaceProfile.objects.get().frame_count == 1


def test_session_continues_after_face_is_deleted(desk: Desk) -> None:
    desk.calibrate()
    enrol_a_stranger(desk)
    assert "stranger" in kinds(desk.frames(upright(), 12))
    assert desk.person("delete", "accounts/face/").status_code == 204
    response = desk.frame(upright())
    assert (response["state"], response["identity"], kinds(response)) == ("monitoring", {"state": "unknown"}, set())
    assert [alarm["kind"] for alarm in response["alarms"]] == ["stranger"]
    assert desk.frames(upright(), 3)["posture"]["state"] == "good"


def test_second_face_is_someone_behind(desk: Desk) -> None:
    desk.calibrate()
    response = desk.frames(two_people(), 2, every_s=12)
    assert response["someone_behind"] is True
    assert "someone_behind" in kinds(response)
    response = desk.frame(upright(), after_s=2)
    assert (response["someone_behind"], "someone_behind" in kinds(response)) == (False, False)
    desk.person("put", "accounts/alarms/", {"someone_behind_on": False})
    assert desk.frames(two_people(), 2, every_s=12)["someone_behind"] is False


def test_identity_check_needs_an_enrolled_face(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.calibrate()
    assert desk.person("delete", "accounts/face/").status_code == 204
    monkeypatch.setattr(vision, "analyze_image", analyze_image)  # known pictures have their descriptors
    monkeypatch.delattr("ai_models.vision.engine.FastEngine.describe")
    response = desk.frames(upright(), 3, every_s=6)
    assert (response["accepted"], response["posture"]["state"]) == (True, "good")


# --- Time ---


def test_frame_without_time_is_of_now(desk: Desk) -> None:
    desk.start()
    before = datetime.now(UTC)
    for _ in range(2):
        response = desk.send(upright())
        assert response.json()["accepted"] is True
    last_at = datetime.fromtimestamp(desk.state()["last_at_s"], UTC)
    assert before <= last_at <= datetime.now(UTC) + timedelta(seconds=1)


def test_capture_time_may_be_a_header(desk: Desk) -> None:
    desk.calibrate()
    captured_at = desk.now + timedelta(seconds=2.5)
    assert desk.send(upright(), header=captured_at).json()["active_s"] == 2.5


@pytest.mark.parametrize("years", [-50, -1, 1, 50])
def test_wrong_client_clock_is_accepted(desk: Desk, years: int) -> None:
    desk.now += timedelta(days=365 * years)
    response = desk.calibrate().frames(upright(), 3)
    assert response["active_s"] == 3.0
    report = desk.call("stop")["report"]
    assert abs(datetime.fromisoformat(report["start_time"]) - datetime.now(UTC)) < timedelta(minutes=1)


def test_corrected_client_clock_is_accepted(desk: Desk) -> None:
    desk.calibrate().frames(upright(), 3)
    desk.now -= timedelta(days=400)
    assert desk.frame(upright())["accepted"] is True
    assert desk.frames(upright(), 2)["accepted"] is True


@pytest.mark.parametrize(
    "captured_at",
    ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "1969-12-31T23:59:59Z", "2026-11-26T09:00:00", "2611260900"]
    + ["2026-11-26T09:00:00+99:99", "2026-02-30T09:00:00Z", "NaN", "Infinity", "0", "-1", "1e400", "", " ", "\0", "🙂"]
    + ["now", "2026-11-26", "2026-11-26T25:00:00Z", "２０２６-11-26T09:00:00Z", "9" * 5000],
)
def test_invalid_time_is_refused_by_name(desk: Desk, captured_at: str) -> None:
    desk.start()
    before = Session.objects.values().get()
    response = desk.send(upright(), captured_at=captured_at)
    assert (response.status_code, set(response.json())) == (400, {"captured_at"})
    assert Session.objects.values().get() == before


@pytest.mark.parametrize("text", ["2026-11-26T09:00:00+0900", "2026-11-26T09:00:00.123456789Z", "1970-01-01T00:00:00Z"])
def test_iso_8601_in_any_zone_is_accepted(desk: Desk, text: str) -> None:
    desk.start()
    assert desk.send(upright(), captured_at=text).json()["accepted"] is True


def test_state_is_small_and_holds_no_descriptor(desk: Desk, stranger: ApiClient) -> None:
    desk.calibrate()
    for data in [upright(), leaning_in(), two_people(), eyes_closed()] * 12:
        desk.frame(data, after_s=1.5)
    text = Session.objects.get().state
    assert len(text) < 5000
    descriptor = FaceProfile.objects.get().enrolment.mean
    # Two of its 128 numbers may be there by chance, among measures with as many digits.
    assert len([number for number in descriptor if f"{number:.4f}" in text]) <= 2
