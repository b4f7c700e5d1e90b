"""What storing, listing, reading and deleting a frame costs, however many are stored: issue 4's promise.

Each round goes through all the stores, so that whatever keeps the machine busy hits all alike.
"""

import os
import random
import secrets
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.serving import Place
from benchmarks.stats import Bar, Progress, number, summary
from evaluation.tables import Table
from tests import mongod

if TYPE_CHECKING:
    from benchmarks.archive_stores import Archive, Examined, GrowingArray

MONGODB, SQLITE, ARRAY = "MongoDB", "SQLite", "one growing array"
LIST_LIMIT_MS = 10
FLAT_WITHIN = 1.25  # chosen, not measured: room for what else a machine does
DISK_BYTES_A_FRAME = 3 * 40 * 1024  # the frame, the journal, and what is not reclaimed yet
PATIENCE_MS = 60_000  # a busy machine must not open the breaker: a frame on its way to the spool costs nothing


@dataclass(frozen=True, slots=True)
class Amount:
    """How much is measured: frames stored beforehand, and rounds. The arrays take part in every few of these."""

    fills: tuple[int, ...]
    embedded_fills: tuple[int, ...]
    array_fills: tuple[int, ...]
    rounds: int
    array_every: int
    warm_up: int

    @property
    def frames(self) -> int:
        return sum(self.fills) + sum(self.embedded_fills)


FULL = Amount((0, 10_000, 100_000), (0, 10_000), (0, 10, 30, 100, 200, 300), rounds=300, array_every=3, warm_up=10)
QUICK = Amount((0, 1_000, 10_000), (0, 1_000), (0, 100, 200, 300), rounds=60, array_every=3, warm_up=5)


@dataclass(slots=True)
class Cost:
    """Milliseconds of each call with so many frames stored, and what a list looks at."""

    design: str
    fill: int
    ms: dict[str, list[float]] = field(default_factory=dict)
    examined: "Examined | None" = None

    def median(self, call: str) -> float:
        return summary(self.ms.get(call, [])).median

    def note(self, ms: dict[str, float]) -> None:
        for call, taken in ms.items():
            self.ms.setdefault(call, []).append(taken)


@dataclass(frozen=True, slots=True)
class Costs:
    """All that was measured; refused_at: the number of the frame that MongoDB refused to put into the array."""

    all: list[Cost]
    refused_at: int

    def of(self, design: str) -> list[Cost]:
        return [cost for cost in self.all if cost.design == design]


@dataclass(frozen=True, slots=True)
class Stores:
    """What is measured."""

    archives: list["Archive"]
    arrays: list["GrowingArray"]

    def each(self) -> list[tuple[str, "Archive | GrowingArray"]]:
        archives: list[tuple[str, Archive | GrowingArray]] = [
            (SQLITE if each.is_embedded else MONGODB, each) for each in self.archives
        ]
        return [*archives, *((ARRAY, each) for each in self.arrays)]


def reason_to_skip(amount: Amount, folder: Path) -> str:
    """Why this cannot be measured here, or nothing."""
    needed, free = amount.frames * DISK_BYTES_A_FRAME, shutil.disk_usage(folder).free
    if needed > free:
        return f"{folder} has {free / 1e9:.0f} GB free, and {needed / 1e9:.0f} GB are needed"
    return mongod.missing()


@contextmanager
def django_on_mongod(folder: Path) -> Iterator[None]:
    """A MongoDB server, and Django with the service's settings on it; nothing of the caller's settings."""
    data = folder / "mongod"
    data.mkdir()
    with mongod.running(data) as server:
        environment = Place(folder, secrets.token_urlsafe(50)).environment() | {
            "DJANGO_SETTINGS_MODULE": "posesmart.settings",
            "MONGODB_URI": server.uri,
            "MONGODB_TIMEOUT_MS": str(PATIENCE_MS),
            "SPOOL_DIR": str(folder / "spool"),
        }
        os.environ.clear()
        os.environ.update(environment)
        import django
        from django.db import connections

        django.setup()
        try:
            yield
        finally:
            connections["mongodb"].close_pool()  # type: ignore[attr-defined]


@contextmanager
def filled(amount: Amount, folder: Path, progress: Progress) -> Iterator[Stores]:
    """The stores, filled; they are removed in the end. SQLite's files lie in the folder."""
    from benchmarks.archive_stores import Archive, arrays

    archives = [Archive("default", str(folder / f"frames-{fill}.sqlite3"), fill) for fill in amount.embedded_fills]
    archives += [Archive("mongodb", f"posesmart_{fill}", fill) for fill in amount.fills]
    with ExitStack() as stack:
        for archive in archives:
            stack.callback(archive.remove)
            archive.prepare(progress)
        yield Stores(archives, stack.enter_context(arrays(amount.array_fills)))


