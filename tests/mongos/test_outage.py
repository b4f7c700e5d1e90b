"""The archive is down: killed, suspended, or refusing a frame. Uses a real server that the tests may kill."""

import base64
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import bson
import pytest
from pymongo.collection import Collection
from pymongo.errors import AutoReconnect

from ai_models.vision.frame import Frame as ReceivedFrame
from mongos import archive, guard, maintenance
from mongos.guard import ArchiveUnavailable
from mongos.maintenance import Drained
from mongos.models import Frame
from mongos.spool import REFUSED, Entry, State
from tests.archived import archived
from tests.conftest import ApiClient, mongodb_at
from tests.detections.frames import NECK, neck_body, upright
from tests.mongod import Mongod

MINA, STRANGER = 1, 11
MIB = 2**20
PICTURE = bytes(range(256)) * 4
START = datetime(2026, 11, 23, 9, 0, 0, 123_000, tzinfo=UTC)
DEADLINE_S = 120.0
MAX_WAIT_S = 10.0  # the timeout is half a second; without one it would be half a minute


def make_frame(data: bytes = PICTURE) -> ReceivedFrame:
    return ReceivedFrame(data, "image/jpeg", 64, 48)


def store(user_id: int = MINA, *, data: bytes = PICTURE, **options: Any) -> UUID:
    return archived(user_id=user_id, frame=make_frame(data), face_found=True, **options)


@pytest.fixture
def server(db: None, own_mongod: Mongod) -> Iterator[Mongod]:
    """The archive on a server that the test may stop or kill."""
    with mongodb_at(own_mongod.uri):
        yield own_mongod


