"""POST /api/detections/sessions/{id}/snooze/, and quiet hours"""

import json
import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from detections.models import Session
from reports.models import Report
from tests.conftest import ApiClient
from tests.detections.sessions.desk import Desk, leaning_in, upright

pytestmark = pytest.mark.usefixtures("known_pictures")


@pytest.fixture
def alarmed(desk: Desk) -> Desk:
    """A session with a neck alarm on."""
    desk.person("put", "accounts/alarms/", {"neck_time": 5, "blink_on": False})
    desk.calibrate().frames(upright(), 2)
    response = desk.frames(leaning_in(), 10)
    assert [alarm["kind"] for alarm in response["alarms"]] == ["neck"]
    return desk


def refused(desk: Desk, body: Any) -> Any:
    response = desk.person("post", f"{desk.path}snooze/", body)
    assert response.status_code == 400, response.content
    return set(response.json())


@pytest.mark.parametrize("kind", ["neck", None])
def test_snooze_silences_an_open_alarm(alarmed: Desk, kind: str | None) -> None:
    response = alarmed.call("snooze", {"kind": kind, "seconds": 300})
    assert [(alarm["kind"], alarm["ended_by"]) for alarm in response["alarms"]] == [("neck", "snoozed")]
    (snoozed,) = response["snoozed"]
    assert (snoozed["kind"], snoozed["reason"]) == (kind, "snooze")
    after = alarmed.frames(leaning_in(), 5)
    assert (after["alarms"], after["posture"]["state"], after["counts"]["neck"]) == ([], "bad", 1)
    alarmed.frame(leaning_in(), after_s=10)
    assert alarmed.frames(leaning_in(), 29, every_s=10)["snoozed"] == []
    assert [alarm["kind"] for alarm in alarmed.read()["alarms"]] == ["neck"]


def test_snooze_is_ended_by_0_seconds(alarmed: Desk) -> None:
    alarmed.call("snooze", {"kind": "neck", "seconds": 300})
    assert alarmed.call("snooze", {"kind": "neck", "seconds": 0})["snoozed"] == []
    assert [alarm["kind"] for alarm in alarmed.frame(leaning_in())["alarms"]] == ["neck"]


def test_repeated_snooze_is_harmless(alarmed: Desk) -> None:
    until = (timezone.now() + timedelta(minutes=5)).isoformat()
    first = alarmed.call("snooze", {"until": until})["snoozed"]
    again = alarmed.call("snooze", {"until": until})["snoozed"]
    for (snoozed,) in (first, again):
        end = parse_datetime(snoozed["until"])
        assert end is not None
        assert abs((end - parse_datetime(until)).total_seconds()) < 60  # type: ignore[operator]


def test_snooze_lasts_through_a_pause(alarmed: Desk) -> None:
    alarmed.call("snooze", {"seconds": 600})
    assert len(alarmed.call("pause")["snoozed"]) == 1
    assert len(alarmed.call("resume")["snoozed"]) == 1
    alarmed.frames(upright(), 3)
    assert alarmed.frames(leaning_in(), 10)["alarms"] == []


def test_snooze_that_ended_in_a_pause_is_not_shown(alarmed: Desk) -> None:
    alarmed.call("snooze", {"seconds": 1})
    alarmed.call("pause")
    session = Session.objects.get()
    early = (timezone.now() - timedelta(hours=1)).timestamp()
    Session.objects.update(state=_moved(session.state, early))
    assert alarmed.read()["snoozed"] == []


def test_meeting_silences_all_until_it_is_over(alarmed: Desk) -> None:
    response = alarmed.call("snooze", {"meeting": True})
    assert response["snoozed"] == [{"kind": None, "until": None, "reason": "meeting"}]
    assert alarmed.frames(leaning_in(), 5)["alarms"] == []
    assert alarmed.call("snooze", {"meeting": False})["snoozed"] == []
    assert [alarm["kind"] for alarm in alarmed.frame(leaning_in())["alarms"]] == ["neck"]


