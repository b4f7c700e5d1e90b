"""Memory of gunicorn's master and workers, and the time of a start."""

import time
from collections.abc import Sequence
from contextlib import ExitStack

from tqdm import tqdm

from benchmarks.client import BLINK, NECK, Request, User
from benchmarks.environment import Environment
from benchmarks.machine import OWN, RESIDENT, SHARE, children, memory_of
from benchmarks.report import Report, Row, Table, Target, median
from tests.gunicorn_server import Held

MEMORY_LIMIT_MB, START_LIMIT_S = 40, 3
SERVED_EACH = 50
MEMORY_NOTE = (
    f"The largest worker's, after {SERVED_EACH} frames for each. Own: private pages, clean and dirty. The sum of all "
    "shares (PSS) grows by {:.0f} MB a worker."
)


def measure(
    report: Report, service: Environment, pictures: Sequence[bytes], numbers: Sequence[int], starts: int
) -> None:
    """A server of each of these numbers of workers, one after the other."""
    rows: list[Row] = []
    own_of_further = 0.0
    for workers in tqdm(numbers, "memory", unit="server"):
        with service.serve(workers=workers) as server:
            user = User(server.port, f"footprint{workers}")
            calls = user.calibrated(pictures)
            for index in range(SERVED_EACH):
                _ask_every_worker(user, workers, calls[BLINK if index % 20 == 0 else NECK], index)
            of_workers = [memory_of(pid) for pid in children(server.pid)]
            master = memory_of(server.pid)
        own_of_further = max([own_of_further, *(worker[OWN] for worker in of_workers[1:])])
        largest = {name: max(worker[name] for worker in of_workers) for name in (OWN, SHARE, RESIDENT)}
        rows.append({"workers": workers, "master's own": master[OWN], "a worker's own": largest.pop(OWN)})
        rows[-1] |= largest | {"sum of shares": sum(process[SHARE] for process in (master, *of_workers))}
    growth = (rows[-1]["sum of shares"] - rows[0]["sum of shares"]) / (numbers[-1] - numbers[0])
    table = Table("Memory, MB", rows, MEMORY_NOTE.format(growth), digits=0)
    report.add(table, Target("own memory of a further worker, the largest", MEMORY_LIMIT_MB, own_of_further, " MB"))
    _measure_starts(report, service, user, calls[NECK][0], starts)


def _measure_starts(report: Report, service: Environment, user: User, request: Request, count: int) -> None:
    """With the network's export in the cache folder."""
    times_s = []
    for _ in range(count):
        start = time.perf_counter()
        with service.serve() as server:
            user.port = server.port
            user.post(*request)
            times_s.append(time.perf_counter() - start)
    row: Row = {"starts": count, "median s": median(times_s), "longest": max(times_s)}
    note = "The files are in the system's page cache. Workers as gunicorn.conf.py has them."
    limit = Target("start to first answer, export cached", START_LIMIT_S, row["median s"], " s")
    report.add(Table("From starting gunicorn to the first answered frame", [row], note), limit)


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
