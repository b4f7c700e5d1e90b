"""Application nodes behind one nginx, each with its own spool."""

import socket
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

from mongos.spool import State
from tests.faults.clients import Post
from tests.faults.counts import Counts, counts_of
from tests.faults.stage import ArchiveStage, eventually
from tests.gunicorn_server import Server
from tests.nginx_server import Nginx, proxying

ADDRESSES = ("127.0.0.1", "127.0.0.2")
CLIENTS_EACH = 2  # for each of the two people
EMPTY = State(waiting=0, refused=0, bytes=0, dropped=0)


class Node:
    """gunicorn on its own address, on a socket that stays open while it is restarted."""

    def __init__(self, stage: ArchiveStage, address: str, **settings: str) -> None:
        self.stage = stage
        self._settings = settings
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
        settings = {"BIND": self.address, "TRUSTED_PROXIES": "1"} | self._settings
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


@contextmanager
def behind_nginx(folder: Path, stages: Sequence[ArchiveStage], **settings: str) -> Iterator[Site]:
    with ExitStack() as stack:
        nodes = [Node(stage, address, **settings) for stage, address in zip(stages, ADDRESSES, strict=False)]
        for node in nodes:
            stack.callback(node.close)
        with ThreadPoolExecutor() as starting:
            list(starting.map(Node.start, nodes))
        yield Site(nodes, stack.enter_context(proxying(folder, [node.address for node in nodes])))
