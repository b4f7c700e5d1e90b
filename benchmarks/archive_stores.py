"""The measured stores: the service's own archive with some frames in it, and one growing array.

Needs Django set up for a service whose archive is in MongoDB.
"""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import numpy as np
from django.core.management import call_command
from django.db import connections
from django.db.utils import load_backend
from pymongo.errors import WriteError
from tqdm import tqdm

from ai_models.vision.frame import Frame as ReceivedFrame
from benchmarks.figures import timed
from benchmarks.turns import Sample

MONGODB, SQLITE, ARRAY = "MongoDB", "SQLite", "one growing array"
ALIASES = {SQLITE: "default", MONGODB: "mongodb"}
STORE, LIST, READ, DELETE = "store", "list", "read", "delete"
FRAME_BYTES = 40 * 1024
PAGE, BATCH, USER = 50, 250, 1
TOO_LARGE_CODES = frozenset({10334, 17419, 17420})  # MongoDB's for a document over 16 MB


class Archive:
    """A frame archive of its own with one user's frames: in MongoDB, or in a SQLite file as by default."""

    def __init__(self, alias: str, name: str, fill: int) -> None:
        self.fill, self._alias = fill, alias
        settings = connections.databases[alias] | {"NAME": name}
        self._connection = load_backend(settings["ENGINE"]).DatabaseWrapper(settings, alias)
        self._random = np.random.default_rng(fill)
        self._keys: list[UUID] = []

    def prepare(self) -> None:
        """Create it as a new installation does, and fill it: a frame a second, up to now."""
        from mongos import archive
        from mongos.models import Frame

        is_embedded = self._alias == ALIASES[SQLITE]
        with self._in_use(), tqdm(total=self.fill, desc=f"archive of {self.fill}", unit="frame", mininterval=1) as bar:
            call_command(
                *(["migrate", f"--database={self._alias}"] if is_embedded else ["prepare_archive"]), verbosity=0
            )
            now = archive.now()
            for first in range(0, self.fill, BATCH):
                frames = [
                    Frame(
                        id=uuid4(),
                        user_id=USER,
                        captured_at=now - timedelta(seconds=age),
                        face_found=True,
                        content_type="image/jpeg",
                        size=FRAME_BYTES,
                        image=self._random.bytes(FRAME_BYTES),
                    )
                    for age in range(first, min(first + BATCH, self.fill))
                ]
                Frame.objects.bulk_create(frames)
                self._keys += [frame.pk for frame in frames]
                bar.update(len(frames))
        if not is_embedded:
            self._database.client.admin.command("fsync")  # nothing of the filling is left to write

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
        if len(frames) != min(PAGE, self.fill + 1) or frames[0].id != key or frame is None or not deleted:
            raise RuntimeError(f"The archive with {self.fill} frames lost one.")
        return Sample(**ms)

    def delete(self) -> None:
        if self._alias == ALIASES[SQLITE]:
            self._connection.close()
        else:
            self._database.client.drop_database(self._database.name)  # the client is shared: it stays open

    @property
    def _database(self) -> Any:
        return self._connection.database

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
        self.fill, self._collection, self._user = fill, collection, {"_id": fill}
        self._random = np.random.default_rng(fill)
        collection.insert_one(self._user | {"frames": [self._text() for _ in range(fill)]})

    def round(self, _number: int) -> Sample:
        """One more frame, which is deleted afterwards."""
        _, ms = timed(self._push, self._text())
        self._collection.update_one(self._user, {"$pop": {"frames": 1}})
        return Sample(**{STORE: ms})

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
