"""posesmart.housekeeping: the rounds, and the thread that runs them."""

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.db import OperationalError

from accounts import tokens
from accounts.audit import log as audit_log
from accounts.invitations import services as invitations
from accounts.models import Erasure, User
from accounts.services import user_create
from accounts.sharing import services as sharing
from ai_models.vision.frame import read_frame
from common.db.breaker import Breaker
from common.http import throttling
from detections.sessions import finish
from mongos import archive, guard, maintenance
from mongos.guard import ArchiveUnavailable
from mongos.maintenance import Drained
from mongos.models import Frame
from mongos.spool import REFUSED
from office import erasing, figures, history
from personal_data import erasures, privacy
from posesmart import housekeeping
from posesmart.housekeeping import Housekeeping
from reports.team import services as team
from tests import pictures
from tests.archived import archived
from tests.conftest import PASSWORD

PNG = pictures.png(pictures.small())
GENEROUS_S = 30.0
DAY = timedelta(days=1)
HOURLY = ["expire", "kept", "sessions", "tokens", "counts", "sharing", "invitations", "audit", "admin logins", "team"]


@pytest.fixture
def mina(db: None) -> User:
    return user_create(username="mina", password=PASSWORD)


@pytest.fixture
def _nothing_expires_later(settings: Any, each_archive: str) -> Iterator[None]:
    """Reset MongoDB's expiry age, since other tests share the server."""
    yield
    settings.FRAME_RETENTION_DAYS = 0
    guard.breaker = Breaker(3600.0)
    maintenance.expire()


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the tasks that rounds have run."""
    tasks: list[str] = []

    def drain(storable: Any) -> Drained:
        tasks.append("drain")
        return Drained()

    monkeypatch.setattr(maintenance, "drain", drain)
    monkeypatch.setattr(erasures, "erasures_run_due", lambda: tasks.append("erase"))
    monkeypatch.setattr(maintenance, "expire", lambda: tasks.append("expire"))
    monkeypatch.setattr(privacy, "expire_kept", lambda: tasks.append("kept"))
    monkeypatch.setattr(finish, "report_silent", lambda: tasks.append("silent"))
    monkeypatch.setattr(finish, "end_abandoned", lambda: tasks.append("sessions"))
    monkeypatch.setattr(tokens, "delete_expired", lambda: tasks.append("tokens"))
    monkeypatch.setattr(throttling, "delete_expired", lambda: tasks.append("counts"))
    office: list[tuple[Any, str]] = [(figures, "seen_refresh"), (figures, "seen_recount"), (erasing, "orders_run")]
    for module, name in [*office, *((history, name) for name in ("sample_take", "days_fill", "samples_thin"))]:
        monkeypatch.setattr(module, name, lambda: None)  # tests/office has those
    monkeypatch.setattr(sharing, "delete_expired", lambda: tasks.append("sharing"))
    monkeypatch.setattr(audit_log, "expire", lambda: tasks.append("audit"))
    monkeypatch.setattr(team, "weeks_publish", lambda: tasks.append("team"))
    monkeypatch.setattr(invitations, "delete_old", lambda: tasks.append("invitations"))
    monkeypatch.setattr(SessionStore, "clear_expired", lambda: tasks.append("admin logins"))
    return tasks


def spool(user_id: int, at: datetime) -> None:
    fields = {"id": uuid4().hex, "user_id": user_id, "session_id": None, "captured_at": at, "size": len(PNG)}
    assert archive.spool().put(fields | {"content_type": "image/png", "image": PNG, "face_found": True})


@pytest.mark.usefixtures("_nothing_expires_later")
def test_round_stores_erases_and_expires_frames(mina: User, each_archive: str, settings: Any) -> None:
    settings.FRAME_RETENTION_DAYS = 1
    now = archive.now()
    spool(mina.pk, now)
    archived(user_id=mina.pk + 1, frame=read_frame(PNG), face_found=True)
    erasures.withdrawal_record(user_id=mina.pk + 1)
    if each_archive == "embedded":  # MongoDB expires frames itself, at a time of its choosing
        archived(user_id=mina.pk, frame=read_frame(PNG), face_found=True, captured_at=now - 2 * DAY)
    Housekeeping().round()
    assert list(Frame.objects.values_list("user_id", "captured_at")) == [(mina.pk, now)]
    assert not archive.spool().entries()
    assert Erasure.objects.get().carried_out_at


def test_only_draining_is_done_every_round(done: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    housekeeper = Housekeeping()
    now = [1000.0]
    monkeypatch.setattr("posesmart.housekeeping.time.monotonic", lambda: now[0])
    housekeeper.round()
    assert done == ["drain", "erase", "silent", *HOURLY]
    done.clear()
    housekeeper.round()
    assert done == ["drain"]
    done.clear()
    now[0] += housekeeping.ERASE_EVERY_S
    housekeeper.round()
    assert done == ["drain", "erase"]
    done.clear()
    now[0] += housekeeping.EXPIRE_EVERY_S
    housekeeper.round()
    assert done == ["drain", "erase", "silent", *HOURLY]


def test_interrupted_task_is_retried_next_round(done: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    housekeeper = Housekeeping()

    def fail() -> None:
        raise ArchiveUnavailable

    with monkeypatch.context() as patch:
        patch.setattr(maintenance, "expire", fail)
        housekeeper.round()
    housekeeper.round()
    assert done == ["drain", "erase", "silent", *HOURLY[1:], "drain", "expire"]


@pytest.mark.usefixtures("mongodb")
def test_round_only_probes_while_archive_is_down(done: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    probes = []
    monkeypatch.setattr(guard, "breaker", Breaker(3600.0))
    guard.breaker.failed()
    housekeeper = Housekeeping()
    with monkeypatch.context() as patch:
        patch.setattr(guard, "probe", lambda: probes.append(True))
        housekeeper.round()
    assert (probes, done) == ([True], [])
    housekeeper.round()  # the real probe succeeds, and frames are stored there again immediately
    assert done == ["drain", "erase", "silent", *HOURLY]
    assert guard.breaker.allows()


def test_round_does_nothing_while_another_runs(done: list[str]) -> None:
    with archive.spool().exclusive() as alone:
        assert alone
        Housekeeping().round()
        assert done == []
    Housekeeping().round()
    assert done == ["drain", "erase", "silent", *HOURLY]


# --- The thread ---


@pytest.fixture
def rounds(monkeypatch: pytest.MonkeyPatch) -> Iterator["Rounds"]:
    monkeypatch.setattr(housekeeping, "PERIOD_S", 0.001)
    rounds = Rounds()
    monkeypatch.setattr(Housekeeping, "round", lambda self: rounds.next())
    yield rounds
    rounds.stop()


class Rounds:
    """Rounds that raise the given errors one after another, and then succeed."""

    def __init__(self) -> None:
        self.errors: list[Exception] = []
        self.succeeded = threading.Event()
        self._housekeeper = Housekeeping()

    def next(self) -> None:
        if self.errors:
            raise self.errors.pop(0)
        self.succeeded.set()

    def start(self, *errors: Exception) -> None:
        self.errors = [*errors]
        self._housekeeper.start()

    def stop(self) -> None:
        self._housekeeper.stop()
        if self._housekeeper.ident:
            self._housekeeper.join(GENEROUS_S)
        assert not self._housekeeper.is_alive()


@pytest.mark.parametrize(
    "error", [OperationalError("gone"), ValueError("a surprise"), OSError("disk"), ArchiveUnavailable()]
)
def test_failed_round_does_not_end_the_thread(rounds: Rounds, error: Exception) -> None:
    rounds.start(error, error, error)
    assert rounds.succeeded.wait(GENEROUS_S)
    assert not rounds.errors


def test_repeated_error_is_logged_once(rounds: Rounds, caplog: pytest.LogCaptureFixture) -> None:
    rounds.start(*[OperationalError("secret") for _ in range(5)])
    assert rounds.succeeded.wait(GENEROUS_S)
    rounds.stop()
    records = [record for record in caplog.records if record.name == "posesmart.housekeeping"]
    assert [record.getMessage() for record in records] == ["Housekeeping waits for the database: OperationalError"]
    assert not records[0].exc_info


def test_thread_first_reconciles_the_spool(rounds: Rounds, monkeypatch: pytest.MonkeyPatch) -> None:
    spool(1, archive.now())
    correct = archive.spool().state().bytes
    (archive.spool().folder / "usage").write_bytes(bytes(16))  # as after a crash
    assert archive.spool().state().bytes == 0
    rounds.start()
    assert rounds.succeeded.wait(GENEROUS_S)
    assert archive.spool().state().bytes == correct > 0


def test_stopped_thread_ends_soon(rounds: Rounds) -> None:
    rounds.start()
    assert rounds.succeeded.wait(GENEROUS_S)
    rounds.stop()


def test_thread_does_not_block_process_exit() -> None:
    assert Housekeeping().daemon


def _set_aside(user_id: int, *, refused: bool) -> None:
    fields = {"id": uuid4().hex, "user_id": user_id, "session_id": None, "captured_at": archive.now(), "size": len(PNG)}
    fields |= {"content_type": "image/png", "image": PNG, "face_found": True}
    assert archive.spool().put(fields, refused=refused)


@pytest.mark.parametrize("refused", [True, False])
@pytest.mark.parametrize("is_archive_up", [True, False])
def test_erased_frames_leave_this_disk_whoever_carried_out_the_erasure(
    mina: User, monkeypatch: pytest.MonkeyPatch, refused: bool, is_archive_up: bool
) -> None:
    """Another node has erased the user, and no erasure is recorded any more."""
    _set_aside(mina.pk + 1, refused=refused)
    _set_aside(mina.pk, refused=True)
    monkeypatch.setattr(maintenance, "drain", lambda storable: Drained())
    monkeypatch.setattr(guard, "probe", lambda: is_archive_up)
    if not is_archive_up:
        guard.breaker.failed()
    Housekeeping().round()
    left = [*archive.spool().entries(REFUSED), *archive.spool().entries()]
    assert [entry.user_id for entry in left] == [mina.pk]


def test_frames_of_an_erased_span_leave_this_disk(mina: User) -> None:
    _set_aside(mina.pk, refused=True)
    Erasure.objects.create(user_id=mina.pk + 1, until=archive.now() + DAY, is_settled=True)
    assert maintenance.delete_unstorable(erasures.storable) == 0
    Erasure.objects.create(user_id=mina.pk, until=archive.now() + DAY, is_settled=True)
    assert maintenance.delete_unstorable(erasures.storable) == 1
