from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from ai_models.vision.frame import read_frame
from mongos import archive, guard
from mongos.listing import FrameSummary
from mongos.models import Frame
from mongos.spool import REFUSED
from tests import pictures
from tests.archived import archived

PNG = pictures.png(pictures.small())
JPEG = pictures.jpeg(pictures.small())
MINA, STRANGER, NOBODY = 1, 2, 3
START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("each_archive")


@pytest.mark.parametrize(
    ("data", "content_type", "face_found"), [(PNG, "image/png", True), (JPEG, "image/jpeg", False)]
)
def test_frame_is_stored_as_received(data: bytes, content_type: str, face_found: bool) -> None:
    before = archive.now()
    key = archived(user_id=MINA, frame=read_frame(data), face_found=face_found)
    assert isinstance(key, UUID)
    stored = Frame.objects.get(pk=key)
    assert (stored.user_id, bytes(stored.image), stored.content_type, stored.face_found, stored.session_id) == (
        MINA,
        data,
        content_type,
        face_found,
        None,
    )
    assert before <= stored.captured_at <= before + timedelta(minutes=1)


def test_same_frame_twice_is_stored_twice() -> None:
    keys = {archived(user_id=MINA, frame=read_frame(PNG), face_found=True) for _ in range(2)}
    assert len(keys) == 2
    assert archive.count(user_id=MINA) == 2


def test_delete_all_deletes_only_the_users_frames() -> None:
    for user_id in (MINA, MINA, STRANGER):
        archived(user_id=user_id, frame=read_frame(PNG), face_found=True)
    assert archive.delete_all(user_id=MINA) == (2, True)
    assert (archive.count(user_id=MINA), archive.count(user_id=STRANGER)) == (0, 1)


def test_delete_all_without_frames_is_no_error() -> None:
    assert archive.delete_all(user_id=NOBODY) == (0, True)


def test_frame_text_contains_only_its_key() -> None:
    key = archived(user_id=MINA, frame=read_frame(PNG), face_found=True)
    assert str(Frame.objects.get(pk=key)) == f"frame {key}"


def store(user_id: int = MINA, **options: Any) -> UUID:
    return archived(user_id=user_id, frame=read_frame(PNG), face_found=True, **options)


def at(second: int) -> datetime:
    return START + timedelta(seconds=second)


def test_repeated_key_keeps_the_first_frame() -> None:
    key = uuid4()
    assert store(frame_id=key, captured_at=START) == key
    assert store(frame_id=key, captured_at=at(5)) == key
    assert [frame.captured_at for frame in archive.newest(user_id=MINA, limit=5)] == [START]
    assert archive.spool().state().refused == 0


def test_key_of_another_user_is_refused() -> None:
    key = store(captured_at=START)
    archived(user_id=STRANGER, frame=read_frame(JPEG), face_found=False, frame_id=key)
    stored = Frame.objects.get(pk=key)
    assert (stored.user_id, bytes(stored.image)) == (MINA, PNG)
    assert archive.count(user_id=STRANGER) == 0
    assert [entry.user_id for entry in archive.spool().entries(REFUSED)] == [STRANGER]
    assert not guard.breaker.is_open


def test_summary_has_everything_but_the_picture() -> None:
    key = store(captured_at=START + timedelta(milliseconds=7))
    [summary] = archive.newest(user_id=MINA, limit=5)
    assert summary == FrameSummary(
        id=key,
        captured_at=START + timedelta(milliseconds=7),
        size=len(PNG),
        face_found=True,
        content_type="image/png",
    )


def test_list_has_the_users_frames_of_a_span() -> None:
    keys = [store(captured_at=at(second)) for second in range(5)]
    store(STRANGER, captured_at=at(2))
    listed = archive.newest(user_id=MINA, since=at(1), until=at(3), limit=10)
    assert [frame.id for frame in listed] == keys[3:0:-1]
    assert [frame.id for frame in archive.newest(user_id=MINA, skip=1, limit=2)] == [keys[3], keys[2]]


def test_read_returns_only_the_users_frames() -> None:
    key = store()
    frame = archive.read(user_id=MINA, frame_id=key)
    assert frame is not None
    assert bytes(frame.image) == PNG
    assert archive.read(user_id=STRANGER, frame_id=key) is None
    assert archive.read(user_id=MINA, frame_id=uuid4()) is None


def test_delete_one_deletes_only_the_users_frames() -> None:
    key, other = store(), store()
    assert not archive.delete_one(user_id=STRANGER, frame_id=key)
    assert archive.delete_one(user_id=MINA, frame_id=key)
    assert not archive.delete_one(user_id=MINA, frame_id=key)
    assert [frame.id for frame in archive.newest(user_id=MINA, limit=5)] == [other]


def test_deleted_span_includes_exactly_its_ends() -> None:
    keys = [store(captured_at=at(second)) for second in range(5)]
    store(STRANGER, captured_at=at(2))
    assert archive.delete_all(user_id=MINA, since=at(1), until=at(3)) == (3, True)
    assert [frame.id for frame in archive.newest(user_id=MINA, limit=5)] == [keys[4], keys[0]]
    assert archive.count(user_id=STRANGER) == 1


def test_deletion_stops_when_its_time_is_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "SLICE", 2)
    keys = [store(captured_at=at(second)) for second in range(5)]
    assert archive.delete_all(user_id=MINA, budget_s=-1) == (2, False)
    assert [frame.id for frame in archive.newest(user_id=MINA, limit=5)] == keys[:1:-1]
    assert archive.delete_all(user_id=MINA) == (3, True)
    assert archive.count(user_id=MINA) == 0


def test_count_until_a_moment_includes_it() -> None:
    for second in range(3):
        store(captured_at=at(second))
    store(STRANGER, captured_at=at(0))
    assert archive.count(user_id=MINA, until=at(1)) == 2
    assert archive.count(user_id=MINA) == 3
    assert archive.count(user_id=NOBODY) == 0


def test_user_ids_are_listed_once() -> None:
    for user_id in (STRANGER, MINA, MINA):
        store(user_id)
    assert sorted(archive.user_ids()) == [MINA, STRANGER]
