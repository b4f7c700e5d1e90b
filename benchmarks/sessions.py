"""A session's frame against the plain pipeline, and a burst: what is computed, without HTTP and database.

The plain pipeline and the session take turns on the same sequences, each of which is shown forwards and backwards, a
frame a second: so a face stays in sight, and its owner is asked for as often as in a session.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from ai_models.analysis import AnalysisPlan
from ai_models.identity import Descriptor, distance
from ai_models.landmarks import Box
from ai_models.measures import measure_face
from ai_models.monitoring import monitor
from ai_models.monitoring.alarms import AlarmSettings
from ai_models.monitoring.calibration import Baseline
from ai_models.monitoring.pacing import BURST_FRAMES, plan_next_frame
from ai_models.monitoring.session_state import Observation, State
from ai_models.monitoring.status import status
from ai_models.vision import faces
from ai_models.vision.descriptor import Network, describe_face
from ai_models.vision.frame import decode, read_frame
from ai_models.vision.picture_quality import quality_of
from benchmarks import plain
from benchmarks.frames import FrameSequence
from benchmarks.stages import ANY_BASELINE
from benchmarks.stats import Bar, Progress, Summary, number, ratio, summary
from evaluation.tables import Table

SHOWN = 4  # times that a sequence is shown, forwards and backwards in turn
BURST_EVERY_S = 1 / 15
BURSTS = 10
NO_PLAN = AnalysisPlan(near=None, identity=False, count=False, quality=False)
BASELINE = Baseline(0.24, 0.5, 0.3, 0.0, 0.0, 0.0, open_ratio=0.3, quality=1.0)


@dataclass(frozen=True, slots=True)
class Measured:
    """Milliseconds: of each frame, and of whole bursts."""

    plain: Summary
    session: Summary
    burst: Summary
    identities: float  # of the session's frames, that share was asked who it is

    @property
    def times_cheaper(self) -> float:
        return self.plain.median / self.session.median

    @property
    def times_cheaper_in_all(self) -> float:
        """By the means: frames that are asked who it is, and whether others are there, count as often as they come."""
        return self.plain.mean / self.session.mean


class Sitting:
    """A session as detections/sessions/ runs it, less what is kept."""

    def __init__(self, network: Network, owner: Descriptor | None) -> None:
        self.state: State = monitor.start(0.0, baseline=BASELINE)
        self.identified = 0
        self._network = network
        self._owner = owner
        self._now = 0.0

    def frame(self, data: bytes) -> None:
        self._now += 1.0
        plan = plan_next_frame(self.state, self._now)
        self.identified += plan.identity
        seen, _ = self._observed(data, self._now, plan, plan.near)
        self._judge([seen])

    def burst(self, frames: Sequence[bytes]) -> None:
        plan = plan_next_frame(self.state, self._now + BURST_EVERY_S)
        near = plan.near
        seen: list[Observation] = []
        for data in frames:
            self._now += BURST_EVERY_S
            observation, near = self._observed(data, self._now, NO_PLAN if seen else plan, near)
            seen.append(observation)
        self._judge(seen)

    def _observed(
        self, data: bytes, at_s: float, plan: AnalysisPlan, near: Box | None
    ) -> tuple[Observation, Box | None]:
        image = decode(read_frame(data))
        face = faces.find_face(image, near=near)
        if face is None:
            return Observation(at_s, None), None
        measures = measure_face(
            face, image.shape[1], image.shape[0], quality_of(image, face.box) if plan.quality else None
        )
        away = None
        if plan.identity:
            descriptor = describe_face(image, face, self._network)
            self._owner = descriptor if self._owner is None else self._owner
            away = distance(descriptor, self._owner)
        return Observation(at_s, measures, faces.count_faces(image) if plan.count else None, away), face.box

    def _judge(self, seen: Sequence[Observation]) -> None:
        self.state = monitor.observe(self.state, seen, AlarmSettings()).state
        status(self.state, AlarmSettings())


def measure(sequences: Sequence[FrameSequence], network: Network, progress: Progress) -> Measured:
    """Each sequence by both in turn; who begins changes."""
    times: dict[str, list[float]] = {"plain": [], "session": [], "burst": []}
    identified = 0
    plain.neck(sequences[0].frames[0], ANY_BASELINE, plain.no_mark)  # the first is cold here, too: it loads the models
    for place, each in enumerate(sequences):
        sitting = Sitting(network, None)
        sitting.frame(each.frames[0])  # the first is cold
        shown = list(_shown(each.frames))
        runs: list[tuple[str, Callable[[bytes], object]]] = [
            ("plain", lambda data: plain.neck(data, ANY_BASELINE, plain.no_mark)),
            ("session", sitting.frame),
        ]
        for name, run in runs if place % 2 else runs[::-1]:
            # The plain pipeline takes long enough for one showing to tell.
            times[name] += [_ms(run, data) for data in (each.frames if name == "plain" else shown)]
        identified += sitting.identified - 1
        if place < BURSTS:
            frames = (shown * BURST_FRAMES)[:BURST_FRAMES]
            times["burst"].append(_ms(sitting.burst, frames))
        progress.update(len(each.frames))
    share = identified / max(1, len(times["session"]))
    return Measured(summary(times["plain"]), summary(times["session"]), summary(times["burst"]), share)


def table(measured: Measured) -> Table:
    rows = [
        [name, *(number(each) for each in (told.median, told.mean, told.p95))]
        for name, told in (
            ("plain pipeline, a frame", measured.plain),
            ("session, a frame", measured.session),
            (f"session, a burst of {BURST_FRAMES} frames", measured.burst),
        )
    ]
    notes = (
        f"Of the session's frames {measured.identities:.0%} were asked who it is. "
        f"By the medians a session's frame is {ratio(measured.times_cheaper)} cheaper, by the means "
        f"{ratio(measured.times_cheaper_in_all)}.",
    )
    return Table("A session's frame, ms", ("what", "median", "mean", "p95"), rows, notes)


def bars(measured: Measured) -> list[Bar]:
    return [
        Bar("session frame against the plain pipeline, medians", 20, measured.times_cheaper, "×", at_least=True),
        Bar(f"burst of {BURST_FRAMES} frames", 400, measured.burst.median, " ms"),
    ]


def _shown(frames: Sequence[bytes]) -> Iterator[bytes]:
    """Forwards and backwards, without a jump in between."""
    return chain.from_iterable(frames if turn % 2 == 0 else frames[::-1] for turn in range(SHOWN))


def _ms(run: Callable[..., object], data: object) -> float:
    begin = time.perf_counter_ns()
    run(data)
    return (time.perf_counter_ns() - begin) / 1e6
