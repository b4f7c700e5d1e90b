"""POST /api/detections/sessions/{id}/landmarks/"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import FaceProfile
from ai_models.analysis import FrameAnalysis
from common.http.throttling import FrameThrottle
from detections import vision
from detections.models import Profile
from mongos import archive
from tests.conftest import ApiClient
from tests.detections.sessions.desk import Desk, eyes_closed, leaning_in, nobody, tilted, upright
from tests.detections.sessions.landmarks import as_mesh, calibrate, look, observation, points_of, second, send

pytestmark = pytest.mark.usefixtures("known_pictures")


@pytest.fixture
def sitting(desk: Desk) -> Desk:
    """A session calibrated with landmarks."""
    desk.start()
    calibrate(desk, points_of(upright()))
    return desk


@contextmanager
def recorded(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[FrameAnalysis]]:
    """The analyses of all frames that are sent meanwhile."""
    found: list[FrameAnalysis] = []

    def analyze(*args: Any) -> list[FrameAnalysis]:
        found.extend(analyses := list(analyze_frames(*args)))
        return analyses

    analyze_frames = vision.analyze_frames
    with monkeypatch.context() as patch:
        patch.setattr(vision, "analyze_frames", analyze)
        yield found


def landmarks_of(found: FrameAnalysis) -> Any:
    if found.face is None:
        return None
    steady = found.face.steady_points
    return found.face.points.astype(float) if steady is None else steady


# --- The same judgement ---


def test_verdicts_equal_those_of_the_frames(
    owner: ApiClient, stranger: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """dlib's own points, sent instead of the pictures they were found in: the same posture, to the digit."""
    day = [upright()] * 10 + [leaning_in()] * 25 + [upright()] * 5 + [tilted()] * 25 + [nobody()] * 3 + [upright()] * 6
    by_pictures, by_landmarks = Desk(owner), Desk(stranger)
    by_pictures.start()
    by_landmarks.start()
    with recorded(monkeypatch) as found:
        judged = [by_pictures.frame(data) for data in day]
    for expected, analysis in zip(judged, found, strict=True):
        given = look(by_landmarks, landmarks_of(analysis))
        assert given["posture"] == expected["posture"]
        assert given["eyes"] == expected["eyes"]
        assert (given["state"], given["active_s"]) == (expected["state"], expected["active_s"])
        assert [alarm["kind"] for alarm in given["alarms"]] == [alarm["kind"] for alarm in expected["alarms"]]
    faults = {fault for response in judged for fault in response["posture"]["faults"]}
    assert faults == {"closer", "tilted"}
    reports = [desk.call("stop")["report"] for desk in (by_pictures, by_landmarks)]
    assert reports[0]["neck_cnt"] == reports[1]["neck_cnt"] == 2
    assert reports[0]["bad_s"] == reports[1]["bad_s"] > 40


def test_mesh_is_judged_as_the_68_points_in_it(sitting: Desk, stranger: ApiClient) -> None:
    other = Desk(stranger)
    other.start()
    calibrate(other, as_mesh(points_of(upright())))
    for data in (leaning_in(), leaning_in(), leaning_in(), tilted()):
        assert look(other, as_mesh(points_of(data)))["posture"] == look(sitting, points_of(data))["posture"]


def test_blink_shows_in_a_second_of_landmarks(sitting: Desk) -> None:
    open_eyes, shut = points_of(upright()), points_of(eyes_closed())
    second(sitting, open_eyes)
    times = [sitting.now.timestamp() + number / 15 for number in range(1, 31)]
    pictures = [shut if 8 <= number < 11 else open_eyes for number in range(30)]
    moments = [type(sitting.now).fromtimestamp(at, sitting.now.tzinfo) for at in times]
    sitting.now = moments[-1]
    response = send(sitting, [observation(found, at) for found, at in zip(pictures, moments, strict=True)])
    second(sitting, open_eyes)
    assert response.status_code == 200
    assert sitting.read()["counts"]["blinks"] == 1
    assert sitting.read()["eyes"]["reliable"] is True


def test_calm_landmarks_are_asked_for_by_four_seconds(sitting: Desk) -> None:
    response = second(sitting, points_of(upright()))
    assert (response["next"], response["burst"]) == ("burst", {"frames": 60, "interval_ms": 66})
    assert second(sitting, points_of(leaning_in()))["burst"]["frames"] == 15  # posture is in doubt


def test_nobody_is_asked_whose_face_it_is(sitting: Desk) -> None:
    sitting.enrol(np.full(128, 0.5))
    for _ in range(12):
        response = look(sitting, points_of(upright()))
    assert response["identity"] == {"state": "not_asked"}
    assert (response["posture"]["state"], response["alarms"]) == ("good", [])
    assert response["active_s"] == 12.0


def test_somebody_behind_is_told_by_a_box_or_a_count(sitting: Desk) -> None:
    points = points_of(upright())
    for _ in range(11):
        look(sitting, points, faces=1)
    boxed = [look(sitting, points, others=[[500, 100, 600, 200]]) for _ in range(2)][-1]
    assert boxed["someone_behind"] is True
    assert look(sitting, points, faces=1)["someone_behind"] is False
    assert [look(sitting, points, faces=2) for _ in range(2)][-1]["someone_behind"] is True


def test_dark_face_has_its_hint(sitting: Desk) -> None:
    assert look(sitting, points_of(upright()), brightness=0.1)["hint"] == "too_dark"
    assert look(sitting, points_of(upright()), brightness=0.5)["hint"] is None


def test_head_on_its_side_has_its_hint(sitting: Desk) -> None:
    centre = points_of(upright()).mean(axis=0)
    turned = (points_of(upright()) - centre) @ np.array([[0.0, 1.0], [-1.0, 0.0]]) + centre
    response = look(sitting, turned)
    assert (response["posture"]["reason"], response["hint"]) == ("sideways", "sideways")


