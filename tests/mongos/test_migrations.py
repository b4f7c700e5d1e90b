"""Migrations of an administrator's databases: with MongoDB running, not configured and down."""

import io
import os
import runpy
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import numpy as np
import pymongo
import pytest
from asgiref.local import Local
from django.conf import settings as django_settings
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import ConnectionHandler
from pytest_django import DjangoDbBlocker, Settings

from accounts import face_keys
from mongos.guard import ARCHIVE_ALIAS
from tests.conftest import PATIENCE_MS
from tests.mongod import Mongod

ROOT = Path(__file__).resolve().parent.parent.parent
TIMEOUT_S = 600
MEAN = np.linspace(-0.3, 0.3, 128)
IMAGE = bytes(range(200))


def databases_of(environment: dict[str, str]) -> dict[str, Any]:
    """DATABASES as posesmart/settings.py sets it in this environment."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("DATABASE_URL", "MONGODB_URI", "MONGODB_NAME", "MONGODB_TIMEOUT_MS"):
            patch.delenv(name, raising=False)
        for name, value in {"ENV_FILE": "/nonexistent", **environment}.items():
            patch.setenv(name, value)
        databases: dict[str, Any] = runpy.run_path(str(ROOT / "posesmart" / "settings.py"))["DATABASES"]
    return databases


@contextmanager
def connected(environment: dict[str, str]) -> Iterator[None]:
    """This process uses the databases of an environment in place of the tests' own."""
    databases = databases_of(environment)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(django_settings, "DATABASES", databases)
        patch.setattr(connections, "settings", ConnectionHandler(databases).settings)
        patch.setattr(connections, "_connections", Local(connections.thread_critical))
        patch.setattr("django.db.backends.base.base.RAN_DB_VERSION_CHECK", set())  # as in a new process
        ContentType.objects.clear_cache()  # it holds primary keys of another database
        try:
            yield
        finally:
            ContentType.objects.clear_cache()
            connections.close_all()
            if ARCHIVE_ALIAS in databases:
                with pymongo.timeout(0.1):  # closing sends a message to the server, which may be down
                    connections[ARCHIVE_ALIAS].close_pool()  # type: ignore[attr-defined]


