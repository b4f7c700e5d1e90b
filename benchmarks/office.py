"""How soon the administrators' pages are answered, with 10 000 people and a million reports.

Run as a program, it fills and measures the migrated, empty database of its environment, and prints JSON.
"""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.environment import Environment
from benchmarks.figures import Target, summary, thousands, timed, with_progress
from benchmarks.report import Report, Table
from tests import mariadb

if TYPE_CHECKING:
    from django.db.models import Model

LIMIT_MS, LIMIT_QUERIES = 100, 10
BUFFER_POOL_MB = 512
REPORTS, SESSIONS, DAYS = 100, 30, 30  # of each person
RUNNING = 300  # people
WARM_UP = 2
USERS, OVERVIEW = "accounts/user/", ""
PAGES = {
    "overview": OVERVIEW,
    "people": USERS,
    "people, page 20": f"{USERS}?p=20",
    "people, by last sight": f"{USERS}?o=-3",
    "people, by storage": f"{USERS}?o=-7",
    "not seen for 7 days": f"{USERS}?seen=7",
    "never seen": f"{USERS}?seen=never",
    "with a session": f"{USERS}?running=yes",
    "storage over 1 GB": f"{USERS}?storage=1024",
    "choice of privacy": f"{USERS}?privacy__exact=kept",
    "deactivated": f"{USERS}?state=off",
    "staff": f"{USERS}?role=staff",
    "search": f"{USERS}?q=person-77",
    "sessions, open": "detections/session/?which=open",
    "sessions": "detections/session/",
    "sessions, search": "detections/session/?q=person-77",
    "reports": "reports/report/",
}


def measure(report: Report, folder: Path, people: int, rounds: int) -> None:
    """On SQLite and, where it is installed, on MariaDB."""
    rows: list[list[Any]] = []
    for database, url in _databases(report, folder):
        environment = Environment.migrated(folder / f"office-{database}", **url)
        found = json.loads(environment.python("-m", "benchmarks.office", database, str(people), str(rounds)))
        for page, (queries, times) in found["pages"].items():
            figures, own = summary([ms for ms, _cpu in times]), summary([cpu for _ms, cpu in times])
            rows.append([page, database, str(queries), figures.median, figures.p95, own.median])
            report.targets.append(Target(f"{page}, {database}, median", LIMIT_MS, figures.median, " ms"))
        most = max(queries for queries, _times in found["pages"].values())
        report.targets.append(Target(f"queries of a page, {database}", LIMIT_QUERIES, float(most)))
        background = ", ".join(f"{task} {ms / 1000:.1f} s" for task, ms in found["background"].items())
        report.facts.append(f"Housekeeping on {database}: {background}.")
    notes = [
        f"{thousands(people)} people with {REPORTS} reports, {SESSIONS} sessions and {DAYS} days of pictures each. "
        "Whole requests of a superuser, by Django's test client in one process. CPU: of that process, and so without "
        "MariaDB's.",
    ]
    header = ("page", "database", "queries", "median", "p95", "CPU, median")
    report.add(Table("Pages of the admin, ms", header, rows, notes, digits=1))


@contextmanager
def _mariadb(folder: Path) -> Iterator[str]:
    (folder / "mariadb-office").mkdir()
    with mariadb.running(folder / "mariadb-office", BUFFER_POOL_MB) as server:
        server.create_database("posesmart")
        yield server.url("posesmart")


def _databases(report: Report, folder: Path) -> Iterator[tuple[str, dict[str, str]]]:
    yield "SQLite", {}
    if reason := mariadb.missing():
        report.facts.append(f"MariaDB is not measured: {reason}.")
        return
    with _mariadb(folder) as url:
        yield "MariaDB", {"DATABASE_URL": url}


# --- In the process with Django and the empty database ---


def main(database: str, people: int, rounds: int) -> None:
    import django

    django.setup()
    from django.utils import timezone

    now = timezone.now()
    fill(people, now)
    background = _background()
    json.dump({"pages": _measure_pages(rounds, database), "background": background}, sys.stdout)


