"""The mark of free space, and drops that no disk can count."""

import multiprocessing
import os
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from ai_models.vision.frame import Frame as ReceivedFrame
from common import disk
from common.db import reserve
from common.disk import MIB, Room
from common.telemetry import worker
from mongos import archive, guard, space
from mongos.lost import Lost
from mongos.models import Frame
from tests.archived import archived
from tests.conftest import PASSWORD, ApiClient
from tests.watched import Scrape

GIB = 1024 * MIB
FRAME = ReceivedFrame(b"picture", "image/jpeg", 64, 48)


@pytest.fixture
def room(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Room]:
    """The room that every disk claims to have; the database is a file, and the archive is in it."""
    rooms = [Room(100 * GIB, 200 * GIB)]
    for module in (reserve, space):
        monkeypatch.setattr(module, "room_for", lambda path: rooms[0])
    for module in (reserve, space):
        monkeypatch.setattr(module, "database_file", lambda: tmp_path / "db.sqlite3")
    return rooms


@pytest.mark.parametrize(
    ("total", "mark"), [(200 * GIB, 512 * MIB), (2 * GIB, 512 * MIB), (1 * GIB, 256 * MIB), (16 * MIB, 4 * MIB)]
)
def test_mark_is_the_setting_and_at_most_a_quarter_of_the_disk(total: int, mark: int) -> None:
    assert space.mark(Room(0, total)) == mark


@pytest.mark.django_db
def test_below_the_mark_frames_are_counted_instead_of_kept(room: list[Room]) -> None:
    archived(user_id=1, frame=FRAME)
    room[0] = Room(511 * MIB, 200 * GIB)
    archived(user_id=1, frame=FRAME)
    assert archive.spool().state().dropped == 1
    room[0] = Room(513 * MIB, 200 * GIB)
    archived(user_id=1, frame=FRAME)
    assert Frame.objects.count() == 2


@pytest.mark.parametrize("error", [guard.ArchiveUnavailable, guard.FrameRejected])
@pytest.mark.django_db
def test_spool_stops_at_the_mark_too(room: list[Room], monkeypatch: pytest.MonkeyPatch, error: Any) -> None:
    def fail(row: Frame) -> None:
        raise error

    monkeypatch.setattr(archive, "_insert", fail)
    monkeypatch.setattr(archive, "is_remote", lambda: True)
    monkeypatch.setattr(space, "is_remote", lambda: True)
    archived(user_id=1, frame=FRAME)
    room[0] = Room(0, 200 * GIB)
    archived(user_id=1, frame=FRAME)
    state = archive.spool().state()
    assert (state.waiting + state.refused, state.dropped) == (1, 1)


@pytest.mark.django_db
def test_readiness_and_metrics_tell_it(client: Client, room: list[Room], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("office.readiness.room_for", lambda path: room[0])
    monkeypatch.setattr("posesmart.metrics_view.room_for", lambda path: room[0])
    assert client.get("/readyz").json()["disk"] == {"status": "ok", "free_mb": 102_400}
    room[0] = Room(3 * MIB, 200 * GIB)
    archived(user_id=1, frame=FRAME)
    state = client.get("/readyz").json()
    assert state["status"] == "degraded"
    assert state["disk"] == {"status": "degraded", "free_mb": 3}
    assert (state["spool"]["status"], state["spool"]["dropped"]) == ("degraded", 1)
    exported = Scrape(client.get("/metrics").content.decode())
    assert exported.value("posesmart_disk_free_bytes", place="database") == 3 * MIB
    assert exported.value("posesmart_disk_mark_bytes", place="database") == 512 * MIB


def test_drop_is_counted_where_the_disk_takes_no_count(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    fields = {"id": "0" * 32, "user_id": 1, "captured_at": archive.now(), "image": b"x"}
    spool = archive.spool()
    assert spool.put(fields)

    def full(*arguments: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "pwrite", full)
    for number in range(3):
        assert not spool.put(fields | {"id": f"{number + 1:032}"})
    assert spool.state().dropped == 3
    assert "cannot be written to (No space left on device): 1 frames dropped so far." in caplog.text
    (entry,) = spool.entries()
    assert spool.delete(entry)  # needs no room


def test_processes_share_the_count_of_drops() -> None:
    shared = Lost()
    processes = [multiprocessing.get_context("fork").Process(target=_drop, args=(shared, slot)) for slot in "012"]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    shared.add(uncounted=0)
    assert shared.totals()[0] == 3 * 50


def _drop(shared: Lost, slot: str) -> None:
    worker.slot = slot
    for _ in range(50):
        shared.add(uncounted=1)


# --- The reserve ---


def test_reserve_is_let_go_on_a_full_disk_and_made_again(
    room: list[Room], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "db.sqlite3-reserve"
    reserve.keep()
    assert (file.stat().st_blocks * 512, file.stat().st_mode & 0o777) == (16 * MIB, 0o600)
    room[0] = Room(8 * MIB, 200 * GIB)
    reserve.keep()
    assert file.exists()
    room[0] = Room(8 * MIB - 1, 200 * GIB)
    reserve.keep()
    assert not file.exists()
    assert "Its reserve of 16 MiB is let go." in caplog.text
    room[0] = Room(40 * MIB, 200 * GIB)
    reserve.keep()
    assert not file.exists()
    room[0] = Room(65 * MIB, 200 * GIB)
    reserve.keep()
    assert file.exists()


def test_nothing_may_grow_into_the_reserve(room: list[Room]) -> None:
    reserve.keep()
    room[0] = Room(16 * MIB, 200 * GIB)
    assert reserve.has_room_to_grow()
    room[0] = Room(16 * MIB - 1, 200 * GIB)
    assert not reserve.has_room_to_grow()
    room[0] = Room(1 * MIB, 200 * GIB)
    reserve.keep()
    room[0] = Room(17 * MIB, 200 * GIB)
    assert not reserve.has_room_to_grow()


def test_reserve_that_cannot_be_made_leaves_nothing(
    room: list[Room], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*arguments: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    reserve.keep()
    assert not list(tmp_path.glob("db*"))


@pytest.mark.django_db
def test_database_in_memory_or_on_a_server_has_no_reserve() -> None:
    assert reserve.database_file() is None or connection.vendor == "sqlite"
    reserve.keep()
    assert reserve.has_room_to_grow()


def test_room_of_a_folder_that_is_not_there_yet_is_its_parents(tmp_path: Path) -> None:
    assert disk.room_for(tmp_path / "a" / "b").total == disk.room_for(tmp_path).total > 0


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        (
            "post",
            "reports/",
            {"blink_cnt": 1, "neck_cnt": 1, "stretching_cnt": 1, "start_time": "2203300738", "end_time": "2203300800"},
        ),
        ("post", "detections/sessions/", {}),
        ("post", "accounts/", {"username": "newcomer", "password": PASSWORD}),
    ],
)
def test_what_grows_is_refused_on_a_full_disk(
    owner: ApiClient, room: list[Room], method: str, path: str, body: dict[str, Any]
) -> None:
    room[0] = Room(1 * MIB, 200 * GIB)
    response = owner(method, path, body)
    assert (response.status_code, response["Retry-After"]) == (503, "60")
    assert "You can still log in, stop a session and delete." in response.json()["detail"]
    room[0] = Room(2 * GIB, 200 * GIB)
    assert owner(method, path, body).status_code == 201
