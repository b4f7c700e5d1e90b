"""POST /api/detections/sessions/{id}/camera-moved/"""

from functools import cache
from typing import Any

import pytest
from django.test import Client

from tests import pictures
from tests.conftest import ApiClient
from tests.detections.sessions.desk import CENTRE, FACE_PX, SESSIONS, Desk, upright

pytestmark = pytest.mark.usefixtures("known_pictures")


@cache
def lower(widths: float) -> bytes:
    """The same picture, with everything in it lower by so many widths of the face."""
    return pictures.jpeg(pictures.framed(FACE_PX, (CENTRE[0], CENTRE[1] + widths * 0.85 * FACE_PX)), 85)


def moved(desk: Desk, body: Any) -> Any:
    return desk.person("post", f"{desk.path}camera-moved/", body)


def alarms(response: Any) -> set[str]:
    """Those of posture; nobody blinks here."""
    return {"neck"} & {alarm["kind"] for alarm in response["alarms"] if alarm["ended_at"] is None}


def test_moved_camera_is_asked_about_instead_of_ringing(desk: Desk) -> None:
    desk.calibrate().frames(upright(), 3)
    response = desk.frames(lower(0.5), 40)
    assert (response["question"], alarms(response), response["counts"]["neck"]) == ("camera_moved", set(), 0)
    response = moved(desk, {"moved": True}).json()
    assert (response["accepted"], response["question"], response["state"]) == (True, None, "monitoring")
    response = desk.frames(lower(0.5), 30)
    assert (response["posture"]["state"], response["question"], alarms(response)) == ("good", None, set())
    response = desk.frames(lower(0.75), 30)
    assert response["posture"]["faults"] == ["lower"]


def test_refused_question_rings(desk: Desk) -> None:
    desk.calibrate().frames(upright(), 3)
    desk.frames(lower(0.5), 6)
    assert moved(desk, {"moved": False}).json()["accepted"]
    response = desk.frames(lower(0.5), 30)
    assert (response["question"], alarms(response)) == (None, {"neck"})


def test_answer_to_no_question_is_not_accepted(desk: Desk) -> None:
    desk.calibrate().frame(upright())
    assert moved(desk, {"moved": True}).json()["accepted"] is False
    assert desk.frame(upright())["posture"]["state"] == "good"


@pytest.mark.parametrize("body", [{}, {"moved": None}, {"moved": "perhaps"}, {"moved": []}, []])
def test_answer_has_to_be_yes_or_no(desk: Desk, body: Any) -> None:
    desk.start()
    assert moved(desk, body).status_code == 400


def test_others_and_ended_sessions_are_left_alone(desk: Desk, stranger: ApiClient, client: Client) -> None:
    desk.calibrate()
    path = f"{SESSIONS}{desk.id}/camera-moved/"
    assert stranger("post", path, {"moved": True}).status_code == 404
    assert client.post(f"/api/{path}").status_code == 401
    desk.call("stop")
    assert moved(desk, {"moved": True}).status_code == 409
