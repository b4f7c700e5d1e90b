"""The plain pipeline and ours, stage by stage on the same frames.

They take turns in blocks of frames: each runs with its own caches warm, as in production, and both see the same noise
of the machine.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ai_models.landmarks import Box, Face
from ai_models.posture import ContractBaseline
from ai_models.vision.descriptor import CHIP_PADDING, Network
from ai_models.vision.frame import Image
from ai_models.vision.resnet import CHIP_PX
from benchmarks import frames, ours, plain
from benchmarks.frames import FrameSequence
from benchmarks.plain import ALIGNMENT, DESCRIPTOR, FIND, LANDMARKS, STAGES, Mark
from benchmarks.stats import Progress, Summary, number, ratio, summary
from evaluation.tables import Table

BLOCK = 10  # frames that one pipeline takes before the next one's turn
SIZES = ((320, 240), (640, 480), (1280, 720))
ENCODERS = {"JPEG": frames.jpeg, "PNG": frames.png}
ANY_BASELINE = ContractBaseline(face_x=150, face_y=240, nose_to_center=20)  # the verdict's time does not depend on it

PLAIN, OURS, NEAR, EXACT = "plain", "ours", "near", "exact"
PLAIN_BLINK, OURS_BLINK = "plain blink", "our blink"
TOTAL = "sum"

Run = Callable[[bytes, Box | None, Mark], object]


@dataclass(frozen=True, slots=True)
class Item:
    """A frame as it is sent, and where the face was in the one before."""

    data: bytes
    near: Box | None


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds of one pipeline on all frames: the sum of each frame, and its stages; in the frames' order."""

    sums: NDArray[np.float64]
    stages: Mapping[str, NDArray[np.float64]]

    @property
    def sum(self) -> Summary:
        return summary(self.sums)

    def stage(self, name: str) -> float:
        return summary(self.stages[name]).median if name in self.stages else 0.0


class Clock:
    """Milliseconds from mark to mark, added up by the stage's name."""

    def __init__(self) -> None:
        self.stages: dict[str, float] = {}
        self._start = self._last = time.perf_counter_ns()

    def mark(self, stage: str) -> None:
        now = time.perf_counter_ns()
        self.stages[stage] = self.stages.get(stage, 0.0) + (now - self._last) / 1e6
        self._last = now

    @property
    def sum(self) -> float:
        return (self._last - self._start) / 1e6


def pipelines(network: Network) -> dict[str, Run]:
    """What is measured, by name."""
    return {
        PLAIN: lambda data, _, mark: plain.neck(data, ANY_BASELINE, mark),
        OURS: lambda data, _, mark: ours.neck(data, ANY_BASELINE, network, mark),
        NEAR: lambda data, near, mark: ours.neck(data, ANY_BASELINE, network, mark, ours.find_near(near)),
        EXACT: lambda data, _, mark: ours.neck(data, ANY_BASELINE, network, mark, ours.find_exactly),
        PLAIN_BLINK: lambda data, _, mark: plain.blink(data, mark),
        OURS_BLINK: lambda data, _, mark: ours.blink(data, mark),
    }


def items(sequences: Sequence[FrameSequence], size: tuple[int, int], encoding: str) -> list[Item]:
    """The frames at another size and in another format; JPEG at their own size are left as they are."""
    made = []
    for each in sequences:
        near = None
        for data in each.frames:
            image = ours.decode(data)
            if (image.shape[1], image.shape[0], encoding) != (*size, "JPEG"):
                image = frames.at_size(image, *size)
                data = ENCODERS[encoding](image)
            made.append(Item(data, near))
            face = ours.find_face(image)
            near = face.box if face else None
    return made


def measure(
    what: Mapping[str, Run], these: Sequence[Item], progress: Progress, *, with_face: bool = True
) -> dict[str, Times]:
    """Times of every pipeline on the frames in which all find a face, or none does."""
    for run in what.values():
        for item in these[:2]:
            run(item.data, item.near, plain.no_mark)
    clocks: dict[str, list[Clock | None]] = {name: [] for name in what}
    for start in range(0, len(these), BLOCK):
        # Who begins changes, so that nobody always comes after the same other.
        order = list(what.items()) if start // BLOCK % 2 == 0 else list(what.items())[::-1]
        for name, run in order:
            for item in these[start : start + BLOCK]:
                clock = Clock()
                found = run(item.data, item.near, clock.mark) is not None
                clocks[name].append(clock if found == with_face else None)
        progress.update(len(these[start : start + BLOCK]))
    in_all = [place for place, each in enumerate(zip(*clocks.values(), strict=True)) if all(each)]
    return {name: _times([taken for place in in_all if (taken := each[place])]) for name, each in clocks.items()}


