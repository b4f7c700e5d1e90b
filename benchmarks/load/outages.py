"""A whole site for minutes, while one of its parts after the other fails: no acknowledged frame is lost or kept twice.

Two application nodes behind nginx, on MariaDB, Redis and a MongoDB replica set of three. It runs in a process of its
own (python -m benchmarks.load.outages), because it needs Django's settings, and sockets that Locust has not replaced.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from itertools import cycle, islice
from pathlib import Path

from benchmarks.environment import PASSED_ON
from benchmarks.figures import Target
from benchmarks.report import Table
from tests.gunicorn_server import ROOT

EVERY_S = 60
SETTINGS = {
    "DJANGO_SETTINGS_MODULE": "posesmart.settings",
    "ENV_FILE": "/nonexistent",
    "SECRET_KEY": "k" * 50,
    "ORT_DISABLE_TELEMETRY": "1",
}
NOTE = (
    "Two application nodes behind nginx, MariaDB, Redis and a replica set of three, all on this machine. Clients post "
    "frames and post each one again, with the same key, until it is acknowledged. A part fails, comes back after a "
    "quarter of the time to the next fault, and so on. Then the archive is compared with what was acknowledged, frame "
    "by frame."
)


@dataclass(frozen=True, slots=True)
class Outages:
    """faults: how often each happened. refused: responses other than 200, by status, "None" without a response."""

    seconds: float
    faults: dict[str, int]
    acknowledged: int
    archived: int
    lost: int
    twice: int
    refused: dict[str, int]
    slowest_ms: int


def measured(minutes: float, every_s: float) -> Outages:
    """Runs the site in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.load.outages", str(minutes), str(every_s)]
    passed_on = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    with tempfile.TemporaryDirectory(prefix="posesmart-cache-") as cache:
        environment = passed_on | SETTINGS | {"MODEL_CACHE_DIR": cache}
        ran = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, check=True, text=True)
    return Outages(**json.loads(ran.stdout))


def table(outages: Outages) -> Table:
    refused = [[f"responses {status}", number] for status, number in sorted(outages.refused.items())]
    rows: list[list[object]] = [
        *([name, number] for name, number in outages.faults.items()),
        ["frames acknowledged", outages.acknowledged],
        ["frames in the archive", outages.archived],
        ["lost", outages.lost],
        ["twice", outages.twice],
        *refused,
        ["slowest response, ms", outages.slowest_ms],
    ]
    return Table(f"Faults in {outages.seconds / 60:.0f} minutes", ("", "count"), rows, [NOTE])


def targets(outages: Outages) -> list[Target]:
    return [
        Target("faults: acknowledged frames that the archive does not have", 0, outages.lost),
        Target("faults: frames in the archive twice", 0, outages.twice),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load.outages", description=__doc__)
    parser.add_argument("minutes", type=float)
    parser.add_argument("every_s", type=float, nargs="?", default=EVERY_S)
    options = parser.parse_args()
    import django

    django.setup()
    from benchmarks.load.site import FAULTS, whole_site

    with tempfile.TemporaryDirectory(prefix="posesmart-outages-") as folder, whole_site(Path(folder)) as site:
        faults = dict.fromkeys((fault.__doc__ or "" for fault in FAULTS), 0)
        with site.posting() as crew:
            start = time.monotonic()
            for fault in islice(cycle(FAULTS), round(60 * options.minutes / options.every_s)):
                print(f"{time.monotonic() - start:4.0f} s: {fault.__doc__}", file=sys.stderr)
                struck = time.monotonic()
                mend = fault(site)
                time.sleep(options.every_s / 4)
                mend()
                faults[fault.__doc__ or ""] += 1
                time.sleep(max(0.0, struck + options.every_s - time.monotonic()))
            site.await_all()
            seconds = time.monotonic() - start
        counts = site.counts(crew.posts)
    statuses = {str(status): number for status, number in counts.statuses.items()}
    found = (counts.answered, counts.archived, counts.lost, counts.duplicated, statuses, counts.slowest_ms)
    print(json.dumps(asdict(Outages(seconds, faults, *found))))


if __name__ == "__main__":
    main()
