"""The cost of storing, listing, reading and deleting a frame, over the number of stored frames, by the clock.

All stores take turns: the service's own archive in MongoDB and in SQLite, and a growing array for each user, which was
rejected. Needs Django set up for a service whose archive is in MongoDB.
"""

import base64
import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import numpy as np
import pymongo
from django.core.management import call_command
from django.db import connections
from django.db.utils import load_backend
from pymongo.errors import WriteError
from tqdm import tqdm

from ai_models.vision.frame import Frame as ReceivedFrame
from benchmarks.charts import archive_chart
from benchmarks.environment import Run, empty_database
from benchmarks.report import Report, Row, Table, Target, median, stats, thousands
from benchmarks.turns import Sample, Times, take_turns, timed
from tests import mongod, server_process

MONGODB, SQLITE, ARRAY = "MongoDB", "SQLite", "one growing array"
ALIASES = {SQLITE: "default", MONGODB: "mongodb"}
FILLS = {SQLITE: (0, 10_000), MONGODB: (0, 10_000, 100_000), ARRAY: (0, 10, 30, 100, 200, 300)}
QUICK = {"fills": {SQLITE: (0, 1_000), MONGODB: (0, 1_000, 10_000), ARRAY: (0, 100, 200, 300)}, "rounds": 60}
STORE, LIST, READ, DELETE = "store", "list", "read", "delete"
FRAME_BYTES = 40 * 1024
PAGE, BATCH, USER = 50, 250, 1
TOO_LARGE_CODES = frozenset({10334, 17419, 17420})  # MongoDB's for a document over 16 MB
LIST_LIMIT_MS = 10
FLAT_WITHIN = 1.25  # chosen, not measured: room for other work of the machine
DISK_BYTES_A_FRAME = 3 * FRAME_BYTES  # the frame, the journal, and space not reclaimed yet

ARRAY_NOTE = (
    "One growing array: each user has one document, and a frame is pushed into its array as base64 text. MongoDB "
    "refuses frame {}, as the document would be larger than 16 MB."
)
CALLS_NOTE = (
    "List: the newest 50 frames (the only one if none was stored), without images, from the index alone. Read and "
    "delete: one frame with its image, any of those stored."
)

Fills = Mapping[str, tuple[int, ...]]  # frames stored beforehand, by design


class Archive:
    """A frame archive of its own with one user's frames: in MongoDB, or in a SQLite file as by default."""

    def __init__(self, design: str, folder: Path, fill: int) -> None:
        """Create it as a new installation does, and fill it: a frame a second, up to now."""
        from mongos import archive
        from mongos.models import Frame

        self._fill, self._alias = fill, ALIASES[design]
        self._is_embedded = design == SQLITE
        name = f"{folder}/frames-{fill}" if self._is_embedded else f"posesmart_{fill}"
        settings = connections.databases[self._alias] | {"NAME": name}
        self._connection = load_backend(settings["ENGINE"]).DatabaseWrapper(settings, self._alias)
        self._random = np.random.default_rng(fill)
        self._keys: list[UUID] = [uuid4() for _ in range(fill)]
        if self._is_embedded:
            Path(name).write_bytes(empty_database())
        kept = {"user_id": USER, "face_found": True, "content_type": "image/jpeg", "size": FRAME_BYTES}
        with self._in_use():
            call_command("prepare_archive", verbosity=0)
            now = archive.now()
            for first in tqdm(range(0, fill, BATCH), f"archive of {fill}", unit="batch"):
                Frame.objects.bulk_create(
                    Frame(
                        id=key, captured_at=now - timedelta(seconds=age), image=self._random.bytes(FRAME_BYTES), **kept
                    )
                    for age, key in enumerate(self._keys[first : first + BATCH], first)
                )
        if not self._is_embedded:
            self._connection.database.client.admin.command("fsync")  # nothing of the filling is left to write

    def round(self, _number: int) -> Sample:
        """One call each; the number of frames stays as it was."""
        from mongos import archive

        picture = ReceivedFrame(self._random.bytes(FRAME_BYTES), "image/jpeg", 640, 480)
        ms, key = {}, uuid4()
        stored: dict[str, Any] = {"captured_at": archive.now(), "face_found": True, "frame_id": key}
        with self._in_use():
            _, ms[STORE] = timed(archive.store, user_id=USER, frame=picture, **stored)
            self._keys.append(key)
            frames, ms[LIST] = timed(archive.newest, user_id=USER, limit=PAGE)
            frame, ms[READ] = timed(archive.read, user_id=USER, frame_id=self._keys[self._any()])
            deleted, ms[DELETE] = timed(archive.delete_one, user_id=USER, frame_id=self._keys.pop(self._any()))
        if len(frames) != min(PAGE, self._fill + 1) or frames[0].id != key or frame is None or not deleted:
            raise RuntimeError(f"The archive with {self._fill} frames lost one.")
        return Sample(**ms)

    def delete(self) -> None:
        if self._is_embedded:
            self._connection.close()
        else:  # the client is shared: it stays open
            self._connection.database.client.drop_database(self._connection.database.name)

    def _any(self) -> int:
        return int(self._random.integers(len(self._keys)))

    @contextmanager
    def _in_use(self) -> Iterator[None]:
        """Inside, mongos.archive works on this archive."""
        databases, remote_alias = connections.databases, ALIASES[MONGODB]
        remote, before = databases[remote_alias], connections[self._alias]
        connections[self._alias] = self._connection
        if self._alias != remote_alias:
            del databases[remote_alias]
        try:
            yield
        finally:
            databases[remote_alias] = remote
            connections[self._alias] = before


