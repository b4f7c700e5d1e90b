"""What a load measured: the responses, the processor time and the workers' memory, as tables and targets."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from benchmarks.figures import Target, number
from benchmarks.footprint import Memory
from benchmarks.load.soak import growth_percent
from benchmarks.report import Table

CALIBRATING, MONITORING, BLINK = "neck, calibrating", "neck, monitoring", "blink"
SESSION_FRAME, SESSION_BURST = "session, frame", "session, burst"
CALLS = (CALIBRATING, MONITORING, BLINK, SESSION_FRAME, SESSION_BURST)
ARCHIVED = (CALIBRATING, MONITORING, SESSION_FRAME)
PROMISED = {"neck": (CALIBRATING, MONITORING), "blink": (BLINK,), "session": (SESSION_FRAME,)}
SERVICE = "gunicorn and its workers"
OK = 200
LIMIT_MS = 250
PERCENTILES = (50, 90, 95, 99, 100)
WARM_UP_SHARE = 0.2  # of a worker's time: it fills its caches and pools
WINDOWS, MIN_WINDOW_S = 60, 2.0


@dataclass(frozen=True, slots=True)
class TimedResponse:
    """Seconds since the clock's start: when a request was due, sent and answered. status: 0 without a response."""

    call: str
    due_s: float
    sent_s: float
    answered_s: float
    status: int
    problem: str
    face_found: bool

    @property
    def ms(self) -> float:
        """From when the request was due."""
        return 1000 * (self.answered_s - self.due_s)

    @property
    def is_good(self) -> bool:
        return self.status == OK and not self.problem

    @property
    def outcome(self) -> str:
        status = str(self.status) if self.status else "no response"
        return f"{status}, {self.problem}" if self.problem else status


@dataclass(frozen=True, slots=True)
class Load:
    """archived, spooled: frames in MongoDB's archive, those on disk included, and those alone; None without MongoDB.

    cpu_s: seconds of each group of processes; core_s: of all cores together. memory: of each worker, by its process
    id, with the second of the clock.
    """

    seconds: int
    responses: Sequence[TimedResponse]
    core_s: float
    cpu_s: Mapping[str, float]
    memory: Mapping[int, Sequence[tuple[float, Memory]]]
    archived: int | None
    spooled: int

    @property
    def acknowledged(self) -> int:
        """Good responses to frames that the archive has to store."""
        return sum(response.is_good and response.call in ARCHIVED for response in self.responses)

    def windows(self) -> list[tuple[float, list[float]]]:
        """Milliseconds of the requests due in each short span, by the span's middle."""
        width = max(MIN_WINDOW_S, self.seconds / WINDOWS)
        spans = groupby(sorted(self.responses, key=lambda each: each.due_s), lambda each: int(each.due_s // width))
        return [((index + 0.5) * width, [response.ms for response in span]) for index, span in spans]


def percentile(values: Sequence[float], of: float) -> float:
    return float(np.percentile(values, of)) if values else float("nan")


def targets(load: Load) -> list[Target]:
    found = [Target("requests that failed", 0, sum(not response.is_good for response in load.responses))]
    for name, calls in PROMISED.items():
        if ms := [response.ms for response in load.responses if response.call in calls]:
            found.append(Target(f"{name} request, 99th percentile", LIMIT_MS, percentile(ms, 99), " ms"))
    if load.archived is not None:
        lost = max(0, load.acknowledged - load.archived)  # sessions were calibrated before the clock: it may have more
        found.append(Target("acknowledged frames that the archive does not have", 0, lost))
    return found


def tables(load: Load) -> list[Table]:
    return [_latency_table(load), _outcome_table(load), _cpu_table(load), _memory_table(load)]


def _latency_table(load: Load) -> Table:
    rows: list[list[object]] = []
    for call in (*CALLS, "all"):
        responses = [response for response in load.responses if call in (response.call, "all")]
        if not responses:
            continue
        due = [percentile([response.ms for response in responses], of) for of in PERCENTILES]
        sent = [1000 * (response.answered_s - response.sent_s) for response in responses]
        found = round(100 * sum(response.face_found for response in responses) / len(responses))
        a_second = len(responses) / load.seconds
        rows.append([call, len(responses), a_second, found, *due, percentile(sent, 50), percentile(sent, 99)])
    late = percentile([1000 * (response.sent_s - response.due_s) for response in load.responses], 99)
    notes = [
        "Times count from the moment a request was due by its user's clock. It is sent then, even if the one before "
        "has not been answered, so nothing slow delays or drops another request (no coordinated omission). The clients "
        f"sent 99 of 100 requests at most {late:.1f} ms late; the last two columns count from the sending.",
    ]
    header = ("request", "count", "a second", "face found, %", "median", "p90", "p95", "p99", "longest")
    return Table("Responses, ms", (*header, "median, from sent", "p99, from sent"), rows, notes, digits=1)


def _outcome_table(load: Load) -> Table:
    counted = Counter((response.call, response.outcome) for response in load.responses)
    rows = [[call, outcome, count] for (call, outcome), count in sorted(counted.items())]
    archive = f"The archive has {load.archived} of {load.acknowledged} acknowledged frames, {load.spooled} on disk."
    return Table("Status codes", ("request", "status", "count"), rows, [archive] if load.archived is not None else [])


def _cpu_table(load: Load) -> Table:
    answered = sum(response.answered_s <= load.seconds for response in load.responses)
    idle = {"idle": load.core_s - sum(load.cpu_s.values())}
    rows: list[list[object]] = []
    for name, seconds in [*sorted(load.cpu_s.items(), key=lambda item: -item[1]), *idle.items()]:
        each = number(1000 * seconds / max(1, answered)) if name == SERVICE else ""
        rows.append([name, seconds, 100 * seconds / load.core_s, each])
    return Table("Processor time", ("processes", "seconds", "share of all cores, %", "ms a request"), rows, digits=1)


def _memory_table(load: Load) -> Table:
    rows: list[list[object]] = []
    for index, samples in enumerate(load.memory.values(), 1):
        start, end = samples[0][0], samples[-1][0]
        warm = [memory for second, memory in samples if second >= start + WARM_UP_SHARE * (end - start)]
        figures = [warm[0].own, warm[0].resident, warm[-1].own, warm[-1].resident]
        growth = number(growth_percent([used.own for used in warm]))
        rows.append([f"worker {index}", round(end - start), *figures, growth])
    header = ("process", "seconds", "own, warm", "resident, warm", "own, end", "resident, end", "own grew by, %")
    notes = [
        f"Own: pages that no other process has. Warm: after {100 * WARM_UP_SHARE:.0f} % of a worker's seconds. "
        "A worker is replaced after MAX_REQUESTS, as by default."
    ]
    return Table("Workers' memory under load, MB", header, rows, notes, digits=1)
