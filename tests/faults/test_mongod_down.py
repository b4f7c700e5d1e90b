"""MongoDB crashes, hangs, or stays down until the spool is full, while clients post."""

import re
import time
from collections.abc import Callable
from statistics import median

import pytest

from mongos.guard import RETRY_AFTER_S
from mongos.spool import State
from tests import pictures
from tests.detections.frames import NECK, neck_body
from tests.environment import IN_OUTAGES
from tests.faults.clients import Crew, Post, posting, small_pictures
from tests.faults.conftest import Record
from tests.faults.counts import Counts, assert_each_is_archived_once, counts_of
from tests.faults.stage import WORKERS, Stage
from tests.gunicorn_server import Server

pytestmark = pytest.mark.alone  # the tests judge response times

POSTS_BEFORE = 20  # of each client
TIMEOUT_MS = 450  # MONGODB_TIMEOUT_MS: how long the first request of an outage waits
TIMES_NORMAL = 4  # a response may take this many times the slowest normal one: other processes are busy as well
NOISE_MS = 500  # or this much longer
SELECTION_STEP_MS = 500  # pymongo waits for a server in whole steps of this length, the last one past the timeout
OUTAGE_S = 2.2 * RETRY_AFTER_S  # the frames that try MongoDB again, and wait for it, come twice
EMPTY = State(waiting=0, refused=0, bytes=0, dropped=0)


def post_through_outage(
    stage: Stage, start: Callable[[], object], end: Callable[[], object], for_s: float
) -> tuple[Counts, list[Post], list[Post]]:
    """(counts, posts sent before, posts sent during) an outage of MongoDB through which two clients post."""
    with stage.serve(**IN_OUTAGES) as server:
        warm_up(server)
        with posting(server.port, stage.people) as crew:
            crew.await_posts(POSTS_BEFORE)
            started_at = time.monotonic()
            start()
            crew.await_posts_sent_after(started_at + for_s)
            ended_at = time.monotonic()
            end()
            stage.await_empty_spool()
            crew.await_posts_sent_after(time.monotonic())
        stage.await_empty_spool()
        assert "Traceback" not in server.log
    return counts_of(stage, crew.posts), sent(crew, 0, started_at), sent(crew, started_at, ended_at)


def warm_up(server: Server) -> None:
    """Post a frame to every worker, so that all are connected to their stores; these frames are not counted."""
    body = neck_body(b"") | {"blob_data": pictures.data_url(small_pictures()[0])}
    assert {response.status for response in server.post_to_every_worker(WORKERS, NECK, body)} == {200}


def sent(crew: Crew, since: float, until: float) -> list[Post]:
    return [post for post in crew.posts if since <= post.sent_at < until]


def assert_not_noticeable(counts: Counts, before: list[Post], during: list[Post]) -> None:
    assert counts.statuses == {}, counts
    normal_ms = max(post.took_ms for post in before)
    limit_ms = TIMEOUT_MS + SELECTION_STEP_MS + max(TIMES_NORMAL * normal_ms, NOISE_MS)
    assert counts.slowest_ms <= limit_ms, (counts, normal_ms)
    # Without a breaker each frame would wait.
    assert median(post.took_ms for post in during) < TIMEOUT_MS / 2


def test_killed_mongod_costs_no_frame_and_no_time(stage: Stage, record: Record) -> None:
    counts, before, during = post_through_outage(stage, stage.mongod.kill, stage.mongod.start, for_s=OUTAGE_S)
    record(f"mongod killed, down for {OUTAGE_S:.0f} s", counts)
    assert_each_is_archived_once(counts)
    assert_not_noticeable(counts, before, during)
    assert stage.spool.state() == EMPTY


def test_hanging_mongod_costs_no_frame_and_no_time(stage: Stage, record: Record) -> None:
    counts, before, during = post_through_outage(stage, stage.mongod.hang, stage.mongod.go_on, for_s=8)
    record("mongod stopped for 8 s", counts)
    assert_each_is_archived_once(counts)
    assert_not_noticeable(counts, before, during)
    assert stage.spool.state() == EMPTY


def test_full_spool_drops_and_counts_frames(stage: Stage, record: Record) -> None:
    large = [pictures.jpeg(pictures.at_desk())]  # 56 KiB: 18 of them are a mebibyte
    with stage.serve(**IN_OUTAGES, SPOOL_MAX_MB="1") as server:
        with posting(server.port, stage.people, rate_hz=20, jpegs=large) as crew:
            crew.await_posts(3)
            stage.mongod.kill()
            server.wait_for_log("The spool in .* is full: 20 frames dropped so far")
        full = stage.spool.state()
        assert 2**20 - 60 * 2**10 < full.bytes <= 2**20
        stage.mongod.start()
        stage.await_empty_spool()
        logged = re.findall(r"is full: (\d+) frames dropped so far", server.log)
        assert "Traceback" not in server.log
    counts = counts_of(stage, crew.posts)
    record("mongod down, spool of 1 MiB", counts)
    assert counts.statuses == {}, counts
    assert counts.dropped == full.dropped >= 20
    assert sorted(map(int, logged))[:11] == [*range(1, 11), 20]
    assert counts.answered == counts.archived + counts.dropped
    assert_each_is_archived_once(counts)
    assert stage.spool.state() == State(waiting=0, refused=0, bytes=0, dropped=full.dropped)
