"""Whole HTTP requests: to our service, and to the same service with the plain pipeline inside, through gunicorn."""

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.client import BLINK, NECK, PATHS, Responses, send_all, sign_up
from benchmarks.environment import OURS, PLAIN, Environment
from benchmarks.figures import Target, ratio, summary, timed, with_progress
from benchmarks.pipelines import PLAIN as BARE
from benchmarks.report import Table

LIMITS = {NECK: 8, BLINK: 3}
LOAD_USERS = 4
WARM_UP = 8
REPEATS = 3  # of each frame by ours, which is faster
NOTHING = Responses([], 0, 0.0)


@dataclass(frozen=True, slots=True)
class Measured:
    """One call at one number of workers. bare: the plain pipeline without HTTP, timed in between."""

    call: str
    workers: int
    ours: Responses
    ours_loaded: Responses
    plain: Responses
    plain_loaded: Responses
    bare: Responses

    @property
    def ratios(self) -> tuple[float, float]:
        """Of the plain request's median, and of the bare pipeline's, to ours."""
        ours, plain, bare = (summary(responses.ms).median for responses in (self.ours, self.plain, self.bare))
        return plain / ours, bare / ours


def measure(
    environment: Environment, frames: Sequence[bytes], *, rounds: int, batch: int, load: int, workers: Sequence[int]
) -> list[Measured]:
    """Both calls at each number of workers, in rounds of `batch` frames; then `load` requests of several users.

    Both servers run all the time, but take turns.
    """
    measured = []
    for count in workers:
        with environment.serve(OURS, count) as ours, environment.serve(PLAIN, count) as theirs:
            user = sign_up(ours.port, f"user{count}", frames)
            for call in PATHS:
                requests = user.messages(call)
                for port in (ours.port, theirs.port):
                    send_all(port, requests, WARM_UP, users=count)
                sums = [NOTHING] * 3
                for number in with_progress(range(rounds), f"{call} requests, {count} workers", "round"):
                    indexes = [(number * batch + index) % len(frames) for index in range(batch)]
                    same = [requests[index] for index in indexes]
                    sums[0] += send_all(ours.port, same, batch * REPEATS)
                    sums[1] += send_all(theirs.port, same, batch)
                    sums[2] += _bare(call, [frames[index] for index in indexes])
                ours_loaded = send_all(ours.port, requests, load, LOAD_USERS)
                plain_loaded = send_all(theirs.port, requests, max(LOAD_USERS, load // 5), LOAD_USERS)
                measured.append(Measured(call, count, sums[0], ours_loaded, sums[1], plain_loaded, sums[2]))
    return measured


def table(measured: Sequence[Measured], frames: int) -> Table:
    rows: list[list[object]] = []
    for result in measured:
        for name, users, responses in (
            ("ours", 1, result.ours),
            ("ours", LOAD_USERS, result.ours_loaded),
            ("plain", 1, result.plain),
            ("plain", LOAD_USERS, result.plain_loaded),
            ("plain, no HTTP", "-", result.bare),
        ):
            found = summary(responses.ms)
            workers, errors = ("-", "-") if users == "-" else (result.workers, responses.errors)
            figures = [found.count, found.median, found.p95, found.p99, responses.per_second]
            rows.append([f"{result.call} {name}", workers, users, *figures, errors])
    header = ("request", "workers", "users", "requests", "median ms", "p95", "p99", "per second", "errors")
    notes = [
        f"{frames} different frames. The client is a process of its own on the same cores: with as many workers as "
        "cores it takes time away from them.",
    ]
    return Table("HTTP requests through gunicorn, 640×480 JPEG", header, rows, notes, digits=1)


def ratios_table(measured: Sequence[Measured]) -> Table:
    rows = [[result.call, result.workers, *map(ratio, result.ratios)] for result in measured]
    header = ("our request", "workers", "against the plain request", "against the plain pipeline without HTTP")
    return Table("Whole requests, ratio of medians", header, rows)


def targets(measured: Sequence[Measured]) -> list[Target]:
    found = []
    for result in measured:
        workers = f"{result.workers} worker{'s' if result.workers > 1 else ''}"
        for name, value in zip(("the plain request", "the bare plain pipeline"), result.ratios, strict=True):
            label = f"{result.call} request against {name}, {workers}"
            found.append(Target(label, LIMITS[result.call], value, "×", at_least=True))
    errors = sum(result.ours.errors + result.ours_loaded.errors for result in measured)
    return [*found, Target("HTTP errors", 0, errors)]


def _bare(call: str, frames: Sequence[bytes]) -> Responses:
    ms = [timed(BARE.neck if call == NECK else BARE.blink, data)[1] for data in frames]
    return Responses(ms, 0, sum(ms) / 1000)