def measure(stores: Stores, amount: Amount, progress: Progress) -> Costs:
    """Each round is one of every store, those of one kind next to each other and in any order."""
    costs = [(Cost(design, store.fill), store) for design, store in stores.each()]
    groups = [[each for each in costs if each[0].design == design] for design in (MONGODB, SQLITE, ARRAY)]
    order = random.Random(0)  # noqa: S311
    for number_of_round in range(-amount.warm_up, amount.rounds):
        for group in groups[: None if number_of_round % amount.array_every == 0 else 2]:
            os.sync()  # what others wrote shall not be waited for by whoever comes next
            for cost, store in order.sample(group, len(group)):
                taken = store.round()
                if number_of_round >= 0:
                    cost.note(taken)
        progress.update()
    for (cost, _), archive in zip(costs, stores.archives, strict=False):
        cost.examined = archive.examined_by_list()
    fullest = max(stores.arrays, key=lambda array: array.fill)
    return Costs([cost for cost, _ in costs], fullest.grow_to_the_end())


def facts() -> list[str]:
    """What the archive ran on."""
    from benchmarks.archive_stores import FRAME_BYTES
    from benchmarks.archive_stores import version as server_version

    packages = ", ".join(f"{name} {version(name)}" for name in ("pymongo", "django-mongodb-backend"))
    return [
        f"MongoDB {server_version()}, one server with 0.25 GB of cache on this machine; {packages}.",
        f"Frames: {FRAME_BYTES / 1024:.0f} KiB of random bytes, all of one user. Every write is acknowledged once it "
        "is in MongoDB's journal on disk; SQLite is as by default (WAL, synchronous=NORMAL).",
    ]


def tables(costs: Costs) -> list[Table]:
    return [_store_table(costs), _calls_table(costs)]


def bars(costs: Costs) -> list[Bar]:
    archive = costs.of(MONGODB)
    first, last = archive[0], archive[-1]
    examined = [cost.examined for cost in archive if cost.examined]
    slowest = max(cost.median("list") for cost in archive)
    slower = last.median("store") / first.median("store")
    return [
        Bar(f"storing at {told_count(last.fill)} frames against none", FLAT_WITHIN, slower, "×"),
        Bar("listing the newest 50, the slowest median", LIST_LIMIT_MS, slowest, " ms"),
        Bar("documents, with their images, that a list opens", 0, max(each.documents for each in examined)),
        Bar("index entries that a list of 50 reads", 51, max(each.keys for each in examined)),
    ]


def _store_table(costs: Costs) -> Table:
    rows = []
    for cost in costs.all:
        found = summary(cost.ms["store"])
        cells = [number(each) for each in (found.median, found.p95, found.p99)]
        rows.append([cost.design, told_count(cost.fill), str(found.count), *cells])
    notes = [
        f"One growing array: each user has one document, and a frame is pushed into its array as base64 text. "
        f"MongoDB refuses frame {costs.refused_at}, as the document would be larger than 16 MB.",
        "In each round every store has its turn, and stores of one kind follow each other in any order.",
    ]
    return Table("Storing a frame, ms", ("store", "stored frames", "stores", "median", "p95", "p99"), rows, notes)


def _calls_table(costs: Costs) -> Table:
    rows = []
    for cost in [*costs.of(MONGODB), *costs.of(SQLITE)]:
        cells = []
        for call in ("list", "read", "delete"):
            found = summary(cost.ms[call])
            cells += [number(found.median), number(found.p95)]
        looked_at = [str(cost.examined.keys), str(cost.examined.documents)] if cost.examined else ["", ""]
        rows.append([cost.design, told_count(cost.fill), *cells, *looked_at])
    columns = ("store", "stored frames", "list", "p95", "read", "p95", "delete", "p95", "index entries", "documents")
    notes = [
        "List: the newest 50 frames (the only one where none was stored), without images. Read and delete: one frame "
        "with its image, any of those stored. Index entries and documents are what MongoDB's explain says that the "
        "list's query examined (totalKeysExamined, totalDocsExamined).",
    ]
    return Table("Listing, reading and deleting, ms", columns, rows, notes)


def told_count(count: int) -> str:
    return f"{count:,}".replace(",", " ")
