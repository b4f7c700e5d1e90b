"""Whole HTTP requests to gunicorn: to our service, its variants, and the same service with the plain pipeline inside.

Every server has one worker, whose processor time is read for each request.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from urllib3.filepost import encode_multipart_formdata

from ai_models.vision.frame import Frame
from benchmarks import environment as servers
from benchmarks.client import BLINK, NECK, PATHS, frame_body, log_in, message, post, send, sign_up
from benchmarks.environment import Environment
from benchmarks.figures import Target, summary, timed, times_faster
from benchmarks.pipelines import OURS, Item, blink_way, natives, neck
from benchmarks.plain import PlainEngine
from benchmarks.report import Table
from benchmarks.turns import TOTAL, WALL, Sample, T, Times, Way, comparison, ratios, take_turns
from tests.gunicorn_server import Server

NO_FACE = "neck without a face"
LIMITS = {NECK: 11.0, BLINK: 3.8}
BARE, PLAIN_REQUEST = "plain pipeline without a request", "plain request"
SESSIONS_PATH = "/api/detections/sessions/"
CALIBRATION_FRAMES, CALIBRATION_STEP_S = 8, 0.5
SETTLE_S = 0.001  # until a worker that has answered has finished
WARM_UP = 3

Measured = dict[str, dict[str, Times]]  # by call and way; TOTAL is the worker's processor time


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
def workers(environment: Environment, *, with_plain: bool) -> Iterator[dict[str, Worker]]:
    """Ours and its variants, and maybe the plain one, all running."""
    with ExitStack() as stack:
        found = {}
        if with_plain:
            found[PLAIN_REQUEST] = Worker(stack.enter_context(environment.serve(servers.PLAIN, 1)))
        for name, native in natives(Path(environment.settings["MODEL_CACHE_DIR"])).items():
            found[name] = Worker(stack.enter_context(environment.serve(workers=1, NATIVE_VISION=native)))
        yield found


def measure(environment: Environment, frames: Sequence[bytes], empty: Sequence[bytes], rounds: int) -> Measured:
    """Version 1's calls on frames with a face and without."""
    measured: Measured = {}
    with workers(environment, with_plain=True) as found:
        user = sign_up(found[OURS].port, "requests", frames)  # all servers share the database
        calibrated = user.bodies[NECK][0]
        empties = [message(PATHS[NECK], calibrated | frame_body(data), user.token) for data in empty]
        for call, pictures, requests in (
            (NECK, frames, user.messages(NECK)),
            (BLINK, frames, user.messages(BLINK)),
            (NO_FACE, empty, empties),
        ):
            alone = bare((blink_way if call == BLINK else neck)(PlainEngine))
            ways = {BARE: _at(alone, [Item(data) for data in pictures])}
            ways |= {name: _at(worker.answer, requests) for name, worker in found.items()}
            for way in ways.values():
                for index in range(WARM_UP):
                    way(index)
            indexes = [*range(len(requests))] * rounds
            measured[call] = take_turns(ways, indexes, f"{call} requests", with_face=call != NO_FACE)
    return measured


class Session:
    """A calibrated session of a new user on a server. captured: the time of the last frame, far ahead of the clock."""

    def __init__(self, worker: Worker, picture: bytes) -> None:
        self._worker, self._captured = worker, datetime.now(UTC)
        self._token = log_in(worker.port, uuid4().hex)
        session = post(worker.port, message(SESSIONS_PATH, {}, self._token))["id"]
        self._path = f"{SESSIONS_PATH}{session}/"
        for _ in range(CALIBRATION_FRAMES):
            state = post(worker.port, self._frame(picture, CALIBRATION_STEP_S))["state"]
        if state != "monitoring":
            raise RuntimeError(f"The session is not calibrated, but {state}.")

    def frame(self, data: bytes) -> Sample:
        """The times of a frame, captured a second after the one before."""
        return self._worker.answer(self._frame(data, 1.0))

    def burst(self, frames: Sequence[Frame], every_s: float) -> Sample:
        moments = [self._step(every_s) for _ in frames]
        crops = [f"{at.left},{at.top},{at.width},{at.height}" if (at := frame.crop) else "" for frame in frames]
        parts: list[Any] = [*(("captured_at", moment) for moment in moments), *(("crop", crop) for crop in crops)]
        parts += [("frames", (f"{index}.jpg", frame.data, "image/jpeg")) for index, frame in enumerate(frames)]
        body, content_type = encode_multipart_formdata(parts)
        return self._worker.answer(message(f"{self._path}frames/", body, self._token, content_type))

    def _frame(self, data: bytes, after_s: float) -> bytes:
        path = f"{self._path}frames/?captured_at={self._step(after_s)}"
        return message(path, data, self._token, "image/jpeg")

    def _step(self, seconds: float) -> str:
        self._captured += timedelta(seconds=seconds)
        return f"{self._captured:%Y-%m-%dT%H:%M:%S.%f}Z"


class LandmarkSession(Session):
    """One whose client sends landmarks in place of pictures."""

    def __init__(self, worker: Worker, points: Sequence[Sequence[float]]) -> None:
        self._points = points
        super().__init__(worker, b"")

    def landmarks(self, count: int, every_s: float) -> Sample:
        """The times of a request with the landmarks of so many pictures."""
        return self._worker.answer(self._landmarks(count, every_s))

    def _frame(self, data: bytes, after_s: float) -> bytes:
        return self._landmarks(1, after_s)

    def _landmarks(self, count: int, every_s: float) -> bytes:
        """As the page sends them. The face moves by a pixel, back and forth."""
        observations = [
            {
                "captured_at": self._step(every_s),
                "width": 640,
                "height": 480,
                "points": [[round(x + number % 2, 2), round(y, 2)] for x, y in self._points],
                "faces": 1,
                "others": [],
                "brightness": 0.5,
            }
            for number in range(count)
        ]
        body = {"observations": observations, "model": "bench@1"}
        return message(f"{self._path}landmarks/", body, self._token)


def tables(measured: Measured) -> list[Table]:
    notes = [
        "Processor time of the worker; the wall times are those of the client, and of the pipeline. Archive and "
        "database are SQLite, as by default.",
    ]
    return [
        comparison(f"Requests: {call}, 640×480 JPEG, ms", times, BARE, (WALL,), notes)
        for call, times in measured.items()
    ]


def targets(measured: Measured) -> list[Target]:
    return [
        times_faster(
            f"{call} request against the {of}", LIMITS[call], ratios(measured[call][of], measured[call][OURS])[0]
        )
        for call in LIMITS
        for of in (BARE, PLAIN_REQUEST)
    ]


def median_pairs(measured: Measured) -> Mapping[str, tuple[float, float]]:
    """By call: the medians of the plain request and of ours."""
    return {
        call: (summary(measured[call][PLAIN_REQUEST][TOTAL]).median, summary(measured[call][OURS][TOTAL]).median)
        for call in LIMITS
    }


def bare(way: Way[T]) -> Way[T]:
    """A way with its wall time, too."""

    def run(item: T) -> Sample:
        sample, sample_ms = timed(way, item)
        sample.ms[WALL] = sample_ms
        return sample

    return run


def _at(way: Way[T], items: Sequence[T]) -> Way[int]:
    return lambda index: way(items[index])
