"""A whole site for minutes, while one of its parts after the other fails: no acknowledged frame is lost or kept twice.

Two application nodes behind nginx, on MariaDB, Redis and a MongoDB replica set of three. The site runs in a process of
its own (python -m benchmarks.load.site), because it needs Django's settings, and sockets that Locust has not replaced.
"""

import json
import tempfile
from pathlib import Path

from benchmarks.environment import Environment
from benchmarks.report import Report, Table, Target

EVERY_S = 60
LOST, TWICE = "lost", "twice"
NOTE = (
    "Two application nodes behind nginx, MariaDB, Redis and a replica set of three, all on this machine. Clients post "
    "frames and post each one again, with the same key, until it is acknowledged. A part fails, comes back after a "
    "quarter of the time to the next fault, and so on. Then the archive is compared with what was acknowledged, frame "
    "by frame."
)


def measure(report: Report, minutes: int) -> None:
    add(report, minutes, counted(minutes, EVERY_S))


def counted(faults: int, every_s: int) -> dict[str, int]:
    """What happened how often."""
    with tempfile.TemporaryDirectory(prefix="posesmart-settings-") as folder:
        process = Environment(Path(folder) / "site")
        counts: dict[str, int] = json.loads(process.python("-m", "benchmarks.load.site", str(faults), str(every_s)))
    return counts


def add(report: Report, minutes: int, counts: dict[str, int]) -> None:
    report.add(
        Table(f"Faults in {minutes} minutes", [{"": name, "count": number} for name, number in counts.items()], NOTE),
        Target("faults: acknowledged frames that the archive does not have", 0, counts[LOST]),
        Target("faults: frames in the archive twice", 0, counts[TWICE]),
    )