@pytest.fixture(autouse=True)
def _may_connect(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with django_db_blocker.unblock():
        yield


def manage(environment: dict[str, str], command: str, **options: Any) -> str:
    """The output of a command, with new connections as a process of its own would have."""
    out = io.StringIO()
    with connected(environment):
        call_command(command, stdout=out, **options)
    return out.getvalue()


def migrate_to(*targets: tuple[str, str]) -> None:
    """Migrate `default` to these migrations, or to the newest ones."""
    executor = MigrationExecutor(connections["default"])
    executor.migrate(list(targets) or executor.loader.graph.leaf_nodes())


@pytest.fixture
def unused_port() -> Iterator[int]:
    """A port that is taken, but on which nothing listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


@pytest.fixture(params=["sqlite", pytest.param("mysql", marks=pytest.mark.mysql)])
def default(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[dict[str, str]]:
    """An empty database for everything but frames."""
    if request.param == "sqlite":
        yield {"DATABASE_URL": f"sqlite:///{tmp_path / 'db.sqlite3'}"}
        return
    if not (url := os.environ.get("MYSQL_TEST_URL")):
        pytest.skip("MYSQL_TEST_URL is not set: no MySQL or MariaDB to migrate")
    with mysql_database(url) as fresh:
        yield {"DATABASE_URL": fresh}


class mysql_database:  # noqa: N801
    """A new database on the server of a URL, dropped afterwards."""

    def __init__(self, url: str) -> None:
        self._parts = urlsplit(url)
        self._name = f"posesmart_{uuid4().hex}"

    def __enter__(self) -> str:
        self._run(f"CREATE DATABASE {self._name} CHARACTER SET utf8mb4")
        return self._parts._replace(path=f"/{self._name}").geturl()

    def __exit__(self, *_: object) -> None:
        self._run(f"DROP DATABASE {self._name}")

    def _run(self, statement: str) -> None:
        address = {"host": self._parts.hostname, "port": self._parts.port or 3306, "user": self._parts.username}
        connection = import_module("MySQLdb").connect(**address, password=self._parts.password or "")
        try:
            connection.cursor().execute(statement)
        finally:
            connection.close()


@pytest.fixture(params=["no MongoDB", "MongoDB", "MongoDB down"])
def archive(request: pytest.FixtureRequest, unused_port: int) -> dict[str, str]:
    if request.param == "no MongoDB":
        return {}
    if request.param == "MongoDB down":
        return {"MONGODB_URI": f"mongodb://127.0.0.1:{unused_port}"}
    return new_archive(request.getfixturevalue("mongod_server"))


def new_archive(server: Mongod) -> dict[str, str]:
    name = f"migrations_{uuid4().hex}"
    return {"MONGODB_URI": server.uri, "MONGODB_NAME": name, "MONGODB_TIMEOUT_MS": str(PATIENCE_MS)}


# Django compares the migrations of every database, and goes on without one that is down.
@pytest.mark.filterwarnings("ignore:Got an error checking a consistent migration history:RuntimeWarning")
def test_migrate_works_with_any_archive(default: dict[str, str], archive: dict[str, str]) -> None:
    environment = default | archive
    assert "No changes detected" in manage(environment, "makemigrations", check_changes=True, dry_run=True)
    assert "Applying accounts.0002_stores... OK" in manage(environment, "migrate")
    assert "No migrations to apply." in manage(environment, "migrate")
    assert "No changes detected" in manage(environment, "makemigrations", check_changes=True, dry_run=True)


def test_prepare_fails_with_one_clear_line(unused_port: int, tmp_path: Path) -> None:
    environment = {
        "PATH": os.environ["PATH"],
        "ENV_FILE": "/nonexistent",
        "DATABASE_URL": f"sqlite:///{tmp_path / 'db.sqlite3'}",
        "MONGODB_URI": f"mongodb://127.0.0.1:{unused_port}",
    }
    result = subprocess.run(
        [sys.executable, "manage.py", "prepare_archive"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    assert result.returncode == 1
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    [line] = [line for line in result.stderr.splitlines() if "MongoDB cannot be reached" in line]
    assert line == (
        "CommandError: MongoDB cannot be reached at MONGODB_URI. Start it or fix the address, and try again."
    )


def test_prepare_command_prepares_mongodb(mongod_server: Mongod, tmp_path: Path, settings: Settings) -> None:
    settings.FRAME_RETENTION_DAYS = 30
    environment = {"DATABASE_URL": f"sqlite:///{tmp_path / 'db.sqlite3'}"} | new_archive(mongod_server)
    for _ in range(2):
        assert manage(environment, "prepare_archive") == "MongoDB is ready; frames are kept for 30 days.\n"


def fill_old_database(path: Path) -> None:
    """Insert a user with a frame and a face, as the first release stored them."""
    moment = "2026-11-01 09:00:00"
    with sqlite3.connect(path) as database:
        database.execute(
            "INSERT INTO accounts_user (id, password, is_superuser, username, first_name, last_name, email, is_staff, "
            "is_active, date_joined, blink_time, neck_time, stretching_time, alarm_sound) "
            "VALUES (7, 'x', 0, 'mina', '', '', '', 0, 1, ?, 20, 20, 18000, 1)",
            [moment],
        )
        database.execute(
            "INSERT INTO accounts_faceprofile (user_id, mean_descriptor, frame_count, updated_at) VALUES (7, ?, 4, ?)",
            [MEAN.astype("<f8").tobytes(), moment],
        )
        database.execute(
            "INSERT INTO mongos_frame (id, user_id, captured_at, content_type, image, face_found) "
            "VALUES (?, 7, ?, 'image/png', ?, 1)",
            ["ab" * 16, moment, IMAGE],
        )
    database.close()


def test_old_database_keeps_frames_and_encrypts_faces(tmp_path: Path) -> None:
    path = tmp_path / "db.sqlite3"
    with connected({"DATABASE_URL": f"sqlite:///{path}"}):
        migrate_to(("accounts", "0001_initial"), ("mongos", "0001_initial"))
        fill_old_database(path)
        migrate_to()
    database = sqlite3.connect(path)
    frames = database.execute("SELECT _id, user_id, size, image, face_found FROM mongos_frame").fetchall()
    faces = database.execute("SELECT user_id, mean_descriptor, frame_count FROM accounts_faceprofile").fetchall()
    archives = database.execute("SELECT archive_frames FROM accounts_user").fetchall()
    database.close()
    assert frames == [("ab" * 16, 7, len(IMAGE), IMAGE, 1)]
    assert archives == [(1,)]
    [(user_id, token, frame_count)] = faces
    assert (user_id, frame_count) == (7, 4)
    assert MEAN.astype("<f8").tobytes()[:64] not in token
    assert np.array_equal(np.frombuffer(face_keys.decrypt(token), "<f8"), MEAN)
    assert MEAN.astype("<f8").tobytes()[:64] not in path.read_bytes(), "the plaintext is overwritten in the file"
