"""make bench: measures everything, prints tables and targets, and writes their pages in docs/."""

import argparse
import tempfile
import time
from functools import cache
from pathlib import Path

from benchmarks import against_plain, archive, charts, frames, history, sessions
from benchmarks.environment import Environment
from benchmarks.frames import FrameSequence
from benchmarks.report import Page, Report
from tests.mongod import Mongod

OWN = "Written by `make bench`, or by `make bench ARGS=--{}` alone; do not edit."
ANY = 'Written by `make bench`; do not edit. With `ARGS="--frames DIR"` it measures your own clips and pictures.'
PAGES = {
    "benchmark": Page("benchmark", "Benchmark", ANY, "Plain against ours"),
    "sessions": Page("sessions", "What a session costs", OWN.format("sessions")),
    "reports": Page("reports", "A year of reports", OWN.format("reports")),
    "archive": Page(
        "archive", "What the frame archive costs", OWN.format("archive"), "Storing a frame, over the frames stored"
    ),
}


class Bench:
    """The parts of a run. Each adds to a report and returns the chart of its page, or nothing."""

    def __init__(self, options: argparse.Namespace, folder: Path) -> None:
        self._options = options
        self._folder = folder
        self._mongod = Mongod(folder / "mongod")  # started when the archive is measured
        self._scale = against_plain.QUICK if options.quick else against_plain.FULL

    def benchmark(self, report: Report) -> str:
        sequences = self._frames(report, self._scale.agreement)
        return against_plain.measure(report, self._scale, sequences, Environment.migrated(self._folder / "service"))

    def sessions(self, report: Report) -> str:
        sequences = self._frames(report, self._scale.main)
        self._set_up_django()
        with report.part("sessions"):
            measured = sessions.measure(sequences)
        report.add(*sessions.results(measured))
        return ""

    def reports(self, report: Report) -> str:
        others, rounds = (35, 30) if self._options.quick else (685, 100)
        with report.part("reports"):
            measured = history.measure(self._folder, others, rounds)
        report.add(history.table(measured, others), history.targets(measured))
        report.facts += history.facts(measured)
        return ""

    def archive(self, report: Report) -> str:
        scale = archive.QUICK if self._options.quick else archive.FULL
        if reason := archive.reason_to_skip(scale, self._folder):
            report.facts.append(f"The archive's cost is not measured: {reason}.")
            return ""
        self._set_up_django()
        with report.part("archive"), archive.running(self._mongod, self._folder / "mongod"):
            costs = archive.measure(scale, self._folder)
            report.facts += archive.facts()
        report.add(archive.store_table(costs))
        report.add(archive.calls_table(costs), archive.targets(costs))
        return charts.archive_chart(costs)

    @cache  # noqa: B019 - there is one Bench
    def _set_up_django(self) -> None:
        """Once in this process, for sessions and for the archive."""
        settings = {"MONGODB_URI": self._mongod.uri, "MONGODB_TIMEOUT_MS": str(archive.TIMEOUT_MS)}
        Environment.create(self._folder / "django", **settings).set_up_django()

    def _frames(self, report: Report, count: int) -> list[FrameSequence]:
        count, folder = self._options.max_frames or count, self._options.frames
        sequences = frames.from_folder(folder, count) if folder else frames.made(count)
        origin = "from clips and pictures" if folder else "made from skimage's astronaut"
        report.facts.append(f"Frames: {frames.total(sequences)} in {len(sequences)} sequences, {origin}.")
        return sequences


def main() -> None:
    options = _options()
    start = time.perf_counter()
    is_written = options.write_docs or not (options.quick or options.frames)
    parts = [name for name in PAGES if getattr(options, name, False)] or list(PAGES)
    with tempfile.TemporaryDirectory(prefix="posesmart-bench-") as folder:
        bench = Bench(options, Path(folder))
        for part in parts:
            report = Report()
            chart = getattr(bench, part)(report)
            report.show()
            if is_written and report.tables:
                report.write(PAGES[part], chart)
    print(f"\nTook {time.perf_counter() - start:.0f} s.")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--frames", type=Path, metavar="DIR", help="measure on this folder's clips and pictures")
    parser.add_argument("--max-frames", type=int, metavar="N", help="at most about N frames (default: 400)")
    parser.add_argument("--archive", action="store_true", help="measure only the cost of the frame archive")
    parser.add_argument("--sessions", action="store_true", help="measure only the cost of sessions")
    parser.add_argument("--reports", action="store_true", help="measure only how soon reports are answered")
    parser.add_argument("--quick", action="store_true", help="a minute or two, with less certain figures")
    always = "write docs/ in any case (default: on a full run without --frames)"
    parser.add_argument("--write-docs", action="store_true", help=always)
    return parser.parse_args()


if __name__ == "__main__":
    main()
