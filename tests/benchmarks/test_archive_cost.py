"""The benchmark of the frame archive measures what it says, on a real MongoDB server."""

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from django.db import connections
from pymongo.errors import WriteError

from ai_models.vision.frame import Frame as ReceivedFrame
from benchmarks import archive_cost
from benchmarks.__main__ import archive_costs
from benchmarks.archive_chart import archive_chart
from benchmarks.archive_cost import ARRAY, MONGODB, SQLITE, Amount, Cost, Costs
from benchmarks.archive_stores import CALLS, FRAME_BYTES, USER, Archive, GrowingArray, arrays
from benchmarks.report import Report
from mongos import archive as mongos_archive
from mongos.guard import ARCHIVE_ALIAS
from mongos.models import Frame

PATIENCE_MS = 60_000


class Steps:
    def __init__(self) -> None:
        self.count = 0.0

    def update(self, n: float | None = 1) -> None:
        self.count += n or 0


@pytest.fixture
def patient_mongodb(mongodb: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A MongoDB server that may take its time: a document of 16 MB is written in half a second on a busy machine."""
    own = connections.databases[ARCHIVE_ALIAS]
    monkeypatch.setitem(own, "OPTIONS", own["OPTIONS"] | {"timeoutMS": PATIENCE_MS})
    connections[ARCHIVE_ALIAS].close_pool()  # type: ignore[attr-defined]
    del connections[ARCHIVE_ALIAS]
    return connections[ARCHIVE_ALIAS].database  # type: ignore[attr-defined]


@pytest.fixture
def progress() -> Steps:
    return Steps()


def embedded_fills() -> tuple[int, ...]:
    """None where the tests run on another `default` than SQLite: the benchmark's own is always SQLite."""
    return (2,) if connections["default"].vendor == "sqlite" else ()


def costs(refused_at: int = 308) -> Costs:
    fills = {MONGODB: (0, 10_000, 100_000), SQLITE: (0, 10_000), ARRAY: (0, 100, 300)}
    return Costs([Cost(design, fill, {"store": [2.0]}) for design in fills for fill in fills[design]], refused_at)


def test_every_store_is_timed_in_each_round(patient_mongodb: Any, tmp_path: Path) -> None:
    amount = Amount((0, 3), embedded_fills(), (0, 300), rounds=4, array_every=2, warm_up=1)
    report = Report([], [], {})
    costs = archive_costs(report, amount, tmp_path)
    assert {(cost.design, cost.fill) for cost in costs.all} == {
        *((MONGODB, fill) for fill in amount.fills),
        *((SQLITE, fill) for fill in amount.embedded_fills),
        *((ARRAY, fill) for fill in amount.array_fills),
    }
    for cost in costs.all:
        timed = {call: len(ms) for call, ms in cost.ms.items()}
        assert timed == ({"store": 2} if cost.design == ARRAY else dict.fromkeys(CALLS, 4)), cost
        assert min(min(ms) for ms in cost.ms.values()) > 0
    assert [table.title for table in report.tables] == ["Storing a frame, ms", "Listing, reading and deleting, ms"]
    assert f"MongoDB refuses frame {costs.refused_at}" in report.tables[0].text()
    assert "listing the newest 50" in report.bars[1].name


def test_archives_are_filled_and_stay_as_full_as_they_were(patient_mongodb: Any, progress: Steps) -> None:
    archive = Archive(ARCHIVE_ALIAS, "posesmart_test_fill", 260)
    archive.prepare(progress)
    try:
        assert (archive.count(), progress.count) == (260, 260)
        for _ in range(3):
            assert set(archive.round()) == set(CALLS)
        assert archive.count() == 260
    finally:
        archive.remove()


def test_filled_documents_are_those_that_the_service_writes(patient_mongodb: Any, progress: Steps) -> None:
    picture = ReceivedFrame(bytes(FRAME_BYTES), "image/jpeg", 640, 480)
    mongos_archive.store(user_id=USER, frame=picture, face_found=True)
    stored = patient_mongodb["mongos_frame"].find_one()
    archive = Archive(ARCHIVE_ALIAS, "posesmart_test_fill", 3)
    archive.prepare(progress)
    try:
        documents = list(patient_mongodb.client["posesmart_test_fill"]["mongos_frame"].find())
    finally:
        archive.remove()
    assert len({document["_id"] for document in documents}) == 3
    own = {"_id", "captured_at", "image"}
    for document in documents:
        assert [(name, type(value)) for name, value in document.items()] == [
            (name, type(value)) for name, value in stored.items()
        ]
        assert {name: document[name] for name in stored.keys() - own} == {
            name: stored[name] for name in stored.keys() - own
        }
        assert len(document["image"]) == FRAME_BYTES


def test_measuring_leaves_the_archive_of_the_process_alone(patient_mongodb: Any, progress: Steps) -> None:
    before = dict(connections.databases), connections["default"], connections[ARCHIVE_ALIAS]
    archive = Archive(ARCHIVE_ALIAS, "posesmart_test_fill", 2)
    archive.prepare(progress)
    archive.round()
    archive.remove()
    assert (dict(connections.databases), connections["default"], connections[ARCHIVE_ALIAS]) == before
    assert not Frame.objects.exists()
    assert "posesmart_test_fill" not in patient_mongodb.client.list_database_names()


def test_list_opens_no_document_and_reads_no_more_of_the_index_than_it_tells(
    patient_mongodb: Any, progress: Steps
) -> None:
    archive = Archive(ARCHIVE_ALIAS, "posesmart_test_fill", 200)
    archive.prepare(progress)
    try:
        examined = archive.examined_by_list()
    finally:
        archive.remove()
    assert examined is not None
    assert examined.documents == 0
    assert 50 <= examined.keys <= 51


def test_growing_array_holds_each_frame_once_as_base64_in_one_document(patient_mongodb: Any) -> None:
    array = GrowingArray(patient_mongodb["arrays"], 2)
    try:
        array.round()
        (document,) = patient_mongodb["arrays"].find()
        assert len(document["frames"]) == array.count() == 2
        assert {len(text) for text in document["frames"]} == {4 * -(-FRAME_BYTES // 3)}
    finally:
        patient_mongodb.drop_collection("arrays")


def test_growing_array_ends_where_mongodb_refuses_the_document(patient_mongodb: Any) -> None:
    with arrays((300,)) as (array,):
        refused_at = array.grow_to_the_end()
        assert 300 < refused_at <= 310
        assert array.count() == refused_at - 1
        with pytest.raises(WriteError, match=r"BSONObj size|larger than"):
            array.round()


def test_other_databases_errors_are_not_taken_for_the_end(
    patient_mongodb: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: GrowingArray, text: str) -> None:
        raise WriteError("not the size", 121)

    monkeypatch.setattr(GrowingArray, "_push", refuse)
    with arrays((0,)) as (array,), pytest.raises(WriteError, match="not the size"):
        array.grow_to_the_end()


def test_chart_is_an_svg_that_tells_of_both_designs_and_where_the_array_ends() -> None:
    drawn = archive_chart(costs(refused_at=308))
    ElementTree.fromstring(drawn)  # noqa: S314 - our own
    assert "MongoDB refuses frame 308" in drawn
    for label in ("one growing array", "MongoDB, a document a frame", "100 000"):
        assert f">{label}<" in drawn


@pytest.mark.parametrize("missing", ["no mongod", ""])
def test_missing_server_is_the_reason_to_skip(missing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.mongod.missing", lambda: missing)
    assert archive_cost.reason_to_skip(archive_cost.QUICK, tmp_path) == missing


def test_full_disk_is_a_reason_to_skip(tmp_path: Path) -> None:
    too_many = Amount((10**12,), (), (), rounds=1, array_every=1, warm_up=0)
    assert "GB are needed" in archive_cost.reason_to_skip(too_many, tmp_path)
