"""What a load measured: the responses, the processor time and the workers' memory, as tables, targets and a chart."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from benchmarks.charts import GREEN, GREY, LEGEND_POINTS, ORANGE, PURPLE, card, legend, svg, titled
from benchmarks.load.soak import growth_percent
from benchmarks.machine import OWN, RESIDENT, Memory
from benchmarks.report import Report, Row, Table, Target, number, stats
from evaluation.chart import BLUE, RED

CALIBRATING, MONITORING, BLINK = "neck, calibrating", "neck, monitoring", "blink"
SESSION_FRAME, SESSION_BURST = "session, frame", "session, burst"
CALLS = (CALIBRATING, MONITORING, BLINK, SESSION_FRAME, SESSION_BURST)
ARCHIVED = (CALIBRATING, MONITORING, SESSION_FRAME)
PROMISED = {"neck": (CALIBRATING, MONITORING), "blink": (BLINK,), "session": (SESSION_FRAME,)}
SERVICE = "gunicorn and its workers"
GOOD = "200"
LIMIT_MS = 250
WARM_UP_SHARE = 0.2  # of a worker's time: it fills its caches and pools
WINDOWS, MIN_WINDOW_S = 60, 2.0
COLOURS = (BLUE, ORANGE, GREEN, PURPLE, RED, GREY)
TICKS_MS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000)
SHOWN = {"median": ("median", GREEN), "p95": ("95th percentile", BLUE), "p99": ("99th percentile", RED)}

MemoryByWorker = Mapping[int, Sequence[tuple[float, Memory]]]  # by process id, each with the second of the clock


class Response(NamedTuple):
    """Seconds since the clock's start: when a request was due, sent and answered. outcome: status and any problem."""

    call: str
    due_s: float
    sent_s: float
    answered_s: float
    outcome: str
    face_found: bool

    @property
    def ms(self) -> float:
        """From when the request was due."""
        return 1000 * (self.answered_s - self.due_s)


def add_responses(report: Report, responses: Sequence[Response], seconds: int) -> None:
    """Latencies, with their limits."""
    rows: list[Row] = []
    for call in (*CALLS, "all"):
        if chosen := [response for response in responses if call in (response.call, "all")]:
            found = round(100 * sum(response.face_found for response in chosen) / len(chosen))
            row = {"request": call, "count": len(chosen), "a second": len(chosen) / seconds, "face found, %": found}
            row |= stats([response.ms for response in chosen], "median", "p90", "p95", "p99", "longest")
            sent = stats([1000 * (response.answered_s - response.sent_s) for response in chosen], "median", "p99")
            rows.append(row | {f"{name}, from sent": ms for name, ms in sent.items()})
    late = stats([1000 * (response.sent_s - response.due_s) for response in responses], "p99")["p99"]
    note = (
        "Times count from the moment a request was due by its user's clock. It is sent then, even if the one before "
        "has not been answered, so nothing slow delays or drops another request (no coordinated omission). The clients "
        f"sent 99 of 100 requests at most {late:.1f} ms late; the last two columns count from the sending."
    )
    report.add(
        Table("Responses, ms", rows, note, digits=1),
        Target("requests that failed", 0, sum(response.outcome != GOOD for response in responses)),
    )
    for name, calls in PROMISED.items():
        if ms := [response.ms for response in responses if response.call in calls]:
            report.targets.append(Target(f"{name} request, 99th percentile", LIMIT_MS, stats(ms, "p99")["p99"], " ms"))


def add_outcomes(report: Report, responses: Sequence[Response], archived: int | None, spooled: int) -> None:
    """archived, spooled: frames in MongoDB's archive, those on disk included, and those alone; None without MongoDB."""
    counted = Counter((response.call, response.outcome) for response in responses)
    rows = [{"request": call, "status": outcome, "count": count} for (call, outcome), count in sorted(counted.items())]
    acknowledged = sum(response.outcome == GOOD and response.call in ARCHIVED for response in responses)
    note, targets = "", []
    if archived is not None:
        note = f"The archive has {archived} of {acknowledged} acknowledged frames, {spooled} on disk."
        lost = max(0, acknowledged - archived)  # sessions were calibrated before the clock: it may have more
        targets = [Target("acknowledged frames that the archive does not have", 0, lost)]
    report.add(Table("Status codes", rows, note), *targets)


