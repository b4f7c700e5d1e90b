from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from ai_models.vision.frame import Frame as ReceivedFrame
from mongos import archive
from mongos.listing import FrameSummary
from personal_data.frame_pages import Cursor, page
from tests.archived import archived

MINA, STRANGER = 1, 11
START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
MS = timedelta(milliseconds=1)
TIED = [0, 0, 0, 0, 1, 2, 2, 3, 1000, 1000]  # milliseconds after the start


def store(at_ms: int, user_id: int = MINA, *, face_found: bool = True) -> UUID:
    frame = ReceivedFrame(b"picture", "image/jpeg", 64, 48)
    return archived(user_id=user_id, frame=frame, face_found=face_found, captured_at=START + at_ms * MS)


def all_pages(page_size: int, **filters: Any) -> list[list[FrameSummary]]:
    """Every page; each cursor is converted to text and back, as in a URL."""
    frames, cursor = page(user_id=MINA, page_size=page_size, **filters)
    pages = [frames]
    while cursor:
        assert len(pages) <= 2 * len(TIED), "the pages never end"
        frames, cursor = page(user_id=MINA, page_size=page_size, cursor=Cursor.from_text(str(cursor)), **filters)
        pages.append(frames)
    return pages


@pytest.mark.usefixtures("each_archive")
def test_pages_hold_every_frame_once_newest_first() -> None:
    mine = {store(at_ms): at_ms for at_ms in TIED}
    for at_ms in TIED:
        store(at_ms, STRANGER)
    in_order = [frame.id for frame in archive.newest(user_id=MINA, limit=100)]
    assert [mine[key] for key in in_order] == sorted(TIED, reverse=True)
    for page_size in range(1, len(TIED) + 2):
        pages = all_pages(page_size)
        assert [frame.id for frames in pages for frame in frames] == in_order
        assert {len(frames) for frames in pages[:-1]} <= {page_size}
        assert pages[-1], "no page is empty"


@pytest.mark.usefixtures("each_archive")
@pytest.mark.parametrize("page_size", [1, 2, 3, 20])
def test_filters_apply_to_every_page(page_size: int) -> None:
    for number, at_ms in enumerate(TIED):
        store(at_ms, face_found=number % 2 == 0)
    frames = [frame for frames in all_pages(page_size, since=START + MS, face_found=True) for frame in frames]
    assert [(frame.captured_at - START) // MS for frame in frames] == [1000, 2, 1]
    assert all(frame.face_found for frame in frames)
    until = [frame for frames in all_pages(page_size, until=START + 2 * MS) for frame in frames]
    assert [(frame.captured_at - START) // MS for frame in until] == [2, 2, 1, 0, 0, 0, 0]


@pytest.mark.usefixtures("each_archive")
def test_new_frame_does_not_shift_later_pages() -> None:
    keys = [store(at_ms) for at_ms in range(4)]
    frames, cursor = page(user_id=MINA, page_size=2)
    store(5000)
    rest, last = page(user_id=MINA, page_size=2, cursor=cursor)
    assert [frame.id for frame in frames + rest] == keys[::-1]
    assert last is None


@pytest.mark.usefixtures("each_archive")
def test_user_without_frames_gets_an_empty_page() -> None:
    store(0, STRANGER)
    assert page(user_id=MINA, page_size=5) == ([], None)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        "1",
        "1-",
        "-1",
        "-1-1",
        "1--1",
        "1-1-1",
        "a-b",
        "1-a",
        " 1-1",
        "1-1\n",
        "1.5-1",
        "1e3-1",
        "٣-٣",
        "999999999999999-0",
        "253402300800000-0",
        "1" * 16 + "-1",
        "1-" + "1" * 6,
        "9" * 1000 + "-1",
        "1-1;drop",
        "\x00",
    ],
)
def test_invalid_cursor_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^"):
        Cursor.from_text(text)


def test_cursor_survives_a_round_trip_through_text() -> None:
    cursor = Cursor.from_text("1795424400123-7")
    assert cursor == Cursor(1_795_424_400_123, 7)
    assert str(cursor) == "1795424400123-7"
    assert cursor.captured_at == START + 123 * MS


@pytest.mark.usefixtures("each_archive")
@pytest.mark.parametrize("text", ["0-0", "253402300799999-99999", "1795424400000-99999"])
def test_forged_cursor_gives_an_empty_page(text: str) -> None:
    store(0)
    frames, cursor = page(user_id=MINA, page_size=5, cursor=Cursor.from_text(text))
    assert (len(frames), cursor) == (0, None)
