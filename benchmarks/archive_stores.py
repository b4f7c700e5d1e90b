"""The stores whose cost is measured: the service's own archive with so many frames in it, and one growing array.

Needs Django set up, with the settings of a server whose archive is in MongoDB.
"""

import base64
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID, uuid4

import numpy as np
import pymongo
from django.core.management import call_command
from django.db import connections
from django.db.utils import load_backend
from pymongo import WriteConcern
from pymongo.errors import WriteError

from ai_models.vision.frame import Frame as ReceivedFrame
from benchmarks.stats import Progress
from mongos import archive
from mongos.guard import ARCHIVE_ALIAS
from mongos.models import Frame

FRAME_BYTES = 40 * 1024
PAGE = 50
BATCH = 250  # frames: 10 MB
USER = 1
STORE, LIST, READ, DELETE = "store", "list", "read", "delete"
CALLS = (STORE, LIST, READ, DELETE)
TOO_LARGE_CODES = frozenset({10334, 17419, 17420})  # what MongoDB says of a document over 16 MB
OF_THE_SESSION = frozenset({"lsid", "$db", "maxTimeMS"})  # in a command as it was sent, but not to be explained


T = TypeVar("T")


class MeasuringFailed(RuntimeError):
    """A store did not do what was to be timed."""


@dataclass(frozen=True, slots=True)
class Examined:
    """What a query looked at: index entries, and documents, which hold the images."""

    keys: int
    documents: int


class Archive:
    """A frame archive of its own, with one user's frames: in MongoDB, or in a SQLite file as by default."""

    def __init__(self, alias: str, name: str, fill: int) -> None:
        self.fill = fill
        self.is_embedded = alias != ARCHIVE_ALIAS
        self._alias = alias
        own = connections.databases[alias] | {"NAME": name}
        self._connection = load_backend(own["ENGINE"]).DatabaseWrapper(own, alias)
        self._random = np.random.default_rng(fill)
        self._keys: list[UUID] = []

    def prepare(self, progress: Progress) -> None:
        """Make it, as a new installation does, and fill it: a frame a second, the newest of this moment."""
        with self._in_use():
            if self.is_embedded:
                call_command("migrate", database=self._alias, verbosity=0)
            else:
                call_command("prepare_archive", verbosity=0)
            insert = self._inserter()
            now = archive.now()
            for first in range(0, self.fill, BATCH):
                ages = range(first, min(first + BATCH, self.fill))
                frames = [_frame(self._random, captured_at=now - timedelta(seconds=age)) for age in ages]
                insert(frames)
                self._keys += [frame.pk for frame in frames]
                progress.update(len(frames))
        if not self.is_embedded:
            self._database.client.admin.command("fsync")  # so that nothing of the filling is left to write

    def round(self) -> dict[str, float]:
        """Milliseconds of one call each. As many frames are stored after it as before."""
        picture = ReceivedFrame(self._random.bytes(FRAME_BYTES), "image/jpeg", 640, 480)
        ms = {}
        with self._in_use():
            key, ms[STORE] = timed(lambda: archive.store(user_id=USER, frame=picture, face_found=True))
            self._keys.append(key)
            list_frames, ms[LIST] = timed(lambda: archive.newest(user_id=USER, limit=PAGE))
            chosen = self._keys[self._any()]
            frame, ms[READ] = timed(lambda: archive.read(user_id=USER, frame_id=chosen))
            given_up = self._keys.pop(self._any())
            deleted, ms[DELETE] = timed(lambda: archive.delete_one(user_id=USER, frame_id=given_up))
        if len(list_frames) != min(PAGE, self.fill + 1) or list_frames[0].id != key or frame is None or not deleted:
            raise MeasuringFailed(f"The archive with {self.fill} frames lost one.")
        return ms

    def count(self) -> int:
        with self._in_use():
            return archive.count(user_id=USER)

    def examined_by_list(self) -> Examined | None:
        """What MongoDB's explain tells of the very query that a list sends; nothing where there is no MongoDB."""
        if self.is_embedded:
            return None
        self._database.command("profile", 2)
        with self._in_use():
            archive.newest(user_id=USER, limit=PAGE)
        self._database.command("profile", 0)
        of_list = {"ns": f"{self._database.name}.{Frame._meta.db_table}", "op": {"$in": ["query", "command"]}}
        sent = self._database["system.profile"].find_one(of_list, sort=[("ts", -1)])["command"]
        query = {name: value for name, value in sent.items() if name not in OF_THE_SESSION}
        told = self._database.command({"explain": query, "verbosity": "executionStats"})
        stats = _found(told, "executionStats")
        return Examined(stats["totalKeysExamined"], stats["totalDocsExamined"])

    def remove(self) -> None:
        if self.is_embedded:
            self._connection.close()
        else:
            self._database.client.drop_database(self._database.name)  # the client is everybody's: it stays open

    @property
    def _database(self) -> Any:
        return self._connection.database

    def _any(self) -> int:
        return int(self._random.integers(len(self._keys)))

    def _inserter(self) -> Callable[[list[Frame]], object]:
        if self.is_embedded:
            return Frame.objects.bulk_create
        # A quick way in, for documents like those of the service: one of them is the pattern.
        picture = ReceivedFrame(self._random.bytes(FRAME_BYTES), "image/jpeg", 640, 480)
        key = archive.store(user_id=USER, frame=picture, face_found=True)
        unjournaled = self._database[Frame._meta.db_table].with_options(write_concern=WriteConcern(w=1, j=False))
        pattern = unjournaled.find_one({"_id": key.hex})
        archive.delete_one(user_id=USER, frame_id=key)
        return lambda frames: unjournaled.insert_many([pattern | _own_fields(frame) for frame in frames], ordered=False)

    @contextmanager
    def _in_use(self) -> Iterator[None]:
        """Meanwhile this is the archive that mongos.archive knows."""
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
    """The first design, which was rejected: a user's frames as base64 texts in one array of one document."""

    def __init__(self, frames: Any, fill: int) -> None:
        """frames: pymongo's collection."""
        self.fill = fill
        self._frames = frames
        self._random = np.random.default_rng(fill)
        self._user = {"_id": fill}
        self._frames.insert_one(self._user | {"frames": [self._text() for _ in range(fill)]})

    def round(self) -> dict[str, float]:
        """Milliseconds of one more frame, which goes again after that."""
        text = self._text()
        _, ms = timed(lambda: self._push(text))
        self._frames.update_one(self._user, {"$pop": {"frames": 1}})
        return {STORE: ms}

    def grow_to_the_end(self) -> int:
        """Store frame after frame; the number of the one that MongoDB refuses."""
        number = self.count() + 1
        while True:
            try:
                self._push(self._text())
            except WriteError as error:
                if error.code not in TOO_LARGE_CODES:
                    raise
                return number
            number += 1

    def count(self) -> int:
        size = {"$project": {"size": {"$size": "$frames"}}}
        return int(next(iter(self._frames.aggregate([{"$match": self._user}, size])))["size"])

    def _push(self, text: str) -> None:
        if self._frames.update_one(self._user, {"$push": {"frames": text}}).modified_count != 1:
            raise MeasuringFailed(f"The array of {self.fill} frames took no other.")

    def _text(self) -> str:
        return base64.b64encode(self._random.bytes(FRAME_BYTES)).decode()


