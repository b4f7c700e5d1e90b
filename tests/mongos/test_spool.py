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
DEADLINE_S = 30.0


def fields(user_id: int = MINA, *, at_ms: int = 0, **changed: Any) -> dict[str, Any]:
    """A frame's fields as the archive spools them."""
    kept = {
        "id": uuid4().hex,
        "user_id": user_id,
        "session_id": None,
        "captured_at": START + timedelta(milliseconds=at_ms),
        "content_type": "image/jpeg",
        "size": 9,
        "image": b"\xff\xd8 a face",
        "face_found": True,
    }
    return kept | changed


def size_of(kept: dict[str, Any]) -> int:
    return len(bson.encode(kept))


def on_disk(folder: Path) -> int:
    """Bytes of all spooled frames, by the files themselves."""
    sizes = []
    for path in folder.iterdir():
        if path.suffix in (WAITING, REFUSED):
            try:
                sizes.append(path.stat().st_size)
            except FileNotFoundError:  # another process removed it meanwhile
                continue
    return sum(sizes)


def assert_account_is_true(spool: Spool) -> None:
    assert spool.state().bytes == on_disk(spool.folder)


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "deep" / "spool", ROOM)


# --- What goes in comes out ---


@pytest.mark.parametrize("session_id", [None, UUID("0123456789abcdef0123456789abcdef").hex])
@pytest.mark.parametrize("face_found", [True, False])
def test_every_field_comes_back_as_it_was_put(spool: Spool, session_id: str | None, face_found: bool) -> None:
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
def test_a_files_name_tells_its_moment_to_the_millisecond(moment: datetime) -> None:
    moment = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    name = _name(fields(captured_at=moment), WAITING)
    assert Entry.of(Path("/spool") / name).captured_ms == read_ms(moment)


def test_a_moment_in_another_zone_is_the_same_moment(spool: Spool) -> None:
    seoul = START.astimezone(ZoneInfo("Asia/Seoul"))
    spool.put(fields(captured_at=seoul))
    [entry] = spool.entries()
    assert spool.read(entry)["captured_at"] == START
    assert entry.captured_ms == read_ms(START)


def test_nothing_is_there_before_the_first_frame(spool: Spool) -> None:
    assert spool.entries() == []
    assert spool.state() == State(waiting=0, refused=0, bytes=0, dropped=0)
    assert spool.delete_of_user(MINA) == 0
    spool.reconcile()
    assert not spool.folder.exists()


@given(order=st.permutations(range(6)))
def test_frames_come_out_oldest_first(order: list[int]) -> None:
    with TemporaryDirectory() as folder:
        spool = Spool(Path(folder) / "spool", ROOM)
        for number in order:  # times of different lengths, so that order by text alone would be another
            spool.put(fields(user_id=100 - number, captured_at=EPOCH + 10**number * MS))
        moments = [spool.read(entry)["captured_at"] for entry in spool.entries()]
        assert moments == sorted(moments)
        assert len(moments) == len(order)


# --- Whole or not there ---


def test_only_the_service_itself_may_look_into_the_spool(spool: Spool) -> None:
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
    """A process puts a frame and ends, as a crash does, where it would call a function of the os module."""
    code = f"""
import os
from datetime import UTC, datetime
from pathlib import Path
from mongos.spool import Spool
os.{instead_of} = lambda *_: os._exit(9)
fields = {{"id": "{uuid4().hex}", "user_id": 1, "captured_at": datetime(2026, 1, 1, tzinfo=UTC)}}
Spool(Path({str(folder)!r}), {ROOM}).put(fields)
"""
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False)
    assert ran.returncode == 9


@pytest.mark.parametrize("instead_of", ["fsync", "replace"])
def test_a_crash_before_the_rename_leaves_nothing_that_counts_as_a_frame(spool: Spool, instead_of: str) -> None:
    spool.put(fields())
    crash_while_putting(spool.folder, instead_of)
    assert len(list(spool.folder.glob(".*.part"))) == 1
    assert len(spool.entries()) == 1
    assert spool.delete_of_user(MINA) == 1, "the torn file is no frame of anybody"
    assert spool.state().bytes > 0, "what was announced is still in the account"
    spool.reconcile()
    assert spool.state() == State(waiting=0, refused=0, bytes=0, dropped=0)


