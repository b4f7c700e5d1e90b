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
from tests.archived import archived

MINA, STRANGER = 1, 11
DAY_S = 86_400
DEADLINE_S = 120.0


def store(captured_at: datetime, user_id: int = MINA) -> UUID:
    frame = ReceivedFrame(b"picture", "image/jpeg", 64, 48)
    return archived(user_id=user_id, frame=frame, face_found=True, captured_at=captured_at)


def time_ago(**age: float) -> datetime:
    return archive.now() - timedelta(**age)


def expire_after(indexes: dict[str, Any]) -> object:
    return indexes["frame_age"].get("expireAfterSeconds")


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


# --- In `default` ---


@pytest.mark.django_db
def test_only_frames_beyond_the_retention_are_deleted(settings: Any) -> None:
    settings.FRAME_RETENTION_DAYS = 3
    store(time_ago(days=3, seconds=1))
    store(time_ago(days=400), STRANGER)
    recent = {store(time_ago(days=2, hours=23, minutes=59)), store(time_ago())}
    assert maintenance.expired_count() == 2
    assert maintenance.expire() == 2
    assert set(Frame.objects.values_list("pk", flat=True)) == recent
    assert (maintenance.expired_count(), maintenance.expire()) == (0, 0)


@pytest.mark.django_db
def test_frame_of_exactly_the_retention_stays(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.FRAME_RETENTION_DAYS = 1
    now = archive.now()
    monkeypatch.setattr(timezone, "now", lambda: now)
    store(now - timedelta(days=1))
    assert maintenance.expire() == 0
    store(now - timedelta(days=1, milliseconds=1))
    assert maintenance.expire() == 1


@pytest.mark.django_db
def test_retention_0_keeps_frames_for_ever(settings: Any) -> None:
    settings.FRAME_RETENTION_DAYS = 0
    store(time_ago(days=10_000))
    assert (maintenance.expired_count(), maintenance.expire()) == (0, 0)
    assert Frame.objects.count() == 1


@pytest.mark.django_db
def test_slices_are_deleted_oldest_first(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.FRAME_RETENTION_DAYS = 1
    monkeypatch.setattr(archive, "SLICE", 3)
    keys = [store(time_ago(days=2 + number)) for number in range(8)]
    slices = maintenance.delete_expired_slices()
    assert next(slices) == 3
    assert set(Frame.objects.values_list("pk", flat=True)) == set(keys[:5])
    assert list(slices) == [3, 2]
    assert Frame.objects.count() == 0


# --- On MongoDB ---


def test_mongodbs_expiry_age_follows_the_setting(mongodb: Any, settings: Any) -> None:
    frames = mongodb[Frame._meta.db_table]
    for days, seconds in ((30, 30 * DAY_S), (30, 30 * DAY_S), (7, 7 * DAY_S), (0, 2**31 - 1), (1, DAY_S)):
        settings.FRAME_RETENTION_DAYS = days
        assert maintenance.expire() == 0
        assert expire_after(frames.index_information()) == seconds


def test_mongodb_deletes_only_expired_frames(mongodb: Any, settings: Any) -> None:
    settings.FRAME_RETENTION_DAYS = 0
    maintenance.expire()
    old = [store(time_ago(days=2)), store(time_ago(days=400), STRANGER)]
    recent = {store(time_ago(hours=23)), store(time_ago(), STRANGER)}
    settings.FRAME_RETENTION_DAYS = 1
    maintenance.expire()
    wait_until(lambda: not Frame.objects.filter(pk__in=old).exists())
    assert set(Frame.objects.values_list("pk", flat=True)) == recent


def test_retention_0_keeps_frames_in_mongodb(mongodb: Any, settings: Any) -> None:
    settings.FRAME_RETENTION_DAYS = 0
    maintenance.expire()
    key = store(time_ago(days=10_000))

    def passes() -> int:
        return int(mongodb.command("serverStatus")["metrics"]["ttl"]["passes"])

    before = passes()
    wait_until(lambda: passes() >= before + 2)  # one may already have been running
    assert Frame.objects.filter(pk=key).exists()


@pytest.mark.usefixtures("each_archive")
@pytest.mark.parametrize(("days", "left"), [(30, ["new"]), (0, ["new", "old"])])
def test_spooled_frames_expire_at_the_same_age(settings: Any, days: int, left: list[str]) -> None:
    settings.FRAME_RETENTION_DAYS = days
    for number, age in enumerate((29, 31, 29, 31)):
        fields = {"id": UUID(int=number).hex, "user_id": MINA, "captured_at": time_ago(days=age), "image": b"frame"}
        assert archive.spool().put(fields, refused=number > 1)
    maintenance.expire()
    for kind, offset in ((WAITING, 0), (REFUSED, 2)):
        names = sorted("old" if entry.frame_id.int - offset else "new" for entry in archive.spool().entries(kind))
        assert names == left
