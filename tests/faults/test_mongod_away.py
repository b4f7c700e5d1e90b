"""MongoDB crashes, hangs, or stays away for longer than the disk has room, while clients post."""

import re
import signal
import time
from collections.abc import Callable
from statistics import median

import pytest

from mongos.spool import State
from tests import pictures
from tests.detections.frames import NECK, neck_body
from tests.faults.clients import Crew, Post, posting, small_pictures
from tests.faults.conftest import Tell
from tests.faults.counts import Counts, assert_each_is_archived_once, counts_of
from tests.faults.stage import WORKERS, Stage
from tests.gunicorn_server import Server

pytestmark = pytest.mark.alone  # how long answers take is judged

POSTS_BEFORE = 20  # of each client
TIMEOUT_MS = 450  # MONGODB_TIMEOUT_MS: whoever finds out about an outage waits so long
TIMES_NORMAL = 4  # an answer may take so many times the slowest normal one: other processes are busy as well
NOISE_MS = 500  # or so much longer
SELECTION_STEP_MS = 500  # pymongo waits for a server in whole steps of so long, the last one past the timeout
EMPTY = State(waiting=0, refused=0, bytes=0, dropped=0)


def through_an_outage(
    stage: Stage, begin: Callable[[], object], end: Callable[[], object], for_s: float
) -> tuple[Counts, list[Post], list[Post]]:
    """Two clients post all the while: the counts, the posts sent before, and those sent while MongoDB was away."""
    with stage.serve() as server:
        warm_up(server)
        with posting(server.port, stage.people) as crew:
            crew.await_posts(POSTS_BEFORE)
            began_at = time.monotonic()
            begin()
            crew.await_posts_sent_after(began_at + for_s)
            ended_at = time.monotonic()
            end()
            stage.await_empty_spool()
            crew.await_posts_sent_after(time.monotonic())
        stage.await_empty_spool()
        assert "Traceback" not in server.log
    return counts_of(stage, crew.posts), sent(crew, 0, began_at), sent(crew, began_at, ended_at)


def warm_up(server: Server) -> None:
    """A worker connects to its stores with its first frame; here it is none of those that are counted."""
    body = neck_body(b"") | {"blob_data": pictures.data_url(small_pictures()[0])}
    assert {each.status for each in server.post_to_every_worker(WORKERS, NECK, body)} == {200}


def sent(crew: Crew, since: float, until: float) -> list[Post]:
    return [post for post in crew.posts if since <= post.sent_at < until]


def assert_nobody_noticed(counts: Counts, before: list[Post], meanwhile: list[Post]) -> None:
    assert counts.statuses == {}, counts
    normal_ms = max(post.took_ms for post in before)
    bound_ms = TIMEOUT_MS + SELECTION_STEP_MS + max(TIMES_NORMAL * normal_ms, NOISE_MS)
    assert counts.slowest_ms <= bound_ms, (counts, normal_ms)
    # Without a breaker each frame would wait.
    assert median(post.took_ms for post in meanwhile) < TIMEOUT_MS / 2


def test_a_killed_mongod_costs_no_frame_and_no_time(stage: Stage, tell: Tell) -> None:
    counts, before, meanwhile = through_an_outage(stage, stage.mongod.kill, stage.mongod.start, for_s=20)
    tell("mongod killed, away for 20 s", counts)
    assert_each_is_archived_once(counts)
    assert_nobody_noticed(counts, before, meanwhile)
    assert stage.spool.state() == EMPTY


def test_a_hanging_mongod_costs_no_frame_and_no_time(stage: Stage, tell: Tell) -> None:
    def send(number: signal.Signals) -> Callable[[], None]:
        return lambda: stage.mongod.send(number)

    counts, before, meanwhile = through_an_outage(stage, send(signal.SIGSTOP), send(signal.SIGCONT), for_s=8)
    tell("mongod stopped for 8 s", counts)
    assert_each_is_archived_once(counts)
    assert_nobody_noticed(counts, before, meanwhile)
    assert stage.spool.state() == EMPTY


def test_a_full_spool_drops_frames_counts_them_and_keeps_the_others(stage: Stage, tell: Tell) -> None:
    large = [pictures.jpeg(pictures.at_desk())]  # 56 KiB: 18 of them are a mebibyte
    with stage.serve(SPOOL_MAX_MB="1") as server:
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
    tell("mongod away, spool of 1 MiB", counts)
    assert counts.statuses == {}, counts
    assert counts.dropped == full.dropped >= 20
    assert sorted(map(int, logged))[:11] == [*range(1, 11), 20]
    assert counts.answered == counts.archived + counts.dropped
    assert_each_is_archived_once(counts)
    assert stage.spool.state() == State(waiting=0, refused=0, bytes=0, dropped=full.dropped)
