"""Memory of gunicorn's master and its workers, after every worker has served some frames."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.client import ask
from benchmarks.http_requests import BLINK, NECK, sign_up
from benchmarks.serving import Place, Server, ServerFailed, serving
from benchmarks.stats import Bar, Progress, number
from evaluation.tables import Table

MAX_REQUESTS = 4000
LIMIT_MB = 80
MB = 1e3  # kB in one


@dataclass(frozen=True, slots=True)
class Memory:
    """One process, in MB: its proportional share of all its pages, and what is its own alone."""

    share: float
    own: float
    resident: float


@dataclass(frozen=True, slots=True)
class Measured:
    """A server's master and its workers, oldest first."""

    master: Memory
    workers: list[Memory]

    @property
    def sum(self) -> float:
        return self.master.share + sum(each.share for each in self.workers)


def measure(
    place: Place, frames: Sequence[bytes], progress: Progress, numbers: Sequence[int], frames_each: int
) -> list[Measured]:
    """A server of each of these numbers of workers, one after the other."""
    measured = []
    for workers in numbers:
        with serving(place, workers=workers) as server:
            requests = sign_up(server, frames, f"memory{workers}@example.com")
            before, asked = len(server.served_by()), 0
            while min(_served(server, before)) < frames_each:
                if asked > MAX_REQUESTS:
                    raise ServerFailed(f"One of {workers} workers was never asked.")
                batch = ask(server.port, [*requests[NECK], *requests[BLINK][:2]], 20 * workers, users=2 * workers)
                asked += len(batch.ms) + batch.errors
            measured.append(Measured(memory_of(server.process.pid), [memory_of(pid) for pid in server.workers()]))
        progress.update()
    return measured


def table(measured: Sequence[Measured], frames_each: int) -> Table:
    rows = []
    for each in measured:
        name = f"{len(each.workers)} worker{'s' if len(each.workers) > 1 else ''}"
        rows.append([f"{name}: master", *_cells(each.master), ""])
        rows += [[f"{name}: worker {place}", *_cells(worker), ""] for place, worker in enumerate(each.workers, 1)]
        rows.append([f"{name}: all", "", "", "", number(each.sum, 0)])
    header = ("process", "own", "share (PSS)", "resident", "sum of shares")
    notes = [
        f"Each worker has served {frames_each} frames or more. Own: private pages, clean and dirty. "
        f"From {len(measured[0].workers)} to {len(measured[-1].workers)} workers the sum grows by "
        f"{_growth(measured):.0f} MB a worker.",
    ]
    return Table("Memory, MB", header, rows, notes)


def bars(measured: Sequence[Measured]) -> list[Bar]:
    largest = max(worker.own for each in measured for worker in each.workers[1:])
    return [
        Bar("own memory of a further worker, the largest", LIMIT_MB, largest, " MB"),
        Bar("growth of the whole service by a further worker", LIMIT_MB, _growth(measured), " MB"),
    ]


def _growth(measured: Sequence[Measured]) -> float:
    first, last = measured[0], measured[-1]
    return (last.sum - first.sum) / (len(last.workers) - len(first.workers))


def _served(server: Server, before: int) -> list[int]:
    served = server.served_by()[before:]
    return [served.count(pid) for pid in server.workers()]


def memory_of(pid: int) -> Memory:
    """Of a process that runs. Raises OSError."""
    kb = {}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
        name, value = line.split(":")
        kb[name] = int(value.split()[0])
    return Memory(kb["Pss"] / MB, (kb["Private_Clean"] + kb["Private_Dirty"]) / MB, kb["Rss"] / MB)


def _cells(memory: Memory) -> list[str]:
    return [number(each, 0) for each in (memory.own, memory.share, memory.resident)]
