"""How soon the administrators' pages are answered, with 10 000 people and a million reports."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from benchmarks import calls
from benchmarks.environment import Run
from benchmarks.report import Report, Row, Table, Target, thousands
from benchmarks.turns import Way

LIMIT_MS, LIMIT_QUERIES = 100, 10
BUFFER_POOL_MB = 512
REPORTS, SESSIONS, DAYS = 100, 30, 30  # of each person
RUNNING = 300  # people
USERS = "accounts/user/"
PAGES = {
    "overview": "",
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


def measure(report: Report, run: Run, *, people: int = 10_000, rounds: int = 20) -> None:
    rows: list[Row] = []
    with report.part("office"):
        for database, environment in calls.databases(report, run.folder / "office", BUFFER_POOL_MB):
            found, queries = calls.rows(environment, "office", rounds, people, database=database)
            for row in found:
                rows.append(row | {"queries": queries[row["call"]]})
                report.targets.append(Target(f"{row['call']}, {database}, median", LIMIT_MS, row["median"], " ms"))
            report.targets.append(Target(f"queries of a page, {database}", LIMIT_QUERIES, max(queries.values())))
    note = (
        f"{thousands(people)} people with {REPORTS} reports, {SESSIONS} sessions and {DAYS} days of pictures each. "
        "Whole requests of a superuser, by Django's test client in one process. CPU: of that process, and so without "
        "MariaDB's."
    )
    report.add(Table("Pages of the admin, ms", rows, note, digits=1))


# --- In the process with Django and the empty database ---


def ways(people: int) -> tuple[Mapping[str, Way[int]], dict[str, int]]:
    """The pages, and the queries of each."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext
    from django.utils import timezone

    from accounts.models import User
    from office import figures, history

    _fill(people, timezone.now())
    for housekeeping in (figures.seen_recount, history.sample_take, history.days_fill):
        housekeeping()
    client = Client(SERVER_NAME="localhost")
    client.force_login(User.objects.create_superuser("boss"))
    pages = {page: calls.get(client, f"/api/admin/{path}") for page, path in PAGES.items()}
    queries = {}
    for page, way in pages.items():
        with CaptureQueriesContext(connection) as captured:
            way(0)
        queries[page] = len(captured)
    return pages, queries


def _fill(people: int, now: datetime) -> None:
    """One person's rows by the ORM, everybody else's copied from them in the database."""
    from accounts.models import User
    from detections.models import Session
    from personal_data.models import ArchivedDay
    from reports.models import Report

    User.objects.bulk_create([User(**_person(number, now)) for number in range(people)], 500)
    person = User.objects.get(username="person-0")
    for n in range(REPORTS):
        start = now - timedelta(days=20 + n, hours=n % 8)
        times = {"start_time": start.isoformat(), "end_time": start.isoformat(), "started_at": start, "ended_at": start}
        counts = {"blink_cnt": 9, "neck_cnt": 2, "stretching_cnt": 1, "wrong_alarms": 1}
        Report.objects.create(user=person, active_s=3600.0, day=start.date(), **counts, **times)
    for n in range(SESSIONS):
        moments = dict.fromkeys(("started_at", "stopped_at", "received_at"), now - timedelta(days=20 + n))
        Session.objects.create(user=person, phase="stopped", state="x" * 500, **moments)
    for n in range(DAYS):
        ArchivedDay.objects.create(user=person, day=(now - timedelta(days=n)).date(), bytes=30_000_000, frames=1000)
    for model in (Report, Session, ArchivedDay):
        calls.copy_to_everybody(model, person.pk)
    open_session: dict[str, Any] = {"running": True, "phase": "away", "state": "x"}
    open_session |= {"started_at": now, "received_at": now}
    Session.objects.bulk_create(Session(user=user, **open_session) for user in User.objects.order_by("pk")[:RUNNING])


def _person(number: int, now: datetime) -> dict[str, Any]:
    return {
        "username": f"person-{number}",
        "password": "!",  # nobody logs in
        "privacy": ("kept", "forgotten", "browser", "")[number % 4],
        "is_active": number % 50 != 0,
        "is_staff": number % 1000 == 0,
        "date_joined": now - timedelta(days=200),
        "last_login": now - timedelta(days=number % 60) if number % 20 else None,
    }
