import errno
import logging
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import bson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mongos.spool import REFUSED, WAITING, CorruptEntry, Entry, Spool, State, _name
from tests import processes

ROOT = Path(__file__).resolve().parent.parent.parent
ROOM = 2**20
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MS = timedelta(milliseconds=1)
START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
MINA, ELEVEN = 1, 11
PROCESSES = 4
ROUNDS = 60
DEADLINE_S = 120.0


def fields(user_id: int = MINA, *, at_ms: int = 0, **changes: Any) -> dict[str, Any]:
    """A frame's fields as the archive spools them."""
    defaults = {
        "id": uuid4().hex,
        "user_id": user_id,
        "session_id": None,
        "captured_at": START + timedelta(milliseconds=at_ms),
        "content_type": "image/jpeg",
        "size": 9,
        "image": b"\xff\xd8 a face",
        "face_found": True,
    }
    return defaults | changes


def size_of(frame_fields: dict[str, Any]) -> int:
    return len(bson.encode(frame_fields))


def on_disk(folder: Path) -> int:
    """The size of all spooled frames in bytes, computed from the files."""
    sizes = []
    for path in folder.iterdir():
        if path.suffix in (WAITING, REFUSED):
            try:
                sizes.append(path.stat().st_size)
            except FileNotFoundError:  # deleted by another process
                continue
    return sum(sizes)


def assert_account_is_correct(spool: Spool) -> None:
    assert spool.state().bytes == on_disk(spool.folder)


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "deep" / "spool", ROOM)


# --- Reading and writing ---


@pytest.mark.parametrize("session_id", [None, UUID("0123456789abcdef0123456789abcdef").hex])
@pytest.mark.parametrize("face_found", [True, False])
def test_fields_are_read_as_written(spool: Spool, session_id: str | None, face_found: bool) -> None:
    put = fields(user_id=2**62, at_ms=123, session_id=session_id, face_found=face_found, image=bytes(range(256)))
    assert spool.put(put)
    [entry] = spool.entries()
    read = spool.read(entry)
    assert read == put
    assert type(read["image"]) is bytes
    assert read["captured_at"].utcoffset() == timedelta(0)
    assert (entry.user_id, entry.frame_id, entry.captured_ms) == (2**62, UUID(put["id"]), read_ms(put["captured_at"]))


def read_ms(moment: datetime) -> int:
    return (moment - EPOCH) // MS


@given(moment=st.datetimes(timezones=st.just(UTC)).filter(lambda moment: 1970 <= moment.year < 9999))
def test_file_name_holds_the_time_in_ms(moment: datetime) -> None:
    moment = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    name = _name(fields(captured_at=moment), WAITING)
    assert Entry.of(Path("/spool") / name).captured_ms == read_ms(moment)


def test_time_zone_does_not_change_the_moment(spool: Spool) -> None:
    seoul = START.astimezone(ZoneInfo("Asia/Seoul"))
    spool.put(fields(captured_at=seoul))
    [entry] = spool.entries()
    assert spool.read(entry)["captured_at"] == START
    assert entry.captured_ms == read_ms(START)


def test_new_spool_is_empty(spool: Spool) -> None:
    assert spool.entries() == []
    assert spool.state() == State(waiting=0, refused=0, bytes=0, dropped=0)
    assert spool.delete_of_user(MINA) == 0
    spool.reconcile()
    assert not spool.folder.exists()


@given(order=st.permutations(range(6)))
def test_frames_are_listed_oldest_first(order: list[int]) -> None:
    with TemporaryDirectory() as folder:
        spool = Spool(Path(folder) / "spool", ROOM)
        for number in order:  # times of different lengths, which a plain text sort would put in another order
            spool.put(fields(user_id=100 - number, captured_at=EPOCH + 10**number * MS))
        moments = [spool.read(entry)["captured_at"] for entry in spool.entries()]
        assert moments == sorted(moments)
        assert len(moments) == len(order)


# --- Complete or absent ---


