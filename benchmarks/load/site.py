"""The site that benchmarks.load.outages runs, and what fails in it."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.environment import children
from tests import mariadb, mongod, nginx_server, redis_server, replica_set
from tests.environment import Service, prepare, settings_in
from tests.faults.clients import Crew, Post, posting
from tests.faults.counts import Counts, counts_of
from tests.faults.site import Node, Site, behind_nginx
from tests.faults.stage import ArchiveStage
from tests.mariadb import MariaDB
from tests.mongod import Mongod
from tests.redis_server import RedisServer
from tests.replica_set import ReplicaSet

DATABASE = "posesmart"
NODES = 2
CLIENTS_EACH, RATE_HZ = 3, 2.0  # for each of two people
IN_PRODUCTION = {"MONGODB_TIMEOUT_MS": "450", "FRAME_MAX_WAIT_MS": "600", "LOG_LEVEL": "ERROR"}

Mend = Callable[[], object]


@dataclass(frozen=True, slots=True)
class WholeSite:
    site: Site
    mariadb: MariaDB
    redis: RedisServer
    members: ReplicaSet

    def posting(self) -> AbstractContextManager[Crew]:
        people = self.site.nodes[0].stage.people * CLIENTS_EACH
        return posting(self.site.nginx.plain, people, rate_hz=RATE_HZ, retrying=True)

    def await_all(self) -> None:
        """Wait until all parts are there, and no frame waits on disk."""
        self.members.await_all()
        for node in self.site.nodes:
            node.stage.await_empty_spool()

    def counts(self, posts: list[Post]) -> Counts:
        self.await_all()
        return counts_of(self.site.nodes[0].stage, posts)


@contextmanager
def whole_site(folder: Path) -> Iterator[WholeSite]:
    """Raises SystemExit if one of the servers is missing."""
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
        for node in site.nodes:
            node.listener.close()  # so that nothing listens while a node is dead
        yield WholeSite(site, database, redis, members)


def _primary_killed(site: WholeSite) -> Mend:
    """the set's primary killed"""
    lost = site.members.primary()
    lost.kill()
    return lost.start


def _mariadb_killed(site: WholeSite) -> Mend:
    """MariaDB killed"""
    site.mariadb.kill()
    return site.mariadb.start


def _node_killed(site: WholeSite) -> Mend:
    """a node killed"""
    node = site.site.nodes[0]
    node.server.kill()
    return node.start


def _redis_killed(site: WholeSite) -> Mend:
    """Redis killed"""
    site.redis.kill()
    return site.redis.start


def _majority_killed(site: WholeSite) -> Mend:
    """the set's majority killed"""
    lost = site.members.members[:2]
    for member in lost:
        member.kill()
    return lambda: _start(lost)


def _worker_killed(site: WholeSite) -> Mend:
    """a worker killed"""
    os.kill(children(site.site.nodes[1].server.pid)[0], signal.SIGKILL)
    return lambda: None


def _primary_hangs(site: WholeSite) -> Mend:
    """the set's primary hanging"""
    lost = site.members.primary()
    lost.hang()
    return lost.go_on


def _redis_hangs(site: WholeSite) -> Mend:
    """Redis hanging"""
    site.redis.hang()
    return site.redis.go_on


def _node_restarted(site: WholeSite) -> Mend:
    """a node restarted"""
    node: Node = site.site.nodes[1]
    node.restart()
    return lambda: None


def _mariadb_hangs(site: WholeSite) -> Mend:
    """MariaDB hanging"""
    site.mariadb.hang()
    return site.mariadb.go_on


def _set_killed(site: WholeSite) -> Mend:
    """the whole set killed"""
    site.members.kill()
    return lambda: _start(site.members.members)


def _start(members: list[Mongod]) -> None:
    for member in members:
        member.start()


FAULTS: list[Callable[[WholeSite], Mend]] = [
    _primary_killed,
    _mariadb_killed,
    _node_killed,
    _redis_killed,
    _majority_killed,
    _worker_killed,
    _primary_hangs,
    _redis_hangs,
    _node_restarted,
    _mariadb_hangs,
    _set_killed,
]
