"""Calls by Django's test client in a process of its own, on a database that is filled there first.

A part is a module with `ways(*amounts)`, which fills the migrated, empty database of its environment, and returns the
calls to measure and what else is to be told. Run as a program, this takes the part's name, the rounds and the amounts,
and prints JSON.
"""

import json
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.environment import Environment, mariadb_url
from benchmarks.report import Report, Row, median, stats
from benchmarks.turns import TOTAL, WALL, Way, sampled, take_turns
from tests import mariadb

if TYPE_CHECKING:
    from django.db.models import Model
    from django.test import Client

    from accounts.models import User

WARM_UP = 5  # rounds


def rows(environment: Environment, part: str, rounds: int, *amounts: int, **shown: str) -> tuple[list[Row], Any]:
    """A row for each call: by the clock, and the CPU of the process; and what else the part tells."""
    times, told = json.loads(environment.python("-m", "benchmarks.calls", part, *map(str, (rounds, *amounts))))
    figures = {
        call: stats(ms[WALL], "median", "p95", "p99") | {"CPU, median": median(ms[TOTAL])} for call, ms in times.items()
    }
    return [{"call": call, **shown, "calls": rounds, **of_call} for call, of_call in figures.items()], told


def databases(report: Report, folder: Path, buffer_pool_mb: int) -> Iterator[tuple[str, Environment]]:
    """A migrated environment on SQLite and, where it is installed, one on MariaDB, in a new folder."""
    folder.mkdir()
    yield "SQLite", Environment(folder / "sqlite").migrated()
    if reason := mariadb.missing():
        report.facts.append(f"SQLite is as by default. MariaDB is not measured: {reason}.")
        return
    pool = f"{buffer_pool_mb} MB of buffer pool"
    report.facts.append(f"SQLite is as by default. MariaDB is a server of its own here with {pool}.")
    with mariadb_url(folder / "mariadb", buffer_pool_mb) as url:
        yield "MariaDB", Environment(folder / "service", DATABASE_URL=url).migrated()


# --- In the process with Django and the empty database ---


def client_of(user: "User") -> "Client":
    from django.test import Client

    from accounts.tokens import tokens_for

    return Client(SERVER_NAME="localhost", headers={"Authorization": f"Bearer {tokens_for(user)['access']}"})


def get(client: "Client", path: str, values: Callable[[], dict[str, object]] = dict) -> Way[int]:
    """A call. values: what stands in the path's braces, in each round."""

    def called(_round: int) -> bytes:
        response: Any = client.get(path.format(**values()))
        body = bytes(response.getvalue())
        if response.status_code != 200 or len(body) < len("[{}]"):
            raise RuntimeError(f"{path} answered {response.status_code}: {body[:300]!r}")
        return body

    return sampled(called)


def copy_to_everybody(model: "type[Model]", user_id: int, **only: str) -> None:
    """Rows of one user, for all others. only: a value that a column of these rows has."""
    from django.db import connection

    from accounts.models import User

    key = f"LOWER({'HEX(RANDOMBLOB(16))' if connection.vendor == 'sqlite' else 'UUID()'})"
    columns, values = [], []
    for field in model._meta.concrete_fields:
        if not field.primary_key or field.get_internal_type() == "UUIDField":
            columns.append(connection.ops.quote_name(str(field.column)))
            is_user = field.name == "user"
            values.append(key if field.primary_key else "person.id" if is_user else f"own.{columns[-1]}")
    conditions = "".join(f" AND own.{column} = %s" for column in only)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {model._meta.db_table} ({', '.join(columns)}) SELECT {', '.join(values)} "  # noqa: S608 - ours
            f"FROM {model._meta.db_table} own, {User._meta.db_table} person "
            f"WHERE own.user_id = %s AND person.id <> %s{conditions}",
            [user_id, user_id, *only.values()],
        )


def main(part: str, rounds: int, *amounts: int) -> None:
    """A round has one of each call."""
    import django

    django.setup()
    ways, told = import_module(f"benchmarks.{part}").ways(*amounts)
    times = take_turns(ways, range(rounds), part, block=1, warm_up=WARM_UP)
    lists = {call: {clock: ms.tolist() for clock, ms in of_call.items()} for call, of_call in times.items()}
    json.dump([lists, told], sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