def test_spool_is_readable_only_by_its_owner(spool: Spool) -> None:
    before = os.umask(0)
    try:
        spool.put(fields())
        spool.put(fields(), refused=True)
    finally:
        os.umask(before)
    assert stat.S_IMODE(spool.folder.stat().st_mode) == 0o700
    files = [path for path in spool.folder.iterdir() if path.is_file()]
    assert {path.suffix for path in files} >= {WAITING, REFUSED}
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


def crash_while_putting(folder: Path, instead_of: str) -> None:
    """Put a frame in a process that crashes where it would call a function of the os module."""
    code = f"""
import os
from datetime import UTC, datetime
from pathlib import Path
from mongos.spool import Spool
os.{instead_of} = lambda *_: os._exit(9)
fields = {{"id": "{uuid4().hex}", "user_id": 1, "captured_at": datetime(2026, 1, 1, tzinfo=UTC)}}
Spool(Path({str(folder)!r}), {ROOM}).put(fields)
"""
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False)
    assert result.returncode == 9


@pytest.mark.parametrize("instead_of", ["fsync", "replace"])
def test_crash_before_the_rename_leaves_no_frame(spool: Spool, instead_of: str) -> None:
    spool.put(fields())
    crash_while_putting(spool.folder, instead_of)
    assert len(list(spool.folder.glob(".*.part"))) == 1
    assert len(spool.entries()) == 1
    assert spool.delete_of_user(MINA) == 1, "the torn file does not count as a frame"
    assert spool.state().bytes > 0, "the reserved bytes are still in the account"
    spool.reconcile()
    assert spool.state() == State(waiting=0, refused=0, bytes=0, dropped=0)


def test_reconcile_deletes_torn_files(spool: Spool) -> None:
    spool.put(fields())
    crash_while_putting(spool.folder, "replace")
    [torn] = spool.folder.glob(".*.part")
    spool.reconcile()
    assert not torn.exists()
    assert len(spool.entries()) == 1
    assert_account_is_correct(spool)


