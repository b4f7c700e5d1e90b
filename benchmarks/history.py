"""How soon questions about a year of somebody's reports are answered, with a million of others in the table.

Run as a program it fills and measures the database of its environment, which is migrated and empty, and prints JSON.
"""

import json
import os
import random
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tqdm import tqdm

from benchmarks.archive_cost import told_count
from benchmarks.serving import prepare, python
from benchmarks.stats import Bar, number, summary
from evaluation.tables import Table
from tests import mariadb

if TYPE_CHECKING:
    from accounts.models import User
    from reports.models import Report

SQLITE, MARIADB = "SQLite", "MariaDB"
LIMIT_MS = 50
BUFFER_POOL_MB = 128  # as MariaDB has it by default
FIRST_DAY = date(2025, 11, 26)
DAYS = 365
HOURS = (0, 2, 5, 8)  # of UTC, at which sessions begin: in Seoul a morning, a late morning, and the afternoon

# Those that have to be answered within the limit; of the rest it is only told what they take.
PROMISED = ("list of a day", "summary by day", "summary by week", "summary by month")


@dataclass(frozen=True, slots=True)
class Amount:
    """How much is measured: people besides the one whose reports are asked for, each with a year; and rounds."""

    others: int
    rounds: int
    warm_up: int = 5

    @property
    def reports(self) -> int:
        return (1 + self.others) * DAYS * len(HOURS)


FULL = Amount(others=685, rounds=100)
QUICK = Amount(others=35, rounds=30)


@dataclass(frozen=True, slots=True)
class TimedResponse:
    """Milliseconds of each call, with so many reports in the table."""

    database: str
    reports: int
    ms: dict[str, list[float]]


def measure(amount: Amount, folder: Path) -> list[TimedResponse]:
    """On a SQLite file, and on a MariaDB server where there is one to start; both lie in the folder."""
    answered = []
    with ExitStack() as stack:
        databases = {SQLITE: ""}  # the service's own default
        if not mariadb.missing():
            server = stack.enter_context(mariadb.running(_made(folder / "history-mariadb"), BUFFER_POOL_MB))
            server.create_database("history")
            databases[MARIADB] = server.url("history")
        for name, url in databases.items():
            place = prepare(_made(folder / f"history-{name}"), **({"DATABASE_URL": url} if url else {}))
            told = python("-m", "benchmarks.history", name, json.dumps(asdict(amount)), place=place)
            answered.append(TimedResponse(name, amount.reports, json.loads(told)))
    return answered


def table(answered: list[TimedResponse]) -> Table:
    rows = []
    for each in answered:
        for call, ms in each.ms.items():
            found = summary(ms)
            cells = [number(value, 1) for value in (found.median, found.p95, found.p99)]
            rows.append([call, each.database, str(found.count), *cells])
    one, all_of_them = told_count(DAYS * len(HOURS)), told_count(answered[0].reports)
    notes = [
        f"{len(HOURS)} sessions on each of {DAYS} days are {one} reports of one person, in a table of {all_of_them}. "
        "Whole requests, their token looked up, by Django's test client in one process.",
    ]
    return Table("A year of reports, ms", ("call", "database", "calls", "median", "p95", "p99"), rows, notes)


def bars(answered: list[TimedResponse]) -> list[Bar]:
    """95 of 100 calls within the limit, on each database."""
    return [
        Bar(f"{call}, {each.database}, 95th percentile", LIMIT_MS, summary(each.ms[call]).p95, " ms")
        for each in answered
        for call in PROMISED
    ]


def facts(answered: list[TimedResponse]) -> list[str]:
    """What it ran on."""
    if len(answered) > 1:
        return [f"SQLite as by default; MariaDB, a server of its own here with {BUFFER_POOL_MB} MB of buffer pool."]
    return [f"SQLite as by default. MariaDB is not measured: {mariadb.missing()}."]


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


# --- In the process that has Django, and the database to be filled ---


def main(database: str, amount: Amount) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "posesmart.settings")
    import django

    django.setup()
    from accounts.tokens import tokens_for

    user = filled(database, amount)
    json.dump(_timed(calls(), tokens_for(user)["access"], amount, database), sys.stdout)


