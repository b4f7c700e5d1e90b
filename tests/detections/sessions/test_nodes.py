"""Nodes whose clocks differ take turns with the frames of one session."""

import time
from itertools import cycle

import pytest
from django.db import connection

from detections.sessions import store
from tests.detections.sessions.desk import Desk, upright

pytestmark = [pytest.mark.usefixtures("known_pictures"), pytest.mark.django_db]
SKEWS_S = (0.0, 3.0)


@pytest.fixture
def nodes(monkeypatch: pytest.MonkeyPatch) -> "Nodes":
    nodes = Nodes()
    monkeypatch.setattr("detections.sessions.store.time.time", nodes.clock)
    return nodes


class Nodes:
    """The clock of the node that takes the next frame."""

    def __init__(self) -> None:
        self.skew_s = 0.0
        self.passed_s = 0.0
        self._true_clock = time.time

    def clock(self) -> float:
        return self._true_clock() + self.passed_s + self.skew_s


def test_frames_without_a_time_all_count(desk: Desk, nodes: Nodes) -> None:
    desk.start()
    for _, nodes.skew_s in zip(range(20), cycle(SKEWS_S), strict=False):
        nodes.passed_s += 1.0
        assert desk.send(upright()).json()["accepted"]


@pytest.mark.skipif(connection.vendor != "mysql", reason="the default database is not MySQL or MariaDB")
def test_time_is_the_databases(desk: Desk, nodes: Nodes) -> None:
    desk.start()
    for nodes.skew_s in SKEWS_S:
        session = store.load(desk.person.user, desk.id)  # type: ignore[arg-type]
        assert session.service_now_s == pytest.approx(time.time() - nodes.skew_s, abs=1)
        assert store.service_now().timestamp() == pytest.approx(session.service_now_s, abs=1)
