import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from ai_models.vision.frame import Frame as ReceivedFrame
from mongos import archive, maintenance
from mongos.models import Frame
from mongos.spool import REFUSED, WAITING

MINA, STRANGER = 1, 11
DAY_S = 86_400
DEADLINE_S = 60.0


def store(captured_at: datetime, user_id: int = MINA) -> UUID:
    frame = ReceivedFrame(b"picture", "image/jpeg", 64, 48)
    return archive.store(user_id=user_id, frame=frame, face_found=True, captured_at=captured_at)


def aged(**age: float) -> datetime:
    return archive.now() - timedelta(**age)


def expire_after(seconds_of: dict[str, Any]) -> object:
    return seconds_of["frame_age"].get("expireAfterSeconds")


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.1)


# --- In `default` ---


@pytest.mark.django_db
def test_frames_go_once_they_are_older_than_the_retention_and_not_before(settings: Any) -> None:
    settings.FRAME_RETENTION_DAYS = 3
    store(aged(days=3, seconds=1))
    store(aged(days=400), STRANGER)
    kept = {store(aged(days=2, hours=23, minutes=59)), store(aged())}
    assert maintenance.expired_count() == 2
    assert maintenance.expire() == 2
    assert set(Frame.objects.values_list("pk", flat=True)) == kept
    assert (maintenance.expired_count(), maintenance.expire()) == (0, 0)


@pytest.mark.django_db
def test_a_frame_of_just_the_age_is_kept(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.FRAME_RETENTION_DAYS = 1
    now = archive.now()
    monkeypatch.setattr(timezone, "now", lambda: now)
    store(now - timedelta(days=1))
    assert maintenance.expire() == 0
    store(now - timedelta(days=1, milliseconds=1))
    assert maintenance.expire() == 1


@pytest.mark.django_db
def test_with_a_retention_of_0_frames_are_kept_for_ever(settings: Any) -> None:
    settings.FRAME_RETENTION_DAYS = 0
    store(aged(days=10_000))
    assert (maintenance.expired_count(), maintenance.expire()) == (0, 0)
    assert Frame.objects.count() == 1


@pytest.mark.django_db
def test_more_than_a_slice_goes_oldest_first(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.FRAME_RETENTION_DAYS = 1
    monkeypatch.setattr(archive, "SLICE", 3)
    keys = [store(aged(days=2 + number)) for number in range(8)]
    slices = maintenance.delete_expired_slices()
    assert next(slices) == 3
    assert set(Frame.objects.values_list("pk", flat=True)) == set(keys[:5])
    assert list(slices) == [3, 2]
    assert Frame.objects.count() == 0


# --- On MongoDB ---


def test_mongodb_is_told_the_age_and_each_change_of_it(mongodb: Any, settings: Any) -> None:
    frames = mongodb[Frame._meta.db_table]
    for days, seconds in ((30, 30 * DAY_S), (30, 30 * DAY_S), (7, 7 * DAY_S), (0, 2**31 - 1), (1, DAY_S)):
        settings.FRAME_RETENTION_DAYS = days
        assert maintenance.expire() == 0
        assert expire_after(frames.index_information()) == seconds


def test_mongodb_deletes_what_is_too_old_by_itself_and_nothing_else(mongodb: Any, settings: Any) -> None:
    settings.FRAME_RETENTION_DAYS = 0
    maintenance.expire()
    old = [store(aged(days=2)), store(aged(days=400), STRANGER)]
    kept = {store(aged(hours=23)), store(aged(), STRANGER)}
    settings.FRAME_RETENTION_DAYS = 1
    maintenance.expire()
    wait_until(lambda: not Frame.objects.filter(pk__in=old).exists())
    assert set(Frame.objects.values_list("pk", flat=True)) == kept


def test_with_a_retention_of_0_mongodb_keeps_old_frames(mongodb: Any, settings: Any) -> None:
    settings.FRAME_RETENTION_DAYS = 0
    maintenance.expire()
    key = store(aged(days=10_000))

    def passes() -> int:
        return int(mongodb.command("serverStatus")["metrics"]["ttl"]["passes"])

    before = passes()
    wait_until(lambda: passes() >= before + 2)  # one may have been under way
    assert Frame.objects.filter(pk=key).exists()


@pytest.mark.usefixtures("each_archive")
@pytest.mark.parametrize(("days", "left"), [(30, ["new"]), (0, ["new", "old"])])
def test_frames_on_disk_go_at_the_same_age_whether_they_wait_or_were_refused(
    settings: Any, days: int, left: list[str]
) -> None:
    settings.FRAME_RETENTION_DAYS = days
    for number, age in enumerate((29, 31, 29, 31)):
        fields = {"id": UUID(int=number).hex, "user_id": MINA, "captured_at": aged(days=age), "image": b"frame"}
        assert archive.spool().put(fields, refused=number > 1)
    maintenance.expire()
    for kind, offset in ((WAITING, 0), (REFUSED, 2)):
        names = sorted("old" if entry.frame_id.int - offset else "new" for entry in archive.spool().entries(kind))
        assert names == left
