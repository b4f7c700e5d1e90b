"""Whole HTTP requests to gunicorn: to our service, its variants, and the same service with the plain pipeline inside.

Every server has one worker, whose processor time is read for each request.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmarks import environment, frames
from benchmarks.client import BLINK, NECK, User, send
from benchmarks.environment import Environment, Run
from benchmarks.pipelines import EYES_ONLY, OURS, WITH_IDENTITY, Item, natives, way
from benchmarks.plain import PlainEngine
from benchmarks.report import Report, median
from benchmarks.turns import TOTAL, WALL, Sample, T, Way, comparison, faster, take_turns, timed
from tests.gunicorn_server import Server
from tests.pictures import data_url

NO_FACE = "neck without a face"
LIMITS = {NECK: 11.0, BLINK: 3.8}
BARE, PLAIN_REQUEST = "plain pipeline without a request", "plain request"
SETTLE_S = 0.001  # until a worker that has answered has finished
WARM_UP = 3
NOTE = (
    "Processor time of the worker; the wall times are those of the client, and of the pipeline. Archive and database "
    "are SQLite, as by default."
)


class Worker:
    """The only worker of a server."""

    def __init__(self, server: Server) -> None:
        self.port = server.port
        (self._pid,) = server.started_workers()

    def answer(self, request: bytes) -> Sample:
        """The times of a request. Raises RuntimeError for an error status."""
        before_ms = self._processor_ms()
        response, wall_ms = timed(send, self.port, request)
        time.sleep(SETTLE_S)
        if not response.startswith(b"HTTP/1.1 200 "):
            raise RuntimeError(f"{request[:80]!r} was answered {response[:300]!r}")
        sample = Sample(**{TOTAL: self._processor_ms() - before_ms, WALL: wall_ms})
        return sample.found(b'"detected"' in response or b'"face":{' in response)

    def _processor_ms(self) -> float:
        """Of the thread that answers requests, to the nanosecond; /proc/pid/stat counts in steps of 10 ms."""
        return int(Path(f"/proc/{self._pid}/schedstat").read_text().split()[0]) / 1e6


@contextmanager
def workers(service: Environment, cache: Path, *, with_plain: bool) -> Iterator[dict[str, Worker]]:
    """Ours and its variants, and maybe the plain one, all running. They share the database."""
    servers = {PLAIN_REQUEST: service.serve(environment.PLAIN, 1)} if with_plain else {}
    servers |= {name: service.serve(workers=1, NATIVE_VISION=native) for name, native in natives(cache).items()}
    with ExitStack() as stack:
        yield {name: Worker(stack.enter_context(server)) for name, server in servers.items()}


def measure(report: Report, run: Run, pictures: Sequence[bytes], rounds: int) -> Mapping[str, tuple[float, float]]:
    """Adds tables and targets of version 1's calls, and returns by call the medians of the plain request and of ours.

    pictures: with a face; as many are made without one.
    """
    pairs = {}
    with workers(run.service, run.cache, with_plain=True) as found:
        user = User(found[OURS].port, "requests")
        calls = user.calibrated(pictures)
        path, calibrated, kind = calls[NECK][0]
        empty = frames.made_empty(len(pictures))
        calls[NO_FACE] = [(path, calibrated | {"blob_data": data_url(data, "image/jpeg")}, kind) for data in empty]
        for call, shown in ((NECK, pictures), (BLINK, pictures), (NO_FACE, empty)):
            messages = user.messages(calls[call])
            alone = with_wall_time(way(PlainEngine, EYES_ONLY if call == BLINK else WITH_IDENTITY))
            ways = {BARE: _at(alone, [Item(data) for data in shown])}
            ways |= {name: _at(worker.answer, messages) for name, worker in found.items()}
            for each in ways.values():
                for index in range(WARM_UP):
                    each(index)
            indexes = [*range(len(messages))] * rounds
            times = take_turns(ways, indexes, f"{call} requests", with_face=call != NO_FACE)
            report.add(comparison(f"Requests: {call}, 640×480 JPEG, ms", times, BARE, (WALL,), NOTE))
            if call in LIMITS:
                pairs[call] = median(times[PLAIN_REQUEST][TOTAL]), median(times[OURS][TOTAL])
                report.targets += [
                    faster(f"{call} request against the {of}", LIMITS[call], times[of], times[OURS])
                    for of in (BARE, PLAIN_REQUEST)
                ]
    return pairs


def with_wall_time(way: Way[T]) -> Way[T]:
    def run(item: T) -> Sample:
        sample, sample_ms = timed(way, item)
        sample.ms[WALL] = sample_ms
        return sample

    return run


def _at(way: Way[T], items: Sequence[T]) -> Way[int]:
    return lambda index: way(items[index])
