"""Every response of a session matches its documentation, and so do the examples; and the queries that a frame needs."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework import serializers

from detections.sessions.examples import CALIBRATING, PAUSED, SESSION, STOPPED
from detections.sessions.serializers import SessionSerializer
from tests.detections.sessions.desk import Desk, eyes_closed, leaning_in, nobody, upright

pytestmark = pytest.mark.usefixtures("known_pictures")

TABLE = re.compile(r"(?:FROM|INTO|UPDATE) [`\"](\w+)")


def assert_documented(serializer: Any, value: Any) -> None:
    """Assert that each field is present and of its documented type; choices are among the documented ones."""
    if isinstance(serializer, serializers.ListSerializer):
        assert isinstance(value, list)
        for item in value:
            assert_documented(serializer.child, item)
        return
    assert isinstance(serializer, serializers.Serializer)
    assert set(value) == set(serializer.fields)
    for name, field in serializer.fields.items():
        if value[name] is None:
            assert field.allow_null, name
        elif isinstance(field, serializers.BaseSerializer):
            assert_documented(field, value[name])
        else:
            assert field.to_representation(field.run_validation(value[name])) == value[name], name


@pytest.mark.parametrize("example", [SESSION, CALIBRATING, PAUSED, STOPPED])
def test_documented_examples_match_the_serializer(example: Any) -> None:
    assert_documented(SessionSerializer(), example)


def test_every_session_response_is_documented(desk: Desk) -> None:
    responses = [desk.start(), desk.frame(nobody())]
    responses += [desk.frame(upright(), after_s=0.5) for _ in range(9)]
    responses += [desk.burst([upright()] * 20 + [eyes_closed()] * 3 + [upright()] * 20)]
    responses += [desk.frame(leaning_in()) for _ in range(25)]
    responses += [desk.frame(upright()) for _ in range(4)]
    responses += [desk.frame(nobody()) for _ in range(16)]
    responses += [desk.frame(upright()), desk.call("pause"), desk.frame(upright()), desk.call("resume")]
    responses += [desk.call("stretches"), desk.call("recalibrate"), desk.call("stop")["session"], desk.read()]
    for response in responses:
        assert_documented(SessionSerializer(), response)
    assert {response["state"] for response in responses} == {"calibrating", "monitoring", "paused", "away", "stopped"}
    assert {response["next"] for response in responses} == {"frame", "burst"}


def statements(desk: Desk) -> list[str]:
    """What a frame reads and writes: the verb and the table."""
    with CaptureQueriesContext(connection) as queries:
        desk.frame(upright())
    found = [query["sql"] for query in queries if query["sql"].startswith(("SELECT", "INSERT", "UPDATE", "DELETE"))]
    return [f"{sql.split()[0]} {TABLE.findall(sql)[-1]}" for sql in found]


def test_frame_needs_few_queries(desk: Desk) -> None:
    desk.person("put", "accounts/archive/", {"archive_frames": False})
    desk.calibrate().frames(upright(), 2)
    # The user and the session; then both again, locked; and the session is written.
    judged = ["SELECT accounts_user", "SELECT detections_session"] * 2 + ["UPDATE detections_session"]
    assert statements(desk) == judged
    desk.person("put", "accounts/archive/", {"archive_frames": True})
    archived = statements(desk)
    assert archived[:5] == judged
    assert archived[5] == "SELECT accounts_user"  # whether to keep the picture
    assert all("mongos_frame" in statement for statement in archived[6:])


def test_burst_needs_no_more_queries(desk: Desk) -> None:
    desk.person("put", "accounts/archive/", {"archive_frames": False})
    desk.calibrate().frames(upright(), 2)
    counts = []
    for frames in (1, 10):
        with CaptureQueriesContext(connection) as queries:
            if frames == 1:
                desk.frame(upright())
            else:
                desk.burst([upright()] * frames)
        counts.append(len(queries))
    assert counts[0] == counts[1]
