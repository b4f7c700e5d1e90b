"""Migrations as an administrator runs them: in a separate process; MongoDB running, not configured and down."""

import os
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import numpy as np
import pytest

from accounts import face_keys
from tests import mongod
from tests.mongod import Mongod

ROOT = Path(__file__).resolve().parent.parent.parent
TIMEOUT_S = 120
MEAN = np.linspace(-0.3, 0.3, 128)
IMAGE = bytes(range(200))


def manage(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "ENV_FILE": "/nonexistent"} | environment,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )


def run(environment: dict[str, str], *arguments: str) -> str:
    result = manage(environment, *arguments)
    assert (result.returncode, "Traceback" in result.stderr) == (0, False), result.stdout + result.stderr
    return result.stdout


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
    server: Mongod = request.getfixturevalue("mongod_server")
    return {"MONGODB_URI": server.uri, "MONGODB_NAME": f"migrations_{uuid4().hex}"}


def test_migrate_works_with_any_archive(default: dict[str, str], archive: dict[str, str]) -> None:
    environment = default | archive
    assert "No changes detected" in run(environment, "makemigrations", "--check", "--dry-run")
    assert "Applying accounts.0002_stores... OK" in run(environment, "migrate")
    assert "No migrations to apply." in run(environment, "migrate")
    assert "No changes detected" in run(environment, "makemigrations", "--check", "--dry-run")


def test_prepare_fails_with_one_clear_line(unused_port: int, tmp_path: Path) -> None:
    environment = {
        "DATABASE_URL": f"sqlite:///{tmp_path / 'db.sqlite3'}",
        "MONGODB_URI": f"mongodb://127.0.0.1:{unused_port}",
        "LOG_LEVEL": "CRITICAL",
    }
    result = manage(environment, "prepare_archive")
    assert result.returncode == 1
    assert result.stdout == ""
    [line] = result.stderr.splitlines()
    assert line == (
        "CommandError: MongoDB cannot be reached at MONGODB_URI. Start it or fix the address, and try again."
    )


def test_prepare_logs_no_traceback(unused_port: int, tmp_path: Path) -> None:
    environment = {
        "DATABASE_URL": f"sqlite:///{tmp_path / 'db.sqlite3'}",
        "MONGODB_URI": f"mongodb://127.0.0.1:{unused_port}",
    }
    result = manage(environment, "prepare_archive")
    assert result.returncode == 1
    assert "Traceback" not in result.stdout + result.stderr
    assert result.stderr.count("MongoDB cannot be reached") == 1


@pytest.mark.skipif(bool(mongod.missing()), reason=mongod.missing() or "there is one")
def test_prepare_command_prepares_mongodb(mongod_server: Mongod, tmp_path: Path) -> None:
    environment = {
        "DATABASE_URL": f"sqlite:///{tmp_path / 'db.sqlite3'}",
        "MONGODB_URI": mongod_server.uri,
        "MONGODB_NAME": f"migrations_{uuid4().hex}",
    }
    for _ in range(2):
        assert run(environment, "prepare_archive") == "MongoDB is ready; frames are kept for 30 days.\n"


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
    environment = {"DATABASE_URL": f"sqlite:///{path}"}
    for app in ("accounts", "mongos"):
        run(environment, "migrate", app, "0001")
    fill_old_database(path)
    run(environment, "migrate")
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
