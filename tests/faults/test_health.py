"""Probes and scrapes while a database is killed or hangs, and after it recovers."""

import json
import os
import signal
import time
from typing import Any

import pytest

from office.readiness import PATIENCE_S
from tests.detections.frames import NECK, neck_body
from tests.environment import IN_OUTAGES
from tests.faults.clients import small_pictures
from tests.faults.stage import WORKERS, Stage, eventually
from tests.gunicorn_server import Server
from tests.mariadb import MariaDB
from tests.slowness import is_within
from tests.watched import get, scrape

ANSWERED_WITHIN_S = 2 * PATIENCE_S + 2  # connecting, querying, and the rest


def readyz(server: Server) -> tuple[int, Any]:
    page = get(server, "/readyz")
    return page.status, json.loads(page.text)


def frame() -> dict[str, Any]:
    return neck_body(small_pictures()[0])


def breaker(server: Server) -> set[float]:
    return {scrape(server).value("posesmart_archive_breaker_open") for _ in range(3 * WORKERS)}


@pytest.mark.parametrize("fault", ["killed", "hanging"])
def test_service_is_degraded_while_mongodb_is_down(stage: Stage, fault: str) -> None:
    with stage.serve(**IN_OUTAGES) as server:
        server.post_to_every_worker(WORKERS, NECK, frame())
        stage.await_empty_spool()  # on a busy machine a first write may take longer than the limit
        eventually(lambda: breaker(server) == {0}, "the breaker stays open")
        assert readyz(server)[1]["status"] == "ok"
        stage.mongod.kill() if fault == "killed" else stage.mongod.hang()
        assert server.post(NECK, frame()).status == 200  # one worker knows, and all report it
        assert breaker(server) == {1}
        for _ in range(2 * WORKERS):
            status, response = readyz(server)
            assert (status, response["status"], response["archive"]["status"]) == (200, "degraded", "degraded")
            assert response["spool"]["waiting"] == 1
            assert str(stage.mongod.port) not in str(response)
        stage.mongod.start() if fault == "killed" else stage.mongod.go_on()
        stage.await_empty_spool()
        eventually(lambda: breaker(server) == {0}, "the breaker stays open")
        assert readyz(server)[1]["status"] == "ok"
        found = scrape(server)
        assert found.value("posesmart_spool_frames", state="waiting") == 0
        assert found.value("posesmart_frame_stage_duration_seconds_count", stage="store") == WORKERS + 1


def test_idle_service_notices_the_outage_when_probed(stage: Stage) -> None:
    with stage.serve(**IN_OUTAGES, WEB_CONCURRENCY="1") as server:
        server.started_workers()
        stage.mongod.kill()
        status, response = readyz(server)
        assert (status, response["archive"]["status"]) == (200, "degraded")
        assert breaker(server) == {1}


def test_ended_worker_leaves_no_open_breaker(stage: Stage) -> None:
    with stage.serve(**IN_OUTAGES) as server:
        server.started_workers(WORKERS)
        stage.mongod.kill()
        server.post_to_every_worker(WORKERS, NECK, frame())
        os.kill(server.pid, signal.SIGTTOU)  # one worker fewer: it is not replaced
        eventually(lambda: scrape(server).value("posesmart_workers") == WORKERS - 1, "all workers are still there")
        assert breaker(server) == {1}
        stage.mongod.start()
        eventually(lambda: breaker(server) == {0}, "the breaker stays open")


@pytest.mark.parametrize("fault", ["killed", "hanging"])
def test_service_is_not_ready_while_mariadb_is_down(mariadb_stage: Stage, own_mariadb: MariaDB, fault: str) -> None:
    with mariadb_stage.serve() as server:
        server.post_to_every_worker(WORKERS, NECK, frame())
        assert readyz(server)[0] == 200
        own_mariadb.kill() if fault == "killed" else own_mariadb.hang()
        try:
            for _ in range(WORKERS):
                started_at = time.monotonic()
                status, response = readyz(server)
                took_s = time.monotonic() - started_at
                assert is_within(ANSWERED_WITHIN_S, took_s)
                assert (status, response["status"], response["database"]) == (
                    503,
                    "unavailable",
                    {"status": "unavailable"},
                )
                assert str(own_mariadb.port) not in str(response)
            assert scrape(server).value("posesmart_database_up") == 0
            assert get(server, "/healthz").status == 200
        finally:
            own_mariadb.start() if fault == "killed" else own_mariadb.go_on()
        assert readyz(server)[0] == 200
        found = scrape(server)
        assert found.value("posesmart_database_up") == 1
        assert found.value("posesmart_workers") == WORKERS
        assert "Traceback" not in server.log
