"""What a load measured: the responses and the processor time, as tables, targets and a chart."""

from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

from matplotlib.ticker import LogFormatter, ScalarFormatter

from benchmarks.charts import GREEN, card, svg, titled
from benchmarks.report import Report, Row, Table, Target, stats
from evaluation.chart import BLUE, RED

CALIBRATING, MONITORING, BLINK = "neck, calibrating", "neck, monitoring", "blink"
PROMISED = {"neck": (CALIBRATING, MONITORING), "blink": (BLINK,)}
LIMIT_MS = 250
WINDOWS, MIN_WINDOW_S = 60, 2.0
SHOWN = {"median": GREEN, "p95": BLUE, "p99": RED}


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
    for call in (CALIBRATING, MONITORING, BLINK, "all"):
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
        acknowledged = sum(not response.problem and response.call != BLINK for response in responses)
        notes.append(f"The archive has {archived} of {acknowledged} acknowledged frames, {spooled} on disk.")
        targets.append(Target("acknowledged frames that the archive does not have", 0, acknowledged - archived))
    report.add(Table("Responses, ms", rows, " ".join(notes), digits=1), *targets)


def add_processes(report: Report, service_s: float, busy_s: float, all_s: float, answered: int) -> None:
    """Seconds of the service, of all processes, and of all cores together."""
    others = "clients, databases and everything else"
    seconds = {"gunicorn and its workers": service_s, others: busy_s - service_s, "idle": all_s - busy_s}
    rows: list[Row] = [
        {"processes": name, "seconds": spent_s, "share of all cores, %": 100 * spent_s / all_s}
        for name, spent_s in seconds.items()
    ]
    note = f"A request takes gunicorn and its workers {1000 * service_s / max(1, answered):.2f} ms."
    report.add(Table("Processor time", rows, note, digits=1))


def load_chart(responses: Sequence[Response], seconds: int, users: int, blinkers: int) -> str:
    """Response times second by second."""
    slow = stats([response.ms for response in responses], "p99")["p99"]
    title = f"{users} users on one machine: 99 of 100 responses within {slow:.0f} ms"
    amount = f"{len(responses) / seconds:.0f} frames a second, {blinkers} of the users with blink frames too"
    figure, (axes,) = card(4.4, (1,))
    titled(axes, title, f"Milliseconds from when a frame was due; {amount}")
    width = max(MIN_WINDOW_S, seconds / WINDOWS)
    spans = groupby(sorted(responses, key=lambda each: each.due_s), lambda each: int(each.due_s // width))
    windows = {(index + 0.5) * width: stats([each.ms for each in span], *SHOWN) for index, span in spans}
    for name, colour in SHOWN.items():
        axes.plot(list(windows), [ms[name] for ms in windows.values()], color=colour, label=name, linewidth=1.8)
    axes.axhline(LIMIT_MS, color=RED, linestyle="--", label=f"limit: {LIMIT_MS} ms")
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter(ScalarFormatter())
    axes.yaxis.set_minor_formatter(LogFormatter())
    axes.set(xlabel="seconds", xlim=(0, seconds))
    figure.legend(loc="outside lower left", ncols=4)
    return svg(figure, f"{title}; {amount}.")
