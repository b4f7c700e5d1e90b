"""ARCHIVE_MAX_MB_PER_USER: a user's oldest frames go, whatever the archive is."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.services import user_create
from ai_models.vision.frame import Frame as ReceivedFrame
from common.disk import MIB
from mongos import archive
from mongos.models import Frame
from personal_data import erasures, quota
from personal_data.models import ArchivedDay
from tests.archived import archived
from tests.conftest import PASSWORD

KB = 1000
DAY = timedelta(days=1)


@pytest.fixture
def mina(db: None) -> User:
    return user_create(username="mina", password=PASSWORD)


@pytest.fixture(autouse=True)
def _quota_of_one_mib(settings: Any) -> None:
    settings.ARCHIVE_MAX_MB_PER_USER = 1


def store(user: User, size: int, captured_at: datetime | None = None) -> datetime:
    at = captured_at or archive.now()
    archived(user_id=user.pk, frame=ReceivedFrame(bytes(size), "image/jpeg", 640, 480), captured_at=at)
    return at


def kept(user: User) -> list[datetime]:
    return [frame.captured_at for frame in reversed(archive.newest(user_id=user.pk, limit=1000))]


@pytest.mark.usefixtures("each_archive")
def test_oldest_frames_go_and_the_newest_stay(mina: User) -> None:
    other = user_create(username="other", password=PASSWORD)
    start = archive.now() - DAY
    times = [store(mina, 100 * KB, start + n * timedelta(seconds=1)) for n in range(15)]
    store(other, 900 * KB, start)
    assert quota.settle() == 5
    assert kept(mina) == times[5:]
    assert kept(other) == [start]
    assert quota.bytes_of(mina.pk) == 1000 * KB
    assert quota.settle() == 0


@pytest.mark.usefixtures("each_archive")
def test_frames_from_before_there_were_totals_count(mina: User) -> None:
    times = [store(mina, 600 * KB, archive.now() - n * DAY) for n in (3, 2)]
    archive.tally.take()  # lost: stored by an earlier release
    times.append(store(mina, 1))
    quota.settle()
    assert kept(mina) == times[1:]


def test_deleted_frames_no_longer_count(mina: User) -> None:
    at = archive.now() - DAY
    store(mina, 600 * KB, at)
    quota.settle()
    erasures.frames_erase(user_id=mina.pk, since=None, until=at)
    frame_id = archived(user_id=mina.pk, frame=ReceivedFrame(bytes(300 * KB), "image/jpeg", 640, 480))
    assert archive.delete_one(user_id=mina.pk, frame_id=frame_id)
    store(mina, 900 * KB)
    assert quota.settle() == 0
    assert quota.bytes_of(mina.pk) == 900 * KB


def test_expired_days_no_longer_count(mina: User, settings: Any) -> None:
    settings.FRAME_RETENTION_DAYS = 2
    ArchivedDay.objects.create(user=mina, day=(archive.now() - 4 * DAY).date(), bytes=MIB, frames=1)
    store(mina, 900 * KB)
    assert quota.settle() == 0
    assert ArchivedDay.objects.get().bytes == 900 * KB


def test_frames_are_counted_beside_their_bytes(mina: User) -> None:
    times = [store(mina, KB) for _ in range(3)]
    quota.settle()
    assert ArchivedDay.objects.get().frames == 3
    erasures.frames_erase(user_id=mina.pk, since=None, until=times[0])
    store(mina, KB)
    quota.settle()
    assert ArchivedDay.objects.get().frames == Frame.objects.count()


def test_days_from_before_frames_were_counted_are_counted_anew(mina: User) -> None:
    store(mina, KB)
    quota.settle()
    ArchivedDay.objects.update(frames=None)
    store(mina, KB)
    quota.settle()
    assert (ArchivedDay.objects.get().frames, ArchivedDay.objects.get().bytes) == (2, 2 * KB)


def test_repeated_frame_counts_once(mina: User) -> None:
    frame, at = ReceivedFrame(bytes(KB), "image/jpeg", 64, 48), archive.now()
    key = archived(user_id=mina.pk, frame=frame, captured_at=at)
    archived(user_id=mina.pk, frame=frame, captured_at=at, frame_id=key)
    quota.settle()
    assert quota.bytes_of(mina.pk) == KB


def test_wrong_total_is_counted_anew(mina: User) -> None:
    ArchivedDay.objects.create(user=mina, day=archive.now().date(), bytes=5 * MIB, frames=5)
    store(mina, KB)
    Frame.objects.all().delete()
    quota.settle()
    assert quota.bytes_of(mina.pk) == 0


@pytest.mark.parametrize("mb", [0, 10])
def test_no_frame_goes_within_the_quota_or_without_one(mina: User, settings: Any, mb: int) -> None:
    settings.ARCHIVE_MAX_MB_PER_USER = mb
    for _ in range(3):
        store(mina, 900 * KB)
    assert quota.settle() == 0
    assert len(kept(mina)) == 3


def test_user_who_has_gone_leaves_no_total(mina: User) -> None:
    store(mina, KB)
    User.objects.all().delete()
    assert quota.settle() == 0
    assert not ArchivedDay.objects.exists()


def test_cost_does_not_grow_with_history(mina: User) -> None:
    queries = []
    for _ in range(3):
        for n in range(50):
            store(mina, 10, archive.now() - timedelta(minutes=n))
        with CaptureQueriesContext(connection) as captured:
            quota.settle()
        queries.append(len(captured))
    assert queries[1] == queries[2]


def test_storing_a_frame_asks_no_total(mina: User) -> None:
    store(mina, KB)
    with CaptureQueriesContext(connection) as captured:
        store(mina, KB)
    assert not [query for query in captured if "archivedday" in query["sql"]]
