"""How soon queries about a year of one person's reports are answered, in a table with a million of others.

Run as a program, it fills and measures the migrated, empty database of its environment, and prints JSON.
"""

import json
import random
import sys
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tqdm import tqdm

from benchmarks.environment import Environment
from benchmarks.figures import Target, summary, thousands, timed, with_progress
from benchmarks.report import Report, Table
from tests import mariadb

if TYPE_CHECKING:
    from accounts.models import User
    from reports.models import Report as PersonsReport

SQLITE, MARIADB = "SQLite", "MariaDB"
LIMIT_MS = 50
BUFFER_POOL_MB = 128  # MariaDB's default
FIRST_DAY, DAYS = date(2025, 11, 26), 365
HOURS = (0, 2, 5, 8)  # UTC, at which sessions start: in Seoul in the morning, before noon, and in the afternoon
WARM_UP = 5  # rounds
YEAR = f"from={FIRST_DAY}&to={FIRST_DAY + timedelta(days=DAYS - 1)}"
QUERIES = {  # lists start at another day each time
    "list of a day": "?date={day}",
    "list, a page of 50": "?page_size=50&from={day}",
    "list of all, as version 1 has it": "",
    "summary by day": f"summary/?bucket=day&{YEAR}",
    "summary by week": f"summary/?bucket=week&{YEAR}",
    "summary by month": f"summary/?bucket=month&{YEAR}",
    "export of all as CSV": "export/",
}
PROMISED = ("list of a day", "summary by day", "summary by week", "summary by month")  # the others have no limit


def measure(report: Report, folder: Path, others: int, rounds: int) -> None:
    """On SQLite, and on MariaDB if there is one. others: further people with a year of reports each."""
    rows = []
    with ExitStack() as stack:
        urls: dict[str, dict[str, str]] = {SQLITE: {}}
        fact = f"MariaDB is not measured: {mariadb.missing()}."
        if not mariadb.missing():
            (folder / "history-server").mkdir()
            server = stack.enter_context(mariadb.running(folder / "history-server", BUFFER_POOL_MB))
            server.create_database("history")
            urls[MARIADB] = {"DATABASE_URL": server.url("history")}
            fact = f"MariaDB is a server of its own here with {BUFFER_POOL_MB} MB of buffer pool."
        for database, url in urls.items():
            environment = Environment.migrated(folder / f"history-{database}", **url)
            printed = environment.python("-m", "benchmarks.history", database, str(others), str(rounds))
            for call, ms in json.loads(printed).items():
                found = summary(ms)
                rows.append([call, database, found.count, found.median, found.p95, found.p99])
                if call in PROMISED:
                    name = f"{call}, {database}, 95th percentile"
                    report.targets.append(Target(name, LIMIT_MS, found.p95, " ms"))
    own = DAYS * len(HOURS)
    notes = [
        f"{len(HOURS)} sessions on each of {DAYS} days are {thousands(own)} reports of one person, in a table of "
        f"{thousands(own * (1 + others))}. Whole requests with their token check, by Django's test client in one "
        "process.",
    ]
    header = ("call", "database", "calls", "median", "p95", "p99")
    report.add(Table("A year of reports, ms", header, rows, notes, digits=1))
    report.facts.append(f"SQLite is as by default. {fact}")


# --- In the process with Django and the empty database ---


def main(database: str, others: int, rounds: int) -> None:
    import django

    django.setup()
    from accounts.tokens import tokens_for

    json.dump(_measure_calls(tokens_for(fill(database, others))["access"], rounds, database), sys.stdout)


def fill(label: str, others: int) -> "User":
    """The measured person; their reports lie among everybody's, written day by day."""
    from django.db import connection
    from django.utils.crypto import get_random_string

    from accounts.models import User
    from reports.models import Report

    password = get_random_string(40)  # nobody logs in with it
    User.objects.bulk_create([User(username=f"person-{index}", password=password) for index in range(others + 1)])
    people = list(User.objects.order_by("pk"))
    person = people[len(people) // 2]
    fields = [field for field in Report._meta.concrete_fields if not field.primary_key]
    columns = [connection.ops.quote_name(str(field.column)) for field in fields]
    values = ", ".join(
        "person.id" if field.name == "user" else f"report.{column}"
        for field, column in zip(fields, columns, strict=True)
    )
    copy_to_others = (
        f"INSERT INTO {Report._meta.db_table} ({', '.join(columns)}) SELECT {values} "  # noqa: S608 - our own names
        f"FROM {Report._meta.db_table} report, {User._meta.db_table} person "
        f"WHERE report.id IN ({', '.join(['%s'] * len(HOURS))}) AND person.id <> report.user_id"
    )
    chance = random.Random(0)  # noqa: S311
    progress = tqdm(total=len(people) * DAYS * len(HOURS), desc=f"reports, {label}", unit="report", mininterval=1)
    with connection.cursor() as cursor, progress:
        for day in range(DAYS):
            reports = [_report(person, day, hour, chance) for hour in HOURS]
            for report in reports:
                report.save()
            cursor.execute(copy_to_others, [report.pk for report in reports])
            progress.update(len(people) * len(reports))
    return person


def _report(user: "User", day: int, hour: int, chance: random.Random) -> "PersonsReport":
    from reports.models import Report

    start = datetime.combine(FIRST_DAY, datetime.min.time(), UTC) + timedelta(days=day, hours=hour)
    started_at = start + timedelta(seconds=chance.uniform(0, 3000))
    active_s, good = chance.uniform(600, 6000), chance.uniform(0.6, 0.9)
    ended_at = started_at + timedelta(seconds=active_s)
    shares = {"active_s": 1.0, "good_s": good, "bad_s": 0.9 - good, "unreliable_s": 0.1, "watched_s": 0.05}
    counts = ("blink_cnt", "neck_cnt", "stretching_cnt", "watched_blinks", "rests")
    values: dict[str, Any] = {name: share * active_s for name, share in shares.items()}
    values |= {name: chance.randrange(60) for name in counts}
    values |= {"started_at": started_at, "ended_at": ended_at, "day": started_at.date(), "study_time": "0100"}
    return Report(user=user, start_time=started_at.isoformat(), end_time=ended_at.isoformat(), **values)


def _measure_calls(access: str, rounds: int, label: str) -> dict[str, list[float]]:
    """Milliseconds of each call; a round has one of each."""
    from django.test import Client

    client = Client(SERVER_NAME="localhost", headers={"Authorization": f"Bearer {access}"})

    def get(path: str) -> None:
        response: Any = client.get(path)
        content = response.getvalue()
        if response.status_code != 200 or len(content) < len("[{}]"):
            raise RuntimeError(f"{path} answered {response.status_code}: {content[:300]!r}")

    chance = random.Random(1)  # noqa: S311
    ms: dict[str, list[float]] = {call: [] for call in QUERIES}
    for _ in with_progress(range(WARM_UP + rounds), f"queries, {label}", "round"):
        for call, query in QUERIES.items():
            day = FIRST_DAY + timedelta(days=chance.randrange(DAYS))
            ms[call].append(timed(get, f"/api/reports/{query.format(day=day)}")[1])
    return {call: times[WARM_UP:] for call, times in ms.items()}


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
