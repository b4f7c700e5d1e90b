"""How soon queries about a year of one person's reports are answered, in a table with a million of others."""

import random
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from tqdm import tqdm

from benchmarks import calls
from benchmarks.environment import Run
from benchmarks.report import Report, Row, Table, Target, thousands
from benchmarks.turns import Way

LIMIT_MS = 50
BUFFER_POOL_MB = 128  # MariaDB's default
FIRST_DAY, DAYS = date(2025, 11, 26), 365
HOURS = (0, 2, 5, 8)  # UTC, at which sessions start: in Seoul in the morning, before noon, and in the afternoon
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


def measure(report: Report, run: Run, *, others: int = 685, rounds: int = 100) -> None:
    """others: further people with a year of reports each."""
    rows: list[Row] = []
    with report.part("reports"):
        for database, environment in calls.databases(report, run.folder / "reports", BUFFER_POOL_MB):
            rows += calls.rows(environment, "reports", rounds, others, database=database)[0]
    own = DAYS * len(HOURS)
    note = (
        f"{len(HOURS)} sessions on each of {DAYS} days are {thousands(own)} reports of one person, in a table of "
        f"{thousands(own * (1 + others))}. Whole requests with their token check, by Django's test client in one "
        "process."
    )
    report.add(Table("A year of reports, ms", rows, note, digits=1))
    for row in rows:
        if row["call"] in PROMISED:
            name = f"{row['call']}, {row['database']}, 95th percentile"
            report.targets.append(Target(name, LIMIT_MS, row["p95"], " ms"))


# --- In the process with Django and the empty database ---


def ways(others: int) -> tuple[Mapping[str, Way[int]], None]:
    """The measured person's reports lie among everybody's, written day by day."""
    from accounts.models import User
    from reports.models import Report

    User.objects.bulk_create([User(username=f"person-{index}", password="!") for index in range(others + 1)])  # noqa: S106
    person = User.objects.get(username=f"person-{others // 2}")
    for day in tqdm(range(DAYS), "days of reports"):
        at = datetime.combine(FIRST_DAY, datetime.min.time(), UTC) + timedelta(days=day)
        Report.objects.bulk_create(Report(user=person, **_values(at + timedelta(hours=hour))) for hour in HOURS)
        calls.copy_to_everybody(Report, person.pk, day=at.date().isoformat())
    client, chance = calls.client_of(person), random.Random(1)  # noqa: S311

    def day_of_year() -> dict[str, object]:
        return {"day": FIRST_DAY + timedelta(days=chance.randrange(DAYS))}

    return {call: calls.get(client, f"/api/reports/{query}", day_of_year) for call, query in QUERIES.items()}, None


def _values(start: datetime) -> dict[str, Any]:
    """Of a report of an hour and a half."""
    end = start + timedelta(hours=1.5)
    return {
        "start_time": start.isoformat(),
        "end_time": end.isoformat(),
        "started_at": start,
        "ended_at": end,
        "day": start.date(),
        "study_time": "0130",
        "active_s": 5400.0,
        "good_s": 4000.0,
        "bad_s": 900.0,
        "unreliable_s": 500.0,
        "watched_s": 300.0,
        **dict.fromkeys(("blink_cnt", "neck_cnt", "stretching_cnt", "watched_blinks", "rests"), start.day),
    }