def add_processes(
    report: Report, cpu_s: Mapping[str, float], core_s: float, answered: int, memory: MemoryByWorker
) -> None:
    """cpu_s: seconds of each group of processes; core_s: of all cores together."""
    rows: list[Row] = []
    idle = {"idle": core_s - sum(cpu_s.values())}
    for name, seconds in [*sorted(cpu_s.items(), key=lambda item: -item[1]), *idle.items()]:
        each = number(1000 * seconds / max(1, answered)) if name == SERVICE else ""
        share = 100 * seconds / core_s
        rows.append({"processes": name, "seconds": seconds, "share of all cores, %": share, "ms a request": each})
    report.add(Table("Processor time", rows, digits=1))
    rows = []
    for index, samples in enumerate(memory.values(), 1):
        start, end = samples[0][0], samples[-1][0]
        warm = [used for second, used in samples if second >= start + WARM_UP_SHARE * (end - start)]
        row: Row = {"process": f"worker {index}", "seconds": round(end - start)}
        for when, used in (("warm", warm[0]), ("end", warm[-1])):
            row |= {f"own, {when}": used[OWN], f"resident, {when}": used[RESIDENT]}
        rows.append(row | {"own grew by, %": number(growth_percent([used[OWN] for used in warm]))})
    note = (
        f"Own: pages that no other process has. Warm: after {100 * WARM_UP_SHARE:.0f} % of a worker's seconds. "
        "A worker is replaced after MAX_REQUESTS, as by default."
    )
    report.add(Table("Workers' memory under load, MB", rows, note, digits=1))


def load_chart(responses: Sequence[Response], seconds: int, memory: MemoryByWorker, users: int, blinkers: int) -> str:
    """Response times second by second, and the workers' memory."""
    slow = stats([response.ms for response in responses], "p99")["p99"]
    title = f"{users} users on one machine: 99 of 100 responses within {slow:.0f} ms"
    amount = f"{len(responses) / seconds:.0f} frames a second, {blinkers} of the users with blink frames too"
    figure, (times, used) = card(6.6, (2, 1))
    titled(times, title, f"Milliseconds from when a frame was due (logarithmic); {amount}", LEGEND_POINTS)
    width = max(MIN_WINDOW_S, seconds / WINDOWS)
    spans = groupby(sorted(responses, key=lambda each: each.due_s), lambda each: int(each.due_s // width))
    windows = {(index + 0.5) * width: stats([each.ms for each in span], *SHOWN) for index, span in spans}
    for of, (name, colour) in SHOWN.items():
        times.plot(list(windows), [ms[of] for ms in windows.values()], color=colour, label=name, linewidth=1.8)
    times.axhline(LIMIT_MS, color=RED, linestyle="--", linewidth=1.2)
    label: Any = {"xytext": (0, 4), "textcoords": "offset points", "ha": "right", "color": RED}
    times.annotate(f"limit: {LIMIT_MS} ms", (seconds, LIMIT_MS), **label)
    times.set_yscale("log")
    limits = times.get_ylim()
    times.set_yticks(TICKS_MS, [str(tick) for tick in TICKS_MS])
    times.set_yticks([], minor=True)
    times.set_ylim(limits)
    titled(used, "Each worker's own memory", "MB that it does not share with other processes")
    for samples, colour in zip(memory.values(), COLOURS * len(memory), strict=False):
        used.plot([second for second, _ in samples], [each[OWN] for _, each in samples], color=colour, linewidth=1.8)
    used.set(xlabel="seconds", ylim=(0, None))
    legend(times)
    for axes in (times, used):
        axes.set_xlim(0, seconds)
    return svg(figure, f"{title}; {amount}.")
