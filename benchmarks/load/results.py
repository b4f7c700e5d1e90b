"""What a load measured: the responses, the processor time and the workers' memory, as tables, targets and a chart."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from benchmarks.charts import GREEN, card, svg, titled
from benchmarks.machine import OWN, Memory
from benchmarks.report import Report, Row, Table, Target, stats
from evaluation.chart import BLUE, RED

CALIBRATING, MONITORING, BLINK = "neck, calibrating", "neck, monitoring", "blink"
SESSION_FRAME, SESSION_BURST = "session, frame", "session, burst"
CALLS = (CALIBRATING, MONITORING, BLINK, SESSION_FRAME, SESSION_BURST)
ARCHIVED = (CALIBRATING, MONITORING, SESSION_FRAME)
PROMISED = {"neck": (CALIBRATING, MONITORING), "blink": (BLINK,), "session": (SESSION_FRAME,)}
SERVICE = "gunicorn and its workers"
LIMIT_MS = 250
WINDOWS, MIN_WINDOW_S = 60, 2.0
TICKS_MS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000)
SHOWN = {"median": GREEN, "p95": BLUE, "p99": RED}

MemoryByWorker = Mapping[int, Sequence[tuple[float, Memory]]]  # by process id, each with the second of the clock


class Response(NamedTuple):
    """due_s: seconds of the clock at which its request was due. ms: from then; late_ms: until it was sent.

    problem: nothing for a good response, in which a face was found.
    """

    call: str
    due_s: float
    late_ms: float
    ms: float
    problem: str = ""


def add_responses(
    report: Report, responses: Sequence[Response], seconds: int, archived: int | None, spooled: int
) -> None:
    """Latencies, with their limits, and what of the frames is kept.

    archived, spooled: frames in MongoDB's archive, those on disk included, and those alone; None without MongoDB.
    """
    rows: list[Row] = []
    for call in (*CALLS, "all"):
        if ms := [response.ms for response in responses if call in (response.call, "all")]:
            row = {"request": call, "count": len(ms), "a second": len(ms) / seconds}
            rows.append(row | stats(ms, "median", "p90", "p95", "p99", "longest"))
    late = stats([response.late_ms for response in responses], "p99")["p99"]
    problems = Counter(response.problem for response in responses if response.problem)
    notes = [
        "Times count from the moment a request was due by its user's clock. It is sent then, even if the one before "
        "has not been answered, so nothing slow delays or drops another request (no coordinated omission). The clients "
        f"sent 99 of 100 requests at most {late:.1f} ms late.",
        *(f"{count} failed: {problem}." for problem, count in problems.items()),
    ]
    targets = [Target("requests that failed", 0, problems.total())]
    for name, calls in PROMISED.items():
        if ms := [response.ms for response in responses if response.call in calls]:
            targets.append(Target(f"{name} request, 99th percentile", LIMIT_MS, stats(ms, "p99")["p99"], " ms"))
    if archived is not None:
        acknowledged = sum(not response.problem and response.call in ARCHIVED for response in responses)
        notes.append(f"The archive has {archived} of {acknowledged} acknowledged frames, {spooled} on disk.")
        lost = max(0, acknowledged - archived)  # sessions were calibrated before the clock: it may have more
        targets.append(Target("acknowledged frames that the archive does not have", 0, lost))
    report.add(Table("Responses, ms", rows, " ".join(notes), digits=1), *targets)


def add_processes(report: Report, cpu_s: Mapping[str, float], core_s: float, answered: int) -> None:
    """cpu_s: seconds of each group of processes; core_s: of all cores together."""
    rows: list[Row] = []
    idle = {"idle": core_s - sum(cpu_s.values())}
    for name, seconds in [*sorted(cpu_s.items(), key=lambda item: -item[1]), *idle.items()]:
        each = f"{1000 * seconds / max(1, answered):.2f}" if name == SERVICE else ""
        share = 100 * seconds / core_s
        rows.append({"processes": name, "seconds": seconds, "share of all cores, %": share, "ms a request": each})
    report.add(Table("Processor time", rows, digits=1))


def load_chart(responses: Sequence[Response], seconds: int, memory: MemoryByWorker, users: int, blinkers: int) -> str:
    """Response times second by second, and the workers' memory."""
    slow = stats([response.ms for response in responses], "p99")["p99"]
    title = f"{users} users on one machine: 99 of 100 responses within {slow:.0f} ms"
    amount = f"{len(responses) / seconds:.0f} frames a second, {blinkers} of the users with blink frames too"
    figure, (times, used) = card(6.6, (2, 1))
    titled(times, title, f"Milliseconds from when a frame was due (logarithmic); {amount}")
    width = max(MIN_WINDOW_S, seconds / WINDOWS)
    spans = groupby(sorted(responses, key=lambda each: each.due_s), lambda each: int(each.due_s // width))
    windows = {(index + 0.5) * width: stats([each.ms for each in span], *SHOWN) for index, span in spans}
    for name, colour in SHOWN.items():
        times.plot(list(windows), [ms[name] for ms in windows.values()], color=colour, label=name, linewidth=1.8)
    times.axhline(LIMIT_MS, color=RED, linestyle="--", label=f"limit: {LIMIT_MS} ms")
    times.set_yscale("log")
    limits = times.get_ylim()
    times.set_yticks(TICKS_MS, [str(tick) for tick in TICKS_MS])
    times.set_yticks([], minor=True)
    times.set_ylim(limits)
    times.legend(loc="upper right", ncols=4)
    titled(used, "Each worker's own memory", "MB that it does not share with other processes")
    for samples in memory.values():
        used.plot([second for second, _ in samples], [each[OWN] for _, each in samples], linewidth=1.8)
    used.set(xlabel="seconds", ylim=(0, None))
    for axes in (times, used):
        axes.set_xlim(0, seconds)
    return svg(figure, f"{title}; {amount}.")
