"""The cost of storing, listing, reading and deleting a frame, over the number of stored frames.

Each round goes through all stores, so that background load affects all alike.
"""

import os
import random
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from django.db import connections

from benchmarks.figures import Target, summary, thousands, with_progress
from benchmarks.report import Table
from tests import mongod

if TYPE_CHECKING:
    from benchmarks.archive_stores import Archive, Examined, GrowingArray

MONGODB, SQLITE, ARRAY = "MongoDB", "SQLite", "one growing array"
LIST_LIMIT_MS = 10
FLAT_WITHIN = 1.25  # chosen, not measured: room for other work of the machine
DISK_BYTES_A_FRAME = 3 * 40 * 1024  # the frame, the journal, and space not reclaimed yet
TIMEOUT_MS = 60_000  # on a busy machine the breaker must not open: frames would go to the spool, which costs nothing


@dataclass(frozen=True, slots=True)
class Scale:
    """Frames stored beforehand, by design, and the number of rounds. The arrays take part in every few rounds."""

    fills: dict[str, tuple[int, ...]]
    rounds: int
    array_every: int = 3
    warm_up: int = 10


FULL = Scale({SQLITE: (0, 10_000), MONGODB: (0, 10_000, 100_000), ARRAY: (0, 10, 30, 100, 200, 300)}, rounds=300)
QUICK = Scale({SQLITE: (0, 1_000), MONGODB: (0, 1_000, 10_000), ARRAY: (0, 100, 200, 300)}, rounds=60, warm_up=5)


@dataclass(slots=True)
class Cost:
    """Milliseconds of each call with so many frames stored, and how much a list examines."""

    design: str
    fill: int
    ms: dict[str, list[float]] = field(default_factory=dict)
    examined: "Examined | None" = None

    def median(self, call: str) -> float:
        return summary(self.ms.get(call, [])).median


@dataclass(frozen=True, slots=True)
class Costs:
    """All costs. refused_at: the number of the frame that MongoDB refused to add to the array."""

    all: list[Cost]
    refused_at: int

    def of(self, design: str) -> list[Cost]:
        return [cost for cost in self.all if cost.design == design]


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


def measure(scale: Scale, folder: Path) -> Costs:
    """Each round has one turn of every store; those of a design follow each other, in random order."""
    chance = random.Random(0)  # noqa: S311
    with _stores(scale, folder) as stores:
        for index in with_progress(range(-scale.warm_up, scale.rounds), "archive", "round"):
            for design in (MONGODB, SQLITE, ARRAY)[: None if index % scale.array_every == 0 else 2]:
                group = [pair for pair in stores if pair[0].design == design]
                os.sync()  # nobody waits for what others wrote
                for cost, store in chance.sample(group, len(group)):
                    for call, taken in store.round().items():
                        cost.ms.setdefault(call, []).extend([taken] if index >= 0 else [])
        return _finished(stores)


def _finished(stores: "list[tuple[Cost, Archive | GrowingArray]]") -> Costs:
    from benchmarks.archive_stores import Archive, GrowingArray

    arrays = [store for _, store in stores if isinstance(store, GrowingArray)]
    for cost, store in stores:
        cost.examined = store.examined_by_list() if isinstance(store, Archive) else None
    return Costs([cost for cost, _ in stores], max(arrays, key=lambda array: array.fill).grow_to_the_end())


@contextmanager
def _stores(scale: Scale, folder: Path) -> "Iterator[list[tuple[Cost, Archive | GrowingArray]]]":
    """The filled stores; they are deleted in the end. SQLite's files lie in the folder."""
    from benchmarks.archive_stores import Archive, arrays

    stores: list[tuple[Cost, Archive | GrowingArray]] = []
    with ExitStack() as stack:
        for design, alias, name in ((SQLITE, "default", f"{folder}/frames-"), (MONGODB, "mongodb", "posesmart_")):
            for fill in scale.fills[design]:
                archive = Archive(alias, f"{name}{fill}", fill)
                stack.callback(archive.delete)
                archive.prepare()
                stores.append((Cost(design, fill), archive))
        made = stack.enter_context(arrays(scale.fills[ARRAY]))
        yield [*stores, *((Cost(ARRAY, array.fill), array) for array in made)]


def facts() -> list[str]:
    from benchmarks.archive_stores import FRAME_BYTES, server_version

    packages = ", ".join(f"{name} {version(name)}" for name in ("pymongo", "django-mongodb-backend"))
    return [
        f"MongoDB {server_version()}, one server with 0.25 GB of cache on this machine; {packages}.",
        f"Frames: {FRAME_BYTES / 1024:.0f} KiB of random bytes, all of one user. Every write is acknowledged once it "
        "is in MongoDB's journal on disk; SQLite is as by default (WAL, synchronous=NORMAL).",
    ]


def targets(costs: Costs) -> list[Target]:
    archives = costs.of(MONGODB)
    first, last = archives[0], archives[-1]
    examined = [cost.examined for cost in archives if cost.examined]
    slowest = max(cost.median("list") for cost in archives)
    slower = last.median("store") / first.median("store")
    return [
        Target(f"storing at {thousands(last.fill)} frames against none", FLAT_WITHIN, slower, "×"),
        Target("listing the newest 50, the slowest median", LIST_LIMIT_MS, slowest, " ms"),
        Target("documents, with their images, that a list opens", 0, max(work.documents for work in examined)),
        Target("index entries that a list of 50 reads", 51, max(work.keys for work in examined)),
    ]


def store_table(costs: Costs) -> Table:
    rows: list[list[object]] = []
    for cost in costs.all:
        found = summary(cost.ms["store"])
        rows.append([cost.design, thousands(cost.fill), found.count, found.median, found.p95, found.p99])
    notes = [
        f"One growing array: each user has one document, and a frame is pushed into its array as base64 text. "
        f"MongoDB refuses frame {costs.refused_at}, as the document would be larger than 16 MB.",
        "In each round every store has its turn; stores of one kind follow each other in random order.",
    ]
    return Table("Storing a frame, ms", ("store", "stored frames", "stores", "median", "p95", "p99"), rows, notes)


def calls_table(costs: Costs) -> Table:
    rows: list[list[object]] = []
    for cost in [*costs.of(MONGODB), *costs.of(SQLITE)]:
        found = [summary(cost.ms[call]) for call in ("list", "read", "delete")]
        figures = [value for times in found for value in (times.median, times.p95)]
        rows.append([cost.design, thousands(cost.fill), *figures, *(cost.examined or ("", ""))])
    header = ("store", "stored frames", "list", "p95", "read", "p95", "delete", "p95", "index entries", "documents")
    notes = [
        "List: the newest 50 frames (the only one if none was stored), without images. Read and delete: one frame "
        "with its image, any of those stored. Index entries and documents: totalKeysExamined and totalDocsExamined "
        "in MongoDB's explain of the list's query.",
    ]
    return Table("Listing, reading and deleting, ms", header, rows, notes)