def fill(people: int, now: datetime) -> None:
    """One person's rows by the ORM, everybody else's copied from them in the database."""
    from accounts.models import User
    from detections.models import Session
    from personal_data.models import ArchivedDay
    from reports.models import Report as Kept

    users = [
        User(
            username=f"person-{n}",
            password="!",  # noqa: S106 - nobody logs in
            privacy=("kept", "forgotten", "browser", "")[n % 4],
            is_active=n % 50 != 0,
            is_staff=n % 1000 == 0,
            date_joined=now - timedelta(days=200),
            last_login=now - timedelta(days=n % 60) if n % 20 else None,
        )
        for n in range(people)
    ]
    User.objects.bulk_create(users, 500)
    person = User.objects.get(username="person-0")
    for n in range(REPORTS):
        start = now - timedelta(days=20 + n, hours=n % 8)
        text, counts = start.isoformat(), {"blink_cnt": 9, "neck_cnt": 2, "stretching_cnt": 1, "wrong_alarms": 1}
        times = {"start_time": text, "end_time": text, "started_at": start, "ended_at": start, "day": start.date()}
        Kept.objects.create(user=person, active_s=3600.0, **counts, **times)
    for n in range(SESSIONS):
        start = now - timedelta(days=20 + n)
        Session.objects.create(
            user=person, started_at=start, stopped_at=start, received_at=start, phase="stopped", state="x" * 500
        )
    for n in range(DAYS):
        ArchivedDay.objects.create(user=person, day=(now - timedelta(days=n)).date(), bytes=30_000_000, frames=1000)
    for model in (Kept, Session, ArchivedDay):
        _copy_to_everybody(model, person.pk)
    running = User.objects.order_by("pk")[:RUNNING]
    times = {"started_at": now, "received_at": now}
    Session.objects.bulk_create(Session(user=user, running=True, phase="away", state="x", **times) for user in running)


def _copy_to_everybody(model: "type[Model]", user_id: int) -> None:
    from django.db import connection

    from accounts.models import User

    key = "HEX(RANDOMBLOB(16))" if connection.vendor == "sqlite" else "UUID()"
    columns, values = [], []
    for field in model._meta.concrete_fields:
        if field.primary_key and field.get_internal_type() != "UUIDField":
            continue
        name = connection.ops.quote_name(str(field.column))
        columns.append(name)
        values.append(f"LOWER({key})" if field.primary_key else "person.id" if field.name == "user" else f"own.{name}")
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {model._meta.db_table} ({', '.join(columns)}) SELECT {', '.join(values)} "  # noqa: S608 - ours
            f"FROM {model._meta.db_table} own, {User._meta.db_table} person "
            "WHERE own.user_id = %s AND person.id <> %s",
            [user_id, user_id],
        )


def _background() -> dict[str, float]:
    """Milliseconds of what housekeeping does for these pages."""
    from office import figures, history

    return {
        "last sights, from everything": timed(figures.seen_recount)[1],
        "last sights": timed(figures.seen_refresh)[1],
        "a sample with the storage": timed(history.sample_take)[1],
        "days": timed(history.days_fill)[1],
    }


def _measure_pages(rounds: int, label: str) -> dict[str, tuple[int, list[tuple[float, float]]]]:
    """The queries of each page, and each call's milliseconds by the clock and of the CPU; a round has one of each."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from accounts.models import User

    client = Client(SERVER_NAME="localhost")
    client.force_login(User.objects.create_superuser("boss"))
    queries: dict[str, int] = {}
    times: dict[str, list[tuple[float, float]]] = {page: [] for page in PAGES}
    for page, path in PAGES.items():
        with CaptureQueriesContext(connection) as captured:
            response: Any = client.get(f"/api/admin/{path}")
        if response.status_code != 200:
            raise RuntimeError(f"{path} answered {response.status_code}")
        queries[page] = len(captured)
    for _ in with_progress(range(WARM_UP + rounds), f"office, {label}", "round"):
        for page, path in PAGES.items():
            cpu_s = time.process_time()
            ms = timed(client.get, f"/api/admin/{path}")[1]
            times[page].append((ms, (time.process_time() - cpu_s) * 1000))
    return {page: (queries[page], measured[WARM_UP:]) for page, measured in times.items()}


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
