"""The plain pipeline and ours, side by side: stages, agreement, requests, memory and start."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from ai_models.vision.backend import Backend
from ai_models.vision.descriptor import Network, open_network, open_quick_network
from ai_models.vision.engine import open_backend
from benchmarks import agreement, footprint, frames, http_requests, pipelines, plain, stages
from benchmarks.charts import benchmark_chart
from benchmarks.environment import Environment
from benchmarks.figures import Target, summary
from benchmarks.frames import FrameSequence
from benchmarks.http_requests import Measured
from benchmarks.report import Report
from benchmarks.stages import BY_DLIB, OURS, OURS_BLINK, PLAIN, PLAIN_BLINK, SIZES, TOTAL, Run, Times

WEBCAM = (640, 480)
HTTP_FRAMES = 40


@dataclass(frozen=True, slots=True)
class Scale:
    """How much is measured: frames, rounds of requests, requests under load, workers and starts."""

    agreement: int = 400
    main: int = 120
    other: int = 40
    small: int = 64
    rounds: int = 5
    batch: int = 16
    load: int = 300
    workers: tuple[int, ...] = (1, 2)
    memory_workers: tuple[int, ...] = (1, 2, 4)
    starts: int = 3


FULL = Scale()
QUICK = Scale(48, 24, 8, 8, rounds=1, batch=8, load=40, workers=(1,), memory_workers=(1, 2), starts=1)


def measure(report: Report, scale: Scale, sequences: Sequence[FrameSequence], environment: Environment) -> str:
    """Adds all tables and targets; returns the chart."""
    cache = Path(environment.settings["MODEL_CACHE_DIR"])
    network, quick, backend = open_network(cache), open_quick_network(cache, "int8"), open_backend(cache)
    small = frames.made_small(scale.small)
    with report.part("stages"):
        times, chip_ms = _stages(report, scale, sequences, small, stages.runs(network, backend, quick))
    _agreement(report, sequences, small, network, backend)
    measured = _service(report, scale, environment, _with_face(sequences))
    sums = summary(times[PLAIN][TOTAL]).median, summary(times[OURS][TOTAL]).median
    requests = {
        result.call: (summary(result.plain.ms).median, summary(result.ours.ms).median)
        for result in measured
        if result.workers == 1
    }
    return benchmark_chart(stages.plain_medians(times[PLAIN], chip_ms), stages.medians(times[OURS]), sums, requests)


def _stages(
    report: Report,
    scale: Scale,
    sequences: Sequence[FrameSequence],
    small: Sequence[FrameSequence],
    runs: Mapping[str, Run],
) -> tuple[dict[str, Times], float]:
    """The times of every path on webcam frames, and those of dlib's alignment."""
    items = stages.items(frames.some(sequences, scale.main), WEBCAM, "JPEG")
    times, chip_ms = stages.measure(runs, items, "stages"), stages.alignment_ms(items[: scale.other])
    report.add(stages.stage_table("640×480 JPEG", times, chip_ms), _targets(times))
    report.add(stages.paths_table("640×480 JPEG, every path", times))
    for size, encoding in product(SIZES, stages.ENCODERS):
        if (size, encoding) != (WEBCAM, "JPEG"):
            title = f"{size[0]}×{size[1]} {encoding}"
            others = stages.items(frames.some(sequences, scale.other), size, encoding)
            of_size = stages.measure({name: runs[name] for name in (PLAIN, OURS)}, others, title)
            report.add(stages.stage_table(title, of_size, stages.alignment_ms(others)))
    for title, shown, with_face in (
        ("Face of 60 to 100 px, 640×480 JPEG", small, True),
        ("No face, 640×480 JPEG", frames.made_empty(scale.other), False),
    ):
        found = stages.measure(runs, stages.items(shown, WEBCAM, "JPEG"), title, with_face=with_face)
        report.add(stages.paths_table(title, found), [] if with_face else _empty_targets(found))
    return times, chip_ms


def _targets(times: dict[str, Times]) -> list[Target]:
    neck, _ = stages.ratios(times[PLAIN], times[OURS])
    blink, _ = stages.ratios(times[PLAIN_BLINK], times[OURS_BLINK])
    return [
        Target("frame with identity against the plain pipeline", 10, neck, "×", at_least=True),
        Target("blink frame against the plain pipeline", 3, blink, "×", at_least=True),
    ]


def _empty_targets(times: Mapping[str, Times]) -> list[Target]:
    if OURS + BY_DLIB not in times:
        return []
    faster, _ = stages.ratios(times[OURS + BY_DLIB], times[OURS])
    return [Target("frame without a face against the same by dlib", 2.2, faster, "×", at_least=True)]


def _agreement(
    report: Report,
    sequences: Sequence[FrameSequence],
    small: Sequence[FrameSequence],
    network: Network,
    backend: Backend,
) -> None:
    report.add(*agreement.results("Agreement", agreement.compare(sequences, network, backend)))
    compared = agreement.compare(small, network, backend)
    lost = Target("faces of 60 to 100 px lost by the fast search", 0, compared.lost)
    report.add(agreement.results("Agreement, faces of 60 to 100 px", compared)[0], [lost])


def _service(report: Report, scale: Scale, environment: Environment, images: Sequence[bytes]) -> list[Measured]:
    with report.part("requests"):
        measured = http_requests.measure(
            environment, images, rounds=scale.rounds, batch=scale.batch, load=scale.load, workers=scale.workers
        )
    report.add(http_requests.table(measured, len(images)))
    report.add(http_requests.ratios_table(measured), http_requests.targets(measured))
    with report.part("memory"):
        footprints = footprint.measure(environment, images, scale.memory_workers)
    with report.part("start"):
        starts = footprint.measure_starts(environment, images, scale.starts)
    report.add(footprint.table(footprints))
    report.add(footprint.starts_table(starts), footprint.targets(footprints, starts))
    return measured


def _with_face(sequences: Sequence[FrameSequence]) -> list[bytes]:
    """Frames for the requests, taken evenly from those in which both pipelines find a face."""
    found = []
    for sequence in frames.some(sequences, 3 * HTTP_FRAMES):
        for data in sequence.frames:
            image = pipelines.decode(data)
            if pipelines.find_face(image) and plain.find_face(image):
                found += stages.items([FrameSequence(sequence.name, (data,))], WEBCAM, "JPEG")
    return [item.data for item in found[:: max(1, len(found) // HTTP_FRAMES)][:HTTP_FRAMES]]
