"""The cost of storing, listing, reading and deleting a frame, over the number of stored frames, by the clock.

All stores take turns: the service's own archive in MongoDB and in SQLite, and a growing array for each user, which was
rejected.
"""

import base64
import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import timedelta
from importlib.metadata import version
from subprocess import PIPE
from typing import IO, Any, cast
from uuid import UUID, uuid4

import numpy as np
import pymongo
from pymongo.errors import WriteError
from tqdm import tqdm

from ai_models.vision.frame import Frame as ReceivedFrame
from benchmarks.charts import archive_chart
from benchmarks.environment import Environment, Run
from benchmarks.report import Report, Row, Table, Target, median, stats, thousands
from benchmarks.turns import Sample, Times, Way, take_turns, timed
from tests import mongod
from tests.gunicorn_server import ROOT

MONGODB, SQLITE, ARRAY = "MongoDB", "SQLite", "one growing array"
TIMEOUT_MS = "60000"  # on a busy machine no frame must go to the spool, which costs nothing
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
    """A service's own frame archive with one user's frames, in a process with its settings: see main."""

    def __init__(self, environment: Environment, fill: int) -> None:
        command = [sys.executable, "-m", "benchmarks.archive", str(fill)]
        pipes: dict[str, Any] = {"stdin": PIPE, "stdout": PIPE, "text": True}
        self.process = subprocess.Popen(command, cwd=ROOT, env=environment.variables, **pipes)
        self._requests, self._answers = cast("IO[str]", self.process.stdin), cast("IO[str]", self.process.stdout)
        self.round(0)

    def round(self, _number: int) -> Sample:
        """One call each; the number of frames stays as it was."""
        print(file=self._requests, flush=True)
        return Sample(**json.loads(self._answers.readline()))


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
    folder = run.folder / "mongod"
    folder.mkdir()
    ways: dict[tuple[str, int], Way[int]] = {}
    with report.part("archive"), mongod.running(folder) as server, ExitStack() as stack:
        for design in (SQLITE, MONGODB):
            for fill in fills[design]:
                name = f"{design}-{fill}"
                uri = server.uri if design == MONGODB else ""
                environment = Environment(
                    run.folder / name, MONGODB_URI=uri, MONGODB_NAME=name, MONGODB_TIMEOUT_MS=TIMEOUT_MS
                ).migrated()
                archive = Archive(environment, fill)
                stack.enter_context(archive.process)
                ways[design, fill] = archive.round
        # Written as safely as the archive.
        client: Any = stack.enter_context(pymongo.MongoClient(server.uri, w="majority", journal=True))
        for fill in fills[ARRAY]:
            array = GrowingArray(client["arrays"]["arrays"], fill)
            ways[ARRAY, fill] = array.round
        client.admin.command("fsync")  # nothing of the filling is left to write
        times = take_turns(ways, range(rounds), "archive")
        refused_at, release = array.refused_at(fill), client.server_info()["version"]
    report.facts += [
        f"MongoDB {release}, one server with 0.25 GB of cache on this machine; pymongo {version('pymongo')}, "
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


# --- In an archive's process ---


def main(fill: int) -> None:
    """Prepares the archive as a new installation does, fills it, and calls it once for each line."""
    import django

    django.setup()
    from django.core.management import call_command

    call_command("prepare_archive", verbosity=0)
    random = np.random.default_rng(fill)
    keys = _filled(fill, random)
    for _ in sys.stdin:
        print(json.dumps(_call_each(keys, random)), flush=True)


def _filled(count: int, random: np.random.Generator) -> list[UUID]:
    """The keys of so many frames: one a second, up to now."""
    from mongos import archive
    from mongos.models import Frame

    keys, now = [uuid4() for _ in range(count)], archive.now()
    kept = {"user_id": USER, "face_found": True, "content_type": "image/jpeg", "size": FRAME_BYTES}
    for first in tqdm(range(0, count, BATCH), f"archive of {count}", unit="batch"):
        Frame.objects.bulk_create(
            Frame(id=key, captured_at=now - timedelta(seconds=age), image=random.bytes(FRAME_BYTES), **kept)
            for age, key in enumerate(keys[first : first + BATCH], first)
        )
    return keys


def _call_each(keys: list[UUID], random: np.random.Generator) -> dict[str, float]:
    """The milliseconds of each call. keys: of the stored frames; changed as they are."""
    from mongos import archive

    picture = ReceivedFrame(random.bytes(FRAME_BYTES), "image/jpeg", 640, 480)
    ms, key = {}, uuid4()
    stored: dict[str, Any] = {"captured_at": archive.now(), "face_found": True, "frame_id": key}
    _, ms[STORE] = timed(archive.store, user_id=USER, frame=picture, **stored)
    keys.append(key)
    frames, ms[LIST] = timed(archive.newest, user_id=USER, limit=PAGE)
    read, deleted = keys[random.integers(len(keys))], keys.pop(random.integers(len(keys)))
    frame, ms[READ] = timed(archive.read, user_id=USER, frame_id=read)
    is_deleted, ms[DELETE] = timed(archive.delete_one, user_id=USER, frame_id=deleted)
    if len(frames) != min(PAGE, len(keys) + 1) or frames[0].id != key or frame is None or not is_deleted:
        raise RuntimeError(f"The archive with {len(keys)} frames lost one.")
    return ms


if __name__ == "__main__":
    main(int(sys.argv[1]))
