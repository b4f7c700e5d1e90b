"""Sessions against the plain pipeline: single frames, and seconds in which the eyes are watched.

With and without the request around them. All ways take turns on the same sequences. Each is shown forwards and
backwards, a frame a second: so a face stays where it was, and its owner is verified as often as in a session. Needs
Django set up.
"""

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import chain, cycle, islice
from typing import NamedTuple

from django.conf import settings

from ai_models.analysis import AnalysisPlan, Crop, FrameAnalysis
from ai_models.landmarks import Box, Face
from ai_models.monitoring import monitor
from ai_models.monitoring.alarms import AlarmSettings
from ai_models.monitoring.observation import Observation
from ai_models.monitoring.pacing import BURST_INTERVAL_MS, COUNT_EVERY_S, LANDMARK_FRAMES, WATCH_FRAMES, plan_next_frame
from ai_models.monitoring.status import status
from ai_models.templates import Template, Templates
from ai_models.vision.faces import find_face
from ai_models.vision.frame import Frame, read_frame
from benchmarks import client, http_requests, landmarks, pipelines
from benchmarks.environment import Run
from benchmarks.frames import FrameSequence
from benchmarks.pipelines import OURS, WITH_IDENTITY, Item
from benchmarks.plain import PlainEngine, decode
from benchmarks.report import Report, Table, Target, median, stats
from benchmarks.turns import TOTAL, WALL, Sample, T, Times, Way, comparison, faster, joined, sampled, take_turns
from detections.vision import analyze, analyze_frames, engine
from tests.gunicorn_server import Server
from tests.pictures import jpeg

FRAME_EVERY_S, BURST_FRAME_EVERY_S = 1.0, BURST_INTERVAL_MS / 1000
BARE, AS_BEFORE = "plain pipeline", "whole pictures, each searched, by dlib"
WHOLE, CROPS, LANDMARKS = "whole pictures", "crops", "landmarks"
AGAINST_PLAIN = "session frame against the plain pipeline"
CROP_MARGIN, CROP_STEP_PX, MAX_CROP_SHARE, BURST_QUALITY = 0.6, 16, 0.7, 70  # the page's own: see camera.js
MAX_OTHERS_MS = 3.0  # of a second of a session
LOAD_SHARE = 0.65  # of a core: docs/scaling.md
NOTE = (
    f"Bursts of {WATCH_FRAMES} frames, and landmarks of {LANDMARK_FRAMES}, {BURST_INTERVAL_MS} ms apart, one after "
    "the other: what sessions ask for while nothing is in doubt. By the mean, a core that "
    f"is busy {LOAD_SHARE:.0%} of the time watches {{people:.0f}} people whose pages send crops."
)

Ways = tuple[dict[str, Way[bytes]], dict[str, Way[int]]]  # of frames, and of watched seconds


class Shown(NamedTuple):
    """A sequence's first frame and its face, and a burst of two seconds: whole, and as the page sends it."""

    first: bytes
    face: Face | None
    whole: list[Frame]
    crops: list[Frame]


class Session:
    """A session as detections/sessions runs it, without its database. native: its NATIVE_VISION."""

    def __init__(
        self,
        native: str,
        first: bytes,
        analyze: Callable[[Sequence[Frame], AnalysisPlan], Iterable[FrameAnalysis]] = analyze_frames,
    ) -> None:
        self.state = monitor.start(0.0, baseline=landmarks.BASELINE)
        self._native, self._analyze = native, analyze
        self._templates: Templates = ()
        self._now = 0.0
        self.frame(first)  # without a face nearby it takes longer

    def frame(self, data: bytes) -> Sample:
        return sampled(partial(self._observe, FRAME_EVERY_S))([read_frame(data)])

    def burst(self, frames: Sequence[Frame]) -> Sample:
        return sampled(partial(self._observe, BURST_FRAME_EVERY_S))(frames)

    def _observe(self, every_s: float, frames: Sequence[Frame]) -> FrameAnalysis | None:
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