def test_frame_and_folder_are_synced(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    synced = []
    real = os.fsync

    def fsync(descriptor: int) -> None:
        path = Path(os.readlink(f"/proc/self/fd/{descriptor}"))
        synced.append((path.suffix if path.is_file() else "folder", len(spool.entries())))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    assert spool.put(fields())
    assert synced == [(".part", 0), ("folder", 1)]


@pytest.mark.parametrize("damage", [b"", b"\x00", b"not bson at all", bson.encode(fields())[:-1]])
def test_invalid_file_is_corrupt(spool: Spool, damage: bytes) -> None:
    spool.put(fields())
    [entry] = spool.entries()
    entry.path.write_bytes(damage)
    with pytest.raises(CorruptEntry):
        spool.read(entry)


def test_flipped_bit_never_raises_another_error(spool: Spool) -> None:
    spool.put(fields())
    [entry] = spool.entries()
    whole = entry.path.read_bytes()
    for bit in range(8 * len(whole)):
        torn = bytearray(whole)
        torn[bit // 8] ^= 1 << bit % 8
        entry.path.write_bytes(torn)
        try:
            assert isinstance(spool.read(entry), dict)
        except CorruptEntry:
            continue


def test_deleted_file_is_not_corrupt(spool: Spool) -> None:
    spool.put(fields())
    [entry] = spool.entries()
    assert spool.delete(entry)
    assert not spool.delete(entry)
    with pytest.raises(FileNotFoundError):
        spool.read(entry)
    assert_account_is_correct(spool)


# --- The size limit ---


def test_spool_fills_to_the_last_byte(tmp_path: Path) -> None:
    one = size_of(fields())
    exact = Spool(tmp_path / "exact", 3 * one)
    assert [exact.put(fields(at_ms=number)) for number in range(4)] == [True, True, True, False]
    assert exact.state() == State(waiting=3, refused=0, bytes=3 * one, dropped=1)
    short = Spool(tmp_path / "short", 3 * one - 1)
    assert [short.put(fields(at_ms=number)) for number in range(3)] == [True, True, False]


def test_removed_frame_makes_room(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool", 2 * size_of(fields()))
    assert [spool.put(fields(at_ms=number)) for number in range(3)] == [True, True, False]
    assert spool.delete(spool.entries()[0])
    assert spool.put(fields(at_ms=3))
    assert spool.state().dropped == 1
    assert_account_is_correct(spool)


def test_rejected_frame_takes_room(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool", size_of(fields()))
    assert spool.put(fields(), refused=True)
    assert not spool.put(fields())
    assert_account_is_correct(spool)


def test_dropped_frames_are_logged_at_round_numbers(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    spool = Spool(tmp_path / "spool", 0)
    assert not any(spool.put(fields(at_ms=number)) for number in range(231))
    messages = [record.getMessage() for record in caplog.records]
    round_numbers = [*range(1, 10), *range(10, 100, 10), 100, 200]
    assert messages == [
        f"The spool in {spool.folder} is full: {number} frames dropped so far." for number in round_numbers
    ]
    assert {record.levelno for record in caplog.records} == {logging.ERROR}
    assert Spool(spool.folder, ROOM).state().dropped == 231, "every worker sees the count, and it survives a restart"


def test_reconcile_keeps_the_dropped_count(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool", 0)
    spool.put(fields())
    spool.reconcile()
    assert spool.state().dropped == 1


def put_and_remove(folder: Path, max_bytes: int) -> tuple[int, int, int]:
    """(largest size on disk, frames stored, frames dropped) of putting, rejecting and removing in turn."""
    spool, largest, put, dropped = Spool(folder, max_bytes), 0, 0, 0
    for number in range(ROUNDS):
        stored = spool.put(fields(user_id=os.getpid(), at_ms=number, image=bytes(397 * number % 2000)))
        put, dropped = put + stored, dropped + (not stored)
        largest = max(largest, on_disk(folder))
        if number % 4 == 3 and (entries := spool.entries()):
            entry = entries[os.getpid() * number % len(entries)]
            if number % 8 == 3:
                put -= spool.delete(entry)
            else:
                spool.reject(entry)
    return largest, put, dropped


def test_concurrent_workers_never_exceed_the_limit(tmp_path: Path) -> None:
    folder, bound = tmp_path / "spool", 40_000
    responses = processes.answers_of("spawn", PROCESSES, put_and_remove, folder, bound)
    largest = max(size for size, _, _ in responses)
    assert bound * 0.9 < largest <= bound, "the spool was full, but never beyond its limit"
    state = Spool(folder, bound).state()
    assert state.bytes == on_disk(folder)
    assert state.dropped == sum(dropped for _, _, dropped in responses) > 0
    assert state.waiting + state.refused == sum(put for _, put, _ in responses)


def put_many(folder: Path, max_bytes: int) -> int:
    spool = Spool(folder, max_bytes)
    return sum(spool.put(fields(user_id=os.getpid(), at_ms=number)) for number in range(ROUNDS))


def test_concurrent_workers_fill_the_spool_completely(tmp_path: Path) -> None:
    one = size_of(fields())
    responses = processes.answers_of("spawn", PROCESSES, put_many, tmp_path / "spool", 100 * one)
    state = Spool(tmp_path / "spool", 100 * one).state()
    assert sum(responses) == 100
    assert state == State(waiting=100, refused=0, bytes=100 * one, dropped=PROCESSES * ROUNDS - 100)


def test_repeated_frame_takes_room_once(spool: Spool) -> None:
    same = fields()
    assert spool.put(same)
    assert spool.put(same)
    assert len(spool.entries()) == 1
    assert_account_is_correct(spool)


# --- A disk that is full or broken ---


def fail_with_full_disk(*_: Any) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_full_disk_drops_and_counts_the_frame(
    spool: Spool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    spool.put(fields())
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fail_with_full_disk)
        assert not spool.put(fields(at_ms=1))
    assert [record.getMessage() for record in caplog.records] == [
        f"The spool in {spool.folder} cannot be written to (No space left on device): 1 frames dropped so far."
    ]
    assert list(spool.folder.glob(".*.part")) == []
    state = spool.state()
    assert (state.waiting, state.dropped) == (1, 1)
    assert_account_is_correct(spool)
    assert spool.put(fields(at_ms=2)), "it works again once there is room"


def test_failed_folder_sync_keeps_the_account_correct(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    spool.put(fields())
    real = os.fsync

    def fsync(descriptor: int) -> None:
        if Path(os.readlink(f"/proc/self/fd/{descriptor}")).is_dir():
            fail_with_full_disk()
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    stored = spool.put(fields(at_ms=1))
    state = spool.state()
    assert state.waiting + state.dropped == 2, "each frame is either stored or dropped, not both"
    assert state.waiting == 1 + stored
    assert_account_is_correct(spool)


def test_impossible_folder_drops_and_logs_the_frame(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("not a folder")
    assert not Spool(tmp_path / "file" / "spool", ROOM).put(fields())
    [record] = caplog.records
    assert record.levelno == logging.ERROR


def test_unwritable_account_drops_and_logs_the_frame(
    spool: Spool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(os, "pwrite", fail_with_full_disk)
    assert not spool.put(fields())
    assert spool.entries() == []
    assert {record.levelno for record in caplog.records} == {logging.ERROR}


# --- The account after a crash ---


def test_reconcile_restores_a_damaged_account(spool: Spool) -> None:
    spool.put(fields())
    spool.put(fields(), refused=True)
    for damage in (b"", b"\x01", b"\xff" * 16):
        (spool.folder / "usage").write_bytes(damage)
        spool.reconcile()
        assert_account_is_correct(spool)
        assert (spool.state().waiting, spool.state().refused) == (1, 1)


def test_reconcile_skips_files_deleted_meanwhile(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(2):
        spool.put(fields(at_ms=number))
    deleted = spool.entries()[0].path
    real = Path.iterdir

    def iterdir(folder: Path) -> Iterable[Path]:
        paths = list(real(folder))
        deleted.unlink(missing_ok=True)
        return paths

    monkeypatch.setattr(Path, "iterdir", iterdir)
    spool.reconcile()
    monkeypatch.undo()
    assert_account_is_correct(spool)


def start_worker(spool: Spool) -> threading.Thread:
    """Start another worker that reconciles; it has finished, or waits for our lock, when this returns."""
    worker = threading.Thread(target=Spool(spool.folder, ROOM).reconcile)
    worker.start()
    worker.join(0.5)
    return worker


def test_reconcile_is_correct_during_a_write(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    spool.put(fields())
    started: list[threading.Thread] = []
    real = os.fsync

    def fsync(descriptor: int) -> None:
        if Path(os.readlink(f"/proc/self/fd/{descriptor}")).is_file():
            started.append(start_worker(spool))
        real(descriptor)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fsync)
        assert spool.put(fields(at_ms=1))
    started[0].join(DEADLINE_S)
    assert_account_is_correct(spool)


def test_reconcile_is_correct_during_a_removal(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        spool.put(fields(at_ms=number))
    started: list[threading.Thread] = []
    real = Path.unlink

    def unlink(path: Path, missing_ok: bool = False) -> None:
        real(path, missing_ok)
        started.append(start_worker(spool))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", unlink)
        assert spool.delete(spool.entries()[0])
    started[0].join(DEADLINE_S)
    assert_account_is_correct(spool)


# --- Deleting a user's frames ---


def remaining_users(spool: Spool) -> list[int]:
    return sorted(entry.user_id for kind in (WAITING, REFUSED) for entry in spool.entries(kind))


def test_only_the_users_frames_are_removed(spool: Spool) -> None:
    for user_id in (MINA, ELEVEN, 111, 21, 12):
        spool.put(fields(user_id=user_id))
        spool.put(fields(user_id=user_id, at_ms=user_id), refused=True)
    assert spool.delete_of_user(MINA) == 2
    assert remaining_users(spool) == sorted([ELEVEN, 111, 21, 12] * 2)
    assert spool.delete_of_user(ELEVEN) == 2
    assert remaining_users(spool) == sorted([111, 21, 12] * 2)
    assert spool.delete_of_user(2) == 0
    assert_account_is_correct(spool)


@pytest.mark.parametrize(
    ("since_ms", "until_ms", "left"),
    [
        (None, None, []),
        (1000, 3000, [0, 4000]),
        (2000, None, [0, 1000]),
        (None, 2000, [3000, 4000]),
        (2000, 2000, [0, 1000, 3000, 4000]),
        (2001, 2999, [0, 1000, 2000, 3000, 4000]),
        (5000, None, [0, 1000, 2000, 3000, 4000]),
    ],
)
def test_removed_span_includes_its_ends(
    spool: Spool, since_ms: int | None, until_ms: int | None, left: list[int]
) -> None:
    for at_ms in range(0, 5000, 1000):
        spool.put(fields(at_ms=at_ms))
        spool.put(fields(ELEVEN, at_ms=at_ms))
    since, until = (None if ms is None else START + ms * MS for ms in (since_ms, until_ms))
    assert spool.delete_of_user(MINA, since=since, until=until) == 5 - len(left)
    remaining = [entry.captured_ms - read_ms(START) for entry in spool.entries() if entry.user_id == MINA]
    assert remaining == left
    assert remaining_users(spool).count(ELEVEN) == 5


def test_one_frame_is_removed_by_user_and_key(spool: Spool) -> None:
    theirs, other = fields(), fields(ELEVEN)
    spool.put(theirs)
    spool.put(other)
    spool.put(fields())
    assert spool.delete_of_user(MINA, frame_id=UUID(other["id"])) == 0
    assert spool.delete_of_user(MINA, frame_id=uuid4()) == 0
    assert spool.delete_of_user(MINA, frame_id=UUID(theirs["id"])) == 1
    assert spool.delete_of_user(MINA, frame_id=UUID(theirs["id"])) == 0
    assert remaining_users(spool) == [MINA, ELEVEN]


# --- Frames that the archive refuses ---


def test_rejected_frame_can_be_requeued(spool: Spool) -> None:
    for number in range(3):
        spool.put(fields(at_ms=number))
    before = spool.entries()
    spool.reject(before[1])
    assert spool.entries() == [before[0], before[2]]
    [rejected] = spool.entries(REFUSED)
    assert (rejected.frame_id, rejected.user_id, rejected.captured_ms) == (
        before[1].frame_id,
        before[1].user_id,
        before[1].captured_ms,
    )
    assert spool.read(rejected)["id"] == before[1].frame_id.hex
    state = spool.state()
    assert (state.waiting, state.refused) == (2, 1)
    assert spool.requeue() == 1
    assert spool.entries() == before
    assert spool.requeue() == 0
    assert_account_is_correct(spool)


def test_rejecting_a_removed_frame_is_no_error(spool: Spool) -> None:
    spool.put(fields())
    [entry] = spool.entries()
    spool.delete(entry)
    spool.reject(entry)
    assert spool.entries(REFUSED) == []


# --- One at a time ---


def acquires_lock(folder: Path) -> bool:
    with Spool(folder, ROOM).exclusive() as alone:
        return alone


def test_lock_is_exclusive_in_every_process(spool: Spool) -> None:
    with spool.exclusive() as alone:
        assert alone
        assert not acquires_lock(spool.folder), "in the same process"
        assert processes.answers_of("spawn", 2, acquires_lock, spool.folder) == [False, False]
    assert acquires_lock(spool.folder)
    assert processes.answers_of("spawn", 1, acquires_lock, spool.folder) == [True]


def test_error_releases_the_lock(spool: Spool) -> None:
    with pytest.raises(ZeroDivisionError), spool.exclusive():
        _ = 1 / 0
    assert acquires_lock(spool.folder)


def test_killed_process_releases_the_lock(spool: Spool) -> None:
    code = f"""
from pathlib import Path
from mongos.spool import Spool
with Spool(Path({str(spool.folder)!r}), 0).exclusive() as alone:
    print(alone, flush=True)
    input()
"""
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "True\n"
        assert not acquires_lock(spool.folder)
        process.kill()
        process.wait()
    assert acquires_lock(spool.folder)