class GrowingArray:
    """The first design, which was rejected: a user's frames as base64 in one array of one document."""

    def __init__(self, collection: Any, fill: int) -> None:
        self._collection, self._user = collection, {"_id": fill}
        self._random = np.random.default_rng(fill)
        collection.insert_one(self._user | {"frames": [self._text() for _ in range(fill)]})

    def round(self, _number: int) -> Sample:
        """One more frame, which is deleted afterwards."""
        _, ms = timed(self.push, self._text())
        self._collection.update_one(self._user, {"$pop": {"frames": 1}})
        return Sample(**{STORE: ms})

    def push(self, text: str) -> None:
        if self._collection.update_one(self._user, {"$push": {"frames": text}}).modified_count != 1:
            raise RuntimeError(f"The array of {self._user} took no other frame.")

    def refused_at(self, fill: int) -> int:
        """Store frame after frame; returns the number of the one that MongoDB refuses."""
        try:
            while True:
                fill += 1
                self.push(self._text())
        except WriteError as error:
            if error.code not in TOO_LARGE_CODES:
                raise
        return fill

    def _text(self) -> str:
        return base64.b64encode(self._random.bytes(FRAME_BYTES)).decode()


def measure(report: Report, run: Run, *, fills: Fills = FILLS, rounds: int = 300) -> str | None:
    """On a MongoDB server of its own. Returns the chart."""
    needed = (sum(fills[SQLITE]) + sum(fills[MONGODB])) * DISK_BYTES_A_FRAME
    reason, free = mongod.missing(), shutil.disk_usage(run.folder).free
    if needed > free:
        reason = f"{run.folder} has {free / 1e9:.0f} GB free, and {needed / 1e9:.0f} GB are needed"
    if reason:
        report.facts.append(f"The archive's cost is not measured: {reason}.")
        return None
    run.mongod.folder.mkdir()
    with report.part("archive"), server_process.running(run.mongod):
        try:
            return measure_stores(report, run.folder, fills, rounds)
        finally:
            connections[ALIASES[MONGODB]].close_pool()  # type: ignore[attr-defined]


def measure_stores(report: Report, folder: Path, fills: Fills, rounds: int) -> str:
    """On the server of Django's settings."""
    stores: dict[tuple[str, int], Archive | GrowingArray] = {}
    settings = connections.databases[ALIASES[MONGODB]]
    with ExitStack() as stack:  # which deletes the stores
        for design in ALIASES:
            for fill in fills[design]:
                archive = stores[design, fill] = Archive(design, folder, fill)
                stack.callback(archive.delete)
        # Written as safely as the archive.
        client = stack.enter_context(pymongo.MongoClient[dict[str, Any]](settings["HOST"], **settings["OPTIONS"]))
        stack.callback(client.drop_database, "posesmart_arrays")
        for fill in fills[ARRAY]:
            array = stores[ARRAY, fill] = GrowingArray(client["posesmart_arrays"]["arrays"], fill)
        times = take_turns({store: found.round for store, found in stores.items()}, range(rounds), "archive")
        refused_at, server = array.refused_at(fill), client.server_info()["version"]
    report.facts += [
        f"MongoDB {server}, one server with 0.25 GB of cache on this machine; pymongo {version('pymongo')}, "
        f"django-mongodb-backend {version('django-mongodb-backend')}.",
        f"Frames: {FRAME_BYTES / 1024:.0f} KiB of random bytes, all of one user. Every write is acknowledged once it "
        "is in MongoDB's journal on disk; SQLite is as by default (WAL, synchronous=NORMAL).",
    ]
    return _add(report, times, refused_at)


def _add(report: Report, times: Mapping[tuple[str, int], Times], refused_at: int) -> str:
    """times: by design and the frames stored beforehand."""
    stored: list[Row] = []
    others: list[Row] = []
    medians: dict[str, dict[int, float]] = {}
    for (design, fill), ms in times.items():
        row: Row = {"store": design, "stored frames": thousands(fill)}
        stored.append(row | {"stores": len(ms[STORE])} | stats(ms[STORE], "median", "p95", "p99"))
        medians.setdefault(design, {})[fill] = stored[-1]["median"]
        if design != ARRAY:
            for call in (LIST, READ, DELETE):
                row |= {call: median(ms[call]), f"{call}, p95": stats(ms[call], "p95")["p95"]}
            others.append(row)
    (_, empty_ms), *_, (full, full_ms) = medians[MONGODB].items()
    slowest = max(row[LIST] for row in others if row["store"] == MONGODB)
    report.add(
        Table("Storing a frame, ms", stored, ARRAY_NOTE.format(refused_at)),
        Target(f"storing at {thousands(full)} frames against none", FLAT_WITHIN, full_ms / empty_ms, "×"),
    )
    report.add(
        Table("Listing, reading and deleting, ms", others, CALLS_NOTE),
        Target("listing the newest 50, the slowest median", LIST_LIMIT_MS, slowest, " ms"),
    )
    return archive_chart(medians, refused_at)
