"""Lists of frames, read from the index alone: no image is read, however many there are."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import connections

from mongos.guard import ARCHIVE_ALIAS, is_remote
from mongos.models import Frame

EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class FrameSummary:
    """A frame as lists show it; size in bytes."""

    id: UUID
    captured_at: datetime
    size: int
    face_found: bool
    content_type: str


COLUMNS = ("id", "captured_at", "size", "face_found", "content_type")


def list_frames(
    *,
    user_id: int,
    since: datetime | None = None,
    until: datetime | None = None,
    face_found: bool | None = None,
    is_newest_first: bool = True,
    skip: int = 0,
    limit: int,
) -> list[FrameSummary]:
    """A user's frames captured in a span, both ends included. To be called inside archive_guard()."""
    span = (since or EARLIEST, until or LATEST)
    if is_remote():
        return [_summary(document) for document in _find(user_id, span, face_found, is_newest_first, skip, limit)]
    order = ("-captured_at", "-id") if is_newest_first else ("captured_at", "id")
    frames = Frame.objects.filter(user_id=user_id, captured_at__range=span).order_by(*order)
    if face_found is not None:
        frames = frames.filter(face_found=face_found)
    return [FrameSummary(*row) for row in frames.values_list(*COLUMNS)[skip : skip + limit]]


def _find(
    user_id: int,
    span: tuple[datetime, datetime],
    face_found: bool | None,
    is_newest_first: bool,
    skip: int,
    limit: int,
) -> Any:
    # Not by the ORM: its query projects before it sorts, so MongoDB would visit all of the user's frames, although
    # the index has them in order.
    query: dict[str, Any] = {"user_id": user_id, "captured_at": {"$gte": span[0], "$lte": span[1]}}
    if face_found is not None:
        query["face_found"] = face_found
    direction = -1 if is_newest_first else 1
    frames = connections[ARCHIVE_ALIAS].get_collection(Frame._meta.db_table)  # type: ignore[attr-defined]
    fields = {"_id" if name == "id" else name: True for name in COLUMNS}
    return frames.find(query, fields, sort=[("captured_at", direction), ("_id", direction)], skip=skip, limit=limit)


def _summary(document: dict[str, Any]) -> FrameSummary:
    fields = {**document, "captured_at": document["captured_at"].replace(tzinfo=UTC)}
    return FrameSummary(UUID(fields.pop("_id")), **fields)
