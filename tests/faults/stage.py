"""The whole service on its own stores: prepared as in a deployment, served, and inspected from outside."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pymongo
from pymongo.collection import Collection

from mongos.spool import Spool
from tests.environment import Service
from tests.faults.clients import mark_of
from tests.gunicorn_server import DEADLINE_S, Server, serving, serving_on
from tests.mongod import Mongod

WORKERS = 2
POLL_INTERVAL_S = 0.05

# Of a machine that may be busy: what matters here is that no frame is lost.
WITHOUT_LIMITS = {"FRAME_RATE": "100000/min", "BLINK_RATE": "100000/min"}


@dataclass(frozen=True, slots=True)
class ArchivedFrame:
    id: UUID
    user_id: int
    key: str | None  # of its request, read from the picture


class ArchiveStage:
    """A service with an archive on MongoDB; `serve` starts a server on them, as often as a test needs."""

    def __init__(self, mongodb_uri: str, service: Service) -> None:
        self._mongodb_uri = mongodb_uri
        self.people = service.people
        self.spool_folder = Path(service.environment["SPOOL_DIR"])
        self._environment = service.environment | {"MONGODB_URI": mongodb_uri} | WITHOUT_LIMITS

    def serve(self, **environment: str) -> AbstractContextManager[Server]:
        return serving(self.people[0].access, **(self._environment | environment))

    def serve_on(self, listener: socket.socket, /, **environment: str) -> AbstractContextManager[Server]:
        """The same, on a socket that stays open when the server ends."""
        return serving_on(listener, self.people[0].access, **(self._environment | environment))

    @property
    def spool(self) -> Spool:
        """The spool, for inspection."""
        return Spool(self.spool_folder, max_bytes=0)

    def archived(self) -> list[ArchivedFrame]:
        """All frames in MongoDB."""
        with frames_in(self._mongodb_uri) as frames:
            rows = frames.find({}, {"user_id": 1, "image": 1})
            return [ArchivedFrame(UUID(str(row["_id"])), row["user_id"], mark_of(row["image"])) for row in rows]

    def await_empty_spool(self) -> None:
        """Wait until no frame waits on disk."""
        eventually(lambda: self.spool.state().waiting == 0, "the spool is not emptied")


class Stage(ArchiveStage):
    """With a single MongoDB server."""

    def __init__(self, mongod: Mongod, service: Service) -> None:
        super().__init__(mongod.uri, service)
        self.mongod = mongod


def stage_on(mongod: Mongod, service: Service) -> Stage:
    """A stage with an empty archive."""
    empty_archive(mongod.uri)
    return Stage(mongod, service)


def empty_archive(mongodb_uri: str) -> None:
    with frames_in(mongodb_uri) as frames:
        frames.delete_many({})


@contextmanager
def frames_in(mongodb_uri: str) -> Iterator[Collection[dict[str, Any]]]:
    """The archive's collection, read without the project's code."""
    client: pymongo.MongoClient[dict[str, Any]]
    with pymongo.MongoClient(mongodb_uri, serverSelectionTimeoutMS=DEADLINE_S * 1000) as client:
        yield client["posesmart"]["mongos_frame"]


def eventually(condition: Callable[[], bool], message: str, interval_s: float = POLL_INTERVAL_S) -> None:
    """Wait until a condition holds that no event announces: a folder, another process's database."""
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline, message
        time.sleep(interval_s)
