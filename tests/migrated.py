"""The SQLite database as `migrate` leaves it, kept from one run to the next: to migrate takes each process seconds.

It is made anew whenever a migration is another, or SQLite. Whether all migrations can be applied is tested elsewhere.
"""

import fcntl
import hashlib
import inspect
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from django.db.migrations.loader import MigrationLoader

from tests.environment import run_python

IN_MEMORY = "file:memorydb_default?mode=memory&cache=shared"  # where Django makes the test database


@contextmanager
def in_memory(folder: Path) -> Iterator[None]:
    """Meanwhile, `migrate` finds the test database migrated; folder: what is kept there is shared by all processes."""
    with closing(sqlite3.connect(IN_MEMORY, uri=True)) as database:
        with closing(sqlite3.connect(_file_in(folder))) as kept:
            kept.backup(database)
        yield  # the database is gone with its last connection


@pytest.fixture
def migrated_file(pytestconfig: pytest.Config, tmp_path: Path) -> Path:
    """A file of the test's own with the database as `migrate` leaves it: db.sqlite3 in tmp_path."""
    assert pytestconfig.cache
    return Path(shutil.copy(_file_in(pytestconfig.cache.mkdir("migrated")), tmp_path / "db.sqlite3"))


def _file_in(folder: Path) -> Path:
    file = folder / f"{_version()}.sqlite3"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not file.exists():
            for older in folder.glob("*.sqlite3*"):
                older.unlink()
            _migrate(file)
    return file


def _migrate(file: Path) -> None:
    unfinished = file.with_suffix(".unfinished")
    unfinished.unlink(missing_ok=True)  # of a run that was killed
    run_python({"DATABASE_URL": f"sqlite:///{unfinished}"}, "manage.py", "migrate", "--verbosity", "0")
    with closing(sqlite3.connect(unfinished)) as database:
        database.execute("PRAGMA journal_mode=DELETE")  # in memory there is no write-ahead log
    unfinished.rename(file)


def _version() -> str:
    content = hashlib.sha256(sqlite3.sqlite_version.encode())
    migrations = MigrationLoader(None).disk_migrations
    for (app, name), migration in sorted(migrations.items()):
        content.update(f"{app}.{name}".encode() + Path(inspect.getfile(type(migration))).read_bytes())
    return content.hexdigest()[:16]
