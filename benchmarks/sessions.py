"""A session's frame against the plain pipeline, and a burst: vision and judging, without HTTP and database.

The plain pipeline and the session take turns on the same sequences. Each is shown forwards and backwards, a frame a
second: so a face stays where it was, and its owner is verified as often as in a session. Needs Django's settings.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from ai_models.landmarks import Box
from ai_models.monitoring import monitor
from ai_models.monitoring.alarms import AlarmSettings
from ai_models.monitoring.calibration import Baseline
from ai_models.monitoring.pacing import BURST_FRAMES, BURST_INTERVAL_MS, COUNT_EVERY_S, plan_next_frame
from ai_models.monitoring.session_state import Observation
from ai_models.monitoring.status import status
from ai_models.templates import Template, Templates
from ai_models.vision.frame import decode, read_frame
from benchmarks import pipelines
from benchmarks.figures import Summary, Target, ratio, summary, timed, with_progress
from benchmarks.frames import FrameSequence
from benchmarks.report import Table
from detections.vision import analyze_frames, engine

TURNS = 4  # showings of a sequence, forwards and backwards in turn
FRAME_EVERY_S, BURST_FRAME_EVERY_S = 1.0, BURST_INTERVAL_MS / 1000
BURSTS = 10
BASELINE = Baseline(0.24, 0.0, 0.0, 0.0, 0.0, 0.0, open_ratio=0.3, quality=1.0)


@dataclass(frozen=True, slots=True)
class Measured:
    """Milliseconds of frames, of whole bursts and of searches for other faces.

    verified: the share of the session's frames with an identity.
    """

    plain: Summary
    session: Summary
    burst: Summary
    others: Summary
    verified: float


class Session:
    """A session as detections/sessions runs it, without its database."""

    def __init__(self) -> None:
        self.state = monitor.start(0.0, baseline=BASELINE)
        self.verified = 0
        self._templates: Templates = ()
        self._now = 0.0

    def observe(self, frames: Sequence[bytes], every_s: float = FRAME_EVERY_S) -> None:
        plan = plan_next_frame(self.state, self._now + every_s)
        observations = []
        for analysis in analyze_frames([read_frame(data) for data in frames], plan):
            self._now += every_s
            if analysis.descriptor is not None and not self._templates:
                self._templates = (Template(analysis.descriptor.exact),)
            observations.append(Observation.of(analysis, self._now, self._templates))
        self.state = monitor.observe(self.state, observations, AlarmSettings()).state
        status(self.state, AlarmSettings())
        self.verified += plan.identity


def measure(sequences: Sequence[FrameSequence]) -> Measured:
    """Each sequence by both in turn, with a changing first."""
    ms: dict[str, list[float]] = {"plain": [], "session": [], "burst": [], "others": []}
    verified = 0
    pipelines.PLAIN.neck(sequences[0].frames[0])  # loads the models
    for index, sequence in enumerate(with_progress(sequences, "sessions", "sequence")):
        session, shown = Session(), list(_shown(sequence.frames))
        session.observe(sequence.frames[:1])  # without a face nearby it takes longer
        for name in ("plain", "session") if index % 2 else ("session", "plain"):
            if name == "plain":
                ms[name] += [timed(pipelines.PLAIN.neck, data)[1] for data in sequence.frames]
            else:
                ms[name] += [timed(session.observe, [data])[1] for data in shown]
        verified += session.verified - 1
        image = decode(read_frame(sequence.frames[0]))
        ms["others"].append(timed(engine().beside, image, Box(0, 0, 0, 0))[1])
        if index < BURSTS:
            burst = (shown * BURST_FRAMES)[:BURST_FRAMES]
            ms["burst"].append(timed(session.observe, burst, BURST_FRAME_EVERY_S)[1])
    share = verified / max(1, len(ms["session"]))
    return Measured(summary(ms["plain"]), summary(ms["session"]), summary(ms["burst"]), summary(ms["others"]), share)


def results(measured: Measured) -> tuple[Table, list[Target]]:
    labels = {
        "plain pipeline, a frame": measured.plain,
        "session, a frame": measured.session,
        f"session, a burst of {BURST_FRAMES} frames": measured.burst,
        "search for other faces": measured.others,
    }
    rows = [[label, found.median, found.mean, found.p95] for label, found in labels.items()]
    cheaper, by_means = measured.plain.median / measured.session.median, measured.plain.mean / measured.session.mean
    notes = [
        f"{measured.verified:.0%} of the session's frames had their identity checked. By the medians a session's "
        f"frame is {ratio(cheaper)} cheaper, by the means {ratio(by_means)}.",
    ]
    return Table("A session's frame, ms", ("", "median", "mean", "p95"), rows, notes), [
        Target("session frame against the plain pipeline, medians", 20, cheaper, "×", at_least=True),
        Target(f"burst of {BURST_FRAMES} frames", 400, measured.burst.median, " ms"),
        Target("search for other faces, a second of a session", 3, measured.others.median / COUNT_EVERY_S, " ms"),
    ]


def _shown(frames: Sequence[bytes]) -> Iterator[bytes]:
    """Forwards and backwards, without a jump in between."""
    return chain.from_iterable(frames if turn % 2 == 0 else frames[::-1] for turn in range(TURNS))
