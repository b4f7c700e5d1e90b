"""What a load came to, as tables and bars."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from benchmarks.load.crowd import Load
from benchmarks.load.soak import growth_percent
from benchmarks.load.watch import SERVICE
from benchmarks.load.wire import BLINK, CALIBRATING, CALLS, MONITORING, OK, SESSION_FRAME, TimedResponse
from benchmarks.memory import Memory
from benchmarks.stats import Bar, number
from evaluation.tables import Table

LIMIT_MS = 250
PERCENTILES = (50, 90, 95, 99, 100)
WARM_UP_SHARE = 0.2  # of the time: workers fill their caches and pools


def tables(load: Load) -> list[Table]:
    return [_latency_table(load), _outcome_table(load), _cpu_table(load), _memory_table(load)]


def bars(load: Load) -> list[Bar]:
    failed = sum(not is_good(each) for each in load.responses)
    bars = [Bar("requests that failed", 0, failed)]
    for name, calls in (
        ("neck", (CALIBRATING, MONITORING)),
        ("blink", (BLINK,)),
        ("session", (SESSION_FRAME,)),
    ):
        of_call = [each.ms for each in load.responses if each.call in calls]
        if of_call:
            bars.append(Bar(f"{name} request, 99th percentile", LIMIT_MS, percentile(of_call, 99), " ms"))
    if load.kept is not None:
        # It has more where sessions were calibrated before the clock started.
        lost = max(0, load.acknowledged - load.kept)
        bars.append(Bar("acknowledged frames that the archive does not have", 0, lost))
    return bars


def is_good(response: TimedResponse) -> bool:
    return response.status == OK and not response.problem


def percentile(values: Sequence[float], of: float) -> float:
    return float(np.percentile(values, of)) if values else float("nan")


def warm(load: Load, samples: Sequence[tuple[float, Memory]]) -> list[Memory]:
    """What a worker had from a fifth of the time on; a worker's own time, where it came later."""
    begin, end = samples[0][0], samples[-1][0]
    return [memory for second, memory in samples if second >= begin + WARM_UP_SHARE * (end - begin)]


def _latency_table(load: Load) -> Table:
    rows = []
    for call in (*CALLS, "all"):
        these = [each for each in load.responses if call in (each.call, "all")]
        if not these:
            continue
        due = [number(percentile([each.ms for each in these], of), 1) for of in PERCENTILES]
        sent = [number(percentile([each.ms_sent for each in these], of), 1) for of in (50, 99)]
        per_second = number(len(these) / load.amount.seconds, 1)
        found = sum(each.face_found for each in these)
        rows.append([call, str(len(these)), per_second, number(100 * found / max(1, len(these)), 0), *due, *sent])
    late = percentile([1000 * (each.sent_s - each.due_s) for each in load.responses], 99)
    notes = [
        "Times count from the moment when a request was due by its person's clock. It is sent then whether or not the "
        "one before has been answered, so that nothing slow puts off or leaves out another request (no coordinated "
        f"omission). The clients themselves sent 99 of 100 requests at most {late:.1f} ms late; the last two columns "
        "count from then.",
    ]
    header = ("request", "count", "a second", "face found, %", "median", "p90", "p95", "p99", "longest")
    return Table("Responses, ms", (*header, "median, from sent", "p99, from sent"), rows, notes)


def _outcome_table(load: Load) -> Table:
    counted = Counter((each.call, each.outcome) for each in load.responses)
    rows = [[call, outcome, str(count)] for (call, outcome), count in sorted(counted.items())]
    notes = []
    if load.kept is not None:
        notes.append(
            f"Of {load.acknowledged} acknowledged frames the archive has {load.kept}, of which {load.waiting} "
            "wait on disk."
        )
    return Table("Status codes", ("request", "status", "count"), rows, notes)


def _cpu_table(load: Load) -> Table:
    answered = sum(each.answered_s <= load.amount.seconds for each in load.responses)  # as long as was measured
    rows = []
    for name, seconds in sorted(load.used.groups.items(), key=lambda each: -each[1]):
        share = number(100 * seconds / load.used.all_s, 1)
        per_request = number(1000 * seconds / max(1, answered), 2) if name == SERVICE else ""
        rows.append([name, number(seconds, 1), share, per_request])
    idle = load.used.all_s - sum(load.used.groups.values())
    rows.append(["idle", number(idle, 1), number(100 * idle / load.used.all_s, 1), ""])
    header = ("who", "seconds", "share of all cores, %", "ms a request")
    return Table("Processor time", header, rows)


def _memory_table(load: Load) -> Table:
    rows = []
    for place, samples in enumerate(load.samples.values(), 1):
        mine = warm(load, samples)
        grown = growth_percent([each.own for each in mine])
        values = [each for memory in (mine[0], mine[-1]) for each in (memory.own, memory.resident)]
        seconds = samples[-1][0] - samples[0][0]
        rows.append([f"worker {place}", number(seconds, 0), *(number(each, 1) for each in values), number(grown)])
    header = ("process", "seconds", "own, warm", "resident, warm", "own, end", "resident, end", "own grew by, %")
    notes = [
        f"Own: pages that no other process has. Warm: after {100 * WARM_UP_SHARE:.0f} % of a worker's seconds. "
        "A worker is replaced after MAX_REQUESTS, as by default."
    ]
    return Table("Workers' memory under load, MB", header, rows, notes)
