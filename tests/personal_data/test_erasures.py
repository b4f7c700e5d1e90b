"""personal_data.erasures: what is erased stays erased, whatever is away, late or too much for one round."""

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
def _nothing_is_under_way(settings: Any) -> None:
    settings.FRAME_UNDER_WAY_S = 0


def keep(user_id: int, at: datetime | None = None) -> UUID:
    return archive.store(user_id=user_id, frame=read_frame(PNG), face_found=True, captured_at=at)


def keep_on_disk(user_id: int, at: datetime) -> None:
    fields = {"id": uuid4().hex, "user_id": user_id, "session_id": None, "captured_at": at, "size": len(PNG)}
    assert archive.spool().put(fields | {"content_type": "image/png", "image": PNG, "face_found": True})


def kept(user_id: int) -> int:
    return Frame.objects.filter(user_id=user_id).count()


def archive_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "breaker", Breaker(3600.0))
    guard.breaker.failed()


def archive_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "breaker", Breaker(3600.0))


# --- Of a user who left ---


@pytest.mark.usefixtures("each_archive")
def test_a_frame_stored_after_its_user_left_goes_when_none_can_be_under_way_any_more(
    mina: User, other: User, settings: Any
) -> None:
    user_id = mina.pk
    keep(user_id)
    user_erase(user_id=user_id)
    late, others = keep(user_id), keep(other.pk)
    assert erasures.erasures_run_due() == 0  # a frame may still be under way
    assert Frame.objects.filter(pk=late).exists()
    assert Erasure.objects.get().carried_out_at
    settings.FRAME_UNDER_WAY_S = 0
    assert erasures.erasures_run_due() == 1
    assert (kept(user_id), kept(other.pk)) == (0, 1)
    assert Frame.objects.filter(pk=others).exists()
    assert not Erasure.objects.exists()  # nor is it remembered that there was somebody


@pytest.mark.usefixtures("each_archive")
def test_frames_are_under_way_for_as_long_as_a_request_may_take(mina: User, settings: Any) -> None:
    user_erase(user_id=mina.pk)
    for seconds, count in ((-5, 0), (5, 1)):
        ago = timedelta(seconds=settings.FRAME_UNDER_WAY_S + seconds)
        Erasure.objects.update(carried_out_at=timezone.now() - ago)
        assert erasures.erasures_run_due() == count


