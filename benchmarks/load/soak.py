"""Memory of one worker over many thousand frames at full speed."""

import random
import time
from collections.abc import Sequence

from tqdm import tqdm

from benchmarks.client import BLINK, CALIBRATING, NECK, crowd, send_all
from benchmarks.environment import Environment
from benchmarks.machine import OWN, RESIDENT, SHARE, children, memory_of
from benchmarks.report import Report, Row, Table, Target, median

USERS = 20  # so that none of them reaches the limit of frames a minute
BLINKS_EACH = 4
AT_ONCE = 2
WARM_AFTER = 1000  # frames
COMPARED = 5  # samples at either end, as a single one varies
LIMIT_PERCENT = 2
SHOWN_STEPS = 8


def measure(report: Report, service: Environment, count: int) -> None:
    """At least `count` frames on one worker that is never replaced, with as many requests at once as keep it busy."""
    samples, errors, served = [], 0, 0
    with service.serve(workers=1) as server, tqdm(total=count, desc="soak", unit="frame", mininterval=1) as bar:
        each = [own[CALIBRATING][:1] + own[NECK] + own[BLINK][:BLINKS_EACH] for own in crowd(server.port, USERS)]
        requests = [request for own in each for request in own]
        random.Random(0).shuffle(requests)  # noqa: S311
        (worker,) = children(server.pid)
        samples.append({"frames": 0} | memory_of(worker))
        start = time.perf_counter()
        while served < count:
            errors += send_all(server.port, requests, len(requests), AT_ONCE)[1]
            served += len(requests)
            samples.append({"frames": served} | memory_of(worker))
            bar.update(len(requests))
        rate = served / (time.perf_counter() - start)
        if children(server.pid) != [worker]:
            raise RuntimeError("The worker was replaced.")
    warm = [sample for sample in samples if sample["frames"] >= WARM_AFTER] or samples[-1:]
    growth = {name: growth_percent([sample[name] for sample in warm]) for name in (OWN, SHARE, RESIDENT)}
    shown = [samples[0], *(warm[round(step * (len(warm) - 1) / SHOWN_STEPS)] for step in range(SHOWN_STEPS + 1))]
    rows: list[Row] = [
        {name: f"{value:.1f}" if isinstance(value, float) else value for name, value in sample.items()}
        for number, sample in enumerate(shown)
        if sample not in shown[:number]
    ]
    rows.append({"frames": f"growth after {WARM_AFTER}, %"} | growth)
    note = (
        f"{USERS} users, {AT_ONCE} requests at once, {rate:.0f} frames a second, {errors} errors. Of 13 frames 1 "
        f"calibrates, 8 are monitored and {BLINKS_EACH} are for blinks. Own: pages that no other process has. Growth "
        f"compares the medians of the first {COMPARED} and the last {COMPARED} samples."
    )
    name = f"growth of a worker's own memory from {WARM_AFTER} to {served} frames"
    report.add(
        Table("One worker's memory over many frames, MB", rows, note),
        Target(name, LIMIT_PERCENT, growth[OWN], " %"),
        Target("soak: requests that failed", 0, errors),
    )


def growth_percent(values: Sequence[float]) -> float:
    """From the first few values to the last few; NaN of too few."""
    if len(values) < 2 * COMPARED:
        return float("nan")
    first, last = median(values[:COMPARED]), median(values[-COMPARED:])
    return 100 * (last - first) / first