def measure(
    report: Report, run: Run, *, main: int = 120, requested: int = 6, turns: int = 4, bursts: int = 4, mesh_s: int = 200
) -> None:
    """main: frames. requested: so many sequences are sent as requests, too. turns, bursts: of each. mesh_s: meshes."""
    sequences, natives = run.frames(report, main), pipelines.natives(run.cache)
    _plain(sequences[0][0])  # loads the models
    with report.part("sessions"):
        times, seconds = _take_turns(sequences, turns, bursts, partial(_in_process, natives))
    with report.part("requests"), http_requests.variants(run.service, run.cache) as servers:
        chosen = sequences[:: max(1, len(sequences) // requested)][:requested]
        sent, sent_seconds = _take_turns(chosen, turns, bursts, partial(_sent, servers))
    report.add(
        comparison("A session's frame, vision and judging, ms", times, BARE),
        faster(f"{AGAINST_PLAIN}, medians", 30, times[BARE], times[OURS]),
        faster(f"{AGAINST_PLAIN}, means", 25, times[BARE], times[OURS], by_means=True),
    )
    report.add(
        comparison("A session's frame, whole request, ms", sent, BARE, (WALL,)),
        faster("session request against the plain pipeline", 13, sent[BARE], sent[OURS]),
    )
    report.add(
        comparison("A watched second, vision and judging, ms", seconds, AS_BEFORE),
        faster("watched second, crops against whole pictures as before", 4, seconds[AS_BEFORE], seconds[CROPS]),
    )
    crops, private = sent_seconds[CROPS], sent_seconds[LANDMARKS]
    note = NOTE.format(people=1000 * LOAD_SHARE / stats(crops[TOTAL], "mean")["mean"])
    report.add(
        comparison("A watched second, whole requests, ms", sent_seconds, WHOLE, (WALL,), note),
        faster("watched second, landmarks against crops", 15, crops, private, by_means=True),
    )
    settings.NATIVE_VISION = "auto"
    search: Way[FrameSequence] = sampled(lambda sequence: engine().beside(decode(sequence[0]), Box(0, 0, 0, 0)))
    ms = [search(sequence).ms[TOTAL] for sequence in sequences]
    report.add(
        Table("Search for other faces, ms", [{"": "", **stats(ms, "median", "mean", "p95")}]),
        Target("search for other faces, a second of a session", MAX_OTHERS_MS, median(ms) / COUNT_EVERY_S, " ms"),
    )
    landmarks.measure(report, sequences[0][0], mesh_s)


def _take_turns(
    sequences: Sequence[FrameSequence], turns: int, bursts: int, ways_on: Callable[[Shown], Ways]
) -> tuple[dict[str, Times], dict[str, Times]]:
    """Forwards and backwards, without a jump in between."""
    frames, seconds = [], []
    for sequence in sequences:
        of_frames, of_seconds = ways_on(_shown(sequence))
        in_turn = list(chain.from_iterable(sequence[:: 1 if turn % 2 == 0 else -1] for turn in range(turns)))
        frames.append(take_turns({BARE: _plain} | of_frames, in_turn, "a sequence's frames"))
        seconds.append(take_turns(of_seconds, range(bursts), "its watched seconds"))
    return joined(frames), joined(seconds)


def _in_process(natives: Mapping[str, str], shown: Shown) -> Ways:
    seconds = {
        AS_BEFORE: _second(Session("off", shown.first, each_searched).burst, shown.whole),
        f"{WHOLE}, by dlib": _second(Session("off", shown.first).burst, shown.whole),
        WHOLE: _second(Session("auto", shown.first).burst, shown.whole),
    }
    for name, native in natives.items():
        seconds[f"{CROPS}{name.removeprefix(OURS)}"] = _second(Session(native, shown.first).burst, shown.crops)
    return {name: Session(native, shown.first).frame for name, native in natives.items()}, seconds


def _sent(servers: Mapping[str, Server], shown: Shown) -> Ways:
    sessions = {name: client.Session(server, shown.first) for name, server in servers.items()}
    seconds = {
        f"{what}{name.removeprefix(OURS)}": _second(partial(session.burst, every_s=BURST_FRAME_EVERY_S), pictures)
        for what, pictures in ((WHOLE, shown.whole), (CROPS, shown.crops))
        for name, session in sessions.items()
    }
    if shown.face:
        private = client.Session(servers[OURS], shown.first, shown.face.points.tolist())
        send = partial(private.landmarks, every_s=BURST_FRAME_EVERY_S)
        seconds[LANDMARKS] = _second(lambda times: send(len(times)), range(LANDMARK_FRAMES))
    return {name: partial(session.frame, every_s=FRAME_EVERY_S) for name, session in sessions.items()}, seconds


def _second(burst: Callable[[Sequence[T]], Sample], pictures: Sequence[T]) -> Way[int]:
    """A burst's times, by the second."""

    def run(_: int) -> Sample:
        sample = burst(pictures)
        sample.ms = {name: ms / (len(pictures) * BURST_FRAME_EVERY_S) for name, ms in sample.ms.items()}
        return sample

    return run


def each_searched(frames: Sequence[Frame], plan: AnalysisPlan) -> Iterable[FrameAnalysis]:
    """As bursts were analysed before: each frame is searched around the face in the one before."""
    for frame in frames:
        analysis = analyze(frame, plan)
        yield analysis
        plan = AnalysisPlan(near=analysis.face.box if analysis.face else None, measures=True)


def _plain(data: bytes) -> Sample:
    return pipelines.way(PlainEngine, WITH_IDENTITY)(Item(data))


def _shown(frames: FrameSequence) -> Shown:
    """The first picture of a burst is whole in any case."""
    images = [decode(data) for data in (*frames, *frames[::-1])]
    face, (height, width) = find_face(images[0]), images[0].shape[:2]
    whole = crops = [read_frame(jpeg(image, BURST_QUALITY)) for image in images]
    if face and (area := surroundings(face.box, width, height)):
        parts = [image[area.top : area.bottom, area.left : area.right] for image in images]
        place = Crop(area.left, area.top, width, height)
        crops = [dataclasses.replace(read_frame(jpeg(part, BURST_QUALITY)), crop=place) for part in parts]
    whole, crops = (list(islice(cycle(pictures), WATCH_FRAMES)) for pictures in (whole, [whole[0], *crops[1:]]))
    return Shown(frames[0], face, whole, crops)


def surroundings(box: Box, width: int, height: int) -> Box | None:
    """The part of a picture that the page sends, right and bottom outside; None if it sends the whole."""
    margin, step = CROP_MARGIN * (box.right - box.left), CROP_STEP_PX
    left, top = (max(0, step * int((edge - margin) // step)) for edge in (box.left, box.top))
    right, bottom = (
        min(end, step * -int(-(edge + margin) // step)) for edge, end in ((box.right, width), (box.bottom, height))
    )
    is_small = (right - left) * (bottom - top) < MAX_CROP_SHARE * width * height
    return Box(left, top, right, bottom) if is_small else None
