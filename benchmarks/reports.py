"""How soon queries about a year of one person's reports are answered, in a table with a million of others."""

import random
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from benchmarks import calls
from benchmarks.environment import Run
from benchmarks.report import Report, Row, Table, Target, stats, thousands
from benchmarks.turns import TOTAL, Way, with_progress

if TYPE_CHECKING:
    from accounts.models import User

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
            times, _ = calls.measured(environment, "reports", rounds, others)
            for call, ms in times.items():
                figures = stats(ms[TOTAL], "median", "p95", "p99")
                rows.append({"call": call, "database": database, "calls": len(ms[TOTAL])} | figures)
                if call in PROMISED:
                    name = f"{call}, {database}, 95th percentile"
                    report.targets.append(Target(name, LIMIT_MS, figures["p95"], " ms"))
    own = DAYS * len(HOURS)
    note = (
        f"{len(HOURS)} sessions on each of {DAYS} days are {thousands(own)} reports of one person, in a table of "
        f"{thousands(own * (1 + others))}. Whole requests with their token check, by Django's test client in one "
        "process."
    )
    report.add(Table("A year of reports, ms", rows, note, digits=1))


# --- In the process with Django and the empty database ---


def ways(others: int) -> tuple[Mapping[str, Way[int]], None]:
    client = calls.client_of(_fill(others))
    chance = random.Random(1)  # noqa: S311

    def day() -> dict[str, object]:
        return {"day": FIRST_DAY + timedelta(days=chance.randrange(DAYS))}

    return {call: calls.get(client, f"/api/reports/{query}", day) for call, query in QUERIES.items()}, None


def _fill(others: int) -> "User":
    """The measured person; their reports lie among everybody's, written day by day."""
    from accounts.models import User
    from reports.models import Report

    User.objects.bulk_create([User(username=f"person-{index}", password="!") for index in range(others + 1)])  # noqa: S106
    people = list(User.objects.order_by("pk"))
    person = people[len(people) // 2]
    chance = random.Random(0)  # noqa: S311
    for day in with_progress(range(DAYS), "days of reports", "day"):
        Report.objects.bulk_create(Report(user=person, **_values(day, hour, chance)) for hour in HOURS)
        copied = (FIRST_DAY + timedelta(days=day)).isoformat()
        calls.copy_to_everybody(Report, person.pk, day=copied)
    return person


def _values(day: int, hour: int, chance: random.Random) -> dict[str, Any]:
    """Of a report."""
    start = datetime.combine(FIRST_DAY, datetime.min.time(), UTC) + timedelta(days=day, hours=hour)
    started_at = start + timedelta(seconds=chance.uniform(0, 3000))
    active_s, good = chance.uniform(600, 6000), chance.uniform(0.6, 0.9)
    ended_at = started_at + timedelta(seconds=active_s)
    shares = {"active_s": 1.0, "good_s": good, "bad_s": 0.9 - good, "unreliable_s": 0.1, "watched_s": 0.05}
    counts = ("blink_cnt", "neck_cnt", "stretching_cnt", "watched_blinks", "rests")
    values: dict[str, Any] = {name: share * active_s for name, share in shares.items()}
    values |= {name: chance.randrange(60) for name in counts}
    values |= {"started_at": started_at, "ended_at": ended_at, "day": started_at.date(), "study_time": "0100"}
    return values | {"start_time": started_at.isoformat(), "end_time": ended_at.isoformat()}
