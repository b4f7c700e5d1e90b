"""make bench-load's overload and outages: short runs on real servers, and what their targets hold against."""

import subprocess
import sys
import time

import pytest

from benchmarks.load import outages, overload
from benchmarks.load.overload import Reply
from benchmarks.report import Report
from tests import mariadb, mongod, nginx_server, redis_server
from tests.gunicorn_server import ROOT

# As `python -m benchmarks.load`, with SQLite in any case, few users and a short look at what is carried.
OVERLOAD = """
import runpy
from tests import mariadb
mariadb.missing = lambda: "no MariaDB in this test"
import locust
from benchmarks.load import overload
overload.USERS, overload.CAPACITY_S = 4, 1.0
runpy.run_module("benchmarks.load", run_name="__main__")
"""


def test_short_overload_is_measured() -> None:
    command = [sys.executable, "-c", OVERLOAD, "--overload", "2"]
    ran = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    for text in ("3 times what is carried, for 2 s", "answered 200", "overload: recovery"):
        assert text in ran.stdout


@pytest.mark.skipif(
    bool(reason := mariadb.missing() or mongod.missing() or nginx_server.missing() or redis_server.missing()),
    reason=reason,
)
def test_short_outage_is_measured() -> None:
    counts, report = outages.counted(1, 6), Report()
    outages.add(report, 1, counts)
    assert counts["the set's primary killed"] == 1
    assert counts["frames in the archive"] >= counts["frames acknowledged"] > 10
    assert all(target.is_met for target in report.targets), counts


@pytest.mark.parametrize(
    ("replies", "calm_s", "met"),
    [
        ([*[Reply(200, 900.0)] * 80, *[Reply(503, 5.0)] * 220], 4.0, [True, True, True]),
        ([*[Reply(200, 900.0)] * 79, *[Reply(503, 5.0)] * 221], 4.0, [True, False, True]),
        ([*[Reply(200, 900.0)] * 95, *[Reply(200, 1500.0)] * 5], 5.1, [False, True, False]),
    ],
)
def test_refused_late_and_slow_to_recover_misses_its_targets(
    replies: list[Reply], calm_s: float, met: list[bool]
) -> None:
    report = Report()
    overload.add(report, 10.0, 100.0, 10, 10.0, [*replies, Reply(0, 1.0)], calm_s)
    assert [target.is_met for target in report.targets] == met
    assert {"": "answered not at all", "measured": 1} in report.tables[0].rows


@pytest.mark.parametrize(
    ("answers", "calm_after"), [([True] * 5, 0), ([False, True, False, *[True] * 5], 3), ([True] * 4, None)]
)
def test_recovery_ends_with_the_first_of_some_calm_responses(
    monkeypatch: pytest.MonkeyPatch, answers: list[bool], calm_after: int | None
) -> None:
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    monkeypatch.setattr("gevent.sleep", lambda seconds: now.__setitem__(0, now[0] + seconds))
    left = iter(answers)

    def post(due: float) -> Reply:
        return Reply(200, 10.0 if next(left, False) else 1000.0)

    expected = overload.PROBE_FOR_S if calm_after is None else calm_after * overload.PROBE_EVERY_S
    assert overload.until_calm(post, 100.0) == pytest.approx(expected)
