"""The measured stores: the service's own archive with some frames in it, and one growing array.

Needs Django set up for a service whose archive is in MongoDB.
"""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import numpy as np
import pymongo
from django.core.management import call_command
from django.db import connections
from django.db.utils import load_backend
from pymongo.errors import WriteError
from tqdm import tqdm

from ai_models.vision.frame import Frame as ReceivedFrame
from benchmarks.figures import timed
from mongos import archive
from mongos.guard import ARCHIVE_ALIAS
from mongos.models import Frame

FRAME_BYTES = 40 * 1024
PAGE = 50
BATCH = 250  # frames: 10 MB
USER = 1
STORE, LIST, READ, DELETE = "store", "list", "read", "delete"
TOO_LARGE_CODES = frozenset({10334, 17419, 17420})  # MongoDB's for a document over 16 MB
SESSION_FIELDS = frozenset({"lsid", "$db", "maxTimeMS"})  # of a sent command, not accepted by explain


class Examined(NamedTuple):
    """How much a query looked at: index entries, and documents with their images."""

    keys: int
    documents: int


class Archive:
    """A frame archive of its own with one user's frames: in MongoDB, or in a SQLite file as by default."""

    def __init__(self, alias: str, name: str, fill: int) -> None:
        self.fill = fill
        self.is_embedded = alias != ARCHIVE_ALIAS
        self._alias = alias
        settings = connections.databases[alias] | {"NAME": name}
        self._connection = load_backend(settings["ENGINE"]).DatabaseWrapper(settings, alias)
        self._random = np.random.default_rng(fill)
        self._keys: list[UUID] = []

    def prepare(self) -> None:
        """Create it as a new installation does, and fill it: a frame a second, up to now."""
        with self._in_use():
            options = ["migrate", f"--database={self._alias}"] if self.is_embedded else ["prepare_archive"]
            call_command(*options, verbosity=0)
            now = archive.now()
            with tqdm(total=self.fill, desc=f"archive of {self.fill}", unit="frame", mininterval=1) as progress:
                for first in range(0, self.fill, BATCH):
                    ages = range(first, min(first + BATCH, self.fill))
                    frames = [self._frame(now - timedelta(seconds=age)) for age in ages]
                    Frame.objects.bulk_create(frames)
                    self._keys += [frame.pk for frame in frames]
                    progress.update(len(frames))
        if not self.is_embedded:
            self._database.client.admin.command("fsync")  # nothing of the filling is left to write

    def round(self) -> dict[str, float]:
        """Milliseconds of one call each; the number of frames stays as it was."""
        picture = ReceivedFrame(self._random.bytes(FRAME_BYTES), "image/jpeg", 640, 480)
        ms = {}
        with self._in_use():
            key, at = uuid4(), archive.now()
            _, ms[STORE] = timed(
                archive.store, user_id=USER, frame=picture, face_found=True, captured_at=at, frame_id=key
            )
            self._keys.append(key)
            frames, ms[LIST] = timed(archive.newest, user_id=USER, limit=PAGE)
            frame, ms[READ] = timed(archive.read, user_id=USER, frame_id=self._keys[self._any()])
            deleted, ms[DELETE] = timed(archive.delete_one, user_id=USER, frame_id=self._keys.pop(self._any()))
        if len(frames) != min(PAGE, self.fill + 1) or frames[0].id != key or frame is None or not deleted:
            raise RuntimeError(f"The archive with {self.fill} frames lost one.")
        return ms

    def examined_by_list(self) -> Examined | None:
        """By MongoDB's explain of the query that a list sends; None in SQLite."""
        if self.is_embedded:
            return None
        self._database.command("profile", 2)
        with self._in_use():
            archive.newest(user_id=USER, limit=PAGE)
        self._database.command("profile", 0)
        of_list = {"ns": f"{self._database.name}.{Frame._meta.db_table}", "op": {"$in": ["query", "command"]}}
        sent = self._database["system.profile"].find_one(of_list, sort=[("ts", -1)])["command"]
        query = {name: value for name, value in sent.items() if name not in SESSION_FIELDS}
        plan = self._database.command({"explain": query, "verbosity": "executionStats"})
        stats = plan.get("executionStats") or plan["stages"][0]["$cursor"]["executionStats"]
        return Examined(stats["totalKeysExamined"], stats["totalDocsExamined"])

    def delete(self) -> None:
        if self.is_embedded:
            self._connection.close()
        else:
            self._database.client.drop_database(self._database.name)  # the client is shared: it stays open

    @property
    def _database(self) -> Any:
        return self._connection.database

    def _any(self) -> int:
        return int(self._random.integers(len(self._keys)))

    def _frame(self, captured_at: datetime) -> Frame:
        fields = {"content_type": "image/jpeg", "size": FRAME_BYTES, "image": self._random.bytes(FRAME_BYTES)}
        return Frame(id=uuid4(), user_id=USER, captured_at=captured_at, face_found=True, **fields)

    @contextmanager
    def _in_use(self) -> Iterator[None]:
        """Inside, mongos.archive works on this archive."""
        databases = connections.databases
        remote, before = databases[ARCHIVE_ALIAS], connections[self._alias]
        connections[self._alias] = self._connection
        if self.is_embedded:
            del databases[ARCHIVE_ALIAS]
        try:
            yield
        finally:
            databases[ARCHIVE_ALIAS] = remote
            connections[self._alias] = before


class GrowingArray:
    """The first design, which was rejected: a user's frames as base64 in one array of one document."""

    def __init__(self, collection: Any, fill: int) -> None:
        self.fill = fill
        self._collection = collection
        self._random = np.random.default_rng(fill)
        self._user = {"_id": fill}
        collection.insert_one(self._user | {"frames": [self._text() for _ in range(fill)]})

    def round(self) -> dict[str, float]:
        """Milliseconds of one more frame, which is deleted afterwards."""
        _, ms = timed(self._push, self._text())
        self._collection.update_one(self._user, {"$pop": {"frames": 1}})
        return {STORE: ms}

    def grow_to_the_end(self) -> int:
        """Store frame after frame; returns the number of the one that MongoDB refuses."""
        number = self.fill + 1
        while True:
            try:
                self._push(self._text())
            except WriteError as error:
                if error.code not in TOO_LARGE_CODES:
                    raise
                return number
            number += 1

    def _push(self, text: str) -> None:
        if self._collection.update_one(self._user, {"$push": {"frames": text}}).modified_count != 1:
            raise RuntimeError(f"The array of {self.fill} frames took no other.")

    def _text(self) -> str:
        return base64.b64encode(self._random.bytes(FRAME_BYTES)).decode()


@contextmanager
def arrays(fills: tuple[int, ...]) -> Iterator[list[GrowingArray]]:
    """An array for each of these numbers of frames, written as safely as the archive."""
    settings = connections.databases[ARCHIVE_ALIAS]
    with pymongo.MongoClient[dict[str, Any]](settings["HOST"], **settings["OPTIONS"]) as client:
        name = f"{settings['NAME']}_arrays"
        client.drop_database(name)
        try:
            yield [GrowingArray(client[name]["arrays"], fill) for fill in fills]
        finally:
            client.drop_database(name)


def server_version() -> str:
    return str(connections[ARCHIVE_ALIAS].database.client.server_info()["version"])  # type: ignore[attr-defined]
