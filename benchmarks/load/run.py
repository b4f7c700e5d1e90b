"""Runs a load: the service as it is deployed, users who post to it, and what its processes use."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from pymongo import MongoClient

from benchmarks import frames
from benchmarks.environment import DATABASE, Environment, mariadb_url
from benchmarks.load import results
from benchmarks.load.users import Crowd
from benchmarks.machine import CpuTimes, children, tree_cpu_seconds
from benchmarks.report import Report
from mongos.spool import Spool
from tests import mariadb, mongod

PEOPLE, BLINKERS = 50, 10  # with a neck frame a second each; of them with two blink frames a second
BUFFER_POOL_MB = 32


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
        service = Environment(folder / "service", is_limited=True, **settings).migrated()
        service.python("manage.py", "prepare_archive", "--verbosity", "0")
        yield Deployment(service, uri)


def measure(report: Report, folder: Path, seconds: int) -> str:
    """Adds tables and targets of PEOPLE at their desks, and returns the chart."""
    with deployed(report, folder) as deployment, deployment.service.serve() as server:
        crowd = Crowd(server.port, frames.made(PEOPLE * frames.SEQUENCE_FRAMES), BLINKERS, seconds)
        with crowd.posting():
            machine, before_s = CpuTimes.now(), tree_cpu_seconds(server.pid)
            crowd.wait_until(seconds)
            used, service_s = CpuTimes.now(), tree_cpu_seconds(server.pid) - before_s
        workers, (archived, spooled) = len(children(server.pid)), deployment.archived()
    report.facts += [
        f"Load: {workers} gunicorn workers, reached directly, with a new connection for each request.",
        f"{PEOPLE} users, each with a neck frame a second, and {BLINKERS} of them with two blink frames a second as "
        f"well, for {seconds} seconds; JPEGs of 640×480 made from skimage's astronaut. They are sent as base64 in "
        "JSON. All signed in before; the first frames calibrate.",
    ]
    results.add_responses(report, crowd.responses, seconds, archived, spooled)
    answered = sum(response.due_s + response.ms / 1000 <= seconds for response in crowd.responses)
    results.add_processes(report, service_s, used.busy - machine.busy, used.all - machine.all, answered)
    return results.load_chart(crowd.responses, seconds, PEOPLE, BLINKERS)
