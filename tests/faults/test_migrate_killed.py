"""`migrate` that is killed again and again on MariaDB, between any two statements, ends with the same tables.

Also when it undoes migrations.
"""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from tests import mariadb
from tests.environment import settings_in
from tests.gunicorn_server import ROOT
from tests.mariadb import MariaDB
from tests.shell import Shell

# Ends the process, as SIGKILL does, when it has sent or is about to send that many statements to the server.
DYING = """
import os
from django.db.backends.utils import CursorWrapper
when, left = {when!r}, {every}
plain = CursorWrapper.execute
def execute(self, sql, params=None):
    global left
    changes = str(sql).split(" ")[0] in ("CREATE", "ALTER", "DROP", "RENAME", "INSERT", "UPDATE", "REPLACE", "DELETE")
    left -= changes
    if when == "before" and changes and left < 0:
        os._exit(9)
    result = plain(self, sql, params)
    if when == "after" and changes and left < 0:
        os._exit(9)
    return result
CursorWrapper.execute = execute
from django.core.management import execute_from_command_line
execute_from_command_line(["manage.py", "migrate", "--verbosity=0", *{target}])
"""
KILLED = 9
COLUMNS = (
    "table_name, column_name, column_type, is_nullable, column_default, collation_name FROM information_schema.columns"
)
INDEXES = "table_name, index_name, non_unique, seq_in_index, column_name FROM information_schema.statistics"
KEYS = (
    "table_name, constraint_name, column_name, referenced_table_name, referenced_column_name "
    "FROM information_schema.key_column_usage"
)
UNDONE = ("accounts", "0002")  # the migration down to which others are undone
Record = Callable[[str, object], None]
APPLIED = "SELECT app, name FROM {name}.django_migrations ORDER BY app, name"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MariaDB]:
    if reason := mariadb.missing():
        pytest.skip(reason)
    with mariadb.running(tmp_path_factory.mktemp("mariadb")) as running:
        yield running


@pytest.fixture(scope="module")
def migrated(server: MariaDB, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a database that nothing disturbed."""
    server.create_database("migrated")
    migrate(server, "migrated", tmp_path_factory.mktemp("migrated"))
    return "migrated"


@pytest.fixture(scope="module")
def undone(server: MariaDB, migrated: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The same, after some of its migrations were undone."""
    server.copy_database(migrated, "undone")
    migrate(server, "undone", tmp_path_factory.mktemp("undone"), *UNDONE)
    return "undone"


def environment_of(server: MariaDB, name: str, folder: Path) -> dict[str, str]:
    more = {"PATH": "/usr/bin:/bin", "ENV_FILE": "/nonexistent", "DJANGO_SETTINGS_MODULE": "posesmart.settings"}
    return settings_in(folder, DATABASE_URL=server.url(name)) | more


def run(server: MariaDB, name: str, folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environment = environment_of(server, name, folder)
    return subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


def migrate(server: MariaDB, name: str, folder: Path, *target: str) -> None:
    process = run(server, name, folder, "manage.py", "migrate", "--verbosity=0", *target)
    assert process.returncode == 0, process.stderr[-2000:]


def kill_until_done(environment: dict[str, str], when: str, every: int, *target: str) -> int:
    """The number of times that `migrate` was killed, each time after so many more statements."""
    kills = 0
    with Shell(environment) as shell:
        while code := shell.exit_code(DYING.format(when=when, every=every, target=target)):
            assert code == KILLED
            kills += 1
            assert kills < 200, "it makes no progress"
    return kills


def tables(server: MariaDB, name: str) -> list[Any]:
    """Everything that the server knows about a database's tables, except the journal's."""
    connect = import_module("MySQLdb").connect
    with closing(connect(host="127.0.0.1", port=server.port, user="root")) as connection:
        cursor = connection.cursor()

        def rows(sql: str) -> list[Any]:
            cursor.execute(sql)
            return sorted(map(str, cursor.fetchall()))

        where = f"WHERE table_schema = '{name}' AND table_name <> 'posesmart_migrating'"
        return [rows(APPLIED.format(name=name)), *(rows(f"SELECT {what} {where}") for what in (COLUMNS, INDEXES, KEYS))]


@pytest.mark.parametrize(("when", "every"), [("before", 17), ("after", 23)])
def test_killed_migrate_can_be_run_again(
    server: MariaDB, migrated: str, tmp_path: Path, when: str, every: int, record_property: Record
) -> None:
    killed = f"killed_{when}"
    server.create_database(killed)
    kills = kill_until_done(environment_of(server, killed, tmp_path), when, every)
    assert kills > 5
    record_property(
        "faults", f"migrate on MariaDB was killed {kills} times {when} a statement; its tables are the same."
    )
    for expected, found in zip(tables(server, migrated), tables(server, killed), strict=True):
        assert found == expected


@pytest.mark.parametrize(("when", "every"), [("before", 5), ("after", 5)])
def test_killed_undoing_can_be_run_again(
    server: MariaDB, migrated: str, undone: str, tmp_path: Path, when: str, every: int, record_property: Record
) -> None:
    killed = f"undoing_{when}"
    server.copy_database(migrated, killed)
    kills = kill_until_done(environment_of(server, killed, tmp_path), when, every, *UNDONE)
    assert kills > 5
    record_property(
        "faults", f"undoing migrations on MariaDB was killed {kills} times {when} a statement: same tables."
    )
    for expected, found in zip(tables(server, undone), tables(server, killed), strict=True):
        assert found == expected


def test_half_way_migration_is_finished_before_another(server: MariaDB, migrated: str, tmp_path: Path) -> None:
    server.copy_database(migrated, "half_way")
    with Shell(environment_of(server, "half_way", tmp_path)) as shell:
        dying = DYING.format(when="after", every=4, target=("reports", "0001"))
        assert shell.exit_code(dying) == KILLED
    refused = run(server, "half_way", tmp_path, "manage.py", "migrate")
    assert refused.returncode == 1
    command = re.search(
        r"CommandError: An earlier run was interrupted in the middle of (\w+)\.\w+\. "
        r"Finish it first: manage\.py (migrate \1 \w+)\n",
        refused.stderr,
    )
    assert command
    finished = run(server, "half_way", tmp_path, "manage.py", *command[2].split())
    assert "An earlier run was interrupted; what it had left out is done now." in finished.stdout
    migrate(server, "half_way", tmp_path)
    for expected, found in zip(tables(server, migrated), tables(server, "half_way"), strict=True):
        assert found == expected


def test_second_migrate_waits_for_the_first(server: MariaDB, tmp_path: Path) -> None:
    server.create_database("busy")
    connect = import_module("MySQLdb").connect
    with closing(connect(host="127.0.0.1", port=server.port, user="root", db="busy")) as connection:
        cursor = connection.cursor()
        cursor.execute("SELECT GET_LOCK(CONCAT(DATABASE(), '.posesmart_migrating'), 0)")
        process = run(server, "busy", tmp_path, "-c", WITHOUT_PATIENCE)
    assert process.returncode == 1
    assert "Another process is migrating this database." in process.stderr


WITHOUT_PATIENCE = """
from common.db import resumable
resumable.LOCK_S = 0
from django.core.management import execute_from_command_line
execute_from_command_line(["manage.py", "migrate"])
"""
