"""How soon a day, a week and the insights are answered: after eight weeks, and after three years of a person's days.

Run as a program, it fills and measures the migrated, empty database of its environment, and prints JSON.
"""

import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.environment import Environment
from benchmarks.figures import Target, summary, thousands, timed, with_progress
from benchmarks.report import Report, Table

LIMIT_MS = 50
WEEKS = (8, 156)
NOW = datetime(2026, 11, 27, 18, tzinfo=UTC)  # a Friday, in the night in Seoul
DAY = "2026-11-26"
WARM_UP = 3  # rounds
FIRST = "insights, the first of a day"
CALLS = {
    "strip": f"strip/?date={DAY}",
    "outlines": f"outlines/?date={DAY}",
    FIRST: "insights/",
    "insights": "insights/",
    "week": f"week/?date={DAY}",
    "goal": "goal/",
}


def measure(report: Report, folder: Path, people: int, rounds: int) -> None:
    """On SQLite. people: as many are made, of whom one is measured."""
    rows: list[list[Any]] = []
    for weeks in WEEKS:
        environment = Environment.migrated(folder / f"quarters-{weeks}")
        printed = environment.python("-m", "benchmarks.quarters", str(people), str(weeks), str(rounds))
        found = json.loads(printed)
        for call, ms in found["calls"].items():
            figures = summary(ms)
            rows.append([call, thousands(found["own"]), figures.count, figures.median, figures.p95, figures.p99])
            if weeks == max(WEEKS):
                report.targets.append(Target(f"{call}, 95th percentile", LIMIT_MS, figures.p95, " ms"))
        report.facts.append(f"After {weeks} weeks, {people} people have {thousands(found['all'])} quarter hours.")
    notes = ["Whole requests with their token check, by Django's test client in one process, on SQLite."]
    header = ("call", "own quarter hours", "calls", "median", "p95", "p99")
    report.add(Table("Days, weeks and insights, ms", header, rows, notes, digits=1))


# --- In the process with Django and the empty database ---


def main(people: int, weeks: int, rounds: int) -> None:
    import django

    django.setup()
    from unittest.mock import patch

    from personal_data.demo.services import demo_create, demo_users
    from reports.models import Quarter

    demo_create(people=people, weeks=weeks, password="not used", now=NOW)  # noqa: S106 - nobody logs in
    person = demo_users().get(username="demo-minjun")
    with patch("django.utils.timezone.now", lambda: NOW):
        calls = _measure_calls(_getter(person), rounds, f"{weeks} weeks")
    own = Quarter.objects.filter(user=person).count()
    json.dump({"calls": calls, "own": own, "all": Quarter.objects.count()}, sys.stdout)


def _getter(person: Any) -> Callable[[str], None]:
    from django.test import Client

    from accounts.tokens import tokens_for

    access = tokens_for(person)["access"]
    client = Client(SERVER_NAME="localhost", headers={"Authorization": f"Bearer {access}"})

    def get(path: str) -> None:
        response: Any = client.get(f"/api/reports/{path}")
        if response.status_code != 200:
            raise RuntimeError(f"{path} answered {response.status_code}: {response.content[:300]!r}")

    return get


def _measure_calls(get: Callable[[str], None], rounds: int, label: str) -> dict[str, list[float]]:
    """Milliseconds of each call; a round has one of each."""
    from django.core.cache import caches

    ms: dict[str, list[float]] = {call: [] for call in CALLS}
    for _ in with_progress(range(WARM_UP + rounds), f"history, {label}", "round"):
        for call, path in CALLS.items():
            if call == FIRST:
                caches["insights"].clear()
            ms[call].append(timed(get, path)[1])
    return {call: times[WARM_UP:] for call, times in ms.items()}


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
