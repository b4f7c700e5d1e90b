"""The benchmark's servers: requests, memory, starts, sessions, databases and the archive, each with tiny amounts."""

from xml.etree import ElementTree

import pytest

from benchmarks import archive, charts, footprint, frames, history, http_requests, office, reports, sessions
from benchmarks.archive import ARRAY, MONGODB, SQLITE
from benchmarks.environment import Run
from benchmarks.load import soak
from benchmarks.pipelines import STAGES
from benchmarks.report import Report
from benchmarks.turns import TOTAL
from tests import mariadb, mongod


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return Run(tmp_path_factory.mktemp("bench"))


@pytest.fixture
def _without_mariadb(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mariadb, "missing", lambda: "no MariaDB in this test")


def test_requests_are_measured_by_the_workers_processor_time(run: Run) -> None:
    report = Report()
    pairs = http_requests.measure(report, run, frames.made(8)[0][:4], rounds=1)
    titles = [f"Requests: {call}, 640×480 JPEG, ms (4)" for call in ("neck", "blink", http_requests.NO_FACE)]
    assert [table.title for table in report.tables] == titles
    for table in report.tables:
        assert all(row["median"] > 0 and row["wall time"] > 0 for row in table.rows)
        assert [row["way"] for row in table.rows][:3] == [http_requests.BARE, http_requests.PLAIN_REQUEST, "ours"]
    assert len(report.targets) == 4
    stages = dict.fromkeys((*STAGES, TOTAL), 1.0)
    assert "neck, plain" in charts.benchmark_chart({"plain": stages, "ours": stages}, pairs)


def test_sessions_are_measured_with_and_without_requests(run: Run) -> None:
    report = Report()
    sessions.measure(report, run, main=8, requested=1, turns=1, bursts=1, mesh_s=3)
    assert len(report.targets) == 7
    assert [len(table.rows) for table in report.tables] == [4, 4, 6, 7, 1, 4]
    assert report.facts[-1] == "Frames: 8 in 1 sequences, made from skimage's astronaut."


def test_memory_and_starts(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(footprint, "SERVED_EACH", 1)
    report = Report()
    footprint.measure(report, run.service, frames.made(8)[0], (1, 2), starts=1)
    assert len(report.targets) == 2
    memory, started = report.tables
    assert [row["workers"] for row in memory.rows] == [1, 2]
    assert all(0 < row["a worker's own"] < row["share (PSS)"] < row["resident"] for row in memory.rows)
    assert 0 < started.rows[0]["median s"] == started.rows[0]["longest"]


def test_soak_samples_one_workers_memory(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(soak, "USERS", 1)
    report = Report()
    soak.measure(report, run.service, 20)
    assert report.targets[1].is_met, "requests failed"
    first, *_, last, growth = report.tables[0].rows
    assert first["frames"] == 0
    assert 20 <= last["frames"] < 40
    assert growth["frames"].startswith("growth")
    assert soak.growth_percent([50.0, 50, 50, 50, 90, 70, 51, 51, 51, 51, 10]) == pytest.approx(2.0)


@pytest.mark.usefixtures("_without_mariadb")
def test_reports_are_measured(run: Run) -> None:
    report = Report()
    reports.measure(report, run, others=1, rounds=2)
    expected = [(call, "SQLite", 2) for call in reports.QUERIES]
    assert [(row["call"], row["database"], row["calls"]) for row in report.tables[0].rows] == expected
    assert "a table of 2 920" in report.tables[0].note
    assert len(report.targets) == len(reports.PROMISED)


def test_quarter_hours_are_measured(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "WEEKS", (1, 2))
    report = Report()
    history.measure(report, run, people=1, rounds=2)
    assert [row["call"] for row in report.tables[0].rows] == [*history.CALLS, *history.CALLS]
    few, many = (int(report.tables[0].rows[index]["own quarter hours"].replace(" ", "")) for index in (0, -1))
    assert 0 < few < many
    assert len(report.targets) == len(history.CALLS)


@pytest.mark.usefixtures("_without_mariadb")
def test_administrators_pages_are_measured(run: Run) -> None:
    report = Report()
    office.measure(report, run, people=40, rounds=2)
    assert [row["call"] for row in report.tables[0].rows] == list(office.PAGES)
    assert all(row["queries"] > 0 for row in report.tables[0].rows)
    assert all(row["CPU, median"] > 0 for row in report.tables[0].rows)
    assert len(report.targets) == len(office.PAGES) + 1


@pytest.mark.skipif(bool(mongod.missing()), reason=mongod.missing())
def test_archive_is_measured_and_drawn(run: Run) -> None:
    report = Report()
    fills = {SQLITE: (2,), MONGODB: (0, 60), ARRAY: (0, 300)}
    drawn = archive.measure(report, run, fills=fills, rounds=2)
    stored, listed = report.tables
    expected = [(SQLITE, "2", 2), (MONGODB, "0", 2), (MONGODB, "60", 2), (ARRAY, "0", 2), (ARRAY, "300", 2)]
    assert [(row["store"], row["stored frames"], row["stores"]) for row in stored.rows] == expected
    assert len(listed.rows) == len(expected) - 2
    assert "refuses frame 30" in "".join(ElementTree.fromstring(drawn or "").itertext())  # noqa: S314
