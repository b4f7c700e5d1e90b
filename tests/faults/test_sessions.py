"""One session, two workers and a database that may die: nothing is counted twice, lost or left behind."""

import http.client
import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest

from tests import nginx_server, pictures
from tests.faults.clients import Reply, call, posting
from tests.faults.conftest import OnMariaDB, Record
from tests.faults.site import CLIENTS_EACH, behind_nginx
from tests.faults.stage import WORKERS, Stage
from tests.gunicorn_server import DEADLINE_S
from tests.mariadb import MariaDB
from tests.mongod import Mongod

SESSIONS = "detections/sessions/"
STARTED = datetime(2026, 11, 25, 9, tzinfo=UTC)
ROUNDS = 10
CALIBRATING_FRAMES = 8


@cache
def upright() -> bytes:
    return pictures.jpeg(pictures.framed(120, (160, 120), size=(320, 240)))


@dataclass(frozen=True, slots=True)
class Sitter:
    """A new user and their running session."""

    port: int
    access: str
    session: str = ""

    def call(self, method: str, path: str, body: Any = None) -> Reply:
        return call(self.port, method, path, body, access=self.access)

    def started(self) -> "Sitter":
        response = self.call("POST", SESSIONS, {})
        assert response.status == 201, response
        return replace(self, session=response.json["id"])

    def calibrated(self) -> "Sitter":
        sitter = self.started()
        for number in range(CALIBRATING_FRAMES):
            response = sitter.frame(number * 0.5)
        assert response.json["state"] == "monitoring", response.json["calibration"]
        return sitter

    def frame(self, at_s: float, key: str = "") -> Reply:
        """Send a frame of a person sitting upright, captured `at_s` seconds after the start."""
        moment = quote((STARTED + timedelta(seconds=at_s)).isoformat())
        headers = {"Authorization": f"Bearer {self.access}", "Content-Type": "image/jpeg"}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=DEADLINE_S)
        try:
            path = f"/api/{SESSIONS}{self.session}/frames/?captured_at={moment}"
            connection.request("POST", path, upright(), headers | ({"Idempotency-Key": key} if key else {}))
            response = connection.getresponse()
            return Reply(response.status, json.loads(response.read()), response.headers["Retry-After"])
        finally:
            connection.close()

    def status(self) -> Any:
        return self.call("GET", f"{SESSIONS}{self.session}/").json

    def command(self, name: str) -> Reply:
        return self.call("POST", f"{SESSIONS}{self.session}/{name}/")


@pytest.fixture(params=["stage", "mariadb_stage"])
def each_stage(request: pytest.FixtureRequest) -> Stage:
    """The service on SQLite, and on MariaDB."""
    stage: Stage = request.getfixturevalue(request.param)
    return stage


def sign_up(port: int) -> Sitter:
    name = {"username": uuid4().hex, "password": "12341234"}
    assert call(port, "POST", "accounts/", name).status == 201
    return Sitter(port, call(port, "POST", "accounts/login/", name).json["access"])


