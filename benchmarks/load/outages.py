"""A whole site for minutes, while one of its parts after the other fails: no acknowledged frame is lost or kept twice.

Two application nodes behind nginx, on MariaDB, Redis and a MongoDB replica set of three. It runs in a process of its
own (python -m benchmarks.load.outages), because it needs Django's settings, and sockets that Locust has not replaced.
"""

import argparse
import json
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from itertools import cycle, islice
from pathlib import Path

from benchmarks.environment import Environment
from benchmarks.report import Table, Target

EVERY_S = 60
CLIENTS_EACH, RATE_HZ = 3, 2.0  # for each of two people
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
    with tempfile.TemporaryDirectory(prefix="posesmart-settings-") as folder:
        process = Environment(Path(folder) / "site")
        return Outages(**json.loads(process.python("-m", "benchmarks.load.outages", str(minutes), str(every_s))))


def table(outages: Outages) -> Table:
    counts = outages.faults | {
        "frames acknowledged": outages.acknowledged,
        "frames in the archive": outages.archived,
        "lost": outages.lost,
        "twice": outages.twice,
        **{f"responses {status}": number for status, number in sorted(outages.refused.items())},
        "slowest response, ms": outages.slowest_ms,
    }
    rows = [{"": name, "count": number} for name, number in counts.items()]
    return Table(f"Faults in {outages.seconds / 60:.0f} minutes", rows, NOTE)


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
    from benchmarks.load.site import whole_site
    from tests.faults.clients import posting
    from tests.faults.counts import counts_of

    with (
        tempfile.TemporaryDirectory(prefix="posesmart-outages-") as folder,
        whole_site(Path(folder)) as (site, faults, await_members),
    ):
        stages, happened = [node.stage for node in site.nodes], dict.fromkeys(faults, 0)
        with posting(site.nginx.plain, stages[0].people * CLIENTS_EACH, rate_hz=RATE_HZ, retrying=True) as crew:
            start = time.monotonic()
            for name in islice(cycle(faults), round(60 * options.minutes / options.every_s)):
                print(f"{time.monotonic() - start:4.0f} s: {name}", file=sys.stderr)
                struck = time.monotonic()
                mend = faults[name]()
                time.sleep(options.every_s / 4)
                mend()
                happened[name] += 1
                time.sleep(max(0.0, struck + options.every_s - time.monotonic()))
            await_members()
            for stage in stages:
                stage.await_empty_spool()
            seconds = time.monotonic() - start
        for stage in stages:
            stage.await_empty_spool()
        counts = counts_of(stages[0], crew.posts)
    statuses = {str(status): number for status, number in counts.statuses.items()}
    found = (counts.answered, counts.archived, counts.lost, counts.duplicated, statuses, counts.slowest_ms)
    print(json.dumps(asdict(Outages(seconds, happened, *found))))


if __name__ == "__main__":
    main()