def test_quiet_hours_are_in_the_users_time_zone(alarmed: Desk) -> None:
    local = timezone.localtime(alarmed.now, timezone=alarmed.person.user.zone)
    hours = {"quiet_from": f"{local - timedelta(hours=1):%H:%M}", "quiet_to": f"{local + timedelta(hours=1):%H:%M}"}
    alarmed.person("put", "accounts/alarms/", hours)
    response = alarmed.frame(leaning_in())
    assert [(alarm["kind"], alarm["ended_by"]) for alarm in response["alarms"]] == [("neck", "snoozed")]
    (silenced,) = response["snoozed"]
    until = parse_datetime(silenced["until"])
    assert until is not None
    assert (silenced["kind"], silenced["reason"]) == (None, "quiet_hours")
    assert timedelta(minutes=58) < until - alarmed.now <= timedelta(minutes=60)
    far = "Pacific/Kiritimati" if local.utcoffset() < timedelta(hours=6) else "America/Los_Angeles"  # type: ignore[operator]
    alarmed.person("put", "accounts/time-zone/", {"time_zone": far})
    assert alarmed.frame(leaning_in())["snoozed"] == []


@pytest.mark.refused
@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "seconds"),
        ({"kind": "neck"}, "seconds"),
        ({"seconds": 5, "meeting": True}, "seconds"),
        ({"seconds": -1}, "seconds"),
        ({"seconds": 86_401}, "seconds"),
        ({"seconds": None}, "seconds"),
        ({"seconds": 5, "kind": "bad_posture"}, "kind"),
        ({"seconds": 5, "kind": ["neck"]}, "kind"),
        ({"meeting": "perhaps"}, "meeting"),
        ({"until": "tomorrow"}, "until"),
        ({"until": "2026-11-25T09:00:00"}, "until"),
        ({"until": "2020-01-01T00:00:00Z"}, "until"),
        ({"until": "2120-01-01T00:00:00Z"}, "until"),
        ({"until": None}, "until"),
    ],
)
def test_senseless_snoozes_are_refused(alarmed: Desk, body: Any, field: str) -> None:
    assert refused(alarmed, body) == {field}
    assert alarmed.read()["snoozed"] == []


def test_ended_session_has_no_alarms_to_snooze(alarmed: Desk) -> None:
    alarmed.call("stop")
    assert alarmed.person("post", f"{alarmed.path}snooze/", {"seconds": 5}).status_code == 409


def test_strangers_session_is_404(alarmed: Desk, stranger: ApiClient, client: Client) -> None:
    for session_id in (alarmed.id, uuid4()):
        assert stranger("post", f"detections/sessions/{session_id}/snooze/", {"seconds": 5}).status_code == 404
    path = f"/api/{alarmed.path}snooze/"
    assert client.post(path, {"seconds": 5}, content_type="application/json").status_code == 401
    assert alarmed.read()["snoozed"] == []


def test_command_that_changes_nothing_divides_a_session_once(alarmed: Desk) -> None:
    """On the day after, the alarm's part is over before the answer to it arrives."""
    session = Session.objects.get()
    long_ago = timezone.now() - timedelta(days=2)
    shift_s = session.received_at.timestamp() - long_ago.timestamp()
    Session.objects.update(
        state=_moved(session.state, long_ago.timestamp()),
        received_at=long_ago,
        clock_shift_s=session.clock_shift_s and session.clock_shift_s - shift_s,
    )
    number = alarmed.read()["alarms"][0]["id"]
    response = alarmed.call(f"alarms/{number}/dismiss")
    assert (response["accepted"], response["active_s"]) == (False, 0.0)
    alarmed.call(f"alarms/{number}/dismiss")
    assert (Session.objects.count(), Report.objects.count()) == (2, 1)


def _moved(text: str, last_at_s: float) -> str:
    """A stored state whose times are earlier, so that its last frame came at a time."""
    state = json.loads(text)
    by_s = state["state"]["last_at_s"] - last_at_s
    return re.sub(
        r'"(\w+_at_s|until_s|started_at_s)":(\d+\.?\d*)', lambda found: f'"{found[1]}":{float(found[2]) - by_s}', text
    )