@pytest.mark.usefixtures("_nothing_is_under_way")
def test_while_the_archive_is_away_nothing_is_forgotten(
    mina: User, mongodb: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    user_id = mina.pk
    keep(user_id)
    archive_goes(monkeypatch)
    keep(user_id)  # on the disk
    user_erase(user_id=user_id)
    assert not archive.spool().entries()
    for _ in range(3):
        assert erasures.erasures_run_due() == 0
    assert erasures.pending_count() == 1
    archive_comes_back(monkeypatch)
    assert kept(user_id) == 1
    assert erasures.erasures_run_due() == 1
    assert (kept(user_id), erasures.pending_count()) == (0, 0)
    assert erasures.erasures_run_due() == 1
    assert not Erasure.objects.exists()


@pytest.mark.usefixtures("each_archive", "_nothing_is_under_way")
def test_a_spooled_frame_of_who_left_is_not_stored_even_when_all_is_forgotten(mina: User, other: User) -> None:
    user_id = mina.pk
    user_erase(user_id=user_id)
    erasures.erasures_run_due()
    assert not Erasure.objects.exists()
    for each in (user_id, other.pk):
        keep_on_disk(each, archive.now())
    assert maintenance.drain(erasures.storable) == maintenance.Drained(stored=1, deleted=1)
    assert (kept(user_id), kept(other.pk)) == (0, 1)
    assert not archive.spool().entries()


# --- Of a span ---


@pytest.mark.usefixtures("each_archive", "_nothing_is_under_way")
def test_a_span_is_carried_out_twice_then_settled_and_forgotten_after_a_week(mina: User) -> None:
    now = archive.now()
    erasures.frames_erase(user_id=mina.pk, since=now - SECOND, until=now)
    late = keep(mina.pk, now)
    assert erasures.erasures_run_due() == 1
    assert not Frame.objects.filter(pk=late).exists()
    assert Erasure.objects.get().is_settled
    assert erasures.erasures_run_due() == 0  # never again
    Erasure.objects.update(requested_at=timezone.now() - 6.9 * DAY)
    erasures.erasures_run_due()
    keep_on_disk(mina.pk, now)
    assert maintenance.drain(erasures.storable).deleted == 1
    Erasure.objects.update(requested_at=timezone.now() - 7.1 * DAY)
    erasures.erasures_run_due()
    assert not Erasure.objects.exists()


@pytest.mark.usefixtures("mongodb", "_nothing_is_under_way")
def test_a_span_that_was_never_carried_out_is_not_forgotten_however_old(
    mina: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive_goes(monkeypatch)
    erasures.frames_erase(user_id=mina.pk, since=None, until=archive.now())
    Erasure.objects.update(requested_at=timezone.now() - 100 * DAY)
    erasures.erasures_run_due()
    assert erasures.pending_count() == 1


@pytest.mark.usefixtures("each_archive", "_nothing_is_under_way")
def test_a_span_takes_its_ends_and_nothing_beside_them(mina: User, other: User) -> None:
    now, beside = archive.now(), timedelta(milliseconds=1)
    since, until = now - 3 * SECOND, now - SECOND
    stays = {keep(mina.pk, since - beside), keep(mina.pk, until + beside), keep(other.pk, since)}
    for at in (since, now - 2 * SECOND, until):
        keep(mina.pk, at)
    assert erasures.frames_erase(user_id=mina.pk, since=since, until=until) == (3, True)
    assert erasures.erasures_run_due() == 1
    assert set(Frame.objects.values_list("pk", flat=True)) == stays


@pytest.mark.usefixtures("each_archive")
def test_frames_of_one_user_are_wanted_whatever_another_erased(mina: User, other: User) -> None:
    now = archive.now()
    erasures.frames_erase(user_id=other.pk, since=None, until=now)
    keep_on_disk(mina.pk, now)
    keep_on_disk(other.pk, now)
    keep_on_disk(other.pk, now + SECOND)
    [first, second, third] = archive.spool().entries()
    assert erasures.storable([first, second, third]) == {
        entry for entry in (first, second, third) if entry.user_id == mina.pk or entry is third
    }
    assert erasures.storable([]) == set()


# --- More than fits a round ---


@pytest.mark.usefixtures("each_archive")
def test_what_is_too_much_for_a_request_is_finished_in_later_rounds(
    mina: User, other: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "SLICE", 2)
    now = archive.now()
    keys = [keep(mina.pk, now - ago * SECOND) for ago in (5, 4, 3, 2, 1)]
    keep(other.pk)
    erasure = Erasure.objects.create(user_id=mina.pk, until=now)
    assert erasures.erasure_run(erasure, budget_s=0.0) == (2, False)
    assert set(Frame.objects.filter(user_id=mina.pk).values_list("pk", flat=True)) == set(keys[2:])  # the oldest went
    assert erasures.pending_count() == 1
    assert erasures.erasure_run(erasure, budget_s=0.0) == (2, False)
    assert erasures.erasures_run_due() == 1
    assert (kept(mina.pk), kept(other.pk), erasures.pending_count()) == (0, 1, 0)


@pytest.mark.usefixtures("each_archive")
def test_who_leaves_with_more_frames_than_fit_a_request_is_gone_at_once_and_the_frames_later(
    mina: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "SLICE", 2)
    user_id = mina.pk
    for _ in range(5):
        keep(user_id)
    user_erase(user_id=user_id, budget_s=0.0)
    assert not User.objects.exists()
    assert (kept(user_id), erasures.pending_count()) == (3, 1)
    assert erasures.erasures_run_due() == 1
    assert (kept(user_id), erasures.pending_count()) == (0, 0)


@pytest.mark.usefixtures("each_archive")
def test_an_erasure_is_called_by_its_user(mina: User) -> None:
    assert str(erasures.withdrawal_record(user_id=mina.pk)) == f"erasure of frames of user {mina.pk}"
