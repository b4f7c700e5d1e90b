"""The cost of storing, listing, reading and deleting a frame, over the number of stored frames, by the clock.

All stores take turns: the service's own archive in MongoDB and in SQLite, and a growing array for each user, which was
rejected. Needs Django set up for a service whose archive is in MongoDB.
"""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pymongo
from django.db import connections

from benchmarks.archive_stores import (
    ALIASES,
    ARRAY,
    DELETE,
    FRAME_BYTES,
    LIST,
    MONGODB,
    READ,
    SQLITE,
    STORE,
    Archive,
    GrowingArray,
)
from benchmarks.charts import Costs, archive_chart
from benchmarks.figures import Target, summary, thousands
from benchmarks.report import Report, Table
from benchmarks.turns import take_turns
from tests import mongod

LIST_LIMIT_MS = 10
FLAT_WITHIN = 1.25  # chosen, not measured: room for other work of the machine
DISK_BYTES_A_FRAME = 3 * FRAME_BYTES  # the frame, the journal, and space not reclaimed yet
TIMEOUT_MS = 60_000  # on a busy machine the breaker must not open: frames would go to the spool, which costs nothing


@dataclass(frozen=True, slots=True)
class Scale:
    """Frames stored beforehand, by design, and the number of rounds."""

    fills: dict[str, tuple[int, ...]]
    rounds: int


FULL = Scale({SQLITE: (0, 10_000), MONGODB: (0, 10_000, 100_000), ARRAY: (0, 10, 30, 100, 200, 300)}, rounds=300)
QUICK = Scale({SQLITE: (0, 1_000), MONGODB: (0, 1_000, 10_000), ARRAY: (0, 100, 200, 300)}, rounds=60)


def reason_to_skip(scale: Scale, folder: Path) -> str:
    """Why this cannot be measured here, or nothing."""
    needed = (sum(scale.fills[SQLITE]) + sum(scale.fills[MONGODB])) * DISK_BYTES_A_FRAME
    free = shutil.disk_usage(folder).free
    if needed > free:
        return f"{folder} has {free / 1e9:.0f} GB free, and {needed / 1e9:.0f} GB are needed"
    return mongod.missing()


@contextmanager
def running(server: mongod.Mongod, folder: Path) -> Iterator[None]:
    folder.mkdir()
    server.start()
    try:
        yield
    finally:
        connections["mongodb"].close_pool()  # type: ignore[attr-defined]
        server.kill()


def measure(report: Report, scale: Scale, folder: Path) -> str:
    """Adds tables, targets and facts; returns the chart."""
    with _stores(scale, folder) as stores:
        times = take_turns({store: found.round for store, found in stores.items()}, range(scale.rounds), "archive")
        arrays = [array for array in stores.values() if isinstance(array, GrowingArray)]
        costs = Costs(times, refused_at=arrays[-1].grow_to_the_end())
        server = connections[ALIASES[MONGODB]].database.client.server_info()["version"]  # type: ignore[attr-defined]
    packages = ", ".join(f"{name} {version(name)}" for name in ("pymongo", "django-mongodb-backend"))
    report.facts += [
        f"MongoDB {server}, one server with 0.25 GB of cache on this machine; {packages}.",
        f"Frames: {FRAME_BYTES / 1024:.0f} KiB of random bytes, all of one user. Every write is acknowledged once it "
        "is in MongoDB's journal on disk; SQLite is as by default (WAL, synchronous=NORMAL).",
    ]
    report.add(_store_table(costs))
    report.add(_calls_table(costs), _targets(costs))
    return archive_chart(costs)


@contextmanager
def _stores(scale: Scale, folder: Path) -> Iterator[dict[tuple[str, int], Archive | GrowingArray]]:
    """The filled stores, by design and frames; they are deleted in the end. SQLite's files lie in the folder."""
    stores: dict[tuple[str, int], Archive | GrowingArray] = {}
    settings = connections.databases[ALIASES[MONGODB]]
    with ExitStack() as stack:
        for design, alias in ALIASES.items():
            for fill in scale.fills[design]:
                name = f"{folder}/frames-{fill}" if design == SQLITE else f"posesmart_{fill}"
                archive = stores[design, fill] = Archive(alias, name, fill)
                stack.callback(archive.delete)
                archive.prepare()
        # Written as safely as the archive.
        client = stack.enter_context(pymongo.MongoClient[dict[str, Any]](settings["HOST"], **settings["OPTIONS"]))
        stack.callback(client.drop_database, "posesmart_arrays")
        for fill in scale.fills[ARRAY]:
            stores[ARRAY, fill] = GrowingArray(client["posesmart_arrays"]["arrays"], fill)
        yield stores


def _targets(costs: Costs) -> list[Target]:
    (_, first), *_, (fill, last) = costs.medians(MONGODB, STORE)
    slowest = max(ms for _, ms in costs.medians(MONGODB, LIST))
    return [
        Target(f"storing at {thousands(fill)} frames against none", FLAT_WITHIN, last / first, "×"),
        Target("listing the newest 50, the slowest median", LIST_LIMIT_MS, slowest, " ms"),
    ]


def _store_table(costs: Costs) -> Table:
    rows: list[list[object]] = []
    for (design, fill), times in costs.times.items():
        found = summary(times[STORE])
        rows.append([design, thousands(fill), found.count, found.median, found.p95, found.p99])
    notes = [
        f"One growing array: each user has one document, and a frame is pushed into its array as base64 text. "
        f"MongoDB refuses frame {costs.refused_at}, as the document would be larger than 16 MB.",
    ]
    return Table("Storing a frame, ms", ("store", "stored frames", "stores", "median", "p95", "p99"), rows, notes)


def _calls_table(costs: Costs) -> Table:
    rows: list[list[object]] = []
    for (design, fill), times in costs.times.items():
        if design != ARRAY:
            found = [summary(times[call]) for call in (LIST, READ, DELETE)]
            rows.append([design, thousands(fill), *(value for one in found for value in (one.median, one.p95))])
    header = ("store", "stored frames", "list", "p95", "read", "p95", "delete", "p95")
    notes = [
        "List: the newest 50 frames (the only one if none was stored), without images, from the index alone. Read and "
        "delete: one frame with its image, any of those stored.",
    ]
    return Table("Listing, reading and deleting, ms", header, rows, notes)
