"""Memory of one worker over many thousand frames at full speed."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchmarks import frames, ours
from benchmarks.client import Request, ask, frame_body
from benchmarks.http_requests import BLINK, NECK, PATHS, sign_up
from benchmarks.load.stage import Stage
from benchmarks.memory import Memory, memory_of
from benchmarks.serving import Server, ServerFailed, serving
from benchmarks.stats import Bar, Progress, number, summary
from evaluation.tables import Table

PEOPLE = 20  # so many that none of them reaches the limit of frames a minute
BLINKS_EACH = 4
AT_ONCE = 2
WARM_AFTER = 1000  # frames
COMPARED = 5  # looks at either end: one alone is a matter of chance
LIMIT_PERCENT = 2


@dataclass(frozen=True, slots=True)
class Soaked:
    """The worker's memory, by the number of frames it had served before."""

    samples: list[tuple[int, Memory]]
    errors: int
    seconds: float

    @property
    def frames(self) -> int:
        return self.samples[-1][0]

    @property
    def warm(self) -> list[Memory]:
        return [memory for served, memory in self.samples if served >= WARM_AFTER]


def soak(stage: Stage, count: int, progress: Progress) -> Soaked:
    """So many frames on one worker that is never replaced, as many requests at once as keep it busy."""
    with serving(stage.place, workers=1) as server:
        requests = _requests(server)
        (worker,) = server.workers()
        served, errors, seconds = 0, 0, 0.0
        samples = [(served, memory_of(worker))]
        while served < count:
            batch = ask(server.port, requests, len(requests), AT_ONCE)
            served, errors, seconds = served + len(requests), errors + batch.errors, seconds + batch.seconds
            samples.append((served, memory_of(worker)))
            progress.update(len(requests))
        if server.workers() != [worker]:
            raise ServerFailed("The worker was replaced.")
    return Soaked(samples, errors, seconds)


def growth_percent(of: Sequence[float]) -> float:
    """From the first few values to the last few, in per cent; NaN of too few."""
    if len(of) < 2 * COMPARED:
        return float("nan")
    first, last = summary(of[:COMPARED]).median, summary(of[-COMPARED:]).median
    return 100 * (last - first) / first


def table(soaked: Soaked) -> Table:
    rows = []
    for served, memory in _some(soaked.samples):
        rows.append([str(served), *(number(each, 1) for each in (memory.own, memory.share, memory.resident))])
    grown = [growth_percent([getattr(each, name) for each in soaked.warm]) for name in ("own", "share", "resident")]
    rows.append([f"growth after {WARM_AFTER}, %", *(number(each) for each in grown)])
    per_second = soaked.frames / soaked.seconds
    notes = [
        f"{PEOPLE} people, {AT_ONCE} requests at once, {per_second:.0f} frames a second, {soaked.errors} errors. Of 13 "
        "frames 1 calibrates, 8 are monitored and 4 are for blinks. Own: pages that no other process has. Growth "
        f"compares the medians of the first {COMPARED} and the last {COMPARED} looks.",
    ]
    return Table("One worker's memory over many frames, MB", ("frames", "own", "share (PSS)", "resident"), rows, notes)


def bars(soaked: Soaked) -> list[Bar]:
    grown = growth_percent([each.own for each in soaked.warm])
    name = f"growth of a worker's own memory from {WARM_AFTER} to {soaked.frames} frames"
    return [Bar(name, LIMIT_PERCENT, grown, " %"), Bar("soak: requests that failed", 0, soaked.errors)]


def _requests(server: Server) -> list[Request]:
    """Of all people, in one order that mixes them."""
    requests: list[Request] = []
    sequences = frames.made(PEOPLE * frames.FRAMES_A_SEQUENCE)
    for number_of_person, person in enumerate(_with_face(sequences)):
        own = sign_up(server, person, f"soak{number_of_person}@example.com")
        first = own[NECK][0]
        again = Request(PATHS[NECK], frame_body(person[0], cnt=0), first.token)
        requests += [again, *own[NECK], *own[BLINK][:BLINKS_EACH]]
    random.Random(0).shuffle(requests)  # noqa: S311
    return requests


def _with_face(sequences: Sequence[frames.FrameSequence]) -> Iterator[list[bytes]]:
    for each in sequences:
        found = [data for data in each.frames if ours.find_face(ours.decode(data))]
        if len(found) >= 4:
            yield found


def _some(samples: Sequence[tuple[int, Memory]]) -> list[tuple[int, Memory]]:
    """The first look, the first warm one, and some evenly up to the last."""
    warm = [place for place, (served, _) in enumerate(samples) if served >= WARM_AFTER]
    steps = 8
    chosen = {warm[round(step * (len(warm) - 1) / steps)] for step in range(steps + 1)} if warm else {len(samples) - 1}
    return [samples[place] for place in sorted({0} | chosen)]
