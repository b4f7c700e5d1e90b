"""The plain pipeline and ours, stage by stage on the same frames.

Processor time of one thread. They take turns in blocks of frames: each runs with its own caches warm, as in
production, and all see the same background load.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ai_models.landmarks import Box
from ai_models.vision.backend import DLIB, Backend
from ai_models.vision.descriptor import CHIP_PADDING, Network
from ai_models.vision.resnet_layers import CHIP_PX
from benchmarks import pipelines, plain
from benchmarks.figures import ratio, summary, timed, with_progress
from benchmarks.frames import FrameSequence, at_size
from benchmarks.plain import ALIGNMENT, DESCRIPTOR, FIND, LANDMARKS, STAGES, Mark
from benchmarks.report import Table
from tests import pictures

BLOCK = 10  # frames that one pipeline takes before the next one's turn
SIZES = ((320, 240), (640, 480), (1280, 720))
ENCODERS: dict[str, Callable[..., bytes]] = {"JPEG": lambda image: pictures.jpeg(image, 90), "PNG": pictures.png}
PLAIN, OURS, NEAR, EXACT, INT8 = "plain", "ours", "near", "exact", "int8"
PLAIN_BLINK, OURS_BLINK = "plain blink", "our blink"
BY_DLIB = ", by dlib"  # the same without the library in C
TOTAL = "sum"

Run = Callable[[bytes, Box | None, Mark], object]
Times = Mapping[str, NDArray[np.float64]]  # milliseconds of each stage and their sum, a value for each frame


@dataclass(frozen=True, slots=True)
class Item:
    """A frame as it is sent, and the face's box in the frame before."""

    data: bytes
    near: Box | None


class Clock:
    """Milliseconds of this thread's processor time from mark to mark, added up by stage."""

    def __init__(self) -> None:
        self.ms: dict[str, float] = {}
        self._start = self._last = time.thread_time_ns()

    def mark(self, stage: str) -> None:
        now = time.thread_time_ns()
        self.ms[stage] = self.ms.get(stage, 0.0) + (now - self._last) / 1e6
        self.ms[TOTAL] = (now - self._start) / 1e6
        self._last = now


def runs(network: Network, backend: Backend, quick: Network | None = None) -> dict[str, Run]:
    """The plain pipeline, and each way of ours: by the backend, and by dlib if that is another one.

    quick: the descriptor network in 8-bit integers, if this machine can use it.
    """
    plain_runs = {PLAIN: pipelines.PLAIN.neck, PLAIN_BLINK: pipelines.PLAIN.blink}
    in_integers = {} if quick is None else {INT8: pipelines.ours(quick, backend).neck}
    by_dlib = {name + BY_DLIB: run for name, run in _our_runs(network, DLIB).items()} if backend is not DLIB else {}
    return in_integers | plain_runs | _our_runs(network, backend) | by_dlib


def _our_runs(network: Network, backend: Backend) -> dict[str, Run]:
    ours = pipelines.ours(network, backend)
    return {
        OURS: ours.neck,
        NEAR: pipelines.ours(network, backend, use_near=True).neck,
        EXACT: pipelines.ours(network, backend, exact=True).neck,
        OURS_BLINK: ours.blink,
    }


def items(sequences: Sequence[FrameSequence], size: tuple[int, int], encoding: str) -> list[Item]:
    """The frames at a size and in a format; JPEGs of that size stay as they are."""
    found = []
    for sequence in sequences:
        near = None
        for data in sequence.frames:
            image = pipelines.decode(data)
            if (image.shape[1], image.shape[0], encoding) != (*size, "JPEG"):
                image = at_size(image, *size)
                data = ENCODERS[encoding](image)
            found.append(Item(data, near))
            face = pipelines.find_face(image)
            near = face.box if face else None
    return found


def measure(what: Mapping[str, Run], frames: Sequence[Item], label: str, *, with_face: bool = True) -> dict[str, Times]:
    """The times of every pipeline, on the frames in which all find a face, or none does."""
    for run in what.values():
        for frame in frames[:2]:
            run(frame.data, frame.near, plain.no_mark)
    clocks: dict[str, list[Clock | None]] = {name: [] for name in what}
    for start in with_progress(range(0, len(frames), BLOCK), label, "block"):
        # The first one changes, so that no pipeline always follows the same other.
        order = list(what.items()) if start // BLOCK % 2 == 0 else list(what.items())[::-1]
        for name, run in order:
            for frame in frames[start : start + BLOCK]:
                clock = Clock()
                found = run(frame.data, frame.near, clock.mark) is not None
                clocks[name].append(clock if found == with_face else None)
    agreed = [index for index, row in enumerate(zip(*clocks.values(), strict=True)) if all(row)]
    return {name: _times([taken for index in agreed if (taken := row[index])]) for name, row in clocks.items()}


