"""Whole HTTP requests: ours and the plain pipeline inside the same service, both through gunicorn."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import product

from ai_models.posture import ContractBaseline
from benchmarks import plain
from benchmarks.client import Request, Responses, ask, frame_body
from benchmarks.serving import OURS_APP, PLAIN_APP, Place, Server, calibrated, serving, signed_in
from benchmarks.stats import Bar, Progress, number, ratio, summary
from evaluation.tables import Table

NECK, BLINK = "neck", "blink"
PATHS = {NECK: "/api/detections/neck/", BLINK: "/api/detections/blink/"}
MANY_USERS = 4
WARM_UP = 8
NOTHING = Responses([], 0, 0.0)


@dataclass(frozen=True, slots=True)
class Amount:
    """How many rounds of how many frames, how often ours takes each of them, and how many requests under load."""

    rounds: int
    frames: int
    repeats: int
    load: int
    workers: tuple[int, ...]

    @property
    def steps(self) -> int:
        return len(self.workers) * 2 * (self.rounds + 2)


@dataclass(frozen=True, slots=True)
class Measured:
    """One call at one number of workers. The bare pipeline is timed in between, without HTTP."""

    call: str
    workers: int
    ours: Responses
    plain: Responses
    bare_ms: list[float]
    ours_loaded: Responses
    plain_loaded: Responses

    @property
    def request_ratio(self) -> float:
        return summary(self.plain.ms).median / summary(self.ours.ms).median

    @property
    def bare_ratio(self) -> float:
        return summary(self.bare_ms).median / summary(self.ours.ms).median


@dataclass(slots=True)
class _Rounds:
    ours: Responses = NOTHING
    plain: Responses = NOTHING
    bare_ms: list[float] = field(default_factory=list)


def measure(place: Place, frames: Sequence[bytes], amount: Amount, progress: Progress) -> list[Measured]:
    """Both calls at each number of workers. Both servers run all the time, but one is asked at a time."""
    measured: list[Measured] = []
    for workers in amount.workers:
        with serving(place, OURS_APP, workers) as ours, serving(place, PLAIN_APP, workers) as theirs:
            requests = sign_up(ours, frames, f"user{workers}@example.com")
            for server, call in product((ours, theirs), PATHS):
                ask(server.port, requests[call], WARM_UP, users=workers)
            measured += [
                _one_call(call, workers, ours, theirs, requests[call], frames, amount, progress) for call in PATHS
            ]
    return measured


def sign_up(server: Server, frames: Sequence[bytes], username: str) -> dict[str, list[Request]]:
    """The requests of a new, enrolled user, for each call."""
    token = signed_in(server, username)
    means = calibrated(server, token, list(frames))
    necks = [Request(PATHS[NECK], frame_body(data, cnt=4, **means), token) for data in frames]
    blinks = [Request(PATHS[BLINK], frame_body(data, count=0, total=0, time=0), token) for data in frames]
    return {NECK: necks, BLINK: blinks}


def table(measured: Sequence[Measured], frames: int) -> Table:
    rows = []
    for each in measured:
        for name, users, responses in (
            ("ours", 1, each.ours),
            ("ours", MANY_USERS, each.ours_loaded),
            ("plain", 1, each.plain),
            ("plain", MANY_USERS, each.plain_loaded),
        ):
            told = summary(responses.ms)
            times = [number(value, 1) for value in (told.median, told.p95, told.p99, responses.per_second)]
            rows.append(
                [f"{each.call} {name}", str(each.workers), str(users), str(told.count), *times, str(responses.errors)]
            )
        bare = summary(each.bare_ms)
        times = [number(value, 1) for value in (bare.median, bare.p95, bare.p99, 1000 / bare.mean)]
        rows.append([f"{each.call} plain, no HTTP", "-", "-", str(bare.count), *times, "-"])
    header = ("request", "workers", "users", "requests", "median ms", "p95", "p99", "per second", "errors")
    notes = [
        f"{frames} different frames. The client is a process of its own on the same cores: with as many workers as "
        "cores it takes time away from them.",
    ]
    return Table("HTTP requests through gunicorn, 640×480 JPEG", header, rows, notes)


def ratios_table(measured: Sequence[Measured]) -> Table:
    rows = [[each.call, str(each.workers), ratio(each.request_ratio), ratio(each.bare_ratio)] for each in measured]
    header = ("our request", "workers", "against the plain request", "against the plain pipeline without HTTP")
    return Table("Whole requests, ratio of medians", header, rows)


def bars(measured: Sequence[Measured]) -> list[Bar]:
    bars = []
    for each in measured:
        limit = 8 if each.call == NECK else 3
        workers = f"{each.workers} worker{'s' if each.workers > 1 else ''}"
        for against, measured_ratio in (
            ("the plain request", each.request_ratio),
            ("the bare plain pipeline", each.bare_ratio),
        ):
            name = f"{each.call} request against {against}, {workers}"
            bars.append(Bar(name, limit, measured_ratio, "×", at_least=True))
    errors = sum(each.ours.errors + each.ours_loaded.errors for each in measured)
    return [*bars, Bar("HTTP errors", 0, errors)]


def _one_call(
    call: str,
    workers: int,
    ours: Server,
    theirs: Server,
    requests: Sequence[Request],
    frames: Sequence[bytes],
    amount: Amount,
    progress: Progress,
) -> Measured:
    sums = _Rounds()
    for place in range(amount.rounds):
        # The same frames for all three in a round; ours takes them several times.
        places = [(place * amount.frames + each) % len(frames) for each in range(amount.frames)]
        these = [requests[each] for each in places]
        sums.ours += ask(ours.port, these, amount.frames * amount.repeats)
        sums.plain += ask(theirs.port, these, amount.frames)
        sums.bare_ms += _bare(call, [frames[each] for each in places])
        progress.update()
    ours_loaded = ask(ours.port, requests, amount.load, MANY_USERS)
    progress.update()
    plain_loaded = ask(theirs.port, requests, max(MANY_USERS, amount.load // 5), MANY_USERS)
    progress.update()
    return Measured(call, workers, sums.ours, sums.plain, sums.bare_ms, ours_loaded, plain_loaded)


def _bare(call: str, frames: Sequence[bytes]) -> list[float]:
    baseline = ContractBaseline(face_x=150, face_y=240, nose_to_center=20)
    taken = []
    for data in frames:
        start = time.perf_counter_ns()
        if call == NECK:
            plain.neck(data, baseline)
        else:
            plain.blink(data)
        taken.append((time.perf_counter_ns() - start) / 1e6)
    return taken
