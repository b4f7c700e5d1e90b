"""Sessions against the plain pipeline: single frames, and seconds in which the eyes are watched.

With and without the request around them. All ways take turns on the same sequences. Each is shown forwards and
backwards, a frame a second: so a face stays where it was, and its owner is verified as often as in a session. Needs
Django set up.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, cycle, islice
from pathlib import Path

from django.conf import settings

from ai_models.analysis import AnalysisPlan, Crop, FrameAnalysis
from ai_models.landmarks import Box
from ai_models.monitoring import monitor
from ai_models.monitoring.alarms import AlarmSettings
from ai_models.monitoring.calibration import Baseline
from ai_models.monitoring.pacing import BURST_INTERVAL_MS, COUNT_EVERY_S, LANDMARK_FRAMES, WATCH_FRAMES, plan_next_frame
from ai_models.monitoring.session_state import Observation
from ai_models.monitoring.status import status
from ai_models.templates import Template, Templates
from ai_models.vision.frame import Frame, read_frame
from benchmarks import http_requests, pipelines
from benchmarks.environment import Environment
from benchmarks.figures import Target, summary, times_faster, with_progress
from benchmarks.frames import FrameSequence
from benchmarks.http_requests import Worker
from benchmarks.pipelines import OURS, Item, find_face
from benchmarks.plain import PlainEngine, decode
from benchmarks.report import Report, Table
from benchmarks.turns import TOTAL, WALL, Sample, Times, comparison, joined, ratios, sampled, take_turns
from detections.vision import analyze, analyze_frames, engine
from tests.pictures import jpeg

TURNS = 4  # showings of a sequence, forwards and backwards in turn
FRAME_EVERY_S, BURST_FRAME_EVERY_S = 1.0, BURST_INTERVAL_MS / 1000
BURSTS = 4  # one after the other, in eight seconds: as often is its owner verified
BASELINE = Baseline(0.24, 0.0, 0.0, 0.0, 0.0, 0.0, open_ratio=0.3, quality=1.0)
BARE, AS_BEFORE = "plain pipeline", "whole pictures, each searched, by dlib"
WHOLE, CROPS, LANDMARKS = "whole pictures", "crops", "landmarks"
CROP_MARGIN, CROP_STEP_PX, MAX_CROP_SHARE, BURST_QUALITY = 0.6, 16, 0.7, 70  # the page's own: see camera.js
MAX_OTHERS_MS = 3.0  # of a second of a session
LOAD_SHARE = 0.65  # of a core: docs/scaling.md

Analyze = Callable[[Sequence[Frame], AnalysisPlan], Iterable[FrameAnalysis]]


@dataclass(frozen=True, slots=True)
class Burst:
    """The pictures of two seconds: whole, and as the page sends them."""

    whole: list[Frame]
    crops: list[Frame]


class Session:
    """A session as detections/sessions runs it, without its database. native: its NATIVE_VISION."""

    def __init__(self, native: str, first: bytes, analyze: Analyze = analyze_frames) -> None:
        self.state = monitor.start(0.0, baseline=BASELINE)
        self._native, self._analyze = native, analyze
        self._templates: Templates = ()
        self._now = 0.0
        self.frame(first)  # without a face nearby it takes longer

    def frame(self, data: bytes) -> Sample:
        return sampled(self._observe)([read_frame(data)])

    def watched_second(self, frames: Sequence[Frame]) -> Sample:
        """A burst's times, by the second."""
        return _by_the_second(sampled(partial(self._observe, every_s=BURST_FRAME_EVERY_S))(frames))

    def _observe(self, frames: Sequence[Frame], every_s: float = FRAME_EVERY_S) -> FrameAnalysis | None:
        settings.NATIVE_VISION = self._native
        plan = plan_next_frame(self.state, self._now + every_s)
        observations, analysis = [], None
        for analysis in self._analyze(frames, plan):
            self._now += every_s
            if analysis.descriptor is not None and not self._templates:
                self._templates = (Template(analysis.descriptor.exact),)
            observations.append(Observation.of(analysis, self._now, self._templates))
        self.state = monitor.observe(self.state, observations, AlarmSettings()).state
        status(self.state, AlarmSettings())
        return analysis if analysis and analysis.face else None


