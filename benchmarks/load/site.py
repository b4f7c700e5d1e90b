"""The site whose parts fail one after the other: python -m benchmarks.load.site FAULTS EVERY_S.

It prints as JSON how often what happened. It needs Django's settings, and all servers to be installed.
"""

import json
import os
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import cycle, islice
from pathlib import Path

import django

django.setup()
from benchmarks.environment import DATABASE  # noqa: E402
from benchmarks.load.outages import LOST, TWICE  # noqa: E402
from benchmarks.machine import children  # noqa: E402
from tests import mariadb, mongod, nginx_server, redis_server, replica_set  # noqa: E402
from tests.environment import Service, prepare, settings_in  # noqa: E402
from tests.faults.clients import posting  # noqa: E402
from tests.faults.counts import counts_of  # noqa: E402
from tests.faults.site import Site, behind_nginx  # noqa: E402
from tests.faults.stage import ArchiveStage  # noqa: E402
from tests.server_process import ServerProcess  # noqa: E402

NODES = 2
CLIENTS_EACH, RATE_HZ = 3, 2.0  # for each of two people
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


def main(count: int, every_s: int) -> None:
    with (
        tempfile.TemporaryDirectory(prefix="posesmart-outages-") as folder,
        whole_site(Path(folder)) as (site, faults, await_members),
    ):
        stages, happened = [node.stage for node in site.nodes], Counter[str]()
        with posting(site.nginx.plain, stages[0].people * CLIENTS_EACH, rate_hz=RATE_HZ, retrying=True) as crew:
            for name in islice(cycle(faults), count):
                print(name, file=sys.stderr)
                struck = time.monotonic()
                mend = faults[name]()
                time.sleep(every_s / 4)
                mend()
                happened[name] += 1
                time.sleep(max(0.0, struck + every_s - time.monotonic()))
            await_members()
            for stage in stages:
                stage.await_empty_spool()
        for stage in stages:
            stage.await_empty_spool()
        counts = counts_of(stages[0], crew.posts)
    found = {"frames acknowledged": counts.answered, "frames in the archive": counts.archived}
    found |= {LOST: counts.lost, TWICE: counts.duplicated}
    found |= {f"responses {status}": number for status, number in counts.statuses.items()}
    print(json.dumps(happened | found | {"slowest response, ms": counts.slowest_ms}))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
