"""Two nodes behind one nginx, with shared databases and a spool each: a node is restarted or killed, and no client
notices.
"""

import socket
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from mongos.spool import State
from tests import nginx_server
from tests.detections.frames import NECK
from tests.faults.clients import Post, call, post_frame, posting, small_pictures
from tests.faults.conftest import OnMariaDB, Record
from tests.faults.counts import Counts, assert_each_is_archived_once, counts_of
from tests.faults.stage import Stage, eventually
from tests.gunicorn_server import Server
from tests.mongod import Mongod
from tests.nginx_server import Nginx, proxying

pytestmark = pytest.mark.skipif(bool(reason := nginx_server.missing()), reason=reason)

ADDRESSES = ("127.0.0.1", "127.0.0.2")
LOGINS = 6  # accepted in a minute from one address in these tests
FRAMES = 24
POSTS = 10  # of each client, before a fault and after it
CLIENTS_EACH = 2  # for each of the two people
SHARED = (NECK, "accounts/frames/", "accounts/login/")
EMPTY = State(waiting=0, refused=0, bytes=0, dropped=0)


class Node:
    """gunicorn on its own address, on a socket that stays open while it is restarted."""

    def __init__(self, stage: Stage, address: str) -> None:
        self.stage = stage
        self.listener = socket.create_server((address, 0), backlog=2048)
        self.address = "{}:{}".format(*self.listener.getsockname())
        self._running = ExitStack()
        self._server: Server | None = None

    @property
    def server(self) -> Server:
        assert self._server
        return self._server

    def start(self) -> None:
        """Start, and wait until it listens: on the node's socket, or on its own if that has been closed."""
        settings = {"BIND": self.address, "TRUSTED_PROXIES": "1", "LOGIN_RATE": f"{LOGINS}/min"}
        is_open = self.listener.fileno() >= 0
        serve = self.stage.serve_on(self.listener, **settings) if is_open else self.stage.serve(**settings)
        self._server = self._running.enter_context(serve)

    def restart(self) -> None:
        """Restart as `systemctl restart` does: requests in flight are answered, then the next server starts."""
        self.server.terminate()
        assert self.server.exit_code() == 0
        self.start()

    def close(self) -> None:
        self._running.close()
        self.listener.close()


class Site:
    """Nodes behind nginx."""

    def __init__(self, nodes: list[Node], nginx: Nginx) -> None:
        self.nodes = nodes
        self.nginx = nginx
        self.addresses = {node.address for node in nodes}

    @property
    def responses_by_node(self) -> Counter[str]:
        """The number of requests that each node answered; nginx had tried any earlier ones in the entry in vain."""
        return Counter(entry["node"].rpartition(", ")[2] for entry in self.nginx.access_log)

    @property
    def retried(self) -> int:
        return sum(", " in entry["node"] for entry in self.nginx.access_log)

    def await_response_of(self, node: Node) -> None:
        before = self.responses_by_node[node.address]
        eventually(lambda: self.responses_by_node[node.address] > before, f"{node.address} does not respond")

    def counts(self, posts: list[Post]) -> Counts:
        for node in self.nodes:
            node.stage.await_empty_spool()
            assert node.stage.spool.state() == EMPTY
            assert "Traceback" not in node.server.log
        return counts_of(self.nodes[0].stage, posts)


@pytest.fixture
def stages(tmp_path: Path, mariadb_stage: Stage, on_mariadb: OnMariaDB, own_mongod: Mongod) -> list[Stage]:
    """Two stages on the same databases, each with its own spool."""
    (tmp_path / "second").mkdir()
    return [mariadb_stage, Stage(own_mongod, on_mariadb(tmp_path / "second"))]


@contextmanager
def behind_nginx(folder: Path, stages: list[Stage]) -> Iterator[Site]:
    with ExitStack() as stack:
        nodes = [Node(stage, address) for stage, address in zip(stages, ADDRESSES, strict=False)]
        for node in nodes:
            stack.callback(node.close)
        with ThreadPoolExecutor() as starting:
            list(starting.map(Node.start, nodes))
        yield Site(nodes, stack.enter_context(proxying(folder, [node.address for node in nodes])))


def test_user_moves_between_nodes(tmp_path: Path, stages: list[Stage], record: Record) -> None:
    """Faces, frames and throttle counts are the same on each."""
    person, wrong = stages[0].people[0], {"username": "nobody", "password": "wrong"}
    with behind_nginx(tmp_path, stages) as site:
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
    with behind_nginx(tmp_path, stages) as site:
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
