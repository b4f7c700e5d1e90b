"""make bench: measures everything, prints tables and targets, and writes their pages in docs/."""

import argparse
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks import archive, history, office, peers, reports, sessions, speed
from benchmarks.environment import Run
from benchmarks.report import Report

WRITTEN = "Written by `make bench`, or by `make bench ARGS=--{}` alone; do not edit."
OF_FOLDER = 'Written by `make bench ARGS="--frames DIR --write-docs"`; do not edit.'
OF_FRAMES = ("benchmark", "sessions", "peers")  # parts that --frames changes


class Part(NamedTuple):
    """measure adds to a report, and returns the page's chart, if it has one. quick: its amounts in a quick run."""

    title: str
    measure: Callable[..., str | None]
    quick: Mapping[str, Any]


PARTS = {
    "benchmark": Part("Benchmark", speed.measure, speed.QUICK),
    "sessions": Part("What a session costs", sessions.measure, {"main": 24, "requested": 1}),
    "peers": Part("Other libraries", peers.measure, {"main": 24}),
    "reports": Part("A year of reports", reports.measure, {"others": 35, "rounds": 30}),
    "history": Part("Three years of quarter hours", history.measure, {"people": 3, "rounds": 20}),
    "office": Part("The administrators' pages", office.measure, {"people": 1000, "rounds": 5}),
    "archive": Part("What the frame archive costs", archive.measure, archive.QUICK),
}


def main() -> None:
    options = _options()
    start = time.perf_counter()
    is_written = options.write_docs or not (options.quick or options.frames)
    with tempfile.TemporaryDirectory(prefix="posesmart-bench-") as folder:
        run = Run(Path(folder), options.frames)
        run.set_up_django()
        for name in [name for name in PARTS if getattr(options, name)] or PARTS:
            part, report = PARTS[name], Report()
            chart = part.measure(report, run, **(part.quick if options.quick else {}))
            print("", report.text(), sep="\n")
            if is_written and report.tables:
                of_folder = options.frames and name in OF_FRAMES
                page, title = (f"{name}-webcam", f"{part.title}: webcam frames") if of_folder else (name, part.title)
                report.write(page, title, OF_FOLDER if of_folder else WRITTEN.format(name), chart or "")
    print(f"\nTook {time.perf_counter() - start:.0f} s.")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--frames", type=Path, metavar="DIR", help="clips and pictures, a folder for each person")
    for name, part in PARTS.items():
        what = f"measure only some parts, this among them: {part.title}"
        parser.add_argument(f"--{name}", action="store_true", help=what)
    parser.add_argument("--quick", action="store_true", help="a few minutes, with less certain figures")
    always = "write docs/ in any case (default: on a full run without --frames)"
    parser.add_argument("--write-docs", action="store_true", help=always)
    return parser.parse_args()


if __name__ == "__main__":
    main()
