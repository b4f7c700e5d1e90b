"""make bench-load: users at their desks for five minutes, then one worker's memory over 20 000 frames.

Prints tables and targets, and writes docs/load.*. On request also three times what the machine can carry, and a whole
site with a fault a minute, which are in docs/overload.md.
"""

import argparse
import tempfile
import time
from pathlib import Path

import locust  # noqa: F401  # isort: skip  (first: it replaces the sockets)
from benchmarks.load import outages, overload, run, soak
from benchmarks.report import Report

INTRO = "Written by `make bench-load`; do not edit. [overload.md](overload.md) has more than it can carry, and faults."
ABUSE_INTRO = "Written by `make bench-load ARGS='--overload 30 --outages 60'`; do not edit."
FULL_SECONDS, FULL_FRAMES = 300, 20_000


def main() -> None:
    options = _options()
    start = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="posesmart-load-") as folder:
        (_abuse if options.overload or options.outages else _usual)(options, Path(folder))
    print(f"\nTook {time.perf_counter() - start:.0f} s.")


def _usual(options: argparse.Namespace, folder: Path) -> None:
    report, chart = Report(), ""
    if options.seconds:
        chart = run.measure(report, folder / "load", options.seconds)
    if options.soak:
        with run.deployed(report, folder / "soak", MAX_REQUESTS="0") as deployment:
            soak.measure(report, deployment.service, options.soak)
    print("", report.text(), sep="\n")
    is_full = options.seconds >= FULL_SECONDS and options.soak >= FULL_FRAMES
    if chart and (options.write_docs or is_full):
        report.write("load", "The service under load", INTRO, chart)


def _abuse(options: argparse.Namespace, folder: Path) -> None:
    """More than the machine can carry, and faults."""
    report = Report()
    if options.overload:
        with report.part("overload"), run.deployed(report, folder / "overload", MAX_REQUESTS="0") as deployment:
            overload.measure(report, deployment.service, options.overload)
    if options.outages:
        outages.measure(report, options.outages)
    print("", report.text(), sep="\n")
    if options.write_docs:
        report.write("overload", "The service under overload, and with parts that fail", ABUSE_INTRO)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench-load", description=__doc__)
    parser.add_argument("--seconds", type=int, default=FULL_SECONDS, help="duration of the load (0: none)")
    parser.add_argument("--soak", type=int, default=FULL_FRAMES, metavar="FRAMES", help="frames of the memory test")
    parser.add_argument("--overload", type=int, default=0, metavar="SECONDS", help="three times what is carried")
    parser.add_argument("--outages", type=int, default=0, metavar="MINUTES", help="a whole site, with a fault a minute")
    always = "write docs/ in any case (default: if both parts are full)"
    parser.add_argument("--write-docs", action="store_true", help=always)
    return parser.parse_args()


if __name__ == "__main__":
    main()
