"""The plain pipeline and ours, side by side: stages, agreement, requests, memory and start."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ai_models.vision.descriptor import open_network
from benchmarks import agreement, footprint, frames, http_requests, pipelines, stages
from benchmarks.charts import benchmark_chart
from benchmarks.environment import Environment
from benchmarks.frames import WEBCAM, FrameSequence
from benchmarks.pipelines import OURS
from benchmarks.plain import decode, find
from benchmarks.report import Report

HTTP_FRAMES = 40


@dataclass(frozen=True, slots=True)
class Scale:
    """How much is measured: frames, rounds of requests, requests under load, workers and starts."""

    agreement: int = 400
    main: int = 120
    other: int = 40
    small: int = 64
    rounds: int = 3
    load: int = 300
    workers: tuple[int, ...] = (1, 2, 4)
    starts: int = 3
    sequences: int = 6  # of a session's requests


FULL = Scale()
QUICK = Scale(48, 24, 8, 8, rounds=1, load=40, workers=(1, 2), starts=1, sequences=1)


def measure(report: Report, scale: Scale, sequences: Sequence[FrameSequence], environment: Environment) -> str:
    """Adds all tables and targets; returns the chart."""
    cache, small = Path(environment.settings["MODEL_CACHE_DIR"]), frames.made_small(scale.small)
    with report.part("stages"):
        medians = stages.measure(report, cache, sequences, small, main=scale.main, other=scale.other)
    network, backend = open_network(cache), pipelines.backends(cache)[OURS]
    for title, shown in (("Agreement", sequences), ("Agreement on faces of 60 to 100 px", small)):
        report.add(*agreement.compare(title, shown, network, backend))
    images = _with_face(sequences)
    with report.part("requests"):
        empty = frames.made_empty(len(images))[0].frames
        measured = http_requests.measure(environment, images, empty, scale.rounds)
    report.tables += http_requests.tables(measured)
    report.targets += http_requests.targets(measured)
    with report.part("memory, load and starts"):
        footprints = footprint.measure(environment, images, scale.workers, scale.load)
        starts = footprint.measure_starts(environment, images, scale.starts)
    report.tables += footprint.tables(footprints, starts)
    report.targets += footprint.targets(footprints, starts)
    return benchmark_chart(medians, http_requests.median_pairs(measured))


def _with_face(sequences: Sequence[FrameSequence]) -> list[bytes]:
    """Frames for the requests, taken evenly from those in which both pipelines find a face."""
    found = []
    for item in stages.items(frames.some(sequences, 3 * HTTP_FRAMES), WEBCAM, "JPEG"):
        image = decode(item.data)
        if pipelines.find_face(image) and find(image):
            found.append(item.data)
    return found[:: max(1, len(found) // HTTP_FRAMES)][:HTTP_FRAMES]
