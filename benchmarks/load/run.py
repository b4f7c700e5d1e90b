"""Runs a load: Locust users against the service as it is deployed, while its processes are watched."""

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import gevent
from locust.env import Environment as LocustEnvironment
from pymongo import MongoClient

from benchmarks.environment import Environment, children
from benchmarks.figures import with_progress
from benchmarks.footprint import Memory, memory_of
from benchmarks.load.results import SERVICE, Load
from benchmarks.load.users import Crowd, DeskUser
from benchmarks.machine import TICKS_A_SECOND, CpuTimes
from mongos.spool import Spool
from tests import mariadb, mongod, nginx_server
from tests.gunicorn_server import Server

DATABASE = "posesmart"
CLIENTS, OTHERS = "clients (locust)", "everything else"
SAMPLE_EVERY_S = 2
START_WITHIN_S, END_WITHIN_S = 180.0, 90.0


@dataclass(frozen=True, slots=True)
class Deployment:
    """An environment with its databases, which run; facts say what they are."""

    environment: Environment
    mongodb_uri: str
    facts: list[str]

    def spooled(self) -> int:
        """Frames that wait on disk, because MongoDB did not take them in time."""
        return Spool(Path(self.environment.settings["SPOOL_DIR"]), max_bytes=0).state().waiting

    def archived(self) -> int | None:
        """Frames in MongoDB or on their way there; None without MongoDB."""
        if not self.mongodb_uri:
            return None
        with MongoClient[dict[str, object]](self.mongodb_uri) as client:
            return client[DATABASE]["mongos_frame"].count_documents({}) + self.spooled()


@contextmanager
def deployed(folder: Path, **settings: str) -> Iterator[Deployment]:
    """MariaDB and MongoDB, where they are installed, migrated; limits and logging as by default."""
    folder.mkdir()
    with ExitStack() as stack:
        facts, uri = [], ""
        if reason := mariadb.missing():
            facts.append(f"Users and reports in SQLite: {reason}.")
        else:
            (folder / "mariadb").mkdir()
            server = stack.enter_context(mariadb.running(folder / "mariadb"))
            server.create_database(DATABASE)
            settings["DATABASE_URL"] = server.url(DATABASE)
            facts.append("Users and reports in MariaDB, with 32 MB of buffer pool, on this machine.")
        if reason := mongod.missing():
            facts.append(f"Frames in the same database: {reason}.")
        else:
            (folder / "mongod").mkdir()
            settings["MONGODB_URI"] = uri = stack.enter_context(mongod.running(folder / "mongod")).uri
            facts.append("Frames in MongoDB, one server with 0.25 GB of cache, on this machine.")
        environment = Environment.migrated(
            folder / "service", FRAME_RATE="", BLINK_RATE="", LOG_LEVEL="", FRAME_MAX_WAIT_MS="", **settings
        )
        environment.python("manage.py", "prepare_archive", "--verbosity", "0")
        yield Deployment(environment, uri, facts)


@contextmanager
def in_front(server: Server, folder: Path, *, nginx: bool) -> Iterator[tuple[str, str]]:
    """The address for the clients, and what it is, in words."""
    own = f"127.0.0.1:{server.port}"
    if not nginx:
        yield f"http://{own}", "reached directly, with a new connection for each request"
        return
    if reason := nginx_server.missing():
        raise SystemExit(f"There is {reason}.")
    (folder / "nginx").mkdir()
    with nginx_server.proxying(folder / "nginx", [own]) as proxy:
        yield f"https://127.0.0.1:{proxy.https}", "behind nginx with TLS and keep-alive connections"


def run_load(deployment: Deployment, server: Server, crowd: Crowd, host: str) -> Load:
    """Post to the host, which is the server or stands in front of it."""
    with posting(crowd, host) as start:
        machine, before = CpuTimes.now(), _cpu_seconds(server)
        memory = _watch(server, start, crowd.seconds)
        used, after = CpuTimes.now(), _cpu_seconds(server)
    cpu_s = {name: seconds - before.get(name, 0.0) for name, seconds in after.items()}
    cpu_s[OTHERS] = max(0.0, used.busy - machine.busy - sum(cpu_s.values()))
    archived, core_s = deployment.archived(), used.all - machine.all
    return Load(crowd.seconds, crowd.responses, core_s, cpu_s, memory, archived, deployment.spooled())


@contextmanager
def posting(crowd: Crowd, host: str) -> Iterator[float]:
    """Inside, the crowd posts; gives the start of its clock, and ends with the last response."""
    DeskUser.crowd, DeskUser.host = crowd, host
    locust = LocustEnvironment(user_classes=[DeskUser], catch_exceptions=False)
    locust.events.user_error.add_listener(crowd.failed)  # type: ignore[no-untyped-call]
    runner = locust.create_local_runner()
    runner.start(len(crowd.images), spawn_rate=len(crowd.images))
    start = crowd.start.get(timeout=START_WITHIN_S)
    gevent.sleep(max(0.0, start - time.monotonic()))
    yield start
    with gevent.Timeout(END_WITHIN_S):
        while runner.user_count:
            gevent.sleep(0.1)
    runner.quit()


def _watch(server: Server, start: float, seconds: int) -> dict[int, list[tuple[float, Memory]]]:
    """Each worker's memory, sampled until the clock ends."""
    samples: dict[int, list[tuple[float, Memory]]] = {}
    for second in with_progress([*range(0, seconds, SAMPLE_EVERY_S), seconds], "load", "sample"):
        gevent.sleep(max(0.0, start + second - time.monotonic()))
        for pid in children(server.pid):
            try:  # in a thread: reading takes milliseconds, in which no client could send
                samples.setdefault(pid, []).append((second, gevent.get_hub().threadpool.apply(memory_of, (pid,))))
            except OSError:  # it has just ended
                continue
    return {pid: of_worker for pid, of_worker in samples.items() if of_worker}


def _cpu_seconds(server: Server) -> dict[str, float]:
    """Of this process, whose users are the clients, and of each of its children with their own."""
    seconds = {CLIENTS: _own_seconds(os.getpid(), slice(11, 13))}
    for pid in children(os.getpid()):
        name = SERVICE if pid == server.pid else Path(f"/proc/{pid}/comm").read_text().strip()
        seconds[name] = seconds.get(name, 0.0) + _tree_seconds(pid)
    return seconds


def _tree_seconds(pid: int) -> float:
    """Of a process and all below it, ended ones included."""
    try:
        return _own_seconds(pid, slice(11, 15)) + sum(map(_tree_seconds, children(pid)))
    except (FileNotFoundError, ProcessLookupError):  # it has just ended
        return 0.0


def _own_seconds(pid: int, fields: slice) -> float:
    """From /proc/pid/stat: fields 11 and 12 after the name are its own time, 13 and 14 that of ended children."""
    return sum(map(int, Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[fields])) / TICKS_A_SECOND
