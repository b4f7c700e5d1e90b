"""Two nodes behind one nginx, with shared databases and a spool each: a node is restarted or killed, and no client
notices.
"""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests import nginx_server
from tests.detections.frames import NECK
from tests.faults.clients import call, post_frame, posting, small_pictures
from tests.faults.conftest import OnMariaDB, Record
from tests.faults.counts import assert_each_is_archived_once
from tests.faults.site import CLIENTS_EACH, behind_nginx
from tests.faults.stage import Stage
from tests.mongod import Mongod

pytestmark = pytest.mark.skipif(bool(reason := nginx_server.missing()), reason=reason)

LOGINS = 6  # accepted in a minute from one address
FEW_LOGINS = {"LOGIN_RATE": f"{LOGINS}/min"}
FRAMES = 24
POSTS = 10  # of each client, before a fault and after it
SHARED = (NECK, "accounts/frames/", "accounts/login/")


@pytest.fixture
def stages(tmp_path: Path, mariadb_stage: Stage, on_mariadb: OnMariaDB, own_mongod: Mongod) -> list[Stage]:
    """Two stages on the same databases, each with its own spool."""
    (tmp_path / "second").mkdir()
    return [mariadb_stage, Stage(own_mongod, on_mariadb(tmp_path / "second"))]


def test_user_moves_between_nodes(tmp_path: Path, stages: list[Stage], record: Record) -> None:
    """Faces, frames and throttle counts are the same on each."""
    person, wrong = stages[0].people[0], {"username": "nobody", "password": "wrong"}
    with behind_nginx(tmp_path, stages, **FEW_LOGINS) as site:
        port = site.nginx.plain
        call(port, "DELETE", "accounts/face/", access=person.access)
        with ThreadPoolExecutor(4) as clients:
            posts = list(clients.map(lambda _: post_frame(port, person, small_pictures()[0]), range(FRAMES)))
        face = call(port, "GET", "accounts/face/", access=person.access).json
        lists = [call(port, "GET", "accounts/frames/", access=person.access).json["results"] for _ in range(4)]
        logins = [call(port, "POST", "accounts/login/", wrong).status for _ in range(LOGINS + 2)]
        requests = site.nginx.logged(1 + FRAMES + 1 + 4 + LOGINS + 2, client="127.0.0.1")
        counts = site.counts(posts)
    shares = {path: Counter(entry["node"] for entry in requests if entry["path"] == f"/api/{path}") for path in SHARED}
    record(f"two nodes, {sorted(shares[NECK].values())} frames for each, {face['frame_count']} enrolled", counts)
    assert {path: set(nodes) for path, nodes in shares.items()} == dict.fromkeys(SHARED, site.addresses)
    assert counts.statuses == {}, counts
    assert_each_is_archived_once(counts)
    assert face["frame_count"] == counts.archived == FRAMES
    assert [len(frames) for frames in lists] == [FRAMES] * 4
    assert {str(frames) for frames in lists} == {str(lists[0])}
    assert logins == [401] * LOGINS + [429] * 2


@pytest.mark.alone  # beside other tests a node may take longer to start than nginx waits
def test_killed_nodes_lose_no_frame_and_no_response(tmp_path: Path, stages: list[Stage], record: Record) -> None:
    with behind_nginx(tmp_path, stages, **FEW_LOGINS) as site:
        for node in site.nodes:
            node.listener.close()  # so that nothing listens while it is dead
        with posting(site.nginx.plain, stages[0].people * CLIENTS_EACH) as crew:
            for node in site.nodes:
                crew.await_posts(POSTS)
                node.server.kill()
                crew.await_posts_sent_after(crew.posts[-1].sent_at)
                node.start()
                site.await_response_of(node)
        counts, retried = site.counts(crew.posts), site.retried
    record(f"both nodes killed one after the other, {retried} frames sent to the other one", counts)
    assert retried
    assert counts.statuses == {}, counts
    assert counts.answered == counts.archived
    assert_each_is_archived_once(counts)


@pytest.mark.alone
@pytest.mark.parametrize("number", [1, 2])
def test_rolling_restart_fails_no_request(tmp_path: Path, stages: list[Stage], record: Record, number: int) -> None:
    """Not even with a single node: its socket stays open, and clients that connect meanwhile wait."""
    with behind_nginx(tmp_path, stages[:number]) as site:
        with posting(site.nginx.plain, stages[0].people * CLIENTS_EACH) as crew:
            for node in site.nodes:
                crew.await_posts(POSTS)
                node.restart()
                site.await_response_of(node)
        counts, retried = site.counts(crew.posts), site.retried
    record(f"{number} of {number} nodes restarted, {retried} frames sent to another one", counts)
    assert counts.statuses == {}, counts
    assert counts.answered == counts.archived
    assert_each_is_archived_once(counts)