def test_torn_files_are_cleared_away_when_the_account_is_made_true(spool: Spool) -> None:
    spool.put(fields())
    crash_while_putting(spool.folder, "replace")
    [torn] = spool.folder.glob(".*.part")
    spool.reconcile()
    assert not torn.exists()
    assert len(spool.entries()) == 1
    assert_account_is_true(spool)


def test_a_frame_is_on_the_disk_and_so_is_its_name_before_it_counts(
    spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
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
def test_a_file_that_is_no_frame_is_damaged(spool: Spool, damage: bytes) -> None:
    spool.put(fields())
    [entry] = spool.entries()
    entry.path.write_bytes(damage)
    with pytest.raises(CorruptEntry):
        spool.read(entry)


def test_a_flipped_bit_gives_another_value_or_damaged_and_nothing_else(spool: Spool) -> None:
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


def test_a_removed_file_is_told_apart_from_a_damaged_one(spool: Spool) -> None:
    spool.put(fields())
    [entry] = spool.entries()
    assert spool.delete(entry)
    assert not spool.delete(entry)
    with pytest.raises(FileNotFoundError):
        spool.read(entry)
    assert_account_is_true(spool)


# --- Its bound ---


def test_it_takes_frames_up_to_the_last_byte_and_not_one_more(tmp_path: Path) -> None:
    one = size_of(fields())
    exact = Spool(tmp_path / "exact", 3 * one)
    assert [exact.put(fields(at_ms=number)) for number in range(4)] == [True, True, True, False]
    assert exact.state() == State(waiting=3, refused=0, bytes=3 * one, dropped=1)
    short = Spool(tmp_path / "short", 3 * one - 1)
    assert [short.put(fields(at_ms=number)) for number in range(3)] == [True, True, False]


def test_what_was_removed_makes_room(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool", 2 * size_of(fields()))
    assert [spool.put(fields(at_ms=number)) for number in range(3)] == [True, True, False]
    assert spool.delete(spool.entries()[0])
    assert spool.put(fields(at_ms=3))
    assert spool.state().dropped == 1
    assert_account_is_true(spool)


def test_what_is_set_aside_takes_room_too(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool", size_of(fields()))
    assert spool.put(fields(), refused=True)
    assert not spool.put(fields())
    assert_account_is_true(spool)


def test_dropped_frames_are_counted_and_told_at_round_numbers(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    spool = Spool(tmp_path / "spool", 0)
    assert not any(spool.put(fields(at_ms=number)) for number in range(231))
    told = [record.getMessage() for record in caplog.records]
    round_numbers = [*range(1, 10), *range(10, 100, 10), 100, 200]
    assert told == [f"The spool in {spool.folder} is full: {number} frames dropped so far." for number in round_numbers]
    assert {record.levelno for record in caplog.records} == {logging.ERROR}
    assert Spool(spool.folder, ROOM).state().dropped == 231, "every worker sees it, and it outlasts a restart"


def test_the_count_of_dropped_frames_outlasts_a_recount(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool", 0)
    spool.put(fields())
    spool.reconcile()
    assert spool.state().dropped == 1


def put_and_remove(folder: Path, max_bytes: int) -> tuple[int, int, int]:
    """Puts, sets aside and removes by turns; the largest sum seen on disk, the frames put, the frames dropped."""
    spool, largest, put, dropped = Spool(folder, max_bytes), 0, 0, 0
    for number in range(ROUNDS):
        taken = spool.put(fields(user_id=os.getpid(), at_ms=number, image=bytes(397 * number % 2000)))
        put, dropped = put + taken, dropped + (not taken)
        largest = max(largest, on_disk(folder))
        if number % 4 == 3 and (entries := spool.entries()):
            entry = entries[os.getpid() * number % len(entries)]
            if number % 8 == 3:
                put -= spool.delete(entry)
            else:
                spool.reject(entry)
    return largest, put, dropped


def test_workers_that_put_at_once_never_exceed_the_bound_together(tmp_path: Path) -> None:
    folder, bound = tmp_path / "spool", 40_000
    responses = processes.answers_of("spawn", PROCESSES, put_and_remove, folder, bound)
    largest = max(seen for seen, _, _ in responses)
    assert bound * 0.9 < largest <= bound, "the spool was full, and never too full"
    state = Spool(folder, bound).state()
    assert state.bytes == on_disk(folder)
    assert state.dropped == sum(dropped for _, _, dropped in responses) > 0
    assert state.waiting + state.refused == sum(put for _, put, _ in responses)


def put_many(folder: Path, max_bytes: int) -> int:
    spool = Spool(folder, max_bytes)
    return sum(spool.put(fields(user_id=os.getpid(), at_ms=number)) for number in range(ROUNDS))


def test_workers_that_put_at_once_fill_it_to_the_last_frame(tmp_path: Path) -> None:
    one = size_of(fields())
    responses = processes.answers_of("spawn", PROCESSES, put_many, tmp_path / "spool", 100 * one)
    state = Spool(tmp_path / "spool", 100 * one).state()
    assert sum(responses) == 100
    assert state == State(waiting=100, refused=0, bytes=100 * one, dropped=PROCESSES * ROUNDS - 100)


def test_the_same_frame_put_twice_takes_room_once(spool: Spool) -> None:
    same = fields()
    assert spool.put(same)
    assert spool.put(same)
    assert len(spool.entries()) == 1
    assert_account_is_true(spool)


# --- A disk that is full or broken ---


def full_disk(*_: Any) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_drops_the_frame_counts_it_and_leaves_no_torn_file(
    spool: Spool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    spool.put(fields())
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full_disk)
        assert not spool.put(fields(at_ms=1))
    assert [record.getMessage() for record in caplog.records] == [
        f"A frame is dropped because it cannot be written to {spool.folder}: No space left on device"
    ]
    assert list(spool.folder.glob(".*.part")) == []
    state = spool.state()
    assert (state.waiting, state.dropped) == (1, 1)
    assert_account_is_true(spool)
    assert spool.put(fields(at_ms=2)), "with room again it goes on"


def test_a_frame_whose_name_could_not_be_synced_is_in_the_account_if_it_is_on_the_disk(
    spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool.put(fields())
    real = os.fsync

    def fsync(descriptor: int) -> None:
        if Path(os.readlink(f"/proc/self/fd/{descriptor}")).is_dir():
            full_disk()
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    taken = spool.put(fields(at_ms=1))
    state = spool.state()
    assert state.waiting + state.dropped == 2, "each frame is either there or dropped, not both"
    assert state.waiting == 1 + taken
    assert_account_is_true(spool)


def test_a_spool_that_cannot_be_made_drops_the_frame_and_says_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("no folder")
    assert not Spool(tmp_path / "file" / "spool", ROOM).put(fields())
    [record] = caplog.records
    assert record.levelno == logging.ERROR


def test_a_disk_too_full_even_for_the_account_drops_the_frame_and_says_so(
    spool: Spool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(os, "pwrite", full_disk)
    assert not spool.put(fields())
    assert spool.entries() == []
    assert {record.levelno for record in caplog.records} == {logging.ERROR}


# --- Its account after a crash ---


def test_a_lost_account_is_made_anew(spool: Spool) -> None:
    spool.put(fields())
    spool.put(fields(), refused=True)
    for damage in (b"", b"\x01", b"\xff" * 16):
        (spool.folder / "usage").write_bytes(damage)
        spool.reconcile()
        assert_account_is_true(spool)
        assert (spool.state().waiting, spool.state().refused) == (1, 1)


def test_a_recount_passes_over_a_file_that_another_worker_removes_meanwhile(
    spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(2):
        spool.put(fields(at_ms=number))
    vanishing = spool.entries()[0].path
    real = Path.iterdir

    def iterdir(folder: Path) -> Iterable[Path]:
        list_frames = list(real(folder))
        vanishing.unlink(missing_ok=True)
        return list_frames

    monkeypatch.setattr(Path, "iterdir", iterdir)
    spool.reconcile()
    monkeypatch.undo()
    assert_account_is_true(spool)


def start_worker(spool: Spool) -> threading.Thread:
    """Another worker starts, and recounts: it is through, or rightly waits for us, when this returns."""
    worker = threading.Thread(target=Spool(spool.folder, ROOM).reconcile)
    worker.start()
    worker.join(0.5)
    return worker


def test_a_recount_while_another_worker_writes_leaves_a_true_account(
    spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
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
    assert_account_is_true(spool)


def test_a_recount_while_another_worker_removes_leaves_a_true_account(
    spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
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
    assert_account_is_true(spool)


# --- Whose frames they are ---


def users_left(spool: Spool) -> list[int]:
    return sorted(entry.user_id for kind in (WAITING, REFUSED) for entry in spool.entries(kind))


def test_removing_a_users_frames_takes_all_of_theirs_and_nobody_elses(spool: Spool) -> None:
    for user_id in (MINA, ELEVEN, 111, 21, 12):
        spool.put(fields(user_id=user_id))
        spool.put(fields(user_id=user_id, at_ms=user_id), refused=True)
    assert spool.delete_of_user(MINA) == 2
    assert users_left(spool) == sorted([ELEVEN, 111, 21, 12] * 2)
    assert spool.delete_of_user(ELEVEN) == 2
    assert users_left(spool) == sorted([111, 21, 12] * 2)
    assert spool.delete_of_user(2) == 0
    assert_account_is_true(spool)


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
def test_of_a_span_its_ends_go_too(spool: Spool, since_ms: int | None, until_ms: int | None, left: list[int]) -> None:
    for at_ms in range(0, 5000, 1000):
        spool.put(fields(at_ms=at_ms))
        spool.put(fields(ELEVEN, at_ms=at_ms))
    since, until = (None if ms is None else START + ms * MS for ms in (since_ms, until_ms))
    assert spool.delete_of_user(MINA, since=since, until=until) == 5 - len(left)
    kept = [entry.captured_ms - read_ms(START) for entry in spool.entries() if entry.user_id == MINA]
    assert kept == left
    assert users_left(spool).count(ELEVEN) == 5


def test_one_frame_goes_by_its_key_and_only_if_it_is_the_users(spool: Spool) -> None:
    theirs, other = fields(), fields(ELEVEN)
    spool.put(theirs)
    spool.put(other)
    spool.put(fields())
    assert spool.delete_of_user(MINA, frame_id=UUID(other["id"])) == 0
    assert spool.delete_of_user(MINA, frame_id=uuid4()) == 0
    assert spool.delete_of_user(MINA, frame_id=UUID(theirs["id"])) == 1
    assert spool.delete_of_user(MINA, frame_id=UUID(theirs["id"])) == 0
    assert users_left(spool) == [MINA, ELEVEN]


# --- What the archive refuses ---


def test_what_is_set_aside_leaves_the_queue_and_can_be_taken_back(spool: Spool) -> None:
    for number in range(3):
        spool.put(fields(at_ms=number))
    before = spool.entries()
    spool.reject(before[1])
    assert spool.entries() == [before[0], before[2]]
    [aside] = spool.entries(REFUSED)
    assert (aside.frame_id, aside.user_id, aside.captured_ms) == (
        before[1].frame_id,
        before[1].user_id,
        before[1].captured_ms,
    )
    assert spool.read(aside)["id"] == before[1].frame_id.hex
    state = spool.state()
    assert (state.waiting, state.refused) == (2, 1)
    assert spool.requeue() == 1
    assert spool.entries() == before
    assert spool.requeue() == 0
    assert_account_is_true(spool)


def test_setting_aside_what_its_user_removed_meanwhile_is_no_error(spool: Spool) -> None:
    spool.put(fields())
    [entry] = spool.entries()
    spool.delete(entry)
    spool.reject(entry)
    assert spool.entries(REFUSED) == []


# --- One at a time ---


def is_alone(folder: Path) -> bool:
    with Spool(folder, ROOM).exclusive() as alone:
        return alone


def test_while_one_is_at_it_nobody_else_is_in_any_process(spool: Spool) -> None:
    with spool.exclusive() as alone:
        assert alone
        assert not is_alone(spool.folder), "in the same process"
        assert processes.answers_of("spawn", 2, is_alone, spool.folder) == [False, False]
    assert is_alone(spool.folder)
    assert processes.answers_of("spawn", 1, is_alone, spool.folder) == [True]


def test_an_error_ends_the_turn(spool: Spool) -> None:
    with pytest.raises(ZeroDivisionError), spool.exclusive():
        _ = 1 / 0
    assert is_alone(spool.folder)


def test_the_turn_of_a_killed_process_is_over(spool: Spool) -> None:
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
        assert not is_alone(spool.folder)
        process.kill()
        process.wait()
    assert is_alone(spool.folder)
