"""The benchmark's servers: requests, memory and starts, reports and the archive, each with tiny amounts."""

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from django.db import connections

from benchmarks import archive, charts, footprint, frames, history, http_requests
from benchmarks.archive import ARRAY, MONGODB, SQLITE, Scale
from benchmarks.environment import Environment
from benchmarks.load import soak
from mongos.guard import ARCHIVE_ALIAS
from tests import mariadb


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    return Environment.migrated(tmp_path_factory.mktemp("bench") / "service")


def test_requests_memory_and_starts(environment: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(footprint, "SERVED_EACH", 1)
    images = frames.made(8)[0].frames
    measured = http_requests.measure(environment, images, rounds=1, batch=1, load=4, workers=(1,))
    assert [(result.call, len(result.ours.ms), len(result.plain.ms)) for result in measured] == [
        ("neck", 3, 1),
        ("blink", 3, 1),
    ]
    assert http_requests.targets(measured)[-1].is_met  # no HTTP errors
    assert "blink plain, no HTTP" in http_requests.table(measured, len(images)).text()
    footprints = footprint.measure(environment, images, (1, 2))
    assert [len(server.workers) for server in footprints] == [1, 2]
    starts = footprint.measure_starts(environment, images, 1)
    assert len(footprint.targets(footprints, starts)) == 3
    assert "2 workers: all" in footprint.table(footprints).text()
    assert "export missing" in footprint.starts_table(starts).text()


def test_soak_samples_one_workers_memory(environment: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(soak, "USERS", 1)
    soaked = soak.soak(environment, 20)
    assert soaked.errors == 0
    assert 20 <= soaked.frames < 40
    assert "growth" in soak.table(soaked).text()
    assert soak.growth_percent([50.0, 50, 50, 50, 90, 70, 51, 51, 51, 51, 10]) == pytest.approx(2.0)


def test_reports_are_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mariadb, "missing", lambda: "no MariaDB in this test")
    monkeypatch.setattr(history, "WARM_UP", 0)
    measured = history.measure(tmp_path, others=1, rounds=2)
    assert {len(ms) for ms in measured[history.SQLITE].values()} == {2}
    assert "2 920" in history.table(measured, others=1).text()
    assert len(history.targets(measured)) == len(history.PROMISED)


def test_archive_is_measured_and_drawn(mongodb: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings = connections.databases[ARCHIVE_ALIAS]
    monkeypatch.setitem(settings, "OPTIONS", settings["OPTIONS"] | {"timeoutMS": archive.TIMEOUT_MS})
    embedded = (2,) if connections["default"].vendor == "sqlite" else ()
    scale = Scale({SQLITE: embedded, MONGODB: (0, 60), ARRAY: (0, 300)}, rounds=2, array_every=2, warm_up=0)
    costs = archive.measure(scale, tmp_path)
    assert [(cost.design, cost.fill, len(cost.ms["store"])) for cost in costs.of(MONGODB) + costs.of(ARRAY)] == [
        (MONGODB, 0, 2),
        (MONGODB, 60, 2),
        (ARRAY, 0, 1),
        (ARRAY, 300, 1),
    ]
    assert 300 < costs.refused_at <= 310
    assert [target.measured for target in archive.targets(costs)[2:]] == [0, 50]  # no document opened
    assert "index entries" in archive.calls_table(costs).text()
    drawn = charts.archive_chart(costs)
    assert f"refuses frame {costs.refused_at}" in "".join(ElementTree.fromstring(drawn).itertext())  # noqa: S314
    assert drawn == charts.archive_chart(costs)
