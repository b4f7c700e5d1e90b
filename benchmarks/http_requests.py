"""Whole HTTP requests to gunicorn: to our service, its variants, and the same service with the plain pipeline inside.

Every server has one worker, whose processor time is read for each request.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

from ai_models.analysis import AnalysisPlan
from benchmarks import environment, frames
from benchmarks.client import BLINK, NECK, User, answer
from benchmarks.environment import Environment, Run
from benchmarks.pipelines import EYES_ONLY, OURS, WITH_IDENTITY, Item, natives, way
from benchmarks.plain import PlainEngine
from benchmarks.report import Report, median
from benchmarks.turns import TOTAL, WALL, Sample, Way, comparison, faster, take_turns
from tests.gunicorn_server import Server
from tests.pictures import data_url

NO_FACE = "neck without a face"
LIMITS = {NECK: 11.0, BLINK: 3.8}
BARE, PLAIN_REQUEST = "plain pipeline without a request", "plain request"
NOTE = (
    "Processor time of the worker; the wall times are those of the client, and of the pipeline. Archive and database "
    "are SQLite, as by default."
)

Sent = tuple[Item, bytes]  # a frame, and the message with it


def _asked(server: Server, sent: Sent) -> Sample:
    return answer(server, sent[1])


def _alone(plan: AnalysisPlan, sent: Sent) -> Sample:
    return way(PlainEngine, plan)(sent[0])


@contextmanager
def variants(service: Environment, cache: Path) -> Iterator[dict[str, Server]]:
    """Ours and its variants, all running. They share the database."""
    with ExitStack() as stack:
        yield {
            name: stack.enter_context(service.serve(workers=1, NATIVE_VISION=native))
            for name, native in natives(cache).items()
        }


def measure(report: Report, run: Run, pictures: Sequence[bytes], rounds: int) -> Mapping[str, tuple[float, float]]:
    """Adds tables and targets of version 1's calls, and returns by call the medians of the plain request and of ours.

    pictures: those with a face count; as many are made without one.
    """
    pairs = {}
    with run.service.serve(environment.PLAIN, 1) as plain, variants(run.service, run.cache) as ours:
        user = User(ours[OURS].port, "requests")
        calls = user.calibrated(pictures)
        path, calibrated, kind = calls[NECK][0]
        empty = frames.made_empty(len(pictures))
        calls[NO_FACE] = [(path, calibrated | {"blob_data": data_url(data, "image/jpeg")}, kind) for data in empty]
        for call, shown in ((NECK, pictures), (BLINK, pictures), (NO_FACE, empty)):
            plan = EYES_ONLY if call == BLINK else WITH_IDENTITY
            items = [(Item(data), user.message(*request)) for data, request in zip(shown, calls[call], strict=True)]
            ways: dict[str, Way[Sent]] = {BARE: partial(_alone, plan)}
            ways |= {name: partial(_asked, server) for name, server in {PLAIN_REQUEST: plain, **ours}.items()}
            times = take_turns(ways, items * rounds, f"{call} requests", with_face=call != NO_FACE, warm_up=3)
            report.add(comparison(f"Requests: {call}, 640×480 JPEG, ms", times, BARE, (WALL,), NOTE))
            if call in LIMITS:
                pairs[call] = median(times[PLAIN_REQUEST][TOTAL]), median(times[OURS][TOTAL])
                report.targets += [
                    faster(f"{call} request against the {of}", LIMITS[call], times[of], times[OURS])
                    for of in (BARE, PLAIN_REQUEST)
                ]
    return pairs
