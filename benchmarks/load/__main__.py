"""make bench-load: people at their desks for five minutes, then one worker's memory over 20 000 frames.

Prints tables and bars, and writes docs/load.*.
"""

import argparse
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from tqdm import tqdm

from ai_models.monitoring.pacing import BURST_FRAMES
from benchmarks.load import soak, tables
from benchmarks.load.crowd import BLINKERS, PEOPLE, Amount, Load, bear
from benchmarks.load.drawing import load_chart
from benchmarks.load.stage import in_front, stage
from benchmarks.machine import machine_facts
from benchmarks.report import Page, Report
from benchmarks.serving import serving

FULL_SECONDS, FULL_FRAMES = 300, 20_000


def main() -> None:
    options = _options()
    begin = time.perf_counter()
    report = Report([], [], {})
    load = None
    with tempfile.TemporaryDirectory(prefix="posesmart-load-") as folder:
        if options.seconds:
            load, facts = _loaded(report, options, Path(folder) / "load")
        if options.soak:
            facts = _soaked(report, options.soak, Path(folder) / "soak")
    facts = [*machine_facts(), *facts]
    report.tell(facts)
    if load and _to_be_written(options):
        intro = "Written by `make bench-load`; do not edit."
        page = Page("load", "The service under load", intro, "Answer times and memory under load")
        page.write(facts, report, load_chart(load))
    print(f"\nTook {time.perf_counter() - begin:.0f} s.")


def _loaded(report: Report, options: argparse.Namespace, folder: Path) -> tuple[Load, list[str]]:
    amount = Amount(options.people, options.blinkers, options.seconds, options.sessions)
    with ExitStack() as stack:
        staged = stack.enter_context(stage(_made(folder), TRUSTED_PROXIES="1" if options.nginx else ""))
        server = stack.enter_context(serving(staged.place))
        host, way = stack.enter_context(in_front(server, staged, nginx=options.nginx))
        total = amount.people + amount.seconds
        progress = stack.enter_context(tqdm(total=total, desc="load", unit="step", mininterval=1))
        load = bear(staged, server, amount, progress, host)
        workers = len(server.workers())
    for table in tables.tables(load):
        report.add(table)
    report.bars += tables.bars(load)
    return load, [*staged.facts, f"Load: {workers} gunicorn workers, {way}.", _told(amount)]


def _soaked(report: Report, count: int, folder: Path) -> list[str]:
    with (
        stage(_made(folder), MAX_REQUESTS="0") as staged,
        tqdm(total=count, desc="soak", unit="frame", mininterval=1) as progress,
    ):
        soaked = soak.soak(staged, count, progress)
    report.add(soak.table(soaked), soak.bars(soaked))
    return staged.facts


def _told(amount: Amount) -> str:
    if amount.sessions:
        return (
            f"{amount.people} people, each in a session of theirs with a frame a second and a burst of {BURST_FRAMES} "
            f"frames a minute, for {amount.seconds} seconds; JPEGs of 640×480 made from skimage's astronaut. All have "
            "calibrated before."
        )
    return (
        f"{amount.people} people, each with a neck frame a second, and {amount.blinkers} of them with two blink frames "
        f"a second besides, for {amount.seconds} seconds; JPEGs of 640×480 made from skimage's astronaut, as base64 in "
        "JSON. All have signed in before; the first frames calibrate."
    )


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _to_be_written(options: argparse.Namespace) -> bool:
    is_full = not options.sessions and options.seconds >= FULL_SECONDS and options.soak >= FULL_FRAMES
    return bool(options.write_docs or is_full)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench-load", description=__doc__)
    parser.add_argument("--seconds", type=int, default=FULL_SECONDS, help="how long the load lasts (0: none)")
    parser.add_argument("--soak", type=int, default=FULL_FRAMES, metavar="FRAMES", help="over which memory is watched")
    parser.add_argument("--people", type=int, default=PEOPLE, help="with a neck frame a second each")
    parser.add_argument("--blinkers", type=int, default=BLINKERS, help="of them with two blink frames a second")
    parser.add_argument(
        "--sessions", action="store_true", help="frames and bursts into sessions, in place of version 1"
    )
    parser.add_argument("--nginx", action="store_true", help="through nginx with TLS, as it is deployed")
    parser.add_argument(
        "--write-docs", action="store_true", help="write docs/ in any case (default: where both parts are full)"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
