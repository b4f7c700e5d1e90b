"""Memory of one worker over many thousand frames at full speed."""

import random
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from tqdm import tqdm

from benchmarks.client import BLINK, CALIBRATING, NECK, crowd, send
from benchmarks.environment import Environment
from benchmarks.machine import OWN, RESIDENT, SHARE, children, memory_of
from benchmarks.report import Report, Row, Table, Target, median

USERS = 20  # so that none of them reaches the limit of frames a minute
BLINKS_EACH = 4
AT_ONCE = 2
WARM_AFTER = 1000  # frames
COMPARED = 5  # samples at either end, as a single one varies
LIMIT_PERCENT = 2


def measure(report: Report, service: Environment, count: int) -> None:
    """At least `count` frames on one worker that is never replaced, with as many requests at once as keep it busy."""
    samples: list[Row] = []
    errors = served = 0
    with service.serve(workers=1) as server, ThreadPoolExecutor(AT_ONCE) as pool, tqdm(total=count, desc="soak") as bar:
        each = [own[CALIBRATING][:1] + own[NECK] + own[BLINK][:BLINKS_EACH] for own in crowd(server.port, USERS)]
        requests = [request for own in each for request in own]
        random.Random(0).shuffle(requests)  # noqa: S311
        (worker,) = children(server.pid)
        start = time.perf_counter()
        while served < count:
            samples.append({"frames": served} | memory_of(worker))
            errors += sum(pool.map(partial(_fails, server.port), requests))
            served += len(requests)
            bar.update(len(requests))
        rate = served / (time.perf_counter() - start)
        samples.append({"frames": served} | memory_of(worker))
        if children(server.pid) != [worker]:
            raise RuntimeError("The worker was replaced.")
    warm = [sample for sample in samples if sample["frames"] >= WARM_AFTER] or samples[-1:]
    growth = {name: growth_percent([sample[name] for sample in warm]) for name in (OWN, SHARE, RESIDENT)}
    note = (
        f"{USERS} users, {AT_ONCE} requests at once, {rate:.0f} frames a second, {errors} errors. Of 13 frames 1 "
        f"calibrates, 8 are monitored and {BLINKS_EACH} are for blinks. Own: pages that no other process has. Growth "
        f"compares the medians of the first {COMPARED} and the last {COMPARED} samples."
    )
    name = f"growth of a worker's own memory from {WARM_AFTER} to {served} frames"
    rows = [samples[0], warm[0], warm[len(warm) // 2], warm[-1], {"frames": f"growth after {WARM_AFTER}, %"} | growth]
    report.add(
        Table("One worker's memory over many frames, MB", rows, note),
        Target(name, LIMIT_PERCENT, growth[OWN], " %"),
        Target("soak: requests that failed", 0, errors),
    )


def _fails(port: int, request: bytes) -> bool:
    try:
        response = send(port, request)
    except OSError:
        return True
    return not (response.startswith(b"HTTP/1.1 200 ") and b'"detected"' in response)


def growth_percent(values: Sequence[float]) -> float:
    """From the first few values to the last few; NaN of too few."""
    if len(values) < 2 * COMPARED:
        return float("nan")
    first, last = median(values[:COMPARED]), median(values[-COMPARED:])
    return 100 * (last - first) / first