def each_searched(frames: Sequence[Frame], plan: AnalysisPlan) -> Iterable[FrameAnalysis]:
    """As bursts were analysed before: each frame is searched around the face in the one before."""
    for frame in frames:
        analysis = analyze(frame, plan)
        yield analysis
        plan = AnalysisPlan(near=analysis.face.box if analysis.face else None, measures=True)


def measure(report: Report, sequences: Sequence[FrameSequence], environment: Environment, requested: int) -> None:
    """Adds tables and targets. requested: so many of the sequences are sent as requests, too."""
    natives = pipelines.natives(Path(settings.MODEL_CACHE_DIR))
    _plain(sequences[0].frames[0])  # loads the models
    with report.part("sessions"):
        parts = [_without_requests(sequence, natives) for sequence in with_progress(sequences, "sessions", "sequence")]
    frames, seconds = joined(frame for frame, _ in parts), joined(second for _, second in parts)
    with report.part("requests"), http_requests.workers(environment, with_plain=False) as workers:
        step = max(1, len(sequences) // requested)
        chosen = with_progress(sequences[::step][:requested], "session requests", "sequence")
        parts = [_with_requests(sequence, workers) for sequence in chosen]
    sent, sent_seconds = joined(frame for frame, _ in parts), joined(second for _, second in parts)
    report.add(comparison("A session's frame, vision and judging, ms", frames, BARE), _frame_targets(frames))
    report.add(comparison("A session's frame, whole request, ms", sent, BARE, (WALL,)), _request_targets(sent))
    report.add(comparison("A watched second, vision and judging, ms", seconds, AS_BEFORE), _second_targets(seconds))
    report.add(_watched_table(sent_seconds), _landmark_targets(sent_seconds))
    report.add(*_others(sequences))


def _others(sequences: Sequence[FrameSequence]) -> tuple[Table, list[Target]]:
    """The search for faces besides the user's, which a session does every few seconds."""
    settings.NATIVE_VISION = "auto"
    ms = []
    for sequence in sequences:
        image = decode(sequence.frames[0])
        began_s = time.thread_time()
        engine().beside(image, Box(0, 0, 0, 0))
        ms.append(1000 * (time.thread_time() - began_s))
    found = summary(ms)
    table = Table(
        "Search for other faces, ms", ("", "median", "mean", "p95"), [["", found.median, found.mean, found.p95]]
    )
    name = "search for other faces, a second of a session"
    return table, [Target(name, MAX_OTHERS_MS, found.median / COUNT_EVERY_S, " ms")]


def _without_requests(sequence: FrameSequence, natives: Mapping[str, str]) -> tuple[dict[str, Times], dict[str, Times]]:
    """The times of a sequence's frames, and of seconds in which it is watched."""
    first, shown = sequence.frames[0], _shown(sequence)
    ways = {BARE: _plain}
    ways |= {name: Session(native, first).frame for name, native in natives.items()}
    frames = take_turns(ways, shown, "")
    as_before = Session("off", first, each_searched)
    whole, by_dlib = Session("auto", first), Session("off", first)
    watched = {
        AS_BEFORE: lambda burst: as_before.watched_second(burst.whole),
        f"{WHOLE}, by dlib": lambda burst: by_dlib.watched_second(burst.whole),
        WHOLE: lambda burst: whole.watched_second(burst.whole),
    }
    for name, native in natives.items():
        watched[f"{CROPS}{name.removeprefix(OURS)}"] = _crops(Session(native, first))
    return frames, take_turns(watched, [_burst(sequence)] * BURSTS, "")


def _plain(data: bytes) -> Sample:
    return pipelines.neck(PlainEngine)(Item(data))


def _crops(session: Session) -> Callable[[Burst], Sample]:
    return lambda burst: session.watched_second(burst.crops)


def _with_requests(sequence: FrameSequence, workers: Mapping[str, Worker]) -> tuple[dict[str, Times], dict[str, Times]]:
    first, burst = sequence.frames[0], _burst(sequence)
    sessions = {name: http_requests.Session(worker, first) for name, worker in workers.items()}
    bare = {BARE: http_requests.bare(_plain)}
    frames = take_turns(bare | {name: session.frame for name, session in sessions.items()}, _shown(sequence), "")
    seconds = {
        f"{what}{name.removeprefix(OURS)}": _sent(session, pictures)
        for what, pictures in ((WHOLE, burst.whole), (CROPS, burst.crops))
        for name, session in sessions.items()
    }
    if face := find_face(decode(first)):
        private = http_requests.LandmarkSession(workers[OURS], face.points.tolist())
        seconds[LANDMARKS] = lambda _: _by_the_second(
            private.landmarks(LANDMARK_FRAMES, BURST_FRAME_EVERY_S), LANDMARK_FRAMES
        )
    return frames, take_turns(seconds, range(BURSTS), "")


def _sent(session: http_requests.Session, frames: Sequence[Frame]) -> Callable[[int], Sample]:
    return lambda _: _by_the_second(session.burst(frames, BURST_FRAME_EVERY_S))


def _by_the_second(sample: Sample, frames: int = WATCH_FRAMES) -> Sample:
    sample.ms = {name: ms / (frames * BURST_FRAME_EVERY_S) for name, ms in sample.ms.items()}
    return sample


def _shown(sequence: FrameSequence) -> list[bytes]:
    """Forwards and backwards, without a jump in between."""
    frames = sequence.frames
    return list(chain.from_iterable(frames if turn % 2 == 0 else frames[::-1] for turn in range(TURNS)))


def _burst(sequence: FrameSequence) -> Burst:
    """The first picture is whole in any case."""
    face = find_face(decode(sequence.frames[0]))
    images = [decode(data) for data in (*sequence.frames, *sequence.frames[::-1])]
    whole = [read_frame(jpeg(image, BURST_QUALITY)) for image in images]
    height, width = images[0].shape[:2]
    crops = whole
    if face and (area := surroundings(face.box, width, height)):
        parts = [image[area.top : area.bottom, area.left : area.right] for image in images]
        place = Crop(area.left, area.top, width, height)
        crops = [replace(read_frame(jpeg(part, BURST_QUALITY)), crop=place) for part in parts]
    return Burst(*(list(islice(cycle(pictures), WATCH_FRAMES)) for pictures in (whole, [whole[0], *crops[1:]])))


def surroundings(box: Box, width: int, height: int) -> Box | None:
    """The part of a picture that the page sends, right and bottom outside; None if it sends the whole."""
    margin, step = CROP_MARGIN * (box.right - box.left), CROP_STEP_PX
    left, top = (max(0, step * int((edge - margin) // step)) for edge in (box.left, box.top))
    right, bottom = (
        min(end, step * -int(-(edge + margin) // step)) for edge, end in ((box.right, width), (box.bottom, height))
    )
    is_small = (right - left) * (bottom - top) < MAX_CROP_SHARE * width * height
    return Box(left, top, right, bottom) if is_small else None


def _frame_targets(times: Mapping[str, Times]) -> list[Target]:
    by_medians, by_means = ratios(times[BARE], times[OURS])
    label = "session frame against the plain pipeline"
    return [times_faster(f"{label}, medians", 30, by_medians), times_faster(f"{label}, means", 25, by_means)]


def _request_targets(times: Mapping[str, Times]) -> list[Target]:
    return [times_faster("session request against the plain pipeline", 13, ratios(times[BARE], times[OURS])[0])]


def _second_targets(times: Mapping[str, Times]) -> list[Target]:
    cheaper = ratios(times[AS_BEFORE], times[CROPS])[0]
    return [times_faster("watched second, crops against whole pictures as before", 4, cheaper)]


def _landmark_targets(times: Mapping[str, Times]) -> list[Target]:
    return [times_faster("watched second, landmarks against crops", 15, ratios(times[CROPS], times[LANDMARKS])[1])]


def _watched_table(times: Mapping[str, Times]) -> Table:
    people = 1000 * LOAD_SHARE / summary(times[CROPS][TOTAL]).mean
    notes = [
        f"Bursts of {WATCH_FRAMES} frames, and landmarks of {LANDMARK_FRAMES}, {BURST_INTERVAL_MS} ms apart, one after "
        f"the other: what sessions ask for while nothing is in doubt. By the mean, a core that "
        f"is busy {LOAD_SHARE:.0%} of the time watches {people:.0f} people whose pages send crops.",
    ]
    return comparison("A watched second, whole requests, ms", times, WHOLE, (WALL,), notes)
