"""The archive is away: killed, stopped, or it will not take a frame. A real server, on which the test lays hands."""

import base64
import logging
import signal
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
from tests import mongod
from tests.conftest import ApiClient, mongodb_at
from tests.detections.frames import NECK, neck_body, upright
from tests.mongod import Mongod

MINA, STRANGER = 1, 11
MIB = 2**20
PICTURE = bytes(range(256)) * 4
START = datetime(2026, 11, 23, 9, 0, 0, 123_000, tzinfo=UTC)
DEADLINE_S = 30.0
BOUND_S = 10.0  # the timeout is half a second; without one it would be half a minute


def received(data: bytes = PICTURE) -> ReceivedFrame:
    return ReceivedFrame(data, "image/jpeg", 64, 48)


def store(user_id: int = MINA, *, data: bytes = PICTURE, **options: Any) -> UUID:
    return archive.store(user_id=user_id, frame=received(data), face_found=True, **options)


@pytest.fixture
def server(db: None, tmp_path: Path) -> Iterator[Mongod]:
    """A server of the test's own, with the archive on it."""
    if reason := mongod.missing():
        pytest.skip(reason)
    folder = tmp_path / "mongod"
    folder.mkdir()
    with mongod.running(folder) as running, mongodb_at(running.uri):
        yield running


