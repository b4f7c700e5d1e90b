"""POST /api/detections/sessions/{id}/face/: the way out for an owner whose face does not fit; and what is learned."""

import json
from typing import Any

import numpy as np
import pytest

from accounts import face_keys
from accounts.models import FaceProfile
from accounts.services import face_get, face_reencrypt
from ai_models.templates import Templates
from detections.models import Session
from detections.sessions import codec
from tests.conftest import PASSWORD, ApiClient
from tests.detections.frames import NECK, monitoring_body
from tests.detections.sessions.desk import Desk, upright

pytestmark = pytest.mark.usefixtures("known_pictures")

SOMEBODY_ELSES = np.zeros(128)  # more than 1 away from every face


def templates(desk: Desk) -> Templates:
    return face_get(user_id=desk.person.user.pk).templates


def learned(desk: Desk, **body: Any) -> Any:
    """The response to the frame that completes a calibration whose face was confirmed."""
    assert desk.call("face", {"password": PASSWORD} | body)["state"] == "calibrating"
    return desk.frames(upright(), 8, every_s=0.5)


@pytest.fixture
def mistaken(desk: Desk) -> Desk:
    """A session of an owner with whom somebody else's face was enrolled."""
    desk.enrol(SOMEBODY_ELSES)
    desk.start()
    return desk


def test_owner_who_does_not_fit_is_told_the_way_out(mistaken: Desk) -> None:
    for _ in range(3):
        response = mistaken.frame(upright(), after_s=0.5)
        assert (response["state"], response["calibration"]["frames"]) == ("calibrating", 0)
        assert response["calibration"]["hints"] == ["not_the_owner", "learn_your_face"]
    assert len(templates(mistaken)) == 1


def test_confirmed_face_is_learned_beside_the_others(mistaken: Desk) -> None:
    assert learned(mistaken)["state"] == "monitoring"
    assert [template.sittings for template in templates(mistaken)] == [1, 1]
    assert mistaken.frame(upright(), after_s=4)["identity"]["state"] == "owner"
    # Version 1 goes on with its own mean, from which this face is too far away.
    assert mistaken.person("post", NECK, monitoring_body(upright())).json()["face_id_flag"] is False


def test_confirmed_face_can_replace_the_others(mistaken: Desk) -> None:
    assert learned(mistaken, keep=False)["state"] == "monitoring"
    assert len(templates(mistaken)) == 1
    assert mistaken.frame(upright(), after_s=4)["identity"]["state"] == "owner"
    assert mistaken.person("post", NECK, monitoring_body(upright())).json()["face_id_flag"] is True


def test_confirmation_is_for_one_calibration(mistaken: Desk) -> None:
    mistaken.call("face", {"password": PASSWORD})
    mistaken.call("recalibrate")
    response = mistaken.frames(upright(), 8, every_s=0.5)
    assert "not_the_owner" in response["calibration"]["hints"]
    assert len(templates(mistaken)) == 1


@pytest.mark.parametrize("body", [{"password": "guessed"}, {"password": ""}, {}, {"password": PASSWORD, "keep": "?"}])
def test_wrong_password_or_value_changes_nothing(mistaken: Desk, body: Any) -> None:
    before = mistaken.read()
    assert mistaken.person("post", f"{mistaken.path}face/", body).status_code == 400
    assert mistaken.read() == before


def test_ended_session_learns_nothing(mistaken: Desk) -> None:
    mistaken.call("stop")
    assert mistaken.person("post", f"{mistaken.path}face/", {"password": PASSWORD}).status_code == 409


def test_owner_taken_for_somebody_else_in_a_session_can_teach_their_face(desk: Desk) -> None:
    desk.calibrate()
    FaceProfile.objects.update(
        templates=None, mean_descriptor=face_keys.encrypt(SOMEBODY_ELSES.astype("<f8").tobytes())
    )
    assert desk.frames(upright(), 4, every_s=3)["posture"]["reason"] == "not_the_owner"
    assert learned(desk)["state"] == "monitoring"
    assert desk.frame(upright(), after_s=4)["identity"]["state"] == "owner"


# --- What a calibration teaches ---


def test_certain_calibration_adds_a_sitting(desk: Desk) -> None:
    desk.calibrate()
    (first,) = templates(desk)
    desk.call("recalibrate")
    desk.frames(upright(), 8, every_s=0.5)
    (second,) = templates(desk)
    assert (first.sittings, second.sittings) == (1, 2)
    assert second.mean == pytest.approx(first.mean, abs=1e-3)


def test_face_enrolled_by_version_1_is_what_sessions_compare_with(owner: ApiClient, desk: Desk) -> None:
    """An enrolment of an earlier release has no templates."""
    desk.calibrate()
    FaceProfile.objects.update(templates=None)
    desk.start()
    response = desk.frames(upright(), 8, every_s=0.5)
    assert (response["state"], response["identity"]["state"]) == ("monitoring", "owner")
    assert [template.sittings for template in templates(desk)] == [2]


def test_deleted_face_leaves_no_templates(desk: Desk) -> None:
    desk.calibrate()
    assert desk.person("delete", "accounts/face/").status_code == 204
    assert templates(desk) == ()


# --- How it is kept ---


def test_looks_are_stored_encrypted_and_shown_nowhere(desk: Desk) -> None:
    desk.calibrate().frames(upright(), 3, every_s=4)
    text = Session.objects.get().state
    state = codec.load_state(text)
    assert state.identity.look_count == 3
    assert json.loads(text)["state"]["identity"]["looks"] not in {"", state.identity.looks}
    assert state.identity.looks[:64] not in text.encode()
    assert "looks" not in desk.state()["identity"]


def test_looks_of_a_lost_key_are_looked_at_again(desk: Desk, settings: Any) -> None:
    desk.calibrate().frames(upright(), 3, every_s=4)
    text = Session.objects.get().state
    settings.SECRET_KEY = "another" * 10
    settings.FACE_KEYS = []
    assert codec.load_state(text).identity.look_count == 0


def test_state_of_an_earlier_release_is_read(desk: Desk) -> None:
    desk.calibrate()
    stored = json.loads(Session.objects.get().state)
    state = stored["state"]
    state["identity"] = {"state": "owner", "distances": [0.1, 0.2]}
    for name in (
        "bystanders",
        "first_counted_at_s",
        "confirmation",
        "seen_box",
        "seen_at_s",
        "owner_box",
        "owner_at_s",
    ):
        del state[name]
    state["face_count"] = 1
    Session.objects.update(state=json.dumps(stored, separators=(",", ":")))
    response = desk.frame(upright(), after_s=4)
    assert (response["state"], response["identity"]["state"]) == ("monitoring", "owner")


def test_templates_are_encrypted_anew_with_the_newest_key(desk: Desk, settings: Any) -> None:
    desk.calibrate()
    before = face_get(user_id=desk.person.user.pk).stored_templates
    mean = templates(desk)[0].mean
    assert face_reencrypt(user_id=desk.person.user.pk)
    assert face_get(user_id=desk.person.user.pk).stored_templates != before
    assert templates(desk)[0].mean.tolist() == mean.tolist()
