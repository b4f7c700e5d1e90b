"""A user leaves while MongoDB is away."""

import time

from tests.faults.clients import call, posting
from tests.faults.conftest import Tell
from tests.faults.counts import assert_each_is_archived_once, counts_of
from tests.faults.stage import Stage, eventually

POSTS = 15
AT_ONCE_S = 2.0  # the archive's timeout of 0.5 s where nobody has found out yet, and what it takes normally


def test_who_withdraws_while_mongod_is_away_leaves_no_frame_behind(stage: Stage, tell: Tell) -> None:
    leaver, stayer = stage.people
    with stage.serve() as server:
        with posting(server.port, [leaver]) as crew, posting(server.port, [stayer]) as others:
            crew.await_posts(POSTS)
            stage.mongod.kill()
            crew.await_posts(2 * POSTS)
            assert list(stage.spool_folder.glob(f"*.{leaver.id}.*"))
            asked_at = time.monotonic()
            response = call(server.port, "DELETE", "accounts/", {}, access=leaver.access)
            took_s = time.monotonic() - asked_at
            crew.await_posts(3 * POSTS)  # the client does not know yet
        assert list(stage.spool_folder.glob(f"*.{leaver.id}.*")) == []
        stage.mongod.start()
        residue = len([frame for frame in stage.archived() if frame.user_id == leaver.id])
        eventually(lambda: {frame.user_id for frame in stage.archived()} == {stayer.id}, "frames are left behind")
        stage.await_empty_spool()
        assert "Traceback" not in server.log
    counts = counts_of(stage, others.posts)
    tell(f"withdrawal, {residue} frames archived before, 204 in {took_s * 1000:.0f} ms; who stayed", counts)
    assert (response.status, took_s < AT_ONCE_S) == (204, True)
    assert {post.status for post in crew.posts} == {200, 401}
    assert counts.statuses == {}, counts
    assert_each_is_archived_once(counts)