@pytest.fixture
def inserts(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The duration in seconds of each insert that went to the network."""
    seconds: list[float] = []
    real = Collection.insert_many

    def insert_many(*arguments: Any, **options: Any) -> Any:
        started = time.monotonic()
        try:
            return real(*arguments, **options)
        finally:
            seconds.append(time.monotonic() - started)

    monkeypatch.setattr(Collection, "insert_many", insert_many)
    return seconds


@contextmanager
def suspended(server: Mongod) -> Iterator[None]:
    server.hang()
    try:
        yield
    finally:
        server.go_on()


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def drain(storable: Callable[[Any], Any] = lambda entries: entries) -> Drained:
    with archive.spool().exclusive() as alone:
        assert alone
        return maintenance.drain(storable)


def archived_frames() -> list[tuple[UUID, int, datetime, bytes]]:
    frames = Frame.objects.order_by("captured_at", "id")
    return [(frame.pk, frame.user_id, frame.captured_at, bytes(frame.image)) for frame in frames]


def spool_is_empty() -> bool:
    state = archive.spool().state()
    return (state.waiting, state.refused, state.bytes) == (0, 0, 0)


# --- The outage ---


def test_only_the_first_frame_tries_the_archive(server: Mongod, inserts: list[float]) -> None:
    store()
    server.kill()
    inserts.clear()
    keys = [store(captured_at=START) for _ in range(20)]
    assert len(inserts) == 1
    assert inserts[0] < MAX_WAIT_S
    assert guard.breaker.is_open
    assert {entry.frame_id for entry in archive.spool().entries()} == set(keys)


def test_hanging_server_delays_only_the_first_frame(server: Mongod, inserts: list[float]) -> None:
    store()
    inserts.clear()
    with suspended(server):
        keys = [store(captured_at=START) for _ in range(20)]
        assert len(inserts) == 1
        assert 0.4 < inserts[0] < MAX_WAIT_S, "it waited for a response, but not for long"
        assert {entry.frame_id for entry in archive.spool().entries()} == set(keys)
    wait_until(guard.probe)
    assert drain() == Drained(stored=20)
    assert len(archived_frames()) == 21, "an insert that the suspended server completes later is not repeated"


def test_outage_and_recovery_are_logged_once(server: Mongod, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    store()
    server.kill()
    for _ in range(5):
        store(user_id=8_675_309)
        assert not guard.probe()
    server.start()
    wait_until(guard.probe)
    assert guard.probe()
    drain()
    messages = [(record.levelname, record.getMessage()) for record in caplog.records if record.name == "mongos.guard"]
    assert [level for level, _ in messages] == ["ERROR", "WARNING"]
    assert messages[0][1].startswith("The frame archive is unavailable (")
    assert messages[0][1].endswith(f"Frames wait in {archive.spool().folder}.")
    assert messages[1][1] == "The frame archive is back."
    assert_no_picture(caplog.text, PICTURE)
    assert "8675309" not in caplog.text


def assert_no_picture(text: str, picture: bytes) -> None:
    part = picture[:48]
    assert not any(form in text for form in (base64.b64encode(part).decode(), repr(part)[2:-1], part.hex()))
    assert "Traceback" not in text


def test_posted_frame_is_judged_during_an_outage(
    server: Mongod, owner: ApiClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server.kill()
    responses = [owner("post", NECK, neck_body(upright())) for _ in range(2)]
    assert [response.status_code for response in responses] == [200, 200]
    assert [entry.user_id for entry in archive.spool().entries()] == [owner.user.pk] * 2
    assert "The frame archive is unavailable" in caplog.text
    assert owner.user.username not in caplog.text
    assert_no_picture(caplog.text, upright())


@pytest.mark.parametrize(
    "use",
    [
        lambda: archive.newest(user_id=MINA, limit=1),
        lambda: archive.read(user_id=MINA, frame_id=uuid4()),
        lambda: archive.count(user_id=MINA),
        lambda: archive.user_ids(),
        lambda: archive.delete_one(user_id=MINA, frame_id=uuid4()),
        lambda: archive.delete_all(user_id=MINA),
        lambda: maintenance.expire(),
    ],
    ids=["newest", "read", "count", "user_ids", "delete_one", "delete_all", "expire"],
)
def test_every_use_fails_during_an_outage(server: Mongod, use: Callable[[], object]) -> None:
    errors: list[BaseException] = []

    def call() -> None:
        try:
            use()
        except ArchiveUnavailable as error:
            errors.append(error)

    server.kill()
    for _ in range(2):
        thread = threading.Thread(target=call, daemon=True)  # without a timeout some would wait for an hour
        thread.start()
        thread.join(MAX_WAIT_S)
        assert not thread.is_alive(), "the call should fail within the timeout"
    assert len(errors) == 2
    assert all(error.__suppress_context__ or error.__context__ is None for error in errors), "it contains the query"


def test_spooled_frames_can_be_deleted_during_an_outage(server: Mongod) -> None:
    server.kill()
    one, _, theirs = store(), store(), store(STRANGER)
    with pytest.raises(ArchiveUnavailable):
        archive.delete_one(user_id=MINA, frame_id=one)
    assert len(archive.spool().entries()) == 2
    with pytest.raises(ArchiveUnavailable):
        archive.delete_all(user_id=MINA)
    assert [entry.frame_id for entry in archive.spool().entries()] == [theirs]


# --- The recovery ---


def test_spooled_frames_are_stored_once_and_unchanged(server: Mongod) -> None:
    server.kill()
    sent = []
    for number in range(5):
        captured_at, data = START.replace(second=number), PICTURE + bytes([number])
        sent.append((store(captured_at=captured_at, data=data), MINA, captured_at, data))
    assert drain() == Drained(is_complete=False), "still down"
    assert archive.spool().state().waiting == 5
    server.start()
    wait_until(guard.probe)
    assert not guard.breaker.is_open
    assert drain() == Drained(stored=5)
    assert archived_frames() == sent
    assert spool_is_empty()
    assert drain() == Drained()
    assert archived_frames() == sent


def test_frames_go_to_the_archive_after_recovery(server: Mongod) -> None:
    server.kill()
    store()
    server.start()
    wait_until(guard.probe)
    key = store()
    assert [frame[0] for frame in archived_frames()] == [key]


def test_frame_with_a_lost_response_is_stored_once(server: Mongod, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Collection.insert_many

    def insert_and_lose_the_response(*arguments: Any, **options: Any) -> Any:
        real(*arguments, **options)
        raise AutoReconnect("connection closed")

    with monkeypatch.context() as patch:
        patch.setattr(Collection, "insert_many", insert_and_lose_the_response)
        key = store(captured_at=START)
    assert archive.spool().state().waiting == 1
    assert guard.probe()
    drain()
    assert archived_frames() == [(key, MINA, START, PICTURE)]
    assert spool_is_empty()


def spool(user_id: int = MINA, **options: Any) -> UUID:
    """Store a frame on disk although the archive is up."""
    guard.breaker.failed()
    try:
        return store(user_id, **options)
    finally:
        guard.breaker.succeeded()


def test_crash_before_file_deletion_stores_nothing_twice(mongodb: Any) -> None:
    key = spool(captured_at=START)
    [entry] = archive.spool().entries()
    data = entry.path.read_bytes()
    drain()
    entry.path.write_bytes(data)  # as if it had not been deleted
    assert drain() == Drained(stored=1)
    assert archived_frames() == [(key, MINA, START, PICTURE)]
    assert archive.spool().entries() == []


def test_outage_during_a_drain_leaves_the_rest_waiting(mongodb: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = [spool(captured_at=START.replace(second=number)) for number in range(4)]
    real = Collection.insert_many
    done: list[None] = []

    def insert_twice(*arguments: Any, **options: Any) -> Any:
        if len(done) == 2:
            raise AutoReconnect("connection closed")
        done.append(None)
        return real(*arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(Collection, "insert_many", insert_twice)
        progress: list[int] = []
        with archive.spool().exclusive():
            assert maintenance.drain(lambda entries: entries, on_progress=progress.append) == Drained(
                2, is_complete=False
            )
    assert progress == [1, 1]
    assert [entry.frame_id for entry in archive.spool().entries()] == keys[2:]
    assert guard.probe()
    assert drain() == Drained(stored=2)
    assert [frame[0] for frame in archived_frames()] == keys


def test_drain_stores_slices_oldest_first(mongodb: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "SLICE", 3)
    keys = [spool(captured_at=START.replace(second=number)) for number in reversed(range(8))]
    sizes: list[int] = []

    def storable(entries: list[Entry]) -> list[Entry]:
        sizes.append(len(entries))
        return entries

    assert drain(storable) == Drained(stored=8)
    assert sizes == [3, 3, 2]
    assert [frame[0] for frame in archived_frames()] == keys[::-1]


# --- Frames that are no longer wanted ---


def test_unwanted_frames_are_dropped(mongodb: Any) -> None:
    mine, theirs = spool(), spool(STRANGER)
    assert drain(lambda entries: {entry for entry in entries if entry.user_id == MINA}) == Drained(stored=1, deleted=1)
    assert [frame[0] for frame in archived_frames()] == [mine]
    assert not Frame.objects.filter(pk=theirs).exists()
    assert spool_is_empty()


@pytest.mark.parametrize("before", [True, False], ids=["before it is inserted", "after it is inserted"])
def test_frame_deleted_while_being_stored_stays_deleted(
    mongodb: Any, monkeypatch: pytest.MonkeyPatch, before: bool
) -> None:
    spool()
    other = spool(STRANGER)
    real, deleted = Collection.insert_many, []

    def delete() -> None:
        deleted.append(archive.delete_all(user_id=MINA)) if before else archive.spool().delete_of_user(MINA)

    def insert_while_deleting(*arguments: Any, **options: Any) -> Any:
        delete()
        return real(*arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(Collection, "insert_many", insert_while_deleting)
        drain()
    assert [(frame[0], frame[1]) for frame in archived_frames()] == [(other, STRANGER)]
    assert spool_is_empty()


# --- Frames that the archive never accepts ---


# MongoDB and its driver refuse each in a different way.
TOO_LARGE = [16 * MIB, 16 * MIB + 64 * 2**10, 17 * MIB, 49 * MIB]


@pytest.mark.parametrize("size", TOO_LARGE)
def test_oversized_frame_is_set_aside_without_an_outage(
    mongodb: Any, caplog: pytest.LogCaptureFixture, size: int
) -> None:
    key = store(data=bytes(size))
    assert not guard.breaker.is_open
    state = archive.spool().state()
    assert (state.waiting, state.refused) == (0, 1)
    [entry] = archive.spool().entries(REFUSED)
    assert entry.frame_id == key
    [record] = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert record.getMessage().startswith(f"Frame {key} is set aside because it can never be stored: ")
    assert len(record.getMessage()) < 200
    after = store()
    assert [frame[0] for frame in archived_frames()] == [after]


@pytest.mark.parametrize("size", TOO_LARGE)
def test_oversized_spooled_frame_does_not_block_others(
    mongodb: Any, caplog: pytest.LogCaptureFixture, size: int
) -> None:
    large = spool(data=bytes(size), captured_at=START)
    after = spool(captured_at=START.replace(second=1))
    assert drain() == Drained(stored=1, refused=1)
    assert not guard.breaker.is_open
    assert [frame[0] for frame in archived_frames()] == [after]
    assert [entry.frame_id for entry in archive.spool().entries(REFUSED)] == [large]
    assert drain() == Drained(), "the frame is not retried for ever"
    assert f"Frame {large} is set aside" in caplog.text
    assert "\\x00\\x00" not in caplog.text


def test_spooled_key_of_another_user_is_set_aside(mongodb: Any) -> None:
    key = store(captured_at=START)
    spool(STRANGER, frame_id=key, data=b"another")
    assert drain() == Drained(refused=1)
    assert archived_frames() == [(key, MINA, START, PICTURE)]
    assert archive.spool().state().refused == 1


def spoil(entry: Entry, **changes: Any) -> None:
    entry.path.write_bytes(bson.encode(bson.decode(entry.path.read_bytes()) | changes))


@pytest.mark.parametrize(
    "damage",
    [
        lambda entry: entry.path.write_bytes(b""),
        lambda entry: entry.path.write_bytes(entry.path.read_bytes()[:-7]),
        lambda entry: spoil(entry, inage=b"x"),
        lambda entry: spoil(entry, id="no uuid"),
        lambda entry: spoil(entry, captured_at="no moment"),
        lambda entry: spoil(entry, size=None, face_found=None),
    ],
    ids=["empty", "cut off", "unknown field", "no key", "no moment", "no size"],
)
def test_damaged_file_does_not_block_later_frames(mongodb: Any, damage: Callable[[Entry], None]) -> None:
    spool(captured_at=START)
    after = spool(captured_at=START.replace(second=1))
    damage(archive.spool().entries()[0])
    assert drain() == Drained(stored=1, refused=1)
    assert [frame[0] for frame in archived_frames()] == [after]
    assert archive.spool().state().refused == 1


# --- The disk is full as well ---


def test_full_spool_drops_and_logs_frames(mongodb: Any, settings: Any, caplog: pytest.LogCaptureFixture) -> None:
    settings.SPOOL_MAX_MB = 1
    keys = [spool(data=bytes(400_000), captured_at=START.replace(second=number)) for number in range(4)]
    state = archive.spool().state()
    assert isinstance(state, State)
    assert (state.waiting, state.dropped) == (2, 2)
    assert state.bytes <= MIB
    assert "2 frames dropped so far" in caplog.text
    drain()
    assert [frame[0] for frame in archived_frames()] == keys[:2]


def test_frame_is_judged_without_archive_and_disk(
    server: Mongod, owner: ApiClient, settings: Any, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("not a folder")
    settings.SPOOL_DIR = tmp_path / "file" / "spool"
    server.kill()
    assert owner("post", NECK, neck_body(upright())).status_code == 200
