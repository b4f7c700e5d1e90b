"""/metrics of one process, and of several workers of a real gunicorn together."""

import fcntl
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import Erasure
from common.telemetry import metric_files
from mongos import archive
from tests import pictures
from tests.conftest import ApiClient
from tests.detections.frames import BLINK, NECK, blink_body, monitoring_body, neck_body
from tests.detections.sessions.desk import CALIBRATING_FRAMES, Desk, leaning_in, upright
from tests.environment import Service, Template
from tests.faults.clients import small_pictures
from tests.faults.stage import eventually
from tests.gunicorn_server import ROOT, Server
from tests.slowness import is_within
from tests.watched import Scrape, scrape, spool_frames

KINDS_OF_FILE = 5  # counter, histogram, and gauges: livesum, livemax and max
WORKERS = 2
SCRAPES = 6  # enough to reach both workers

# The cost of the metrics of a monitoring frame, in a process set up like a gunicorn worker.
COST = """
import time
from common.telemetry import metric_files
metric_files.prepare()
from common.telemetry import metrics
def frame():
    for stage in ("decode", "find", "describe", "judge", "store"):
        with metrics.timed(stage):
            pass
    metrics.frames_detected.inc()
    metrics.requests.labels("neck", "POST", 200).inc()
    metrics.request_seconds.labels("neck", "POST").observe(0.013)
frame()
def round_s():
    started_at = time.perf_counter()
    for _ in range(1000):
        frame()
    return (time.perf_counter() - started_at) / 1000
print(min(round_s() for _ in range(10)))
"""
COST_LIMIT_S = 0.0001
WAITING_FRAMES = 13_000  # the capacity of a spool of 512 MiB
SCRAPE_LIMIT_S = 0.25  # measured: 0.02

needs_proc = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="this system does not show open files")


@pytest.fixture(scope="module")
def watched(template: Template, tmp_path_factory: pytest.TempPathFactory) -> Service:
    return template.service_in(tmp_path_factory.mktemp("watched"))


@pytest.fixture
def server(watched: Service) -> Iterator[Server]:
    with watched.serve() as running:
        running.started_workers(WORKERS)
        yield running


def make_blink_body() -> dict[str, object]:
    return blink_body(small_pictures()[1])


def frames(server: Server) -> set[float]:
    """The number of judged frames according to several scrapes."""
    return {scrape(server).value("posesmart_frames_total", outcome="no_face") for _ in range(SCRAPES)}


def folder_of(pid: int) -> Path:
    """The folder of a process's metric files."""
    opened = [os.readlink(descriptor) for descriptor in Path(f"/proc/{pid}/fd").iterdir()]
    return next(Path(path).parent for path in opened if metric_files.PREFIX in path and path.endswith(".db"))


# --- Several workers ---


def test_every_scrape_includes_all_workers(server: Server) -> None:
    for _ in range(5):
        server.post_to_every_worker(WORKERS, BLINK, make_blink_body())
    assert frames(server) == {5 * WORKERS}
    found = scrape(server)
    assert found.value("posesmart_requests_total", view="blink", method="POST", status="200") == 5 * WORKERS
    assert found.value("posesmart_request_duration_seconds_count", view="blink", method="POST") == 5 * WORKERS
    assert found.value("posesmart_frame_stage_duration_seconds_count", stage="find") == 5 * WORKERS
    assert found.value("posesmart_workers") == WORKERS
    assert 50e6 < found.value("posesmart_worker_resident_bytes") < 1e9


def test_counts_of_a_killed_worker_stay(server: Server) -> None:
    server.post_to_every_worker(WORKERS, BLINK, make_blink_body())
    for pid in server.started_workers():
        os.kill(pid, signal.SIGKILL)
    server.started_workers(2 * WORKERS)
    server.post_to_every_worker(WORKERS, BLINK, make_blink_body())
    assert frames(server) == {2 * WORKERS}
    found = scrape(server)
    assert found.value("posesmart_worker_ends_total", how="crashed") == WORKERS
    assert found.value("posesmart_worker_ends_total", how="replaced") == 0
    assert found.value("posesmart_workers") == WORKERS