def test_absence_lasts_until_there_is_a_face(sitting: Desk) -> None:
    for _ in range(17):
        response = look(sitting, None, faces=0)
    assert response["state"] == "away"
    assert look(sitting, points_of(upright()))["state"] == "monitoring"


def test_answer_has_the_faces_outline(sitting: Desk) -> None:
    response = second(sitting, points_of(upright()))
    assert (response["face"]["width"], response["face"]["height"]) == (640, 480)
    assert response["face"]["outline"] == points_of(upright())[:17].astype(int).tolist()


def test_repeated_and_late_landmarks_change_nothing(sitting: Desk) -> None:
    sent = [observation(points_of(upright()), sitting.now)]
    assert send(sitting, sent).json()["accepted"] is False
    active_s = sitting.read()["active_s"]
    assert send(sitting, sent).json()["accepted"] is False
    assert sitting.read()["active_s"] == active_s


def test_paused_session_takes_none(sitting: Desk) -> None:
    sitting.call("pause")
    assert look(sitting, points_of(leaning_in()))["accepted"] is False


def test_stopped_session_is_a_conflict(sitting: Desk) -> None:
    sitting.call("stop")
    assert send(sitting, [observation(points_of(upright()), sitting.now)]).status_code == 409


# --- The model belongs to the calibration ---


def test_another_model_calibrates_anew(sitting: Desk) -> None:
    response = look(sitting, points_of(upright()), model="test@2")
    assert (response["state"], response["calibration"]["frames"]) == ("calibrating", 1)
    for _ in range(7):
        response = look(sitting, points_of(upright()), after_s=0.5, model="test@2")
    assert response["state"] == "monitoring"
    assert look(sitting, points_of(upright()), model="test@2")["state"] == "monitoring"


def test_as_many_points_of_another_kind_are_another_model(sitting: Desk) -> None:
    assert look(sitting, as_mesh(points_of(upright())))["state"] == "calibrating"


def test_pictures_after_landmarks_calibrate_anew_and_ask_again(sitting: Desk) -> None:
    response = sitting.frames(upright(), 8, every_s=0.5)
    assert (response["state"], response["identity"]["state"]) == ("monitoring", "unknown")
    assert FaceProfile.objects.filter(user=sitting.person.user).exists()


def test_landmarks_after_pictures_calibrate_anew(desk: Desk) -> None:
    desk.calibrate()
    response = look(desk, points_of(upright()))
    assert (response["state"], response["identity"]["state"]) == ("calibrating", "not_asked")


def test_pictures_without_a_face_are_of_the_same_model(desk: Desk) -> None:
    desk.start()
    assert look(desk, None)["identity"]["state"] == "not_asked"
    calibrate(desk, points_of(upright()))
    assert look(desk, None)["state"] == "monitoring"
    assert look(desk, points_of(upright()))["state"] == "monitoring"


def test_profile_carries_its_model(sitting: Desk) -> None:
    profile = sitting.call("profile", {"name": "desk"})
    assert profile["model"] == "68:test@1"
    sitting.start(profile["id"])
    assert look(sitting, points_of(upright()))["state"] == "monitoring"
    sitting.start(profile["id"])
    assert look(sitting, points_of(upright()), model="test@2")["state"] == "calibrating"
    sitting.start(profile["id"])
    assert sitting.frame(upright())["state"] == "calibrating"


def test_camera_has_a_profile_for_each_model(desk: Desk) -> None:
    desk.start()
    calibrate(desk, points_of(upright()), camera="lid")
    desk.call("profile", {"name": "lid, landmarks"})
    for _ in range(8):
        look(desk, points_of(upright()), after_s=0.5, camera="lid", model="test@2")
    desk.call("profile", {"name": "lid, other landmarks"})
    response = look(desk, points_of(upright()), camera="lid")
    assert (response["state"], response["profile"]) == (
        "monitoring",
        Profile.objects.get(name="lid, landmarks").pk,
    )


def test_confirmed_face_does_not_keep_a_session_calibrating(sitting: Desk) -> None:
    assert sitting.call("face", {"password": "12341234"})["state"] == "calibrating"
    calibrate(sitting, points_of(upright()))


# --- Nothing is kept, little is paid ---


@pytest.mark.usefixtures("each_archive")
def test_nothing_is_archived_or_learned(sitting: Desk) -> None:
    second(sitting, points_of(leaning_in()))
    assert archive.count(user_id=sitting.person.user.pk) == 0
    assert not archive.spool().entries()
    assert not FaceProfile.objects.exists()
    assert "[" not in str(sitting.state()["identity"])


def test_a_second_takes_the_queries_of_a_frame(sitting: Desk) -> None:
    with CaptureQueriesContext(connection) as of_one:
        look(sitting, points_of(upright()))
    with CaptureQueriesContext(connection) as of_second:
        second(sitting, points_of(upright()))
    assert len(of_second) <= len(of_one)


def test_rate_limit_counts_five_pictures_as_a_frame(sitting: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FrameThrottle.THROTTLE_RATES, "frames", "15/min")
    for _ in range(2):  # eight to calibrate, then three for each second
        second(sitting, points_of(upright()))
    look(sitting, points_of(upright()))
    response = send(sitting, [observation(points_of(upright()), sitting.now)])
    assert (response.status_code, 0 < int(response["Retry-After"]) <= 60) == (429, True)


def test_strangers_session_is_404(sitting: Desk, stranger: ApiClient) -> None:
    body = {"observations": [observation(points_of(upright()), sitting.now)]}
    assert stranger("post", f"{sitting.path}landmarks/", body).status_code == 404
