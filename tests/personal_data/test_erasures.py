"""personal_data.erasures: erased frames stay erased despite outages, late frames and more than fits one round."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from accounts.models import Erasure, User
from accounts.services import user_create
from ai_models.vision.frame import read_frame
from common.db.breaker import Breaker
from mongos import archive, guard, maintenance
from mongos.models import Frame
from personal_data import erasures
from personal_data.withdrawal import user_erase
from tests import pictures
from tests.archived import archived
from tests.conftest import PASSWORD

PNG = pictures.png(pictures.small())
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


@pytest.fixture
def mina(db: None) -> User:
    return user_create(username="mina", password=PASSWORD)


@pytest.fixture
def other(db: None) -> User:
    return user_create(username="other", password=PASSWORD)


@pytest.fixture
def _nothing_in_flight(settings: Any) -> None:
    settings.FRAME_UNDER_WAY_S = 0


def store(user_id: int, at: datetime | None = None) -> UUID:
    return archived(user_id=user_id, frame=read_frame(PNG), face_found=True, captured_at=at)


def spool(user_id: int, at: datetime) -> None:
    fields = {"id": uuid4().hex, "user_id": user_id, "session_id": None, "captured_at": at, "size": len(PNG)}
    assert archive.spool().put(fields | {"content_type": "image/png", "image": PNG, "face_found": True})


def stored_count(user_id: int) -> int:
    return Frame.objects.filter(user_id=user_id).count()


def stop_archive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "breaker", Breaker(3600.0))
    guard.breaker.failed()


def restore_archive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "breaker", Breaker(3600.0))


# --- Erasing a user ---


@pytest.mark.usefixtures("each_archive")
def test_late_frame_of_a_deleted_user_is_deleted(mina: User, other: User, settings: Any) -> None:
    user_id = mina.pk
    store(user_id)
    user_erase(user_id=user_id)
    late, others = store(user_id), store(other.pk)
    assert erasures.erasures_run_due() == 0  # a frame may still be in flight
    assert Frame.objects.filter(pk=late).exists()
    assert Erasure.objects.get().carried_out_at
    settings.FRAME_UNDER_WAY_S = 0
    assert erasures.erasures_run_due() == 1
    assert (stored_count(user_id), stored_count(other.pk)) == (0, 1)
    assert Frame.objects.filter(pk=others).exists()
    assert not Erasure.objects.exists()  # no trace of the user is left either


@pytest.mark.usefixtures("each_archive")
def test_second_run_waits_for_frames_in_flight(mina: User, settings: Any) -> None:
    user_erase(user_id=mina.pk)
    for seconds, count in ((-5, 0), (5, 1)):
        ago = timedelta(seconds=settings.FRAME_UNDER_WAY_S + seconds)
        Erasure.objects.update(carried_out_at=timezone.now() - ago)
        assert erasures.erasures_run_due() == count


@pytest.mark.usefixtures("_nothing_in_flight")
def test_erasure_stays_pending_while_archive_is_down(mina: User, mongodb: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    user_id = mina.pk
    store(user_id)
    stop_archive(monkeypatch)
    store(user_id)  # to disk
    user_erase(user_id=user_id)
    assert not archive.spool().entries()
    for _ in range(3):
        assert erasures.erasures_run_due() == 0
    assert erasures.pending_count() == 1
    restore_archive(monkeypatch)
    assert stored_count(user_id) == 1
    assert erasures.erasures_run_due() == 1
    assert (stored_count(user_id), erasures.pending_count()) == (0, 0)
    assert erasures.erasures_run_due() == 1
    assert not Erasure.objects.exists()


@pytest.mark.usefixtures("each_archive", "_nothing_in_flight")
def test_spooled_frame_of_a_deleted_user_is_dropped(mina: User, other: User) -> None:
    user_id = mina.pk
    user_erase(user_id=user_id)
    erasures.erasures_run_due()
    assert not Erasure.objects.exists()
    for owner_id in (user_id, other.pk):
        spool(owner_id, archive.now())
    assert maintenance.drain(erasures.storable) == maintenance.Drained(stored=1, deleted=1)
    assert (stored_count(user_id), stored_count(other.pk)) == (0, 1)
    assert not archive.spool().entries()


# --- Erasing a span ---


@pytest.mark.usefixtures("each_archive", "_nothing_in_flight")
def test_span_erasure_is_deleted_after_a_week(mina: User) -> None:
    now = archive.now()
    erasures.frames_erase(user_id=mina.pk, since=now - SECOND, until=now)
    late = store(mina.pk, now)
    assert erasures.erasures_run_due() == 1
    assert not Frame.objects.filter(pk=late).exists()
    assert Erasure.objects.get().is_settled
    assert erasures.erasures_run_due() == 0  # never again
    Erasure.objects.update(requested_at=timezone.now() - 6.9 * DAY)
    erasures.erasures_run_due()
    spool(mina.pk, now)
    assert maintenance.drain(erasures.storable).deleted == 1
    Erasure.objects.update(requested_at=timezone.now() - 7.1 * DAY)
    erasures.erasures_run_due()
    assert not Erasure.objects.exists()


@pytest.mark.usefixtures("mongodb", "_nothing_in_flight")
def test_pending_erasure_never_expires(mina: User, monkeypatch: pytest.MonkeyPatch) -> None:
    stop_archive(monkeypatch)
    erasures.frames_erase(user_id=mina.pk, since=None, until=archive.now())
    Erasure.objects.update(requested_at=timezone.now() - 100 * DAY)
    erasures.erasures_run_due()
    assert erasures.pending_count() == 1


@pytest.mark.usefixtures("each_archive", "_nothing_in_flight")
def test_span_includes_exactly_its_ends(mina: User, other: User) -> None:
    now, beside = archive.now(), timedelta(milliseconds=1)
    since, until = now - 3 * SECOND, now - SECOND
    stays = {store(mina.pk, since - beside), store(mina.pk, until + beside), store(other.pk, since)}
    for at in (since, now - 2 * SECOND, until):
        store(mina.pk, at)
    assert erasures.frames_erase(user_id=mina.pk, since=since, until=until) == (3, True)
    assert erasures.erasures_run_due() == 1
    assert set(Frame.objects.values_list("pk", flat=True)) == stays


@pytest.mark.usefixtures("each_archive")
def test_erasure_does_not_affect_other_users(mina: User, other: User) -> None:
    now = archive.now()
    erasures.frames_erase(user_id=other.pk, since=None, until=now)
    spool(mina.pk, now)
    spool(other.pk, now)
    spool(other.pk, now + SECOND)
    [first, second, third] = archive.spool().entries()
    assert erasures.storable([first, second, third]) == {
        entry for entry in (first, second, third) if entry.user_id == mina.pk or entry is third
    }
    assert erasures.storable([]) == set()


# --- More than one round can delete ---


@pytest.mark.usefixtures("each_archive")
def test_large_erasure_is_finished_in_later_rounds(mina: User, other: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "SLICE", 2)
    now = archive.now()
    keys = [store(mina.pk, now - ago * SECOND) for ago in (5, 4, 3, 2, 1)]
    store(other.pk)
    erasure = Erasure.objects.create(user_id=mina.pk, until=now)
    assert erasures.erasure_run(erasure, budget_s=0.0) == (2, False)
    # The oldest are deleted first.
    assert set(Frame.objects.filter(user_id=mina.pk).values_list("pk", flat=True)) == set(keys[2:])
    assert erasures.pending_count() == 1
    assert erasures.erasure_run(erasure, budget_s=0.0) == (2, False)
    assert erasures.erasures_run_due() == 1
    assert (stored_count(mina.pk), stored_count(other.pk), erasures.pending_count()) == (0, 1, 0)


@pytest.mark.usefixtures("each_archive")
def test_user_is_deleted_before_all_their_frames(mina: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "SLICE", 2)
    user_id = mina.pk
    for _ in range(5):
        store(user_id)
    user_erase(user_id=user_id, budget_s=0.0)
    assert not User.objects.exists()
    assert (stored_count(user_id), erasures.pending_count()) == (3, 1)
    assert erasures.erasures_run_due() == 1
    assert (stored_count(user_id), erasures.pending_count()) == (0, 0)


@pytest.mark.usefixtures("each_archive")
def test_erasure_is_named_after_its_user(mina: User) -> None:
    assert str(erasures.withdrawal_record(user_id=mina.pk)) == f"erasure of frames of user {mina.pk}"


# --- Many erasures ---


def _spans(user: User) -> list[tuple[datetime | None, datetime | None]]:
    return list(Erasure.objects.filter(user_id=user.pk).order_by("until").values_list("since", "until"))


def test_erasures_that_meet_become_one(mina: User, other: User) -> None:
    at = archive.now() - DAY
    for user in (mina, other):
        for n in range(50):
            erasures.frames_erase(user_id=user.pk, since=at, until=at + n * SECOND)
    assert _spans(mina) == _spans(other) == [(at, at + 49 * SECOND)]


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        (0, 1, [(0, 1), (2, 4), (6, 8)]),
        (0, 2, [(0, 4), (6, 8)]),
        (3, 7, [(2, 8)]),
        (5, 5, [(2, 4), (5, 5), (6, 8)]),
        (None, 3, [(None, 4), (6, 8)]),
        (None, 9, [(None, 9)]),
        (3, 3, [(2, 4), (6, 8)]),
    ],
)
def test_merged_erasures_cover_the_same_time(mina: User, since: int | None, until: int, expected: Any) -> None:
    """No frame that was not to be erased is covered, and none that was is left out."""
    start = archive.now() - DAY

    def moment(second: int | None) -> datetime | None:
        return None if second is None else start + second * SECOND

    for first, last in ((2, 4), (6, 8), (since, until)):
        erasures.frames_erase(user_id=mina.pk, since=moment(first), until=start + last * SECOND)
    assert _spans(mina) == [(moment(first), moment(last)) for first, last in expected]


def test_settled_erasure_that_is_extended_runs_again(mina: User) -> None:
    at = archive.now() - DAY
    Erasure.objects.create(user_id=mina.pk, since=at, until=at + SECOND, carried_out_at=at, is_settled=True)
    erasures.frames_erase(user_id=mina.pk, since=at, until=at + 2 * SECOND)
    merged = Erasure.objects.get()
    assert (merged.until, merged.is_settled, merged.requested_at > at) == (at + 2 * SECOND, False, True)


def test_separate_spans_are_limited_but_all_can_be_erased(mina: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erasures, "MAX_ERASURES", 3)
    at = archive.now() - DAY
    for n in (0, 2, 4):
        erasures.frames_erase(user_id=mina.pk, since=at + n * SECOND, until=at + n * SECOND)
    with pytest.raises(erasures.TooManyErasures):
        erasures.frames_erase(user_id=mina.pk, since=at + 6 * SECOND, until=at + 6 * SECOND)
    erasures.frames_erase(user_id=mina.pk, since=at, until=at + 8 * SECOND)
    assert _spans(mina) == [(at, at + 8 * SECOND)]
