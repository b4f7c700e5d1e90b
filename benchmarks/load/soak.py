"""Memory of one worker over many thousand frames at full speed."""

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass

from tqdm import tqdm

from benchmarks import frames, pipelines
from benchmarks.client import BLINK, NECK, PATHS, frame_body, message, send_all, sign_up
from benchmarks.environment import Environment, children
from benchmarks.figures import Target, summary
from benchmarks.footprint import Memory, memory_of
from benchmarks.report import Table

USERS = 20  # so that none of them reaches the limit of frames a minute
BLINKS_EACH = 4
AT_ONCE = 2
WARM_AFTER = 1000  # frames
COMPARED = 5  # samples at either end, as a single one varies
LIMIT_PERCENT = 2
SHOWN_STEPS = 8


@dataclass(frozen=True, slots=True)
class Soaked:
    """The worker's memory, by the number of frames it had served."""

    samples: list[tuple[int, Memory]]
    errors: int
    seconds: float

    @property
    def frames(self) -> int:
        return self.samples[-1][0]

    def growth(self, name: str) -> float:
        return growth_percent([getattr(memory, name) for served, memory in self.samples if served >= WARM_AFTER])


def soak(environment: Environment, count: int) -> Soaked:
    """At least `count` frames on one worker that is never replaced, with as many requests at once as keep it busy."""
    with environment.serve(workers=1) as server, tqdm(total=count, desc="soak", unit="frame", mininterval=1) as bar:
        requests = _requests(server.port)
        (worker,) = children(server.pid)
        samples, errors, start = [(0, memory_of(worker))], 0, time.perf_counter()
        while samples[-1][0] < count:
            errors += send_all(server.port, requests, len(requests), AT_ONCE).errors
            samples.append((samples[-1][0] + len(requests), memory_of(worker)))
            bar.update(len(requests))
        if children(server.pid) != [worker]:
            raise RuntimeError("The worker was replaced.")
        return Soaked(samples, errors, time.perf_counter() - start)


def growth_percent(values: Sequence[float]) -> float:
    """From the first few values to the last few; NaN of too few."""
    if len(values) < 2 * COMPARED:
        return float("nan")
    first, last = summary(values[:COMPARED]).median, summary(values[-COMPARED:]).median
    return 100 * (last - first) / first


def table(soaked: Soaked) -> Table:
    rows: list[list[object]] = [
        [str(served), *(f"{value:.1f}" for value in (memory.own, memory.share, memory.resident))]
        for served, memory in _some(soaked.samples)
    ]
    rows.append([f"growth after {WARM_AFTER}, %", *map(soaked.growth, ("own", "share", "resident"))])
    notes = [
        f"{USERS} users, {AT_ONCE} requests at once, {soaked.frames / soaked.seconds:.0f} frames a second, "
        f"{soaked.errors} errors. Of 13 frames 1 calibrates, 8 are monitored and 4 are for blinks. Own: pages that no "
        f"other process has. Growth compares the medians of the first {COMPARED} and the last {COMPARED} samples.",
    ]
    return Table("One worker's memory over many frames, MB", ("frames", "own", "share (PSS)", "resident"), rows, notes)


def targets(soaked: Soaked) -> list[Target]:
    name = f"growth of a worker's own memory from {WARM_AFTER} to {soaked.frames} frames"
    return [
        Target(name, LIMIT_PERCENT, soaked.growth("own"), " %"),
        Target("soak: requests that failed", 0, soaked.errors),
    ]


def _requests(port: int) -> list[bytes]:
    """Of all users, in a mixed order."""
    requests: list[bytes] = []
    for number, sequence in enumerate(frames.made(USERS * frames.SEQUENCE_FRAMES)):
        found = [data for data in sequence.frames if pipelines.find_face(pipelines.decode(data))]
        if len(found) >= 4:
            user = sign_up(port, f"soak{number}", found)
            requests += [message(PATHS[NECK], frame_body(found[0], cnt=0), user.token)]
            requests += [*user.messages(NECK), *user.messages(BLINK)[:BLINKS_EACH]]
    random.Random(0).shuffle(requests)  # noqa: S311
    return requests


def _some(samples: Sequence[tuple[int, Memory]]) -> list[tuple[int, Memory]]:
    """The first sample, the first warm one, and some evenly up to the last."""
    warm = [index for index, (served, _) in enumerate(samples) if served >= WARM_AFTER] or [len(samples) - 1]
    shown = {0} | {warm[round(step * (len(warm) - 1) / SHOWN_STEPS)] for step in range(SHOWN_STEPS + 1)}
    return [samples[index] for index in sorted(shown)]
