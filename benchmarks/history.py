"""How soon a day, a week and the insights are answered: after eight weeks, and after three years of a person's days."""

from collections.abc import Mapping
from datetime import UTC, datetime
from unittest.mock import patch

from benchmarks import calls
from benchmarks.environment import Environment, Run
from benchmarks.report import Report, Row, Table, Target, thousands
from benchmarks.turns import Sample, Way

LIMIT_MS = 50
WEEKS = (8, 156)
NOW = datetime(2026, 11, 27, 18, tzinfo=UTC)  # a Friday, in the night in Seoul
DAY = "2026-11-26"
FIRST = "insights, the first of a day"
CALLS = {
    "strip": f"strip/?date={DAY}",
    "outlines": f"outlines/?date={DAY}",
    FIRST: "insights/",
    "insights": "insights/",
    "week": f"week/?date={DAY}",
    "goal": "goal/",
}


def measure(report: Report, run: Run, *, people: int = 8, rounds: int = 100) -> None:
    """On SQLite. people: as many are made, of whom one is measured."""
    rows: list[Row] = []
    with report.part("history"):
        for weeks in WEEKS:
            environment = Environment(run.folder / f"history-{weeks}").migrated()
            found, (own, everybodys) = calls.rows(environment, "history", rounds, people, weeks)
            rows += [{"call": row["call"], "own quarter hours": thousands(own)} | row for row in found]
            report.facts.append(f"After {weeks} weeks, {people} people have {thousands(everybodys)} quarter hours.")
    limits = [Target(f"{row['call']}, 95th percentile", LIMIT_MS, row["p95"], " ms") for row in rows[-len(CALLS) :]]
    note = "Whole requests with their token check, by Django's test client in one process, on SQLite."
    report.add(Table("Days, weeks and insights, ms", rows, note, digits=1), *limits)


# --- In the process with Django and the empty database ---


def ways(people: int, weeks: int) -> tuple[Mapping[str, Way[int]], tuple[int, int]]:
    """The calls, and the number of the measured person's quarter hours and of everybody's."""
    from django.core.cache import caches

    from personal_data.demo.services import demo_create, demo_users
    from reports.models import Quarter

    demo_create(people=people, weeks=weeks, password="not used", now=NOW)  # noqa: S106 - nobody logs in
    person = demo_users().get(username="demo-minjun")
    patch("django.utils.timezone.now", lambda: NOW).start()
    client = calls.client_of(person)
    found = {call: calls.get(client, f"/api/reports/{path}") for call, path in CALLS.items()}

    def first(number: int) -> Sample:
        caches["insights"].clear()
        return found["insights"](number)

    return found | {FIRST: first}, (Quarter.objects.filter(user=person).count(), Quarter.objects.count())
