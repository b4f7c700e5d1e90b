"""A replica set of three loses its primary, then its majority, and comes back, while clients post."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mongos.spool import State
from tests import mongod, replica_set
from tests.environment import IN_OUTAGES, Template, run_python, settings_in
from tests.faults.clients import posting
from tests.faults.conftest import Record
from tests.faults.counts import assert_each_is_archived_once, counts_of
from tests.faults.stage import ArchiveStage, empty_archive, eventually
from tests.replica_set import ReplicaSet

POSTS = 10  # of each client, between the steps of a test
EMPTY = State(waiting=0, refused=0, bytes=0, dropped=0)


@pytest.fixture(scope="module")
def members(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReplicaSet]:
    if reason := mongod.missing():
        pytest.skip(reason)
    with replica_set.running(tmp_path_factory.mktemp("set")) as running:
        settings = settings_in(tmp_path_factory.mktemp("prepared"), MONGODB_URI=running.uri)
        run_python(settings, "manage.py", "prepare_archive", "--verbosity", "0")
        yield running


@pytest.fixture
def stage(tmp_path: Path, template: Template, members: ReplicaSet) -> ArchiveStage:
    members.await_all()
    empty_archive(members.uri)
    return ArchiveStage(members.uri, template.service_in(tmp_path))


@pytest.mark.parametrize("fault", ["killed", "hanging"])
def test_lost_primary_costs_no_frame(stage: ArchiveStage, members: ReplicaSet, record: Record, fault: str) -> None:
    with stage.serve(**IN_OUTAGES) as server:
        with posting(server.port, stage.people) as crew:
            crew.await_posts(POSTS)
            lost = members.primary()
            lost.kill() if fault == "killed" else lost.hang()
            members.primary(other_than=lost)
            crew.await_posts_sent_after(time.monotonic())
            lost.start() if fault == "killed" else lost.go_on()
            members.await_all()
            crew.await_posts_sent_after(time.monotonic())
        eventually(lambda: stage.spool.state() == EMPTY, "the spool is not emptied")
        assert "Traceback" not in server.log
    counts = counts_of(stage, crew.posts)
    record(f"primary of three {fault}", counts)
    assert counts.statuses == {}, counts
    assert_each_is_archived_once(counts)


@pytest.mark.parametrize("with_primary", [True, False])
def test_lost_majority_costs_no_frame(
    stage: ArchiveStage, members: ReplicaSet, record: Record, with_primary: bool
) -> None:
    """What one member takes alone is not acknowledged by it, and may be undone: the spool keeps it."""
    with stage.serve(**IN_OUTAGES) as server:
        with posting(server.port, stage.people) as crew:
            crew.await_posts(POSTS)
            lost = members.secondaries()[:1]
            lost += [members.primary()] if with_primary else members.secondaries()[1:]
            for member in lost:
                member.kill()
            eventually(lambda: stage.spool.state().waiting >= POSTS, "no frame waits on disk")
            for member in lost:
                member.start()
            members.await_all()
            crew.await_posts_sent_after(time.monotonic())
        eventually(lambda: stage.spool.state() == EMPTY, "the spool is not emptied")
        assert "Traceback" not in server.log
    counts = counts_of(stage, crew.posts)
    record(f"two of three killed, the primary {'too' if with_primary else 'not'}", counts)
    assert counts.statuses == {}, counts
    assert_each_is_archived_once(counts)


def test_set_that_goes_down_with_the_server_loses_no_frame(
    stage: ArchiveStage, members: ReplicaSet, record: Record
) -> None:
    with stage.serve(**IN_OUTAGES) as server, posting(server.port, stage.people) as crew:
        crew.await_posts(POSTS)
        members.kill()
        crew.await_posts(2 * POSTS)
        server.kill()
    assert stage.spool.state().waiting > 0
    for member in members.members:
        member.start()
    members.await_all()
    with stage.serve() as server:
        stage.await_empty_spool()
        assert "Traceback" not in server.log
    counts = counts_of(stage, crew.posts)
    record("all three and the server killed", counts)
    assert set(counts.statuses) <= {None}, counts
    assert_each_is_archived_once(counts)
