"""posesmart.housekeeping: the rounds, and the thread that makes them."""

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import OperationalError

from accounts import tokens
from accounts.models import Erasure, User
from accounts.services import user_create
from ai_models.vision.frame import read_frame
from common.db.breaker import Breaker
from common.http import throttling
from detections.sessions import finish
from mongos import archive, guard, maintenance
from mongos.guard import ArchiveUnavailable
from mongos.maintenance import Drained
from mongos.models import Frame
from personal_data import erasures
from posesmart import housekeeping
from posesmart.housekeeping import Housekeeping
from tests import pictures
from tests.conftest import PASSWORD

PNG = pictures.png(pictures.small())
GENEROUS_S = 30.0
DAY = timedelta(days=1)
HOURLY = ["expire", "sessions", "tokens", "counts"]


@pytest.fixture
def mina(db: None) -> User:
    return user_create(username="mina", password=PASSWORD)


@pytest.fixture
def _nothing_expires_later(settings: Any, each_archive: str) -> Iterator[None]:
    """MongoDB remembers how long frames are kept, and other tests share the server."""
    yield
    settings.FRAME_RETENTION_DAYS = 0
    guard.breaker = Breaker(3600.0)
    maintenance.expire()


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What rounds do, in words."""
    words: list[str] = []

    def drain(storable: Any) -> Drained:
        words.append("drain")
        return Drained()

    monkeypatch.setattr(maintenance, "drain", drain)
    monkeypatch.setattr(erasures, "erasures_run_due", lambda: words.append("erase"))
    monkeypatch.setattr(maintenance, "expire", lambda: words.append("expire"))
    monkeypatch.setattr(finish, "end_abandoned", lambda: words.append("sessions"))
    monkeypatch.setattr(tokens, "delete_expired", lambda: words.append("tokens"))
    monkeypatch.setattr(throttling, "delete_expired", lambda: words.append("counts"))
    return words


def keep_on_disk(user_id: int, at: datetime) -> None:
    fields = {"id": uuid4().hex, "user_id": user_id, "session_id": None, "captured_at": at, "size": len(PNG)}
    assert archive.spool().put(fields | {"content_type": "image/png", "image": PNG, "face_found": True})


@pytest.mark.usefixtures("_nothing_expires_later")
def test_a_round_stores_what_waits_erases_what_is_remembered_and_lets_old_frames_go(
    mina: User, each_archive: str, settings: Any
) -> None:
    settings.FRAME_RETENTION_DAYS = 1
    now = archive.now()
    keep_on_disk(mina.pk, now)
    archive.store(user_id=mina.pk + 1, frame=read_frame(PNG), face_found=True)
    erasures.withdrawal_record(user_id=mina.pk + 1)
    if each_archive == "embedded":  # MongoDB does this by itself, in its own time
        archive.store(user_id=mina.pk, frame=read_frame(PNG), face_found=True, captured_at=now - 2 * DAY)
    Housekeeping().round()
    assert list(Frame.objects.values_list("user_id", "captured_at")) == [(mina.pk, now)]
    assert not archive.spool().entries()
    assert Erasure.objects.get().carried_out_at


def test_frames_are_drained_each_round_and_the_rest_is_done_now_and_then(
    done: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    keeping = Housekeeping()
    now = [1000.0]
    monkeypatch.setattr("posesmart.housekeeping.time.monotonic", lambda: now[0])
    keeping.round()
    assert done == ["drain", "erase", *HOURLY]
    done.clear()
    keeping.round()
    assert done == ["drain"]
    done.clear()
    now[0] += housekeeping.ERASE_EVERY_S
    keeping.round()
    assert done == ["drain", "erase"]
    done.clear()
    now[0] += housekeeping.EXPIRE_EVERY_S
    keeping.round()
    assert done == ["drain", "erase", *HOURLY]


def test_what_an_outage_interrupts_is_done_in_the_next_round(done: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    keeping = Housekeeping()

    def away() -> None:
        raise ArchiveUnavailable

    with monkeypatch.context() as patch:
        patch.setattr(maintenance, "expire", away)
        keeping.round()
    keeping.round()
    assert done == ["drain", "erase", "sessions", "tokens", "counts", "drain", "expire"]


@pytest.mark.usefixtures("mongodb")
def test_while_the_archive_is_away_a_round_only_asks_for_it(done: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(guard, "breaker", Breaker(3600.0))
    guard.breaker.failed()
    keeping = Housekeeping()
    with monkeypatch.context() as patch:
        patch.setattr(guard, "probe", lambda: asked.append(True))
        keeping.round()
    assert (asked, done) == ([True], [])
    keeping.round()  # the server answers the real question, and frames go there again at once
    assert done == ["drain", "erase", *HOURLY]
    assert guard.breaker.allows()


def test_while_another_worker_is_at_it_a_round_does_nothing(done: list[str]) -> None:
    with archive.spool().exclusive() as alone:
        assert alone
        Housekeeping().round()
        assert done == []
    Housekeeping().round()
    assert done == ["drain", "erase", *HOURLY]


# --- The thread ---


@pytest.fixture
def rounds(monkeypatch: pytest.MonkeyPatch) -> Iterator["Rounds"]:
    monkeypatch.setattr(housekeeping, "PERIOD_S", 0.001)
    rounds = Rounds()
    monkeypatch.setattr(Housekeeping, "round", lambda self: rounds.next())
    yield rounds
    rounds.stop()


class Rounds:
    """Rounds that raise what they are told to, one after the other, and then go well."""

    def __init__(self) -> None:
        self.errors: list[Exception] = []
        self.went_well = threading.Event()
        self._keeping = Housekeeping()

    def next(self) -> None:
        if self.errors:
            raise self.errors.pop(0)
        self.went_well.set()

    def start(self, *errors: Exception) -> None:
        self.errors = [*errors]
        self._keeping.start()

    def stop(self) -> None:
        self._keeping.stop()
        if self._keeping.ident:
            self._keeping.join(GENEROUS_S)
        assert not self._keeping.is_alive()


@pytest.mark.parametrize(
    "error", [OperationalError("gone"), ValueError("a surprise"), OSError("disk"), ArchiveUnavailable()]
)
def test_a_round_that_fails_does_not_end_the_thread(rounds: Rounds, error: Exception) -> None:
    rounds.start(error, error, error)
    assert rounds.went_well.wait(GENEROUS_S)
    assert not rounds.errors


def test_trouble_is_told_once_and_again_when_it_comes_back(rounds: Rounds, caplog: pytest.LogCaptureFixture) -> None:
    rounds.start(*[OperationalError("secret") for _ in range(5)])
    assert rounds.went_well.wait(GENEROUS_S)
    rounds.stop()
    told = [record for record in caplog.records if record.name == "posesmart.housekeeping"]
    assert [record.getMessage() for record in told] == ["Housekeeping waits for the database: OperationalError"]
    assert not told[0].exc_info


def test_the_thread_makes_the_spools_account_true_before_its_first_round(
    rounds: Rounds, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_on_disk(1, archive.now())
    true = archive.spool().state().bytes
    (archive.spool().folder / "usage").write_bytes(bytes(16))  # as after a crash
    assert archive.spool().state().bytes == 0
    rounds.start()
    assert rounds.went_well.wait(GENEROUS_S)
    assert archive.spool().state().bytes == true > 0


def test_the_thread_ends_soon_after_it_is_told_to(rounds: Rounds) -> None:
    rounds.start()
    assert rounds.went_well.wait(GENEROUS_S)
    rounds.stop()


def test_the_thread_keeps_no_process_from_ending() -> None:
    assert Housekeeping().daemon