@needs_proc
def test_replaced_workers_lose_no_count_or_files(watched: Service) -> None:
    requests, at_most_each = 60, 6
    # No frame is refused for having waited for a worker that starts.
    with watched.serve(MAX_REQUESTS="4", MAX_REQUESTS_JITTER="2") as server:
        with ThreadPoolExecutor(3) as clients:
            list(clients.map(partial(server.post, BLINK), [make_blink_body()] * requests))
        workers = server.started_workers(requests // at_most_each)
        assert frames(server) == {requests}
        # A set of files for each worker that ran at the same time, and for the parent.
        assert (
            len(list(folder_of(server.pid).iterdir())) <= KINDS_OF_FILE * (WORKERS + 1) < len(workers) * KINDS_OF_FILE
        )
        found = scrape(server)
        assert found.value("posesmart_worker_ends_total", how="replaced") >= len(workers) - WORKERS
        assert found.value("posesmart_worker_ends_total", how="crashed") == 0


def test_overlapping_workers_lose_no_count(server: Server) -> None:
    with server.hold(BLINK, make_blink_body()) as first, server.hold(BLINK, make_blink_body()) as second:
        os.kill(server.pid, signal.SIGHUP)
        server.started_workers(2 * WORKERS)
        # Handled by the new workers: the old ones are busy.
        server.post_to_every_worker(WORKERS, BLINK, make_blink_body())
        for held in (first, second):
            held.send_body()
        assert [held.response().status for held in (first, second)] == [200, 200]
    server.wait_for_log("Worker exiting", WORKERS)
    eventually(lambda: scrape(server).value("posesmart_workers") == WORKERS, "ended workers are still counted")
    assert frames(server) == {2 * WORKERS}


@needs_proc
def test_folder_is_private_and_deleted_at_exit(server: Server) -> None:
    folder = folder_of(server.pid)
    assert folder.stat().st_mode & 0o777 == 0o700
    server.terminate()
    assert server.exit_code() == 0
    assert not folder.exists()


def is_unlocked(folder: Path) -> bool:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True


@needs_proc
def test_next_start_deletes_a_killed_servers_folder(watched: Service) -> None:
    with watched.serve() as killed, watched.serve() as running:
        left, used = folder_of(killed.pid), folder_of(running.pid)
        killed.kill()
        assert left.exists()
        eventually(lambda: is_unlocked(left), "a killed worker still lives")
        with watched.serve() as another:
            another.started_workers(WORKERS)
            assert not left.exists()
            assert used.exists()
            assert scrape(running).value("posesmart_workers") == WORKERS


# --- One process ---


def scrape_client(client: Client) -> Scrape:
    response = client.get("/metrics")
    assert response["Content-Type"].startswith("text/plain; version=0.0.4")
    return Scrape(response.content.decode())


def test_frame_stages_and_outcome_are_counted_once(owner: ApiClient, client: Client) -> None:
    before = scrape_client(client)
    face, nobody = pictures.jpeg(pictures.at_desk()), small_pictures()[1]
    for body in (neck_body(face), monitoring_body(face), neck_body(nobody), neck_body(b"no picture")):
        owner("post", NECK, body)
    after = scrape_client(client)

    def increase(name: str, label: str, *values: str) -> list[float]:
        return [after.value(name, **{label: value}) - before.value(name, **{label: value}) for value in values]

    assert increase("posesmart_frames_total", "outcome", "detected", "no_face", "refused") == [2, 1, 1]
    stages = ("decode", "find", "describe", "judge", "enrol", "store")
    assert increase("posesmart_frame_stage_duration_seconds_count", "stage", *stages) == [3, 3, 2, 1, 1, 3]


def test_session_events_are_counted_once(owner: ApiClient, client: Client) -> None:
    before = scrape_client(client)
    desk = Desk(owner).calibrate()
    alarms = desk.frames(leaning_in(), 30)["alarms"]
    alarm = next(alarm for alarm in alarms if alarm["kind"] == "neck")
    desk.burst([upright()] * 15, key="once")
    for _ in range(2):
        desk.call(f"alarms/{alarm['id']}/wrong")
    desk.burst([upright()] * 15, key="once")  # the repetition changes nothing
    for _ in range(2):
        desk.call("stop")
    after = scrape_client(client)

    def increase(name: str, **labels: str) -> float:
        return after.value(name, **labels) - before.value(name, **labels)

    assert [increase("posesmart_sessions_total", what=what) for what in ("started", "stopped")] == [1, 1]
    assert increase("posesmart_bursts_total") == 1
    assert [increase("posesmart_alarms_total", kind=kind) for kind in ("neck", "stranger")] == [1, 0]
    assert [increase("posesmart_alarms_wrong_total", kind=kind) for kind in ("neck", "blink")] == [1, 0]
    stages = {
        stage: increase("posesmart_frame_stage_duration_seconds_count", stage=stage) for stage in ("find", "session")
    }
    singles, of_bursts = CALIBRATING_FRAMES + 30, 2 * 15
    assert stages == {"find": singles + of_bursts, "session": singles + 2}
    assert increase("posesmart_frame_stage_duration_seconds_count", stage="count") >= 1


def test_client_input_does_not_multiply_labels(db: None, client: Client) -> None:
    for number in range(20):
        client.get(f"/api/nothing/{number}/")
        client.generic(f"BREW{number}", f"/coffee/{number}")
        client.get(f"/static/nothing-{number}.css")
        client.get("/api/admin/login/", {"next": str(number)}, headers={"X-Forwarded-For": f"10.0.0.{number}"})
    found = scrape_client(client)
    assert "other" in found.values_of("method")
    assert {"unknown", "static", "admin"} <= found.values_of("view")
    for label in ("method", "view"):
        assert not [value for value in found.values_of(label) if re.search(r"\d", value)]


def test_labels_do_not_identify_users(owner: ApiClient, client: Client) -> None:
    owner("post", BLINK, make_blink_body())
    owner("get", f"accounts/frames/{uuid4()}/")
    text = client.get("/metrics").content.decode()
    assert 'view="blink"' in text
    assert owner.user.username not in text
    assert set(scrape_client(client).labels_of()["posesmart_requests_total"]) == {"view", "method", "status"}


def test_spool_and_erasures_are_current(transactional_db: None, client: Client) -> None:
    Erasure.objects.create(user_id=1, requested_at=datetime(2020, 1, 1, tzinfo=UTC))
    spool_frames(2)
    found = scrape_client(client)
    assert found.value("posesmart_spool_frames", state="waiting") == 2
    assert found.value("posesmart_spool_frames", state="refused") == 0
    assert found.value("posesmart_spool_bytes") == archive.spool().state().bytes > 0
    assert found.value("posesmart_spool_limit_bytes") == 512 * 2**20
    assert found.value("posesmart_erasures_pending") == 1
    assert found.value("posesmart_erasure_oldest_pending_seconds") > 86_400
    assert found.value("posesmart_database_up") == 1


# --- The cost ---


@pytest.mark.alone
def test_counting_takes_under_100_us_per_frame() -> None:
    result = subprocess.run(
        [sys.executable, "-c", COST], cwd=ROOT, env={"PATH": os.environ["PATH"]}, stdout=subprocess.PIPE, check=True
    )
    assert is_within(COST_LIMIT_S, float(result.stdout))


@pytest.mark.alone
def test_scrape_is_fast_with_a_full_spool(db: None, client: Client) -> None:
    spool_frames(1)
    [entry] = archive.spool().entries()
    for number in range(WAITING_FRAMES - 1):
        (entry.path.parent / f"{number:015}.1.{uuid4().hex}.frame").touch()

    def took_s() -> float:
        started_at = time.perf_counter()
        assert scrape_client(client).value("posesmart_spool_frames", state="waiting") == WAITING_FRAMES
        return time.perf_counter() - started_at

    assert is_within(SCRAPE_LIMIT_S, min(took_s() for _ in range(3)))
