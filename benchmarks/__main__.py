"""make bench: measures everything, prints tables and bars, and writes the pages that docs/ has of them."""

import argparse
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from itertools import product
from pathlib import Path

from tqdm import tqdm

from ai_models.descriptor import Network, open_network
from benchmarks import (
    agreement,
    archive_cost,
    contract_speed,
    frames,
    history,
    http_requests,
    memory,
    ours,
    plain,
    serving,
    sessions,
    stages,
    start,
)
from benchmarks.archive_chart import archive_chart
from benchmarks.chart import Chart, chart
from benchmarks.frames import Shots
from benchmarks.http_requests import Amount
from benchmarks.machine import CpuTimes, machine_facts
from benchmarks.report import Page, Report
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


def main() -> None:
    options = _options()
    begin = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="posesmart-bench-") as folder:
        is_part = options.archive or options.reports or options.sessions
        if not is_part:
            _against_plain(options, Path(folder))
        if options.sessions or not is_part:
            _sessions(options, Path(folder))
        if options.reports or not is_part:
            _reports(options, Path(folder))
        if options.archive or not is_part:
            _archive(options, Path(folder))
    print(f"\nTook {time.perf_counter() - begin:.0f} s.")


def _against_plain(options: argparse.Namespace, folder: Path) -> None:
    extent = QUICK if options.quick else FULL
    print("Reading frames …" if options.frames else "Making frames …")
    wanted = options.max_frames or extent.agreement_frames
    shots = frames.from_folder(options.frames, wanted) if options.frames else frames.made(wanted)
    place = serving.prepare(folder)
    network = open_network(place.cache_folder)
    report = Report([], [], {})
    drawn = _vision(report, extent, shots, network)
    measured = _service(report, extent, place, _with_face(shots))
    facts = [*machine_facts(), _told_frames(options, shots), report.told_noise()]
    report.tell(facts)
    if _to_be_written(options):
        intro = (
            'Written by `make bench`; do not edit. With `ARGS="--frames DIR"` it measures your own clips and pictures.'
        )
        page = Page("benchmark", "Benchmark", intro, "Plain against ours")
        page.write(facts, report, chart(drawn(measured)))


def _sessions(options: argparse.Namespace, folder: Path) -> None:
    """What a session's frames and bursts cost, against the plain pipeline."""
    report = Report([], [], {})
    wanted = options.max_frames or (QUICK if options.quick else FULL).main_frames
    shots = frames.from_folder(options.frames, wanted) if options.frames else frames.made(wanted)
    network = open_network(serving.prepare(_made(folder / "sessions")).cache_folder)
    with report.part("sessions", sum(len(each.frames) for each in shots), "frame") as progress:
        measured = sessions.measure(shots, network, progress)
    report.add(sessions.table(measured), sessions.bars(measured))
    facts = [*machine_facts(), _told_frames(options, shots), report.told_noise()]
    report.tell(facts)
    if _to_be_written(options):
        intro = "Written by `make bench`, or by `make bench ARGS=--sessions` alone; do not edit."
        Page("sessions", "What a session costs", intro).write(facts, report)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _reports(options: argparse.Namespace, folder: Path) -> None:
    """How soon a year of somebody's reports is told."""
    report = Report([], [], {})
    before = CpuTimes.now()
    answered = history.measure(history.QUICK if options.quick else history.FULL, folder)
    report.noise["reports"] = CpuTimes.now().others_since(before)
    report.add(history.table(answered), history.bars(answered))
    facts = [*machine_facts(), *history.facts(answered), report.told_noise()]
    report.tell(facts)
    if _to_be_written(options):
        intro = "Written by `make bench`, or by `make bench ARGS=--reports` alone; do not edit."
        Page("reports", "A year of reports", intro).write(facts, report)