def chip_times(these: Sequence[Item]) -> float:
    """Milliseconds of dlib's alignment alone, which the plain descriptor has inside; the median."""
    taken = []
    for item in these:
        image = plain.decode(item.data)
        face = plain.find_face(image)
        if face:
            taken.append(_chip_time(image, face))
    return summary(taken).median


def ratios(plain_times: Times, our_times: Times) -> tuple[float, float]:
    """Plain over ours: of the medians, and the median over blocks of frames."""
    if not len(our_times.sums):
        return float("nan"), float("nan")
    blocks = [
        plain_times.sums[start : start + BLOCK].sum() / our_times.sums[start : start + BLOCK].sum()
        for start in range(0, len(our_times.sums), BLOCK)
    ]
    return plain_times.sum.median / our_times.sum.median, float(np.median(blocks))


def stage_table(title: str, times: Mapping[str, Times], chip_ms: float) -> Table:
    """One size and format: each stage's median, plain against ours."""
    theirs, mine = plain_stages(times[PLAIN], chip_ms), {name: times[OURS].stage(name) for name in STAGES}
    rows = [
        [name, number(theirs[name]), number(mine[name]), ratio(theirs[name] / mine[name]) if mine[name] else "-"]
        for name in STAGES
    ]
    of_medians, of_blocks = ratios(times[PLAIN], times[OURS])
    sums = times[PLAIN].sum, times[OURS].sum
    rows.append([TOTAL, *(number(each.median) for each in sums), ratio(of_medians)])
    rows.append(["sum, 95th percentile", *(number(each.p95) for each in sums), ratio(sums[0].p95 / sums[1].p95)])
    rows.append(["sum, mean", *(number(each.mean) for each in sums), ratio(sums[0].mean / sums[1].mean)])
    rows.append(["sum, median ratio of blocks", "", "", ratio(of_blocks)])
    return Table(f"{title}, ms a frame ({sums[1].count} frames)", ("stage", "plain", "ours", "ratio"), rows)


def plain_stages(times: Times, chip_ms: float) -> dict[str, float]:
    """Each stage's median, with the alignment taken out of the descriptor."""
    stages = {name: times.stage(name) for name in STAGES}
    return stages | {ALIGNMENT: chip_ms, DESCRIPTOR: max(0.0, stages[DESCRIPTOR] - chip_ms)}


def paths_table(title: str, times: Mapping[str, Times]) -> Table:
    """All pipelines at one size: whole frames, plain over each."""
    rows = []
    for name, mine in times.items():
        theirs = times[PLAIN_BLINK] if "blink" in name else times[PLAIN]
        rows.append(
            [
                name,
                *(number(each) for each in (mine.stage(FIND), mine.stage(LANDMARKS), mine.sum.median, mine.sum.p95)),
                *(ratio(each) for each in ratios(theirs, mine)),
            ]
        )
    count = times[PLAIN].sum.count
    header = ("pipeline", "find", "landmarks", "sum", "sum p95", "ratio of medians", "of blocks")
    return Table(f"{title}, ms a frame ({count} frames)", header, rows)


def _chip_time(image: Image, face: Face) -> float:
    import dlib

    box = dlib.rectangle(face.box.left, face.box.top, face.box.right, face.box.bottom)
    shape = dlib.full_object_detection(box, [dlib.point(x, y) for x, y in face.points.tolist()])
    start = time.perf_counter_ns()
    dlib.get_face_chip(image, shape, size=CHIP_PX, padding=CHIP_PADDING)
    return (time.perf_counter_ns() - start) / 1e6


def _times(clocks: Sequence[Clock]) -> Times:
    names = {name for clock in clocks for name in clock.stages}
    stages = {name: np.array([clock.stages.get(name, 0.0) for clock in clocks]) for name in names}
    return Times(np.array([clock.sum for clock in clocks]), stages)
