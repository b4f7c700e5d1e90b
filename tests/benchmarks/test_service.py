"""The benchmark's servers: requests, memory and starts, sessions, reports and the archive, each with tiny amounts."""

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from django.db import connections

from benchmarks import archive, charts, footprint, frames, history, http_requests, sessions
from benchmarks.archive_stores import ARRAY, MONGODB, SQLITE
from benchmarks.environment import Environment
from benchmarks.load import soak
from benchmarks.pipelines import OURS, STAGES
from benchmarks.report import Report
from benchmarks.turns import TOTAL
from mongos.guard import ARCHIVE_ALIAS
from tests import mariadb


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    return Environment.migrated(tmp_path_factory.mktemp("bench") / "service")


def test_requests_are_measured_by_the_workers_processor_time(environment: Environment) -> None:
    images, empty = frames.made(8)[0].frames, frames.made_empty(4)[0].frames
    measured = http_requests.measure(environment, images, empty, rounds=1)
    assert {call: len(times[OURS][TOTAL]) for call, times in measured.items()} == {
        "neck": 8,
        "blink": 8,
        http_requests.NO_FACE: 4,
    }
    for times in measured.values():
        assert all((one[TOTAL] > 0).all() for one in times.values())
    assert len(http_requests.targets(measured)) == 4
    stages = dict.fromkeys((*STAGES, TOTAL), 1.0)
    assert "neck, plain" in charts.benchmark_chart(
        {"plain": stages, "ours": stages}, http_requests.median_pairs(measured)
    )


def test_sessions_are_measured_with_and_without_requests(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "TURNS", 1)
    monkeypatch.setattr(sessions, "BURSTS", 1)
    report = Report()
    sessions.measure(report, frames.made(8), environment, requested=1)
    assert len(report.targets) == 6
    assert [len(table.rows) for table in report.tables] == [4, 4, 6, 7, 1]


def test_memory_load_and_starts(environment: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(footprint, "SERVED_EACH", 1)
    images = frames.made(8)[0].frames
    footprints = footprint.measure(environment, images, (1, 2), load=4)
    assert [len(server.workers) for server in footprints] == [1, 2]
    starts = footprint.measure_starts(environment, images, 1)
    errors, *_ = targets = footprint.targets(footprints, starts)
    assert (errors.is_met, len(targets)) == (True, 3)
    load, memory, start = (table.text() for table in footprint.tables(footprints, starts))
    assert ("a second" in load, "a worker's own" in memory, "export missing" in start) == (True, True, True)


def test_soak_samples_one_workers_memory(environment: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(soak, "USERS", 1)
    soaked = soak.soak(environment, 20)
    assert soaked.errors == 0
    assert 20 <= soaked.frames < 40
    assert "growth" in soak.table(soaked).text()
    assert soak.growth_percent([50.0, 50, 50, 50, 90, 70, 51, 51, 51, 51, 10]) == pytest.approx(2.0)


def test_reports_are_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mariadb, "missing", lambda: "no MariaDB in this test")
    report = Report()
    history.measure(report, tmp_path, others=1, rounds=2)
    assert [row[:3] for row in report.tables[0].rows] == [[call, history.SQLITE, 2] for call in history.QUERIES]
    assert "2 920" in report.text()
    assert len(report.targets) == len(history.PROMISED)


def test_archive_is_measured_and_drawn(mongodb: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings = connections.databases[ARCHIVE_ALIAS]
    monkeypatch.setitem(settings, "OPTIONS", settings["OPTIONS"] | {"timeoutMS": archive.TIMEOUT_MS})
    embedded = (2,) if connections["default"].vendor == "sqlite" else ()
    report = Report()
    scale = archive.Scale({SQLITE: embedded, MONGODB: (0, 60), ARRAY: (0, 300)}, rounds=2)
    drawn = archive.measure(report, scale, tmp_path)
    stored, listed = report.tables
    fills = [(SQLITE, str(fill), 2) for fill in embedded]
    fills += [(MONGODB, "0", 2), (MONGODB, "60", 2), (ARRAY, "0", 2), (ARRAY, "300", 2)]
    assert [tuple(row[:3]) for row in stored.rows] == fills
    assert len(listed.rows) == len(fills) - 2
    assert "refuses frame 30" in "".join(ElementTree.fromstring(drawn).itertext())  # noqa: S314