def filled(database: str, amount: Amount) -> "User":
    """The person whose reports will be asked for, in a table that was written day by day by everybody."""
    from django.db import connection
    from django.utils.crypto import get_random_string

    from accounts.models import User
    from reports.models import Report

    secret = get_random_string(40)  # nobody logs in by it
    User.objects.bulk_create(
        [User(username=f"person-{number}", password=secret) for number in range(amount.others + 1)]
    )
    people = list(User.objects.order_by("pk"))
    asked = people[len(people) // 2]
    columns = [str(field.column) for field in Report._meta.concrete_fields if not field.primary_key]
    table = Report._meta.db_table
    read = ", ".join("person.id" if column == "user_id" else f"report.{column}" for column in columns)
    for_everybody = (
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT {read} "  # noqa: S608 - names of our own
        f"FROM {table} report, {User._meta.db_table} person "
        f"WHERE report.id IN ({', '.join(['%s'] * len(HOURS))}) AND person.id <> report.user_id"
    )
    chance = random.Random(0)  # noqa: S311
    with (
        connection.cursor() as cursor,
        tqdm(total=amount.reports, desc=f"reports, {database}", unit="report", mininterval=1) as progress,
    ):
        for day in range(DAYS):
            kept = [_report_of(asked, day, hour, chance) for hour in HOURS]
            for report in kept:
                report.save()
            cursor.execute(for_everybody, [report.pk for report in kept])
            progress.update(len(people) * len(kept))
    return asked


def _report_of(user: "User", day: int, hour: int, chance: random.Random) -> "Report":
    from reports.models import Report

    begin = datetime.combine(FIRST_DAY, datetime.min.time(), UTC) + timedelta(days=day, hours=hour)
    started_at = begin + timedelta(seconds=chance.uniform(0, 3000))
    active_s = chance.uniform(600, 6000)
    ended_at = started_at + timedelta(seconds=active_s)
    good_s = active_s * chance.uniform(0.6, 0.9)
    return Report(
        user=user,
        blink_cnt=chance.randrange(1000),
        neck_cnt=chance.randrange(9),
        stretching_cnt=chance.randrange(3),
        start_time=started_at.isoformat(timespec="milliseconds"),
        end_time=ended_at.isoformat(timespec="milliseconds"),
        study_time="0100",
        started_at=started_at,
        ended_at=ended_at,
        day=started_at.date(),
        active_s=active_s,
        good_s=good_s,
        bad_s=0.9 * active_s - good_s,
        unreliable_s=0.1 * active_s,
        watched_s=active_s / 20,
        watched_blinks=chance.randrange(60),
        rests=chance.randrange(3),
    )


def calls() -> dict[str, Callable[[random.Random], str]]:
    """What is asked for, each time of another day."""

    def some_day(chance: random.Random) -> date:
        return FIRST_DAY + timedelta(days=chance.randrange(DAYS))

    year = f"from={FIRST_DAY}&to={FIRST_DAY + timedelta(days=DAYS - 1)}"
    return {
        "list of a day": lambda chance: f"?date={some_day(chance)}",
        "list, a page of 50": lambda chance: f"?page_size=50&from={some_day(chance)}",
        "list of all, as version 1 has it": lambda chance: "",
        "summary by day": lambda chance: f"summary/?bucket=day&{year}",
        "summary by week": lambda chance: f"summary/?bucket=week&{year}",
        "summary by month": lambda chance: f"summary/?bucket=month&{year}",
        "export of all as CSV": lambda chance: "export/",
    }


def _timed(
    calls: dict[str, Callable[[random.Random], str]], access: str, amount: Amount, database: str
) -> dict[str, list[float]]:
    """Milliseconds of each; a round is one of every call."""
    from django.test import Client

    client = Client(SERVER_NAME="localhost")
    chance = random.Random(1)  # noqa: S311
    ms: dict[str, list[float]] = {call: [] for call in calls}
    for round_number in tqdm(range(-amount.warm_up, amount.rounds), desc=f"asking, {database}", mininterval=1):
        for call, query in calls.items():
            path = f"/api/reports/{query(chance)}"
            begin = time.perf_counter()
            response: Any = client.get(path, headers={"Authorization": f"Bearer {access}"})
            content = response.getvalue()
            taken = 1000 * (time.perf_counter() - begin)
            if response.status_code != 200 or len(content) < len("[{}]"):
                raise RuntimeError(f"{path} answered {response.status_code}: {content[:300]!r}")
            if round_number >= 0:
                ms[call].append(taken)
    return ms


if __name__ == "__main__":
    main(sys.argv[1], Amount(**json.loads(sys.argv[2])))
