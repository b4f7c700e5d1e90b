"""Frames without a request around them: the plain pipeline and ours, stage by stage on the same frames."""

from collections.abc import Callable, Mapping, Sequence
from itertools import product
from pathlib import Path

from benchmarks import frames
from benchmarks.figures import summary, times_faster
from benchmarks.frames import WEBCAM, FrameSequence, at_size
from benchmarks.pipelines import DECODE, OURS, PLAIN, STAGES, Item, blink_ways, find_face, neck_ways
from benchmarks.plain import FIND, LANDMARKS, decode
from benchmarks.report import Report
from benchmarks.turns import TOTAL, Times, Way, comparison, ratios, take_turns
from tests import pictures

SIZES = ((320, 240), (640, 480), (1280, 720))
ENCODERS: dict[str, Callable[..., bytes]] = {"JPEG": lambda image: pictures.jpeg(image, 90), "PNG": pictures.png}
BY_DLIB = "ours by dlib"
NECK, BLINK = "frame with identity", "blink frame"
LIMITS = {NECK: 10.0, BLINK: 3.0}


def measure(
    report: Report,
    cache: Path,
    sequences: Sequence[FrameSequence],
    small: Sequence[FrameSequence],
    *,
    main: int,
    other: int,
) -> dict[str, dict[str, float]]:
    """Adds the tables; returns the medians of plain's stages and of ours, on `main` webcam frames."""
    kinds = {NECK: neck_ways(cache), BLINK: blink_ways(cache)}
    webcam = items(frames.some(sequences, main), WEBCAM, "JPEG")
    times = {kind: warm_turns(ways, webcam, kind) for kind, ways in kinds.items()}
    for kind, found in times.items():
        faster = times_faster(f"{kind} against the plain pipeline", LIMITS[kind], ratios(found[PLAIN], found[OURS])[0])
        report.add(comparison(f"640×480 JPEG, {kind}, ms", found, PLAIN, STAGES), [faster])
    for size, encoding in product(SIZES, ENCODERS):
        if (size, encoding) != (WEBCAM, "JPEG"):
            title, ways = f"{size[0]}×{size[1]} {encoding}", {name: kinds[NECK][name] for name in (PLAIN, OURS)}
            found = warm_turns(ways, items(frames.some(sequences, other), size, encoding), title)
            report.add(comparison(f"{title}, {NECK}, ms", found, PLAIN, STAGES))
    for kind, ways in kinds.items():
        found = warm_turns(ways, items(small, WEBCAM, "JPEG"), f"{kind} with a small face")
        report.add(comparison(f"Face of 60 to 100 px, {kind}, ms", found, PLAIN, (FIND, LANDMARKS)))
    found = warm_turns(kinds[BLINK], items(frames.made_empty(other), WEBCAM, "JPEG"), "no face", with_face=False)
    report.add(comparison("No face, ms", found, PLAIN, (DECODE, FIND)))
    if BY_DLIB in found:
        by = ratios(found[BY_DLIB], found[OURS])[0]
        report.targets.append(times_faster("frame without a face against the same by dlib", 2.2, by))
    return {name: _medians(times[NECK][name]) for name in (PLAIN, OURS)}


def items(sequences: Sequence[FrameSequence], size: tuple[int, int], encoding: str) -> list[Item]:
    """The frames at a size and in a format; JPEGs of that size stay as they are."""
    found = []
    for sequence in sequences:
        near = None
        for data in sequence.frames:
            image = decode(data)
            if (image.shape[1], image.shape[0], encoding) != (*size, "JPEG"):
                image = at_size(image, *size)
                data = ENCODERS[encoding](image)
            found.append(Item(data, near))
            face = find_face(image)
            near = face.box if face else None
    return found


def warm_turns(
    ways: Mapping[str, Way[Item]], frames: Sequence[Item], label: str, *, with_face: bool = True
) -> dict[str, Times]:
    for way in ways.values():
        way(frames[0])
    return take_turns(ways, frames, label, with_face=with_face)


def _medians(times: Times) -> dict[str, float]:
    return {stage: summary(times[stage]).median for stage in (*STAGES, TOTAL)}