def concurrent_clients(calls: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(min(calls, 2 * WORKERS))


def test_concurrent_frames_make_one_state(each_stage: Stage, record: Record) -> None:
    with each_stage.serve() as server:
        sitter = sign_up(server.port).calibrated()
        frames = 60
        with concurrent_clients(frames) as clients:
            # Within the seconds by which frames may overtake each other, however busy the machine is.
            responses = list(clients.map(lambda number: sitter.frame(10 + number / 20), range(frames)))
        status, report = sitter.status(), sitter.command("stop").json["report"]
        assert "Traceback" not in server.log
    assert {response.status for response in responses} == {200}
    accepted = [number for number, response in enumerate(responses) if response.json["accepted"]]
    record("one session's frames at two workers", f"{len(accepted)} of {frames} counted, the others were too late")
    assert accepted[-1] == frames - 1  # the newest is never late
    # From the calibration's last frame to the newest, whichever of them counted.
    assert status["active_s"] == pytest.approx(10 + (frames - 1) / 20 - 0.5 * (CALIBRATING_FRAMES - 1), abs=0.01)
    assert report["active_s"] == pytest.approx(status["active_s"], abs=0.001)


@pytest.mark.parametrize("with_key", [True, False])
def test_concurrent_duplicate_frame_counts_once(each_stage: Stage, with_key: bool) -> None:
    with each_stage.serve() as server:
        sitter = sign_up(server.port).started()
        for number in range(ROUNDS):
            key = uuid4().hex if with_key else ""
            with concurrent_clients(WORKERS) as clients:
                responses = list(clients.map(lambda _: sitter.frame(number, key), range(WORKERS)))  # noqa: B023
            assert {response.status for response in responses} == {200}
            assert Counter(response.json["accepted"] for response in responses) == {True: 1, False: WORKERS - 1}


def test_concurrent_starts_leave_one_running_session(each_stage: Stage) -> None:
    with each_stage.serve() as server:
        sitter = sign_up(server.port)
        with concurrent_clients(ROUNDS) as clients:
            responses = list(clients.map(lambda _: sitter.call("POST", SESSIONS, {}), range(ROUNDS)))
        sessions = sitter.call("GET", SESSIONS).json["results"]
    assert {response.status for response in responses} == {201}
    assert len(sessions) == ROUNDS
    assert Counter(row["state"] for row in sessions) == {"calibrating": 1, "stopped": ROUNDS - 1}


def test_concurrent_stops_create_one_report(each_stage: Stage) -> None:
    with each_stage.serve() as server:
        sitter = sign_up(server.port).calibrated()
        sitter.frame(20)
        with concurrent_clients(ROUNDS) as clients:
            responses = list(clients.map(lambda _: sitter.command("stop"), range(ROUNDS)))
        reports = sitter.call("GET", "reports/").json
    assert {response.status for response in responses} == {200}
    assert [report["id"] for report in reports] == [responses[0].json["report"]["id"]]
    assert len({json.dumps(response.json["report"]) for response in responses}) == 1


def test_withdrawal_during_frames_leaves_nothing(each_stage: Stage, record: Record) -> None:
    statuses: Counter[int] = Counter()
    with each_stage.serve() as server:
        for _ in range(3):
            sitter = sign_up(server.port).calibrated()
            with concurrent_clients(2 * WORKERS) as clients:
                frames = [clients.submit(sitter.frame, 10 + number) for number in range(10)]
                withdrawal = clients.submit(sitter.call, "DELETE", "accounts/")
                frames += [clients.submit(sitter.frame, 20 + number) for number in range(10)]
            assert withdrawal.result().status == 204
            statuses.update(frame.result().status for frame in frames)
            assert sitter.command("stop").status == 401
        assert "Traceback" not in server.log
        assert call(server.port, "GET", "accounts/time/", access=each_stage.people[0].access).status == 200
    record("withdrawn with a session's frames in flight", f"responses {dict(statuses)}")
    assert set(statuses) <= {200, 401, 404}  # 404: the account was deleted after its lookup
    assert statuses[401]


def test_session_continues_after_mariadb_recovers(mariadb_stage: Stage, own_mariadb: MariaDB) -> None:
    with mariadb_stage.serve() as server:
        sitter = sign_up(server.port).calibrated()
        before = sitter.frame(10).json
        own_mariadb.kill()
        during = [sitter.frame(11), sitter.command("pause"), sitter.call("POST", SESSIONS, {})]
        own_mariadb.start()
        after = sitter.frame(12).json
        assert "Traceback" not in server.log
    assert {(response.status, response.retry_after) for response in during} == {(503, "5")}
    assert (after["state"], after["accepted"]) == ("monitoring", True)
    assert after["active_s"] == pytest.approx(before["active_s"] + 2)


@pytest.mark.skipif(bool(reason := nginx_server.missing()), reason=reason)
def test_session_moves_between_nodes_under_load(
    tmp_path: Path, mariadb_stage: Stage, on_mariadb: OnMariaDB, own_mongod: Mongod
) -> None:
    """nginx sends each frame to the less busy node; the nodes share all state."""
    (tmp_path / "second").mkdir()
    stages = [mariadb_stage, Stage(own_mongod, on_mariadb(tmp_path / "second"))]
    frames = 30
    with behind_nginx(tmp_path, stages) as site:
        sitter = Sitter(site.nginx.plain, stages[0].people[0].access).calibrated()
        with posting(site.nginx.plain, stages[0].people[1:] * CLIENTS_EACH) as crew:
            crew.await_posts(1)
            responses = [sitter.frame(10 + number) for number in range(frames)]
            report = sitter.command("stop").json["report"]
        requests = 1 + CALIBRATING_FRAMES + frames + 1 + len(crew.posts)  # started, calibrated, observed, stopped
        logged = site.nginx.logged(requests, client="127.0.0.1")
        assert all("Traceback" not in node.server.log for node in site.nodes)
    nodes = {entry["node"] for entry in logged if SESSIONS in entry["path"] and "/frames/" in entry["path"]}
    assert {post.status for post in crew.posts} == {200}
    assert {response.json["accepted"] for response in responses} == {True}
    assert nodes == site.addresses
    assert report["active_s"] == pytest.approx(10 + frames - 1 - 0.5 * (CALIBRATING_FRAMES - 1), abs=0.01)
