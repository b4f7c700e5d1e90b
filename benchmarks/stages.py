"""Frames without a request around them: the plain pipeline and ours, stage by stage on the same frames."""

from collections.abc import Callable, Mapping, Sequence
from itertools import product
from pathlib import Path

from ai_models.vision.descriptor import CHIP_PADDING, open_network, open_quick_network
from ai_models.vision.resnet_layers import CHIP_PX
from benchmarks import frames, pipelines, plain
from benchmarks.figures import Target, ratio, summary, times_faster
from benchmarks.frames import WEBCAM, FrameSequence, at_size
from benchmarks.pipelines import OURS, Item
from benchmarks.plain import ALIGNMENT, DESCRIPTOR, FIND, LANDMARKS, STAGES
from benchmarks.report import Report, Table
from benchmarks.turns import TOTAL, Sample, Times, Way, comparison, ratios, take_turns
from tests import pictures

SIZES = ((320, 240), (640, 480), (1280, 720))
ENCODERS: dict[str, Callable[..., bytes]] = {"JPEG": lambda image: pictures.jpeg(image, 90), "PNG": pictures.png}
PLAIN, BY_DLIB = "plain", "ours by dlib"
NECK, BLINK = "frame with identity", "blink frame"

Ways = Mapping[str, Way[Item]]


def measure(
    report: Report,
    cache: Path,
    sequences: Sequence[FrameSequence],
    small: Sequence[FrameSequence],
    main: int,
    other: int,
) -> tuple[dict[str, float], dict[str, float]]:
    """Adds the tables; returns the medians of plain's stages and of ours, on `main` webcam frames."""
    kinds = {NECK: neck_ways(cache), BLINK: blink_ways(cache)}
    webcam = items(frames.some(sequences, main), WEBCAM, "JPEG")
    chip_ms = alignment_ms(webcam[:other])
    times = {kind: warm_turns(ways, webcam, kind) for kind, ways in kinds.items()}
    report.add(stage_table("640×480 JPEG", times[NECK], chip_ms), _targets(times))
    for kind, found in times.items():
        report.add(comparison(f"640×480 JPEG, {kind}, ms", found, PLAIN, (FIND, LANDMARKS)))
    for size, encoding in product(SIZES, ENCODERS):
        if (size, encoding) != (WEBCAM, "JPEG"):
            others = items(frames.some(sequences, other), size, encoding)
            title, ways = f"{size[0]}×{size[1]} {encoding}", {name: kinds[NECK][name] for name in (PLAIN, OURS)}
            report.add(stage_table(title, warm_turns(ways, others, title), alignment_ms(others)))
    for kind, ways in kinds.items():
        found = warm_turns(ways, items(small, WEBCAM, "JPEG"), "small faces")
        report.add(comparison(f"Face of 60 to 100 px, {kind}, ms", found, PLAIN, (FIND, LANDMARKS)))
    empty = items(frames.made_empty(other), WEBCAM, "JPEG")
    found = warm_turns(kinds[BLINK], empty, "no face", with_face=False)
    report.add(comparison("No face, ms", found, PLAIN, (FIND,)), _empty_targets(found))
    return plain_medians(times[NECK][PLAIN], chip_ms), medians(times[NECK][OURS])


def neck_ways(cache: Path) -> dict[str, Way[Item]]:
    """Plain, ours as a start chooses it on this machine, and ours otherwise."""
    exact, quick = open_network(cache), open_quick_network(cache)
    used, backends = quick or exact, pipelines.backends(cache)
    found = {PLAIN: pipelines.PLAIN.neck}
    found |= {name: pipelines.ours(used, backend).neck for name, backend in backends.items()}
    found["ours, near"] = pipelines.ours(used, backends[OURS], use_near=True).neck
    found["ours, exact search"] = pipelines.ours(used, backends[OURS], exact=True).neck
    return found | ({"ours in float32": pipelines.ours(exact, backends[OURS]).neck} if quick else {})


def blink_ways(cache: Path) -> dict[str, Way[Item]]:
    network = open_network(cache)
    ours = {name: pipelines.ours(network, backend).blink for name, backend in pipelines.backends(cache).items()}
    return {PLAIN: pipelines.PLAIN.blink} | ours


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


def warm_turns(ways: Ways, frames: Sequence[Item], label: str, *, with_face: bool = True) -> dict[str, Times]:
    for way in ways.values():
        way(frames[0])
    return take_turns(ways, frames, label, with_face=with_face)


def alignment_ms(frames: Sequence[Item]) -> float:
    """The median of dlib's alignment alone, which is part of the plain descriptor."""
    import dlib

    taken = []
    for frame in frames:
        image = plain.decode(frame.data)
        if face := plain.find_face(image):
            box = dlib.rectangle(face.box.left, face.box.top, face.box.right, face.box.bottom)
            shape = dlib.full_object_detection(box, [dlib.point(x, y) for x, y in face.points.tolist()])
            sample = Sample()
            dlib.get_face_chip(image, shape, size=CHIP_PX, padding=CHIP_PADDING)
            sample.mark()
            taken.append(sample.ms[TOTAL])
    return summary(taken).median


def medians(times: Times) -> dict[str, float]:
    return {name: summary(times[name]).median if name in times else 0.0 for name in (*STAGES, TOTAL)}


def plain_medians(times: Times, chip_ms: float) -> dict[str, float]:
    """With the alignment taken out of the descriptor."""
    stages = medians(times)
    return stages | {ALIGNMENT: chip_ms, DESCRIPTOR: max(0.0, stages[DESCRIPTOR] - chip_ms)}


def stage_table(title: str, times: Mapping[str, Times], chip_ms: float) -> Table:
    """Plain against ours at one size and format: each stage's median, and whole frames."""
    theirs, mine = plain_medians(times[PLAIN], chip_ms), medians(times[OURS])
    rows: list[list[object]] = [
        [name, theirs[name], mine[name], ratio(theirs[name] / mine[name])] for name in (*STAGES, TOTAL)
    ]
    rows.append([f"{TOTAL}, mean", *_means(times), ratio(ratios(times[PLAIN], times[OURS])[1])])
    header = ("stage", "plain", "ours", "ratio")
    return Table(f"{title}, stages of a frame with identity, ms ({len(times[OURS][TOTAL])})", header, rows)


def _means(times: Mapping[str, Times]) -> list[float]:
    return [summary(times[name][TOTAL]).mean for name in (PLAIN, OURS)]


def _targets(times: Mapping[str, Mapping[str, Times]]) -> list[Target]:
    return [
        times_faster(f"{kind} against the plain pipeline", limit, ratios(times[kind][PLAIN], times[kind][OURS])[0])
        for kind, limit in ((NECK, 10), (BLINK, 3))
    ]


def _empty_targets(times: Mapping[str, Times]) -> list[Target]:
    if BY_DLIB not in times:
        return []
    label = "frame without a face against the same by dlib"
    return [times_faster(label, 2.2, ratios(times[BY_DLIB], times[OURS])[0])]