def alignment_ms(frames: Sequence[Item]) -> float:
    """The median of dlib's alignment alone, which is part of the plain descriptor."""
    import dlib

    taken = []
    for frame in frames:
        image = plain.decode(frame.data)
        if face := plain.find_face(image):
            box = dlib.rectangle(face.box.left, face.box.top, face.box.right, face.box.bottom)
            shape = dlib.full_object_detection(box, [dlib.point(x, y) for x, y in face.points.tolist()])
            taken.append(timed(dlib.get_face_chip, image, shape, size=CHIP_PX, padding=CHIP_PADDING)[1])
    return summary(taken).median


def ratios(plain_times: Times, our_times: Times) -> tuple[float, float]:
    """Plain over ours: of the medians, and the median over blocks of frames."""
    theirs, mine = plain_times[TOTAL], our_times[TOTAL]
    starts = range(0, len(mine), BLOCK)
    blocks = [theirs[start : start + BLOCK].sum() / mine[start : start + BLOCK].sum() for start in starts]
    return summary(theirs).median / summary(mine).median, summary(blocks).median


def medians(times: Times) -> dict[str, float]:
    return {name: summary(times[name]).median if name in times else 0.0 for name in STAGES}


def plain_medians(times: Times, chip_ms: float) -> dict[str, float]:
    """With the alignment taken out of the descriptor."""
    stages = medians(times)
    return stages | {ALIGNMENT: chip_ms, DESCRIPTOR: max(0.0, stages[DESCRIPTOR] - chip_ms)}


def stage_table(title: str, times: Mapping[str, Times], chip_ms: float) -> Table:
    """Plain against ours at one size and format: each stage's median, and whole frames."""
    theirs, mine = summary(times[PLAIN][TOTAL]), summary(times[OURS][TOTAL])
    plain_stages, our_stages = plain_medians(times[PLAIN], chip_ms), medians(times[OURS])
    pairs = {name: (plain_stages[name], our_stages[name]) for name in STAGES}
    if INT8 in times:
        pairs[f"{DESCRIPTOR} in int8, not part of the sum"] = plain_stages[DESCRIPTOR], medians(times[INT8])[DESCRIPTOR]
    pairs[TOTAL] = theirs.median, mine.median
    pairs[f"{TOTAL}, 95th percentile"] = theirs.p95, mine.p95
    pairs[f"{TOTAL}, mean"] = theirs.mean, mine.mean
    rows: list[list[object]] = [
        [name, *pair, ratio(pair[0] / pair[1] if pair[1] else 0)] for name, pair in pairs.items()
    ]
    rows.append([f"{TOTAL}, median ratio of blocks", "", "", ratio(ratios(times[PLAIN], times[OURS])[1])])
    return Table(f"{title}, ms a frame ({mine.count} frames)", ("stage", "plain", "ours", "ratio"), rows)


def paths_table(title: str, times: Mapping[str, Times]) -> Table:
    """Whole frames of all pipelines, and the plain one's time over each."""
    rows = []
    for name, mine in times.items():
        theirs = times[PLAIN_BLINK if "blink" in name else PLAIN]
        stages, total = medians(mine), summary(mine[TOTAL])
        figures = stages[FIND], stages[LANDMARKS], total.median, total.p95
        rows.append([name, *figures, *map(ratio, ratios(theirs, mine))])
    header = ("pipeline", "find", "landmarks", "sum", "sum p95", "ratio of medians", "of blocks")
    return Table(f"{title}, ms a frame ({len(times[PLAIN][TOTAL])} frames)", header, rows)


def _times(clocks: Sequence[Clock]) -> Times:
    names = {TOTAL, *(name for clock in clocks for name in clock.ms)}
    return {name: np.array([clock.ms.get(name, 0.0) for clock in clocks]) for name in names}