@contextmanager
def arrays(fills: tuple[int, ...]) -> Iterator[list[GrowingArray]]:
    """An array for each of these numbers of frames, written as safely as the archive is."""
    own = connections.databases[ARCHIVE_ALIAS]
    with pymongo.MongoClient[dict[str, Any]](own["HOST"], **own["OPTIONS"]) as client:
        name = f"{own['NAME']}_arrays"
        client.drop_database(name)
        try:
            yield [GrowingArray(client[name]["arrays"], fill) for fill in fills]
        finally:
            client.drop_database(name)


def version() -> str:
    """Of the MongoDB server."""
    return str(connections[ARCHIVE_ALIAS].database.client.server_info()["version"])  # type: ignore[attr-defined]


def timed(call: Callable[[], T]) -> tuple[T, float]:
    """What a call gives, and the milliseconds that it took."""
    begin = time.perf_counter()
    given = call()
    return given, 1000 * (time.perf_counter() - begin)


def _frame(random: np.random.Generator, **fields: Any) -> Frame:
    image = random.bytes(FRAME_BYTES)
    return Frame(
        id=uuid4(), user_id=USER, content_type="image/jpeg", size=len(image), image=image, face_found=True, **fields
    )


def _own_fields(frame: Frame) -> dict[str, Any]:
    return {"_id": frame.pk.hex, "captured_at": frame.captured_at, "image": frame.image}


def _found(told: Any, name: str) -> Any:
    """The first value of this name, however deep it lies."""
    if isinstance(told, Mapping):
        if name in told:
            return told[name]
        told = list(told.values())
    if isinstance(told, list):
        return next((found for each in told if (found := _found(each, name)) is not None), None)
    return None
