"""The plain pipeline and ours, side by side: stages, agreement, requests, memory and start."""

from collections.abc import Sequence
from itertools import product
from pathlib import Path

from ai_models.vision.descriptor import open_network
from ai_models.vision.engine import open_backend
from benchmarks import agreement, footprint, frames, http_requests
from benchmarks.charts import benchmark_chart
from benchmarks.environment import Run
from benchmarks.frames import WEBCAM, FrameSequence
from benchmarks.pipelines import BY_DLIB, DECODE, EYES_ONLY, OURS, PLAIN, STAGES, WITH_IDENTITY, items, ways
from benchmarks.plain import FIND, LANDMARKS
from benchmarks.report import Report, median
from benchmarks.turns import TOTAL, comparison, faster, take_turns

HTTP_FRAMES = 40
SIZES = ((320, 240), (640, 480), (1280, 720))
NECK, BLINK = "frame with identity", "blink frame"
LIMITS = {NECK: 10.0, BLINK: 3.0}
QUICK = {"agreeing": 48, "main": 24, "other": 8, "small": 8, "rounds": 1, "workers": (1, 2), "starts": 1}


def measure(
    report: Report,
    run: Run,
    *,
    agreeing: int = 400,
    main: int = 120,
    other: int = 40,
    small: int = 64,
    rounds: int = 3,
    workers: Sequence[int] = (1, 2, 4),
    starts: int = 3,
) -> str:
    """Adds all tables and targets; returns the chart. main, other, small: frames of these tables."""
    sequences, small_faces = run.frames(report, agreeing), frames.made_small(small)
    with report.part("stages"):
        medians = stages(report, run.cache, sequences, small_faces, main=main, other=other)
    network, backend = open_network(run.cache), open_backend(run.cache)
    agreement.compare(report, "Agreement", sequences, network, backend)
    agreement.compare(report, "Agreement on faces of 60 to 100 px", small_faces, network, backend)
    images = [data for sequence in frames.some(sequences, HTTP_FRAMES) for data in sequence]
    with report.part("requests"):
        pairs = http_requests.measure(report, run, images, rounds)
    with report.part("memory and starts"):
        footprint.measure(report, run.service, images, workers, starts)
    return benchmark_chart(medians, pairs)


def stages(
    report: Report,
    cache: Path,
    sequences: Sequence[FrameSequence],
    small: Sequence[FrameSequence],
    *,
    main: int,
    other: int,
) -> dict[str, dict[str, float]]:
    """Adds the tables; returns the medians of plain's stages and of ours, on `main` webcam frames."""
    kinds = {NECK: ways(cache, WITH_IDENTITY), BLINK: ways(cache, EYES_ONLY)}
    webcam = items(frames.some(sequences, main))
    times = {kind: take_turns(of_kind, webcam, kind, warm_up=1) for kind, of_kind in kinds.items()}
    for kind, found in times.items():
        target = faster(f"{kind} against the plain pipeline", LIMITS[kind], found[PLAIN], found[OURS])
        report.add(comparison(f"640×480 JPEG, {kind}, ms", found, PLAIN, STAGES), target)
    for size, encoding in product(SIZES, ("JPEG", "PNG")):
        if (size, encoding) != (WEBCAM, "JPEG"):
            title, both = f"{size[0]}×{size[1]} {encoding}", {name: kinds[NECK][name] for name in (PLAIN, OURS)}
            shown = items(frames.some(sequences, other), size, encoding)
            found = take_turns(both, shown, title, warm_up=1)
            report.add(comparison(f"{title}, {NECK}, ms", found, PLAIN, STAGES))
    for kind, of_kind in kinds.items():
        found = take_turns(of_kind, items(small), f"{kind} with a small face", warm_up=1)
        report.add(comparison(f"Face of 60 to 100 px, {kind}, ms", found, PLAIN, (FIND, LANDMARKS)))
    found = take_turns(kinds[BLINK], items([frames.made_empty(other)]), "no face", with_face=False, warm_up=1)
    report.add(comparison("No face, ms", found, PLAIN, (DECODE, FIND)))
    if BY_DLIB in found:
        name = "frame without a face against the same by dlib"
        report.targets.append(faster(name, 2.2, found[BY_DLIB], found[OURS]))
    return {name: {stage: median(times[NECK][name][stage]) for stage in (*STAGES, TOTAL)} for name in (PLAIN, OURS)}