@pytest.fixture
def inserts(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long each insert was under way that went to the network."""
    seconds: list[float] = []
    real = Collection.insert_many

    def insert_many(*arguments: Any, **options: Any) -> Any:
        begun = time.monotonic()
        try:
            return real(*arguments, **options)
        finally:
            seconds.append(time.monotonic() - begun)

    monkeypatch.setattr(Collection, "insert_many", insert_many)
    return seconds


@contextmanager
def stopped(server: Mongod) -> Iterator[None]:
    server.send(signal.SIGSTOP)
    try:
        yield
    finally:
        server.send(signal.SIGCONT)


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def drain(wanted: Callable[[Any], Any] = lambda entries: entries) -> Drained:
    with archive.spool().exclusive() as alone:
        assert alone
        return maintenance.drain(wanted)


def archived() -> list[tuple[UUID, int, datetime, bytes]]:
    frames = Frame.objects.order_by("captured_at", "id")
    return [(frame.pk, frame.user_id, frame.captured_at, bytes(frame.image)) for frame in frames]


def nothing_waits() -> bool:
    state = archive.spool().state()
    return (state.waiting, state.refused, state.bytes) == (0, 0, 0)


# --- It goes away ---


def test_frames_of_an_outage_wait_on_disk_and_only_the_first_asks_the_archive(
    server: Mongod, inserts: list[float]
) -> None:
    store()
    server.kill()
    inserts.clear()
    keys = [store(captured_at=START) for _ in range(20)]
    assert len(inserts) == 1
    assert inserts[0] < BOUND_S
    assert guard.breaker.is_open
    assert {entry.frame_id for entry in archive.spool().entries()} == set(keys)


def test_a_server_that_hangs_holds_the_first_frame_up_for_the_timeout_and_no_other(
    server: Mongod, inserts: list[float]
) -> None:
    store()
    inserts.clear()
    with stopped(server):
        keys = [store(captured_at=START) for _ in range(20)]
        assert len(inserts) == 1
        assert 0.4 < inserts[0] < BOUND_S, "it waited for an answer, and not for long"
        assert {entry.frame_id for entry in archive.spool().entries()} == set(keys)
    wait_until(guard.probe)
    assert drain() == Drained(stored=20)
    assert len(archived()) == 21, "what the server did in its sleep is not done twice"


def test_an_outage_and_its_end_are_told_once_each_and_nothing_of_the_frames(
    server: Mongod, caplog: pytest.LogCaptureFixture
) -> None:
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
    told = [(record.levelname, record.getMessage()) for record in caplog.records if record.name == "mongos.guard"]
    assert [level for level, _ in told] == ["ERROR", "WARNING"]
    assert told[0][1].startswith("The frame archive is unavailable (")
    assert told[0][1].endswith(f"Frames wait in {archive.spool().folder}.")
    assert told[1][1] == "The frame archive is back."
    assert_tells_no_picture(caplog.text, PICTURE)
    assert "8675309" not in caplog.text


def assert_tells_no_picture(text: str, picture: bytes) -> None:
    part = picture[:48]
    assert not any(form in text for form in (base64.b64encode(part).decode(), repr(part)[2:-1], part.hex()))
    assert "Traceback" not in text


def test_a_posted_frame_is_judged_all_the_same_and_the_log_tells_neither_it_nor_its_user(
    server: Mongod, owner: ApiClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server.kill()
    responses = [owner("post", NECK, neck_body(upright())) for _ in range(2)]
    assert [response.status_code for response in responses] == [200, 200]
    assert [entry.user_id for entry in archive.spool().entries()] == [owner.user.pk] * 2
    assert "The frame archive is unavailable" in caplog.text
    assert owner.user.username not in caplog.text
    assert_tells_no_picture(caplog.text, upright())


@pytest.mark.parametrize(
    "use",
    [
        lambda: archive.newest(user_id=MINA, limit=1),
        lambda: archive.read(user_id=MINA, frame_id=uuid4()),
        lambda: archive.count(user_id=MINA),
        lambda: archive.count_by_user([MINA]),
        lambda: archive.user_ids(),
        lambda: archive.delete_one(user_id=MINA, frame_id=uuid4()),
        lambda: archive.delete_all(user_id=MINA),
        lambda: maintenance.expire(),
    ],
    ids=["newest", "read", "count", "count_by_user", "user_ids", "delete_one", "delete_all", "expire"],
)
def test_every_use_is_told_that_the_archive_is_away_at_first_and_later(
    server: Mongod, use: Callable[[], object]
) -> None:
    told: list[BaseException] = []

    def ask() -> None:
        try:
            use()
        except ArchiveUnavailable as error:
            told.append(error)

    server.kill()
    for _ in range(2):
        asking = threading.Thread(target=ask, daemon=True)  # some would ask for an hour
        asking.start()
        asking.join(BOUND_S)
        assert not asking.is_alive(), "it should be told within the timeout"
    assert len(told) == 2
    assert all(error.__suppress_context__ or error.__context__ is None for error in told), "that holds what was asked"


def test_what_waits_on_disk_can_be_deleted_during_the_outage(server: Mongod) -> None:
    server.kill()
    one, _, theirs = store(), store(), store(STRANGER)
    with pytest.raises(ArchiveUnavailable):
        archive.delete_one(user_id=MINA, frame_id=one)
    assert len(archive.spool().entries()) == 2
    with pytest.raises(ArchiveUnavailable):
        archive.delete_all(user_id=MINA)
    assert [entry.frame_id for entry in archive.spool().entries()] == [theirs]


# --- It comes back ---


def test_every_frame_of_an_outage_is_stored_once_with_its_key_moment_and_bytes(server: Mongod) -> None:
    server.kill()
    sent = []
    for number in range(5):
        captured_at, data = START.replace(second=number), PICTURE + bytes([number])
        sent.append((store(captured_at=captured_at, data=data), MINA, captured_at, data))
    assert drain() == Drained(is_complete=False), "still away"
    assert archive.spool().state().waiting == 5
    server.start()
    wait_until(guard.probe)
    assert not guard.breaker.is_open
    assert drain() == Drained(stored=5)
    assert archived() == sent
    assert nothing_waits()
    assert drain() == Drained()
    assert archived() == sent


def test_frames_go_straight_to_the_archive_again(server: Mongod) -> None:
    server.kill()
    store()
    server.start()
    wait_until(guard.probe)
    key = store()
    assert [frame[0] for frame in archived()] == [key]


def test_a_frame_whose_answer_got_lost_is_stored_once(server: Mongod, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Collection.insert_many

    def insert_and_lose_the_answer(*arguments: Any, **options: Any) -> Any:
        real(*arguments, **options)
        raise AutoReconnect("connection closed")

    with monkeypatch.context() as patch:
        patch.setattr(Collection, "insert_many", insert_and_lose_the_answer)
        key = store(captured_at=START)
    assert archive.spool().state().waiting == 1
    assert guard.probe()
    drain()
    assert archived() == [(key, MINA, START, PICTURE)]
    assert nothing_waits()


def spooled(user_id: int = MINA, **options: Any) -> UUID:
    """A frame that waits on disk while the archive is there."""
    guard.breaker.failed()
    try:
        return store(user_id, **options)
    finally:
        guard.breaker.succeeded()


def test_a_crash_between_storing_and_removing_the_file_stores_nothing_twice(mongodb: Any) -> None:
    key = spooled(captured_at=START)
    [entry] = archive.spool().entries()
    data = entry.path.read_bytes()
    drain()
    entry.path.write_bytes(data)  # as if it had not been removed
    assert drain() == Drained(stored=1)
    assert archived() == [(key, MINA, START, PICTURE)]
    assert archive.spool().entries() == []


def test_an_archive_that_goes_away_while_frames_are_stored_leaves_the_rest_waiting(
    mongodb: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = [spooled(captured_at=START.replace(second=number)) for number in range(4)]
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
    assert [frame[0] for frame in archived()] == keys


def test_more_frames_than_a_slice_are_all_stored_oldest_first(mongodb: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "SLICE", 3)
    keys = [spooled(captured_at=START.replace(second=number)) for number in reversed(range(8))]
    asked: list[int] = []

    def wanted(entries: list[Entry]) -> list[Entry]:
        asked.append(len(entries))
        return entries

    assert drain(wanted) == Drained(stored=8)
    assert asked == [3, 3, 2]
    assert [frame[0] for frame in archived()] == keys[::-1]


# --- What nobody wants any more ---


def test_frames_that_nobody_wants_are_dropped(mongodb: Any) -> None:
    mine, theirs = spooled(), spooled(STRANGER)
    assert drain(lambda entries: {entry for entry in entries if entry.user_id == MINA}) == Drained(stored=1, deleted=1)
    assert [frame[0] for frame in archived()] == [mine]
    assert not Frame.objects.filter(pk=theirs).exists()
    assert nothing_waits()


@pytest.mark.parametrize("before", [True, False], ids=["before it is inserted", "after it is inserted"])
def test_a_frame_that_its_user_deletes_while_it_is_being_stored_does_not_come_back(
    mongodb: Any, monkeypatch: pytest.MonkeyPatch, before: bool
) -> None:
    spooled()
    kept = spooled(STRANGER)
    real, deleted = Collection.insert_many, []

    def delete() -> None:
        deleted.append(archive.delete_all(user_id=MINA)) if before else archive.spool().delete_of_user(MINA)

    def insert_while_deleting(*arguments: Any, **options: Any) -> Any:
        delete()
        return real(*arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(Collection, "insert_many", insert_while_deleting)
        drain()
    assert [(frame[0], frame[1]) for frame in archived()] == [(kept, STRANGER)]
    assert nothing_waits()


# --- What the archive will never take ---


TOO_LARGE = [16 * MIB, 16 * MIB + 64 * 2**10, 17 * MIB, 49 * MIB]  # MongoDB and its driver refuse each in another way


@pytest.mark.parametrize("size", TOO_LARGE)
def test_a_frame_too_large_is_set_aside_and_the_archive_is_not_taken_for_away(
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
    assert [frame[0] for frame in archived()] == [after]


@pytest.mark.parametrize("size", TOO_LARGE)
def test_a_frame_too_large_that_waited_is_set_aside_and_later_ones_are_stored(
    mongodb: Any, caplog: pytest.LogCaptureFixture, size: int
) -> None:
    large = spooled(data=bytes(size), captured_at=START)
    after = spooled(captured_at=START.replace(second=1))
    assert drain() == Drained(stored=1, refused=1)
    assert not guard.breaker.is_open
    assert [frame[0] for frame in archived()] == [after]
    assert [entry.frame_id for entry in archive.spool().entries(REFUSED)] == [large]
    assert drain() == Drained(), "it is not tried for ever"
    assert f"Frame {large} is set aside" in caplog.text
    assert "\\x00\\x00" not in caplog.text


def test_a_waiting_frame_with_another_users_key_is_set_aside_and_that_users_stays(mongodb: Any) -> None:
    key = store(captured_at=START)
    spooled(STRANGER, frame_id=key, data=b"another")
    assert drain() == Drained(refused=1)
    assert archived() == [(key, MINA, START, PICTURE)]
    assert archive.spool().state().refused == 1


def spoil(entry: Entry, **changed: Any) -> None:
    entry.path.write_bytes(bson.encode(bson.decode(entry.path.read_bytes()) | changed))


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
def test_a_damaged_file_is_set_aside_and_later_frames_are_stored(mongodb: Any, damage: Callable[[Entry], None]) -> None:
    spooled(captured_at=START)
    after = spooled(captured_at=START.replace(second=1))
    damage(archive.spool().entries()[0])
    assert drain() == Drained(stored=1, refused=1)
    assert [frame[0] for frame in archived()] == [after]
    assert archive.spool().state().refused == 1


# --- The disk is full, too ---


def test_what_the_spool_cannot_hold_is_dropped_counted_and_told(
    mongodb: Any, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.SPOOL_MAX_MB = 1
    keys = [spooled(data=bytes(400_000), captured_at=START.replace(second=number)) for number in range(4)]
    state = archive.spool().state()
    assert isinstance(state, State)
    assert (state.waiting, state.dropped) == (2, 2)
    assert state.bytes <= MIB
    assert "2 frames dropped so far" in caplog.text
    drain()
    assert [frame[0] for frame in archived()] == keys[:2]


def test_a_frame_is_judged_though_archive_and_disk_are_away(
    server: Mongod, owner: ApiClient, settings: Any, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("no folder")
    settings.SPOOL_DIR = tmp_path / "file" / "spool"
    server.kill()
    assert owner("post", NECK, neck_body(upright())).status_code == 200
