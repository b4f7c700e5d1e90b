"""Memory of gunicorn's master and workers, requests a second, and the time of a start."""

import shutil
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.client import BLINK, NECK, PATHS, Responses, User, post, send_all, sign_up
from benchmarks.environment import Environment, children
from benchmarks.figures import Target, summary, with_progress
from benchmarks.report import Table
from tests.gunicorn_server import Held

MEMORY_LIMIT_MB, START_LIMIT_S = 40, 3
SERVED_EACH = 50
USERS = 4  # at once
KB_IN_MB = 1e3
MEMORY_OF = ("own", "share", "resident")


@dataclass(frozen=True, slots=True)
class Memory:
    """MB of one process: the pages that no other process has, its proportional share of all, and all of them."""

    own: float
    share: float
    resident: float


@dataclass(frozen=True, slots=True)
class Footprint:
    """A server's master, and its workers from the oldest on; the responses to each call by several users at once."""

    master: Memory
    workers: list[Memory]
    loaded: dict[str, Responses]

    @property
    def sum(self) -> float:
        return self.master.share + sum(worker.share for worker in self.workers)


def memory_of(pid: int) -> Memory:
    """Raises OSError if the process has ended."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    mb = {name: int(value.split()[0]) / KB_IN_MB for name, value in (line.split(":") for line in lines)}
    return Memory(mb["Private_Clean"] + mb["Private_Dirty"], mb["Pss"], mb["Rss"])


def measure(environment: Environment, frames: Sequence[bytes], numbers: Sequence[int], load: int) -> list[Footprint]:
    """A server of each of these numbers of workers, one after the other; then it gets `load` requests of each call."""
    measured = []
    for workers in with_progress(numbers, "memory and load", "server"):
        with environment.serve(workers=workers) as server:
            user = sign_up(server.port, f"memory{workers}", frames)
            for index in range(SERVED_EACH):
                _ask_every_worker(server.port, workers, user, BLINK if index % 20 == 0 else NECK, index)
            memory = [memory_of(pid) for pid in children(server.pid)]
            loaded = {call: send_all(server.port, user.messages(call), load, USERS) for call in PATHS}
            measured.append(Footprint(memory_of(server.pid), memory, loaded))
    return measured


def measure_starts(environment: Environment, frames: Sequence[bytes], count: int) -> dict[str, list[float]]:
    """Seconds of each start, with the network's export in the cache folder and without."""
    with environment.serve(workers=1) as server:
        request = sign_up(server.port, "start", frames).messages(NECK)[0]

    def seconds(started: Environment) -> float:
        start = time.perf_counter()
        with started.serve() as server:
            post(server.port, request)
            return time.perf_counter() - start

    cold = replace(environment, settings={**environment.settings, "MODEL_CACHE_DIR": str(environment.folder / "cold")})
    missing = []
    for _ in range(max(1, count // 2)):
        shutil.rmtree(environment.folder / "cold", ignore_errors=True)
        missing.append(seconds(cold))
    cached = [seconds(environment) for _ in with_progress(range(count), "starts", "start")]
    return {"export cached": cached, "export missing": missing}


def tables(measured: Sequence[Footprint], starts: dict[str, list[float]]) -> list[Table]:
    loaded = [
        [call, len(server.workers), found.count, found.median, found.p95, found.p99, found.count / responses.seconds]
        for server in measured
        for call, responses in server.loaded.items()
        for found in [summary(responses.ms)]
    ]
    load_notes = [
        f"{USERS} users at once. The client is a process of its own on the same cores: with as many workers as cores "
        "it takes time away from them.",
    ]
    memory = [
        [len(server.workers), server.master.own, *(max(getattr(one, of) for one in server.workers) for of in MEMORY_OF)]
        + [server.sum]
        for server in measured
    ]
    memory_notes = [
        f"The largest worker's, after {SERVED_EACH} frames for each. Own: private pages, clean and dirty. The sum "
        f"of all shares (PSS) grows by {_growth(measured):.0f} MB a worker.",
    ]
    started = [[name, len(seconds), summary(seconds).median, max(seconds)] for name, seconds in starts.items()]
    start_notes = ["The files are in the system's page cache. Workers as gunicorn.conf.py has them."]
    load_header = ("request", "workers", "requests", "median", "p95", "p99", "a second")
    memory_header = ("workers", "master's own", "a worker's own", "share (PSS)", "resident", "sum of shares")
    start_header = ("", "starts", "median s", "longest")
    return [
        Table("Requests by several users, ms of wall time", load_header, loaded, load_notes, digits=1),
        Table("Memory, MB", memory_header, memory, memory_notes, digits=0),
        Table("From starting gunicorn to the first answered frame", start_header, started, start_notes),
    ]


def targets(measured: Sequence[Footprint], starts: dict[str, list[float]]) -> list[Target]:
    largest = max(worker.own for server in measured for worker in server.workers[1:])
    errors = sum(responses.errors for server in measured for responses in server.loaded.values())
    return [
        Target("HTTP errors", 0, errors),
        Target("own memory of a further worker, the largest", MEMORY_LIMIT_MB, largest, " MB"),
        Target("start to first answer, export cached", START_LIMIT_S, summary(starts["export cached"]).median, " s"),
    ]


def _growth(measured: Sequence[Footprint]) -> float:
    first, last = measured[0], measured[-1]
    return (last.sum - first.sum) / (len(last.workers) - len(first.workers))


def _ask_every_worker(port: int, workers: int, user: User, call: str, index: int) -> None:
    """A worker takes one request at a time: with as many under way as there are workers, each has one."""
    body = user.bodies[call][index % len(user.bodies[call])]
    with ExitStack() as stack:
        path = PATHS[call].removeprefix("/api/")
        held = [stack.enter_context(Held(port, path, body, user.token)) for _ in range(workers)]
        for request in held:
            request.send_body()
        if any(request.response().status != 200 for request in held):
            raise RuntimeError(f"A {call} request failed.")
