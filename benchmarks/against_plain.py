"""The plain pipeline and ours, side by side: stages, agreement, requests, memory and start."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product

from tqdm import tqdm

from ai_models.vision.descriptor import Network
from benchmarks import (
    agreement,
    contract_speed,
    frames,
    http_requests,
    memory,
    ours,
    plain,
    serving,
    stages,
    start,
)
from benchmarks.chart import Chart
from benchmarks.frames import FrameSequence
from benchmarks.http_requests import Amount
from benchmarks.report import Report
from benchmarks.stages import OURS, OURS_BLINK, PLAIN, PLAIN_BLINK, SIZES
from benchmarks.stats import Bar

WEBCAM = (640, 480)
HTTP_FRAMES = 40


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is measured."""

    agreement_frames: int
    main_frames: int
    other_frames: int
    small_frames: int
    http: Amount
    memory_workers: tuple[int, ...]
    memory_frames: int
    starts: int


FULL = Extent(
    agreement_frames=400,
    main_frames=120,
    other_frames=40,
    small_frames=64,
    http=Amount(rounds=5, frames=16, repeats=3, load=300, workers=(1, 2)),
    memory_workers=(1, 2, 4),
    memory_frames=50,
    starts=3,
)
QUICK = Extent(
    agreement_frames=48,
    main_frames=24,
    other_frames=8,
    small_frames=8,
    http=Amount(rounds=1, frames=8, repeats=3, load=40, workers=(1,)),
    memory_workers=(1, 2),
    memory_frames=50,
    starts=1,
)


def vision(
    report: Report, extent: Extent, sequences: Sequence[FrameSequence], network: Network
) -> Callable[[list[http_requests.Measured]], Chart]:
    """Adds stages and agreement; gives the chart, which lacks the requests."""
    everything = stages.pipelines(network)
    both = {name: everything[name] for name in (PLAIN, OURS)}
    main_items = stages.items(frames.some(sequences, extent.main_frames), WEBCAM, "JPEG")
    few = frames.some(sequences, extent.other_frames)
    others = [form for form in product(SIZES, stages.ENCODERS) if form != (WEBCAM, "JPEG")]
    small = frames.made_small(extent.small_frames)
    empty = stages.items(frames.made_empty(extent.other_frames), WEBCAM, "JPEG")
    small_items = stages.items(small, WEBCAM, "JPEG")
    total = len(main_items) + len(others) * sum(len(each.frames) for each in few) + len(empty) + len(small_items)
    with report.part("stages", total, "frame") as progress:
        main_times = stages.measure(everything, main_items, progress)
        chip_ms = stages.chip_times(main_items[: extent.other_frames])
        report.add(stages.stage_table("640×480 JPEG", main_times, chip_ms), _speed_bars(main_times))
        report.add(stages.paths_table("640×480 JPEG, every path", main_times))
        for size, encoding in others:
            these = stages.items(few, size, encoding)
            title = f"{size[0]}×{size[1]} {encoding}"
            report.add(stages.stage_table(title, stages.measure(both, these, progress), stages.chip_times(these)))
        report.add(
            stages.paths_table("Face of 60 to 100 px, 640×480 JPEG", stages.measure(everything, small_items, progress))
        )
        report.add(
            stages.paths_table("No face, 640×480 JPEG", stages.measure(everything, empty, progress, with_face=False))
        )
    with tqdm(
        total=sum(len(each.frames) for each in [*sequences, *small]), desc="agreement", unit="frame", mininterval=1
    ) as progress:
        compared = agreement.compare(sequences, network, progress)
        compared_small = agreement.compare(small, network, progress)
    report.add(agreement.table("Agreement", compared), agreement.bars(compared))
    lost = Bar("faces of 60 to 100 px lost by the fast search", 0, compared_small.lost)
    report.add(agreement.table("Agreement, faces of 60 to 100 px", compared_small), [lost])
    mine = {name: main_times[OURS].stage(name) for name in plain.STAGES}
    plain_ms, ours_ms = (main_times[each].sum.median for each in (PLAIN, OURS))
    return partial(Chart, stages.plain_stages(main_times[PLAIN], chip_ms), mine, plain_ms, ours_ms)


def _speed_bars(times: dict[str, stages.Times]) -> list[Bar]:
    neck, _ = stages.ratios(times[PLAIN], times[OURS])
    blink, _ = stages.ratios(times[PLAIN_BLINK], times[OURS_BLINK])
    return [
        Bar("frame with identity against the plain pipeline", 10, neck, "×", at_least=True),
        Bar("blink frame against the plain pipeline", 3, blink, "×", at_least=True),
    ]


def service(report: Report, extent: Extent, place: serving.Place, these: list[bytes]) -> list[http_requests.Measured]:
    with report.part("requests", extent.http.steps, "round") as progress:
        measured = http_requests.measure(place, these, extent.http, progress)
    report.add(http_requests.table(measured, len(these)))
    report.add(http_requests.ratios_table(measured), http_requests.bars(measured))
    seconds = contract_speed.measure(place, these)
    report.add(contract_speed.table(seconds), contract_speed.bars(seconds))
    with report.part("memory", len(extent.memory_workers), "server") as progress:
        used = memory.measure(place, these, progress, extent.memory_workers, extent.memory_frames)
    report.add(memory.table(used, extent.memory_frames), memory.bars(used))
    with report.part("start", 1 + extent.starts + max(1, extent.starts // 2), "start") as progress:
        started = start.measure(place, these, progress, extent.starts)
    report.add(start.table(started), start.bars(started))
    return measured


def with_face(sequences: Sequence[FrameSequence]) -> list[bytes]:
    """Frames for the requests, taken evenly: ones in which both pipelines find a face."""
    found = []
    for each in frames.some(sequences, 3 * HTTP_FRAMES):
        for data in each.frames:
            image = ours.decode(data)
            if ours.find_face(image) and plain.find_face(image):
                at_size = stages.items([FrameSequence(each.name, (data,))], WEBCAM, "JPEG")
                found.append(at_size[0].data)
    return found[:: max(1, len(found) // HTTP_FRAMES)][:HTTP_FRAMES]
