"""make bench-load: users at their desks for five minutes, then one worker's memory over 20 000 frames.

Prints tables and targets, and writes docs/load.*. On request also three times what the machine can carry, and a whole
site with a fault a minute, which are in docs/overload.md.
"""

import argparse
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from benchmarks.load.run import deployed, in_front, run_load  # isort: skip  (first: it replaces the sockets)
from ai_models.monitoring.pacing import BURST_FRAMES
from benchmarks import frames
from benchmarks.environment import children
from benchmarks.load import outages, overload, results, soak
from benchmarks.load.chart import load_chart
from benchmarks.load.users import Crowd
from benchmarks.report import Page, Report

INTRO = "Written by `make bench-load`; do not edit. [overload.md](overload.md) has more than it can carry, and faults."
PAGE = Page("load", "The service under load", INTRO, "Response times and memory under load")
ABUSE_INTRO = "Written by `make bench-load ARGS='--overload 30 --outages 60'`; do not edit."
ABUSE_PAGE = Page("overload", "The service under overload, and with parts that fail", ABUSE_INTRO)
FULL_SECONDS, FULL_FRAMES, USERS, BLINKERS = 300, 20_000, 50, 10


def main() -> None:
    options = _options()
    start = time.perf_counter()
    if options.overload or options.outages:
        _abuse(options)
    else:
        _usual(options)
    print(f"\nTook {time.perf_counter() - start:.0f} s.")


def _usual(options: argparse.Namespace) -> None:
    report, chart = Report(), ""
    with tempfile.TemporaryDirectory(prefix="posesmart-load-") as folder:
        if options.seconds:
            chart = _load(report, options, Path(folder) / "load")
        if options.soak:
            with deployed(Path(folder) / "soak", MAX_REQUESTS="0") as deployment:
                soaked = soak.soak(deployment.environment, options.soak)
            report.add(soak.table(soaked), soak.targets(soaked))
            report.facts += [] if options.seconds else deployment.facts
    report.show()
    is_full = not options.sessions and options.seconds >= FULL_SECONDS and options.soak >= FULL_FRAMES
    if chart and (options.write_docs or is_full):
        report.write(PAGE, chart)


def _abuse(options: argparse.Namespace) -> None:
    """More than the machine can carry, and faults."""
    report = Report()
    if options.overload:
        with ExitStack() as stack:
            stack.enter_context(report.part("overload"))
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="posesmart-overload-"))
            deployment = stack.enter_context(deployed(Path(folder) / "overload", MAX_REQUESTS="0"))
            overloaded = overload.overload(deployment.environment, options.overload)
        report.facts += deployment.facts
        report.add(overload.table(overloaded), overload.targets(overloaded))
    if options.outages:
        outage = outages.measured(options.outages, options.every)
        report.add(outages.table(outage), outages.targets(outage))
    report.show()
    if options.write_docs:
        report.write(ABUSE_PAGE, "")


def _load(report: Report, options: argparse.Namespace, folder: Path) -> str:
    """Adds the load's tables and targets; returns the chart."""
    with ExitStack() as stack:
        deployment = stack.enter_context(deployed(folder, TRUSTED_PROXIES="1" if options.nginx else ""))
        server = stack.enter_context(deployment.environment.serve())
        host, way = stack.enter_context(in_front(server, folder, nginx=options.nginx))
        images = [sequence.frames for sequence in frames.made(options.people * frames.SEQUENCE_FRAMES)]
        crowd = Crowd(images, options.blinkers, options.seconds, sessions=options.sessions)
        load = run_load(deployment, server, crowd, host)
        workers = len(children(server.pid))
    report.tables += results.tables(load)
    report.targets += results.targets(load)
    report.facts += [*deployment.facts, f"Load: {workers} gunicorn workers, {way}.", _scale(options)]
    return load_chart(load, options.people, options.blinkers)


def _scale(options: argparse.Namespace) -> str:
    if options.sessions:
        return (
            f"{options.people} users, each in a session with a frame a second and a burst of {BURST_FRAMES} frames a "
            f"minute, for {options.seconds} seconds; JPEGs of 640×480 made from skimage's astronaut. The sessions were "
            "calibrated before."
        )
    return (
        f"{options.people} users, each with a neck frame a second, and {options.blinkers} of them with two blink "
        f"frames a second as well, for {options.seconds} seconds; JPEGs of 640×480 made from skimage's astronaut, as "
        "base64 in JSON. All signed in before; the first frames calibrate."
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench-load", description=__doc__)
    parser.add_argument("--seconds", type=int, default=FULL_SECONDS, help="duration of the load (0: none)")
    parser.add_argument("--soak", type=int, default=FULL_FRAMES, metavar="FRAMES", help="frames of the memory test")
    parser.add_argument("--people", type=int, default=USERS, help="users with a neck frame a second each")
    parser.add_argument("--blinkers", type=int, default=BLINKERS, help="of them with two blink frames a second")
    parser.add_argument("--sessions", action="store_true", help="frames and bursts into sessions, instead of version 1")
    parser.add_argument("--nginx", action="store_true", help="through nginx with TLS, as it is deployed")
    parser.add_argument("--overload", type=int, default=0, metavar="SECONDS", help="three times what is carried")
    parser.add_argument("--outages", type=float, default=0, metavar="MINUTES", help="a whole site, with faults")
    parser.add_argument("--every", type=float, default=outages.EVERY_S, metavar="SECONDS", help="between two faults")
    always = "write docs/ in any case (default: if both parts are full)"
    parser.add_argument("--write-docs", action="store_true", help=always)
    return parser.parse_args()


if __name__ == "__main__":
    main()
