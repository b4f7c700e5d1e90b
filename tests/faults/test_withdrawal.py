"""A user withdraws while MongoDB is down."""

import time

from tests.environment import IN_OUTAGES
from tests.faults.clients import call, posting
from tests.faults.conftest import Record
from tests.faults.counts import assert_each_is_archived_once, counts_of
from tests.faults.stage import Stage, eventually
from tests.slowness import slowness

POSTS = 15
PROMPT_S = 2.0  # the archive's timeout of 0.5 s if the outage is not known yet, and the normal time


def test_withdrawal_during_an_outage_leaves_no_frame(stage: Stage, record: Record) -> None:
    leaver, stayer = stage.people
    with stage.serve(**IN_OUTAGES) as server:
        with posting(server.port, [leaver]) as crew, posting(server.port, [stayer]) as others:
            crew.await_posts(POSTS)
            stage.mongod.kill()
            crew.await_posts(2 * POSTS)
            assert list(stage.spool_folder.glob(f"*.{leaver.id}.*"))
            started_at = time.monotonic()
            response = call(server.port, "DELETE", "accounts/", {}, access=leaver.access)
            took_s = time.monotonic() - started_at
            slower = 1.0 if took_s < PROMPT_S else slowness()  # measured under the same load
            crew.await_posts(3 * POSTS)  # the client does not know yet
        assert list(stage.spool_folder.glob(f"*.{leaver.id}.*")) == []
        stage.mongod.start()
        residue = len([frame for frame in stage.archived() if frame.user_id == leaver.id])
        eventually(lambda: {frame.user_id for frame in stage.archived()} == {stayer.id}, "frames are left behind")
        stage.await_empty_spool()
        assert "Traceback" not in server.log
    counts = counts_of(stage, others.posts)
    record(f"withdrawal, {residue} frames archived before, 204 in {took_s * 1000:.0f} ms; the other user", counts)
    assert response.status == 204
    assert took_s < PROMPT_S * slower
    assert {post.status for post in crew.posts} == {200, 401}
    assert counts.statuses == {}, counts
    assert_each_is_archived_once(counts)
