"""Acknowledged frames survive the server: its processes are killed while frames wait on disk."""

import os
import signal

from tests.environment import IN_OUTAGES
from tests.faults.clients import posting
from tests.faults.conftest import Record
from tests.faults.counts import assert_each_is_archived_once, counts_of
from tests.faults.stage import Stage, eventually

POSTS = 10  # of each client, in each part of a test
DRAINED = r"Of the frames on disk (\d+) are stored"


def test_killed_server_loses_no_acknowledged_frame(stage: Stage, record: Record) -> None:
    with stage.serve(**IN_OUTAGES) as server, posting(server.port, stage.people) as crew:
        crew.await_posts(POSTS)
        stage.mongod.kill()
        crew.await_posts(3 * POSTS)
        server.kill()
    waiting = stage.spool.state().waiting
    assert waiting > POSTS
    stage.mongod.start()
    with stage.serve() as server:
        server.wait_for_log(DRAINED)
        stage.await_empty_spool()
        assert "Traceback" not in server.log
    counts = counts_of(stage, crew.posts)
    record(f"server killed, {waiting} frames on disk", counts)
    assert set(counts.statuses) <= {None}, counts  # the posts in flight got no response
    assert_each_is_archived_once(counts)
    assert stage.spool.state().bytes == 0


def test_frames_of_a_killed_worker_are_stored(stage: Stage, record: Record) -> None:
    with stage.serve(**IN_OUTAGES) as server:
        killed = server.started_workers(2)
        with posting(server.port, stage.people) as crew:
            crew.await_posts(POSTS)
            stage.mongod.kill()
            crew.await_posts(2 * POSTS)
            os.kill(killed[0], signal.SIGKILL)
            crew.await_posts(3 * POSTS)
        server.started_workers(3)
        stage.mongod.start()
        server.wait_for_log(DRAINED)
        stage.await_empty_spool()
        assert "Traceback" not in server.log
    counts = counts_of(stage, crew.posts)
    record("one worker killed, mongod down", counts)
    assert set(counts.statuses) <= {None}, counts
    assert counts.posted - counts.answered <= 1  # a worker answers one request at a time
    assert_each_is_archived_once(counts)


def test_workers_killed_while_draining_duplicate_nothing(stage: Stage, record: Record) -> None:
    with stage.serve(**IN_OUTAGES) as server:
        killed = server.started_workers(2)
        with posting(server.port, stage.people, rate_hz=20) as crew:
            stage.mongod.kill()
            crew.await_posts(4 * POSTS)
        waiting = stage.spool.state().waiting
        stage.mongod.start()
        eventually(lambda: stage.spool.state().waiting < waiting, "nothing is stored", interval_s=0)
        for worker in killed:
            os.kill(worker, signal.SIGKILL)
        left = stage.spool.state().waiting
        server.started_workers(4)
        stage.await_empty_spool()
        assert "Traceback" not in server.log
    counts = counts_of(stage, crew.posts)
    record(f"workers killed with {left} of {waiting} frames to be stored", counts)
    assert counts.statuses == {}, counts
    assert_each_is_archived_once(counts)
