"""The site that benchmarks.load.outages runs, and what fails in it."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

from benchmarks.machine import children
from tests import mariadb, mongod, nginx_server, redis_server, replica_set
from tests.environment import Service, prepare, settings_in
from tests.faults.site import Site, behind_nginx
from tests.faults.stage import ArchiveStage
from tests.server_process import ServerProcess

DATABASE = "posesmart"
NODES = 2
IN_PRODUCTION = {"MONGODB_TIMEOUT_MS": "450", "FRAME_MAX_WAIT_MS": "600", "LOG_LEVEL": "ERROR"}

Mend = Callable[[], object]
Faults = dict[str, Callable[[], Mend]]


@contextmanager
def whole_site(folder: Path) -> Iterator[tuple[Site, Faults, Mend]]:
    """Its nodes, what can fail, and what waits until all parts are there. Raises SystemExit without a server."""
    for reason in (mariadb.missing(), mongod.missing(), nginx_server.missing(), redis_server.missing()):
        if reason:
            raise SystemExit(f"There is {reason}.")
    places = {name: folder / name for name in ("mariadb", "redis", "set", "prepared", "nginx", "node0", "node1")}
    for place in places.values():
        place.mkdir()
    with ExitStack() as stack:
        database = stack.enter_context(mariadb.running(places["mariadb"]))
        database.create_database(DATABASE)
        redis = stack.enter_context(redis_server.running(places["redis"]))
        members = stack.enter_context(replica_set.running(places["set"]))
        stores = {"DATABASE_URL": database.url(DATABASE), "REDIS_URL": redis.url} | IN_PRODUCTION
        people = prepare(settings_in(places["prepared"], **stores, MONGODB_URI=members.uri))
        stages = [
            ArchiveStage(members.uri, Service(settings_in(places[f"node{number}"], **stores), people))
            for number in range(NODES)
        ]
        site = stack.enter_context(behind_nginx(places["nginx"], stages))
        first, second = site.nodes
        for node in site.nodes:
            node.listener.close()  # so that nothing listens while a node is dead
        faults: Faults = {
            "the set's primary killed": lambda: _killed(members.primary()),
            "MariaDB killed": lambda: _killed(database),
            "a node killed": lambda: _struck(first.server.kill, first.start),
            "Redis killed": lambda: _killed(redis),
            "the set's majority killed": lambda: _killed(*members.members[:2]),
            "a worker killed": lambda: _struck(partial(os.kill, children(second.server.pid)[0], signal.SIGKILL)),
            "the set's primary hanging": lambda: _hanging(members.primary()),
            "Redis hanging": lambda: _hanging(redis),
            "a node restarted": lambda: _struck(second.restart),
            "MariaDB hanging": lambda: _hanging(database),
            "the whole set killed": lambda: _killed(*members.members),
        }
        yield site, faults, members.await_all


def _killed(*servers: ServerProcess) -> Mend:
    for server in servers:
        server.kill()

    def mend() -> None:
        for server in servers:
            server.start()

    return mend


def _hanging(server: ServerProcess) -> Mend:
    return _struck(server.hang, server.go_on)


def _struck(strike: Callable[[], object], mend: Mend = lambda: None) -> Mend:
    strike()
    return mend
