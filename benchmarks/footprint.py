"""Memory of gunicorn's master and workers, requests a second, and the time of a start."""

import shutil
import time
from collections.abc import Sequence
from contextlib import ExitStack

from benchmarks.client import BLINK, NECK, Request, User, send_all
from benchmarks.environment import Environment
from benchmarks.machine import OWN, RESIDENT, SHARE, children, memory_of
from benchmarks.report import Report, Row, Table, Target, median, stats
from benchmarks.turns import with_progress
from tests.gunicorn_server import Held

MEMORY_LIMIT_MB, START_LIMIT_S = 40, 3
SERVED_EACH = 50
USERS = 4  # at once
LOAD_NOTE = (
    f"{USERS} users at once. The client is a process of its own on the same cores: with as many workers as cores "
    "it takes time away from them."
)
MEMORY_NOTE = (
    f"The largest worker's, after {SERVED_EACH} frames for each. Own: private pages, clean and dirty. The sum of all "
    "shares (PSS) grows by {:.0f} MB a worker."
)


def measure(
    report: Report, service: Environment, pictures: Sequence[bytes], numbers: Sequence[int], load: int, starts: int
) -> None:
    """A server of each of these numbers of workers, one after the other; then it gets `load` requests of each call."""
    loaded: list[Row] = []
    memory: list[Row] = []
    own_of_further, errors = 0.0, 0
    for workers in with_progress(numbers, "memory and load", "server"):
        with service.serve(workers=workers) as server:
            user = User(server.port, f"footprint{workers}")
            calls = user.calibrated(pictures)
            for index in range(SERVED_EACH):
                _ask_every_worker(user, workers, calls[BLINK if index % 20 == 0 else NECK], index)
            of_workers = [memory_of(pid) for pid in children(server.pid)]
            for call in (NECK, BLINK):
                ms, failed, seconds = send_all(server.port, user.messages(calls[call]), load, USERS)
                errors += failed
                loaded.append({"request": call, "workers": workers, "requests": len(ms)})
                loaded[-1] |= stats(ms, "median", "p95", "p99") | {"a second": len(ms) / seconds}
            master = memory_of(server.pid)
        own_of_further = max([own_of_further, *(worker[OWN] for worker in of_workers[1:])])
        largest = {name: max(worker[name] for worker in of_workers) for name in (OWN, SHARE, RESIDENT)}
        memory.append({"workers": workers, "master's own": master[OWN], "a worker's own": largest.pop(OWN)})
        memory[-1] |= largest | {"sum of shares": sum(process[SHARE] for process in (master, *of_workers))}
    table = Table("Requests by several users, ms of wall time", loaded, LOAD_NOTE, digits=1)
    report.add(table, Target("HTTP errors", 0, errors))
    growth = (memory[-1]["sum of shares"] - memory[0]["sum of shares"]) / (numbers[-1] - numbers[0])
    table = Table("Memory, MB", memory, MEMORY_NOTE.format(growth), digits=0)
    report.add(table, Target("own memory of a further worker, the largest", MEMORY_LIMIT_MB, own_of_further, " MB"))
    _measure_starts(report, service, user, calls[NECK][0], starts)


def _measure_starts(report: Report, service: Environment, user: User, request: Request, count: int) -> None:
    """With the network's export in the cache folder and without."""

    def seconds(cache: str) -> float:
        start = time.perf_counter()
        with service.serve(MODEL_CACHE_DIR=cache) as server:
            user.port = server.port
            user.post(*request)
            return time.perf_counter() - start

    cold, missing = service.folder / "cold", []
    for _ in range(max(1, count // 2)):
        shutil.rmtree(cold, ignore_errors=True)
        missing.append(seconds(str(cold)))
    cached = [seconds(service.variables["MODEL_CACHE_DIR"]) for _ in with_progress(range(count), "starts", "start")]
    rows = [
        {"": name, "starts": len(taken), "median s": median(taken), "longest": max(taken)}
        for name, taken in {"export cached": cached, "export missing": missing}.items()
    ]
    note = "The files are in the system's page cache. Workers as gunicorn.conf.py has them."
    limit = Target("start to first answer, export cached", START_LIMIT_S, median(cached), " s")
    report.add(Table("From starting gunicorn to the first answered frame", rows, note), limit)


def _ask_every_worker(user: User, workers: int, requests: Sequence[Request], index: int) -> None:
    """A worker takes one request at a time: with as many under way as there are workers, each has one."""
    path, body, _ = requests[index % len(requests)]
    with ExitStack() as stack:
        call = user.port, path.removeprefix("/api/"), body, user.token
        held = [stack.enter_context(Held(*call)) for _ in range(workers)]
        for request in held:
            request.send_body()
        if any(request.response().status != 200 for request in held):
            raise RuntimeError(f"A request to {path} failed.")
