"""One session, two workers and a database that may die: nothing counts twice, nothing is lost, nothing is left."""

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
from tests.faults.conftest import Tell
from tests.faults.stage import WORKERS, Prepared, Stage
from tests.faults.test_two_nodes import CLIENTS_EACH, behind_nginx
from tests.gunicorn_server import DEADLINE_S
from tests.mariadb import MariaDB
from tests.mongod import Mongod

SESSIONS = "detections/sessions/"
BEGAN = datetime(2026, 11, 25, 9, tzinfo=UTC)
ROUNDS = 10
CALIBRATING_FRAMES = 8


@cache
def upright() -> bytes:
    return pictures.jpeg(pictures.framed(120, (160, 120), size=(320, 240)))


@dataclass(frozen=True, slots=True)
class Sitter:
    """Somebody new, and the session that runs for them."""

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
        """Somebody upright, so many seconds after the beginning."""
        moment = quote((BEGAN + timedelta(seconds=at_s)).isoformat())
        headers = {"Authorization": f"Bearer {self.access}", "Content-Type": "image/jpeg"}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=DEADLINE_S)
        try:
            path = f"/api/{SESSIONS}{self.session}/frames/?captured_at={moment}"
            connection.request("POST", path, upright(), headers | ({"Idempotency-Key": key} if key else {}))
            response = connection.getresponse()
            return Reply(response.status, json.loads(response.read()), response.headers["Retry-After"])
        finally:
            connection.close()

    def told(self) -> Any:
        return self.call("GET", f"{SESSIONS}{self.session}/").json

    def command(self, what: str) -> Reply:
        return self.call("POST", f"{SESSIONS}{self.session}/{what}/")


@pytest.fixture(params=["stage", "mariadb_stage"])
def each_stage(request: pytest.FixtureRequest) -> Stage:
    """The service on SQLite, and on MariaDB."""
    stage: Stage = request.getfixturevalue(request.param)
    return stage


def sitter_at(port: int) -> Sitter:
    name = {"username": uuid4().hex, "password": "12341234"}
    assert call(port, "POST", "accounts/", name).status == 201
    return Sitter(port, call(port, "POST", "accounts/login/", name).json["access"])


def at_once(calls: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(min(calls, 2 * WORKERS))


def test_frames_that_come_to_two_workers_at_once_make_one_state(each_stage: Stage, tell: Tell) -> None:
    with each_stage.serve() as server:
        sitter = sitter_at(server.port).calibrated()
        frames = 60
        with at_once(frames) as clients:
            responses = list(clients.map(lambda number: sitter.frame(10 + number), range(frames)))
        told, report = sitter.told(), sitter.command("stop").json["report"]
        assert "Traceback" not in server.log
    assert {response.status for response in responses} == {200}
    taken = [number for number, response in enumerate(responses) if response.json["accepted"]]
    tell("one session's frames at two workers", f"{len(taken)} of {frames} counted, the others came too late")
    assert taken[-1] == frames - 1  # the newest is never late
    # From the calibration's last frame to the newest, whichever of them counted.
    assert told["active_s"] == pytest.approx(10 + frames - 1 - 0.5 * (CALIBRATING_FRAMES - 1), abs=0.01)
    assert report["active_s"] == pytest.approx(told["active_s"], abs=0.001)


@pytest.mark.parametrize("with_key", [True, False])
def test_a_frame_that_comes_twice_at_once_counts_once(each_stage: Stage, with_key: bool) -> None:
    with each_stage.serve() as server:
        sitter = sitter_at(server.port).started()
        for number in range(ROUNDS):
            key = uuid4().hex if with_key else ""
            with at_once(WORKERS) as clients:
                responses = list(clients.map(lambda _: sitter.frame(number, key), range(WORKERS)))  # noqa: B023
            assert {response.status for response in responses} == {200}
            assert Counter(response.json["accepted"] for response in responses) == {True: 1, False: WORKERS - 1}


def test_two_starts_at_once_leave_one_session_that_runs(each_stage: Stage) -> None:
    with each_stage.serve() as server:
        sitter = sitter_at(server.port)
        with at_once(ROUNDS) as clients:
            responses = list(clients.map(lambda _: sitter.call("POST", SESSIONS, {}), range(ROUNDS)))
        list_frames = sitter.call("GET", SESSIONS).json["results"]
        reports = sitter.call("GET", "reports/").json
    assert {response.status for response in responses} == {201}
    assert len(list_frames) == ROUNDS
    assert Counter(each["state"] for each in list_frames) == {"calibrating": 1, "stopped": ROUNDS - 1}
    assert len({each["id"] for each in reports}) == len(reports) == ROUNDS - 1


def test_a_session_that_is_stopped_by_two_has_one_report(each_stage: Stage) -> None:
    with each_stage.serve() as server:
        sitter = sitter_at(server.port).calibrated()
        sitter.frame(20)
        with at_once(ROUNDS) as clients:
            responses = list(clients.map(lambda _: sitter.command("stop"), range(ROUNDS)))
        reports = sitter.call("GET", "reports/").json
    assert {response.status for response in responses} == {200}
    assert [each["id"] for each in reports] == [responses[0].json["report"]["id"]]
    assert len({json.dumps(response.json["report"]) for response in responses}) == 1


def test_who_withdraws_while_frames_are_under_way_leaves_nothing(each_stage: Stage, tell: Tell) -> None:
    statuses: Counter[int] = Counter()
    with each_stage.serve() as server:
        for _ in range(3):
            sitter = sitter_at(server.port).calibrated()
            with at_once(2 * WORKERS) as clients:
                frames = [clients.submit(sitter.frame, 10 + number) for number in range(10)]
                gone = clients.submit(sitter.call, "DELETE", "accounts/")
                frames += [clients.submit(sitter.frame, 20 + number) for number in range(10)]
            assert gone.result().status == 204
            statuses.update(frame.result().status for frame in frames)
            assert sitter.command("stop").status == 401
        assert "Traceback" not in server.log
        assert call(server.port, "GET", "accounts/time/", access=each_stage.people[0].access).status == 200
    tell("withdrawn with a session's frames under way", f"answers {dict(statuses)}")
    assert set(statuses) <= {200, 401, 404}  # 404: the account went after it was looked up
    assert statuses[401]


def test_a_session_goes_on_when_mariadb_is_back(mariadb_stage: Stage, own_mariadb: MariaDB) -> None:
    with mariadb_stage.serve() as server:
        sitter = sitter_at(server.port).calibrated()
        before = sitter.frame(10).json
        own_mariadb.kill()
        away = [sitter.frame(11), sitter.command("pause"), sitter.call("POST", SESSIONS, {})]
        own_mariadb.start()
        after = sitter.frame(12).json
        assert "Traceback" not in server.log
    assert {(response.status, response.retry_after) for response in away} == {(503, "5")}
    assert (after["state"], after["accepted"]) == ("monitoring", True)
    assert after["active_s"] == pytest.approx(before["active_s"] + 2)


@pytest.mark.skipif(bool(reason := nginx_server.missing()), reason=reason)
def test_a_session_moves_freely_between_nodes_under_load(
    tmp_path: Path, mariadb_stage: Stage, on_mariadb: Prepared, own_mongod: Mongod
) -> None:
    """A frame goes to the node that has less to do; none knows anything that the other does not."""
    (tmp_path / "second").mkdir()
    stages = [mariadb_stage, Stage(tmp_path / "second", own_mongod, on_mariadb)]
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
    assert nodes == site.places
    assert report["active_s"] == pytest.approx(10 + frames - 1 - 0.5 * (CALIBRATING_FRAMES - 1), abs=0.01)