def _archive(options: argparse.Namespace, folder: Path) -> None:
    """The cost of the frame archive. Django is set up for it, so it comes last."""
    amount = archive_cost.QUICK if options.quick else archive_cost.FULL
    if reason := archive_cost.reason_to_skip(amount, folder):
        print(f"\nThe archive's cost is not measured: {reason}.")
        return
    report = Report([], [], {})
    before = CpuTimes.now()
    with archive_cost.django_on_mongod(folder):
        costs = archive_costs(report, amount, folder)
        facts = [*machine_facts(), *archive_cost.facts()]
    report.noise["archive"] = CpuTimes.now().others_since(before)  # now that mongod has ended, it counts as ours
    facts.append(report.told_noise())
    report.tell(facts)
    if _to_be_written(options):
        intro = "Written by `make bench`, or by `make bench ARGS=--archive` alone; do not edit."
        page = Page("archive", "What the frame archive costs", intro, "Storing a frame, over the frames stored")
        page.write(facts, report, archive_chart(costs))


def archive_costs(report: Report, amount: archive_cost.Amount, folder: Path) -> archive_cost.Costs:
    """Adds the archive's tables and bars."""
    with ExitStack() as stack:
        with tqdm(total=amount.frames, desc="archive, filling", unit="frame", mininterval=1) as progress:
            stores = stack.enter_context(archive_cost.filled(amount, folder, progress))
        rounds = amount.warm_up + amount.rounds
        with tqdm(total=rounds, desc="archive, rounds", unit="round", mininterval=1) as progress:
            costs = archive_cost.measure(stores, amount, progress)
    for table in archive_cost.tables(costs):
        report.add(table)
    report.bars += archive_cost.bars(costs)
    return costs


def _to_be_written(options: argparse.Namespace) -> bool:
    return bool(options.write_docs or not (options.quick or options.frames))


def _vision(
    report: Report, extent: Extent, shots: Sequence[Shots], network: Network
) -> Callable[[list[http_requests.Measured]], Chart]:
    """Adds stages and agreement; gives the chart, which lacks the requests."""
    everything = stages.pipelines(network)
    both = {name: everything[name] for name in (PLAIN, OURS)}
    main_items = stages.items(frames.some(shots, extent.main_frames), WEBCAM, "JPEG")
    few = frames.some(shots, extent.other_frames)
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
        total=sum(len(each.frames) for each in [*shots, *small]), desc="agreement", unit="frame", mininterval=1
    ) as progress:
        compared = agreement.compare(shots, network, progress)
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


def _service(report: Report, extent: Extent, place: serving.Place, these: list[bytes]) -> list[http_requests.Measured]:
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


def _with_face(shots: Sequence[Shots]) -> list[bytes]:
    """Frames for the requests, taken evenly: ones in which both pipelines find a face."""
    found = []
    for each in frames.some(shots, 3 * HTTP_FRAMES):
        for data in each.frames:
            image = ours.decode(data)
            if ours.find_face(image) and plain.find_face(image):
                at_size = stages.items([Shots(each.name, (data,))], WEBCAM, "JPEG")
                found.append(at_size[0].data)
    return found[:: max(1, len(found) // HTTP_FRAMES)][:HTTP_FRAMES]


def _told_frames(options: argparse.Namespace, shots: Sequence[Shots]) -> str:
    count = sum(len(each.frames) for each in shots)
    origin = "from clips and pictures" if options.frames else "made from skimage's astronaut"
    return f"Frames: {count} in {len(shots)} sequences, {origin}."


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--frames", type=Path, metavar="DIR", help="measure on this folder's clips and pictures")
    parser.add_argument("--max-frames", type=int, metavar="N", help="at most about so many frames (default: 400)")
    parser.add_argument("--archive", action="store_true", help="measure what the frame archive costs, and nothing else")
    parser.add_argument("--sessions", action="store_true", help="measure what sessions cost, and nothing else")
    parser.add_argument("--reports", action="store_true", help="measure how soon reports are told, and nothing else")
    parser.add_argument("--quick", action="store_true", help="a minute or two, and less sure")
    parser.add_argument(
        "--write-docs", action="store_true", help="write docs/ in any case (default: on a full run without --frames)"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
