"""The whole service on its own stores: prepared as in a deployment, served, and inspected from outside."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pymongo
from pymongo.collection import Collection

from mongos.spool import Spool
from tests.faults.clients import Person, mark_of
from tests.gunicorn_server import DEADLINE_S, ROOT, Server, serving, serving_on
from tests.mongod import Mongod

# Run in a separate process: prepares the databases, signs up two users and exports the network.
PREPARE = """
import django; django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
call_command("prepare_archive", verbosity=0)
import json
from accounts.services import user_create
from rest_framework_simplejwt.tokens import AccessToken
users = [user_create(username=name, password="12341234") for name in ("mina", "junho")]
print(json.dumps([[user.pk, user.username, str(AccessToken.for_user(user))] for user in users]))
from django.db import connections
connections.close_all()  # then an SQLite file alone is the whole database
from detections import vision
vision.preload()
"""
WORKERS = 2
POLL_INTERVAL_S = 0.05


@dataclass(frozen=True, slots=True)
class ArchivedFrame:
    id: UUID
    user_id: int
    key: str | None  # of its request, read from the picture


@dataclass(frozen=True, slots=True)
class Prepared:
    """A database with two people in it, to be copied if it is a file."""

    database_url: str
    people: list[Person]


class Stage:
    """Settings, stores and people; `serve` starts a server on them, as often as a test needs."""

    def __init__(self, folder: Path, mongod: Mongod, prepared: Prepared) -> None:
        self.mongod = mongod
        self.people = prepared.people
        self.spool_folder = folder / "spool"
        own = {"SPOOL_DIR": str(self.spool_folder), "HOME": str(folder)}
        self._environment = environment_of(prepared.database_url, mongod) | own

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
        with frames_in(self.mongod) as frames:
            rows = frames.find({}, {"user_id": 1, "image": 1})
            return [ArchivedFrame(UUID(str(row["_id"])), row["user_id"], mark_of(row["image"])) for row in rows]

    def await_empty_spool(self) -> None:
        """Wait until no frame waits on disk."""
        eventually(lambda: self.spool.state().waiting == 0, "the spool is not emptied")


def environment_of(database_url: str, mongod: Mongod) -> dict[str, str]:
    return {
        "DEBUG": "false",
        "SECRET_KEY": "k" * 50,
        "DATABASE_URL": database_url,
        "MONGODB_URI": mongod.uri,
        "MODEL_CACHE_DIR": os.environ["MODEL_CACHE_DIR"],
        "FRAME_RATE": "100000/min",
        "WEB_CONCURRENCY": str(WORKERS),
    }


def prepare(database_url: str, mongod: Mongod) -> Prepared:
    base = {
        "PATH": os.environ["PATH"],
        "ENV_FILE": "/nonexistent",
        "DJANGO_SETTINGS_MODULE": "posesmart.settings",
        "ORT_DISABLE_TELEMETRY": "1",
    }
    result = subprocess.run(
        [sys.executable, "-c", PREPARE],
        cwd=ROOT,
        env=base | environment_of(database_url, mongod),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return Prepared(database_url, [Person(*row) for row in json.loads(result.stdout)])


def stage_on(prepared: Prepared, folder: Path, mongod: Mongod) -> Stage:
    """A stage with an empty archive; an SQLite file is a copy of the prepared one."""
    with frames_in(mongod) as frames:
        frames.delete_many({})
    scheme, _, file = prepared.database_url.partition(":///")
    if scheme == "sqlite":
        shutil.copy(file, folder / "db.sqlite3")
        prepared = replace(prepared, database_url=f"sqlite:///{folder / 'db.sqlite3'}")
    return Stage(folder, mongod, prepared)


@contextmanager
def frames_in(mongod: Mongod) -> Iterator[Collection[dict[str, Any]]]:
    """The archive's collection, read without the project's code."""
    client: pymongo.MongoClient[dict[str, Any]]
    with pymongo.MongoClient(mongod.uri, serverSelectionTimeoutMS=DEADLINE_S * 1000) as client:
        yield client["posesmart"]["mongos_frame"]


def eventually(condition: Callable[[], bool], message: str, interval_s: float = POLL_INTERVAL_S) -> None:
    """Wait until a condition holds that no event announces: a folder, another process's database."""
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline, message
        time.sleep(interval_s)
