from datetime import timedelta
from uuid import UUID

import pytest

from ai_models.frame import read_frame
from mongos import archive
from mongos.models import Frame
from tests import pictures

PNG = pictures.png(pictures.small())
JPEG = pictures.jpeg(pictures.small())
MINA, STRANGER, NOBODY = 1, 2, 3

pytestmark = pytest.mark.usefixtures("each_archive")


@pytest.mark.parametrize(
    ("data", "content_type", "face_found"), [(PNG, "image/png", True), (JPEG, "image/jpeg", False)]
)
def test_frame_is_kept_as_it_was_received(data: bytes, content_type: str, face_found: bool) -> None:
    before = archive.now()
    key = archive.store(user_id=MINA, frame=read_frame(data), face_found=face_found)
    assert isinstance(key, UUID)
    kept = Frame.objects.get(pk=key)
    assert (kept.user_id, bytes(kept.image), kept.content_type, kept.face_found, kept.session_id) == (
        MINA,
        data,
        content_type,
        face_found,
        None,
    )
    assert before <= kept.captured_at <= before + timedelta(minutes=1)


def test_the_same_frame_twice_is_kept_twice() -> None:
    keys = {archive.store(user_id=MINA, frame=read_frame(PNG), face_found=True) for _ in range(2)}
    assert len(keys) == 2
    assert archive.count_by_user([MINA]) == {MINA: 2}


def test_frames_are_counted_by_user_and_who_has_none_is_left_out() -> None:
    for user_id in (MINA, MINA, STRANGER):
        archive.store(user_id=user_id, frame=read_frame(PNG), face_found=True)
    assert archive.count_by_user([MINA, STRANGER, NOBODY]) == {MINA: 2, STRANGER: 1}
    assert archive.count_by_user(iter([STRANGER])) == {STRANGER: 1}
    assert archive.count_by_user([NOBODY]) == {}
    assert archive.count_by_user([]) == {}


def test_deleting_takes_every_frame_of_a_user_and_nobody_elses() -> None:
    for user_id in (MINA, MINA, STRANGER):
        archive.store(user_id=user_id, frame=read_frame(PNG), face_found=True)
    assert archive.delete_all(user_id=MINA) == (2, True)
    assert archive.count_by_user([MINA, STRANGER]) == {STRANGER: 1}


def test_deleting_the_frames_of_a_user_without_any_is_no_error() -> None:
    assert archive.delete_all(user_id=NOBODY) == (0, True)


def test_frame_is_called_by_its_key_and_shows_nothing_of_the_picture() -> None:
    key = archive.store(user_id=MINA, frame=read_frame(PNG), face_found=True)
    assert str(Frame.objects.get(pk=key)) == f"frame {key}"
