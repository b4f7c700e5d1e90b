"""Runs a load: the service as it is deployed, users who post to it, and its processes, which are watched meanwhile."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

import gevent
from pymongo import MongoClient

from ai_models.monitoring.pacing import BURST_FRAMES
from benchmarks import frames
from benchmarks.environment import DATABASE, Environment, mariadb_url
from benchmarks.load import results
from benchmarks.load.users import Crowd
from benchmarks.machine import CpuTimes, Memory, children, cpu_seconds, memory_of, tree_cpu_seconds
from benchmarks.report import Report
from mongos.spool import Spool
from tests import mariadb, mongod, nginx_server
from tests.gunicorn_server import Server

PEOPLE, BLINKERS = 50, 10  # with a neck frame a second each; of them with two blink frames a second
BUFFER_POOL_MB = 32
CLIENTS, OTHERS = "clients (locust)", "everything else"
SAMPLE_EVERY_S = 2
PICTURES = "JPEGs of 640×480 made from skimage's astronaut"


class Deployment(NamedTuple):
    """A service with its databases, which run. mongodb_uri: empty without MongoDB."""

    service: Environment
    mongodb_uri: str

    def archived(self) -> tuple[int | None, int]:
        """Frames in MongoDB or on their way there, None without MongoDB; and those of them that wait on disk."""
        spooled = Spool(Path(self.service.variables["SPOOL_DIR"]), max_bytes=0).state().waiting
        if not self.mongodb_uri:
            return None, spooled
        with MongoClient[dict[str, object]](self.mongodb_uri) as client:
            return client[DATABASE]["mongos_frame"].count_documents({}) + spooled, spooled


@contextmanager
def deployed(report: Report, folder: Path, **settings: str) -> Iterator[Deployment]:
    """MariaDB and MongoDB, where they are installed, migrated; limits and logging as by default."""
    folder.mkdir()
    facts, uri = [], ""
    with ExitStack() as stack:
        if reason := mariadb.missing():
            facts.append(f"Users and reports in SQLite: {reason}.")
        else:
            settings["DATABASE_URL"] = stack.enter_context(mariadb_url(folder / "mariadb", BUFFER_POOL_MB))
            facts.append(f"Users and reports in MariaDB, with {BUFFER_POOL_MB} MB of buffer pool, on this machine.")
        if reason := mongod.missing():
            facts.append(f"Frames in the same database: {reason}.")
        else:
            (folder / "mongod").mkdir()
            settings["MONGODB_URI"] = uri = stack.enter_context(mongod.running(folder / "mongod")).uri
            facts.append("Frames in MongoDB, one server with 0.25 GB of cache, on this machine.")
        report.facts += [fact for fact in facts if fact not in report.facts]
        service = Environment(folder / "service", limits={}, **settings).migrated()
        service.python("manage.py", "prepare_archive", "--verbosity", "0")
        yield Deployment(service, uri)


def measure(report: Report, folder: Path, *, seconds: int, sessions: bool, nginx: bool) -> str:
    """Adds tables and targets of PEOPLE at their desks, and returns the chart."""
    with ExitStack() as stack:
        proxied = {"TRUSTED_PROXIES": "1"} if nginx else {}
        deployment = stack.enter_context(deployed(report, folder, **proxied))
        server = stack.enter_context(deployment.service.serve())
        host, way = f"http://127.0.0.1:{server.port}", "reached directly, with a new connection for each request"
        if nginx:
            if reason := nginx_server.missing():
                raise SystemExit(f"There is {reason}.")
            (folder / "nginx").mkdir()
            proxy = stack.enter_context(nginx_server.proxying(folder / "nginx", [f"127.0.0.1:{server.port}"]))
            host, way = f"https://127.0.0.1:{proxy.https}", "behind nginx with TLS and keep-alive connections"
        pictures = frames.made(PEOPLE * frames.SEQUENCE_FRAMES)
        crowd = Crowd(server.port, pictures, BLINKERS, seconds, sessions=sessions)
        with crowd.posting(host):
            machine, before = CpuTimes.now(), _cpu_seconds(server)
            memory = _watch(server, crowd)
            used, after = CpuTimes.now(), _cpu_seconds(server)
        workers, (archived, spooled) = len(children(server.pid)), deployment.archived()
    cpu_s = {name: spent - before.get(name, 0.0) for name, spent in after.items()}
    cpu_s[OTHERS] = max(0.0, used.busy - machine.busy - sum(cpu_s.values()))
    acts = f"neck frame a second, and {BLINKERS} of them with two blink frames a second as well"
    calibrated = "They are sent as base64 in JSON. All signed in before; the first frames calibrate."
    if sessions:
        acts = f"session to which they send a frame a second and a burst of {BURST_FRAMES} frames a minute"
        calibrated = "The sessions were calibrated before."
    report.facts.append(f"Load: {workers} gunicorn workers, {way}.")
    report.facts.append(f"{PEOPLE} users, each with a {acts}, for {seconds} seconds; {PICTURES}. {calibrated}")
    results.add_responses(report, crowd.responses, seconds, archived, spooled)
    answered = sum(response.due_s + response.ms / 1000 <= seconds for response in crowd.responses)
    results.add_processes(report, cpu_s, used.all - machine.all, answered)
    return results.load_chart(crowd.responses, seconds, memory, PEOPLE, BLINKERS)


def _watch(server: Server, crowd: Crowd) -> results.MemoryByWorker:
    """Each worker's memory, sampled until the clock ends."""
    samples: dict[int, list[tuple[float, Memory]]] = {}
    for second in (*range(0, crowd.seconds, SAMPLE_EVERY_S), crowd.seconds):
        crowd.wait_until(second)
        for pid in children(server.pid):
            try:  # in a thread: reading takes milliseconds, in which no client could send
                memory = gevent.get_hub().threadpool.apply(memory_of, (pid,))
            except OSError:  # it has just ended
                continue
            samples.setdefault(pid, []).append((second, memory))
    return samples


def _cpu_seconds(server: Server) -> dict[str, float]:
    """Of this process, whose users are the clients, and of each of its children with their own."""
    seconds = {CLIENTS: cpu_seconds(os.getpid())}
    for pid in children(os.getpid()):
        name = results.SERVICE if pid == server.pid else Path(f"/proc/{pid}/comm").read_text().strip()
        seconds[name] = seconds.get(name, 0.0) + tree_cpu_seconds(pid)
    return seconds
