"""make bench: measures everything, prints tables and bars, and writes the pages that docs/ has of them."""

import argparse
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from tqdm import tqdm

from ai_models.vision.descriptor import open_network
from benchmarks import (
    against_plain,
    archive_cost,
    frames,
    history,
    serving,
    sessions,
)
from benchmarks.against_plain import FULL, QUICK
from benchmarks.archive_chart import archive_chart
from benchmarks.chart import chart
from benchmarks.frames import FrameSequence
from benchmarks.machine import CpuTimes, machine_facts
from benchmarks.report import Page, Report


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
    sequences = frames.from_folder(options.frames, wanted) if options.frames else frames.made(wanted)
    place = serving.prepare(folder)
    network = open_network(place.cache_folder)
    report = Report([], [], {})
    drawn = against_plain.vision(report, extent, sequences, network)
    measured = against_plain.service(report, extent, place, against_plain.with_face(sequences))
    facts = [*machine_facts(), _told_frames(options, sequences), report.told_noise()]
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
    sequences = frames.from_folder(options.frames, wanted) if options.frames else frames.made(wanted)
    network = open_network(serving.prepare(_made(folder / "sessions")).cache_folder)
    with report.part("sessions", sum(len(each.frames) for each in sequences), "frame") as progress:
        measured = sessions.measure(sequences, network, progress)
    report.add(sessions.table(measured), sessions.bars(measured))
    facts = [*machine_facts(), _told_frames(options, sequences), report.told_noise()]
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


def _told_frames(options: argparse.Namespace, sequences: Sequence[FrameSequence]) -> str:
    count = sum(len(each.frames) for each in sequences)
    origin = "from clips and pictures" if options.frames else "made from skimage's astronaut"
    return f"Frames: {count} in {len(sequences)} sequences, {origin}."


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
