"""make bench: measures everything, prints tables and targets, and writes their pages in docs/."""

import argparse
import tempfile
import time
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from benchmarks import against_plain, archive, frames, history, landmarks, office, peers, quarters, sessions
from benchmarks.environment import Environment
from benchmarks.frames import FrameSequence
from benchmarks.report import Page, Report
from tests.mongod import Mongod

WRITTEN = "Written by `make bench`, or by `make bench ARGS=--{}` alone; do not edit."
OF_FOLDER = 'Written by `make bench ARGS="--frames DIR --write-docs"`; do not edit.'
PAGES = {
    name: Page(name, title, WRITTEN.format(name), shows)
    for name, title, shows in (
        ("benchmark", "Benchmark", "Plain against ours"),
        ("sessions", "What a session costs", ""),
        ("peers", "Other libraries", ""),
        ("reports", "A year of reports", ""),
        ("history", "Three years of quarter hours", ""),
        ("office", "The administrators' pages", ""),
        ("archive", "What the frame archive costs", "Storing a frame, over the frames stored"),
    )
}
OF_FRAMES = ("benchmark", "sessions", "peers")  # parts that --frames changes


@dataclass(frozen=True)
class Bench:
    """The parts of a run. Each adds to a report and returns the chart of its page, or nothing."""

    options: argparse.Namespace
    folder: Path

    def benchmark(self, report: Report) -> str:
        return against_plain.measure(report, self._scale, self._frames(report, self._scale.agreement), self._service)

    def sessions(self, report: Report) -> str:
        sequences = self._frames(report, self._scale.main)
        sessions.measure(report, sequences, self._service, self._scale.sequences)
        landmarks.measure(report, sequences[0].frames[0])
        return ""

    def peers(self, report: Report) -> str:
        peers.measure(report, self._frames(report, self._scale.main), self.folder / "peers", self._cache)
        return ""

    def reports(self, report: Report) -> str:
        others, rounds = (35, 30) if self.options.quick else (685, 100)
        with report.part("reports"):
            history.measure(report, self.folder, others, rounds)
        return ""

    def history(self, report: Report) -> str:
        people, rounds = (3, 20) if self.options.quick else (8, 100)
        with report.part("history"):
            quarters.measure(report, self.folder, people, rounds)
        return ""

    def office(self, report: Report) -> str:
        people, rounds = (1000, 5) if self.options.quick else (10_000, 20)
        with report.part("office"):
            office.measure(report, self.folder, people, rounds)
        return ""

    def archive(self, report: Report) -> str:
        scale = archive.QUICK if self.options.quick else archive.FULL
        if reason := archive.reason_to_skip(scale, self.folder):
            report.facts.append(f"The archive's cost is not measured: {reason}.")
            return ""
        with report.part("archive"), archive.running(self.mongod, self.folder / "mongod"):
            return archive.measure(report, scale, self.folder)

    def set_up_django(self) -> None:
        """In this process: for sessions and the archive, which has a mongod of its own while it is measured."""
        settings = {"MONGODB_URI": self.mongod.uri, "MONGODB_TIMEOUT_MS": str(archive.TIMEOUT_MS)}
        Environment.create(self.folder / "django", MODEL_CACHE_DIR=str(self._cache), **settings).set_up_django()

    @cached_property
    def mongod(self) -> Mongod:
        return Mongod(self.folder / "mongod")

    @cached_property
    def _service(self) -> Environment:
        return Environment.migrated(self.folder / "service", MODEL_CACHE_DIR=str(self._cache))

    @property
    def _cache(self) -> Path:
        return self.folder / "cache"

    @property
    def _scale(self) -> against_plain.Scale:
        return against_plain.QUICK if self.options.quick else against_plain.FULL

    def _frames(self, report: Report, count: int) -> list[FrameSequence]:
        count, folder = self.options.max_frames or count, self.options.frames
        sequences = frames.from_folder(folder, count) if folder else frames.made(count)
        origin = "from clips and pictures" if folder else "made from skimage's astronaut"
        report.facts.append(f"Frames: {frames.total(sequences)} in {len(sequences)} sequences, {origin}.")
        return sequences


def main() -> None:
    options = _options()
    start = time.perf_counter()
    is_written = options.write_docs or not (options.quick or options.frames)
    parts = [name for name in PAGES if getattr(options, name)] or list(PAGES)
    with tempfile.TemporaryDirectory(prefix="posesmart-bench-") as folder:
        bench = Bench(options, Path(folder))
        bench.set_up_django()
        for part in parts:
            report = Report()
            chart = getattr(bench, part)(report)
            report.show()
            if is_written and report.tables:
                report.write(_page(part, options), chart)
    print(f"\nTook {time.perf_counter() - start:.0f} s.")


def _page(part: str, options: argparse.Namespace) -> Page:
    page = PAGES[part]
    is_of_folder = options.frames and part in OF_FRAMES
    return (
        replace(page, name=f"{part}-webcam", title=f"{page.title}: webcam frames", intro=OF_FOLDER)
        if is_of_folder
        else page
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--frames", type=Path, metavar="DIR", help="measure on this folder's clips and pictures")
    parser.add_argument("--max-frames", type=int, metavar="N", help="at most about N frames (default: 400)")
    for name, page in PAGES.items():
        parser.add_argument(
            f"--{name}", action="store_true", help=f"measure only some parts, this among them: {page.title}"
        )
    parser.add_argument("--quick", action="store_true", help="a few minutes, with less certain figures")
    always = "write docs/ in any case (default: on a full run without --frames)"
    parser.add_argument("--write-docs", action="store_true", help=always)
    return parser.parse_args()


if __name__ == "__main__":
    main()
