"""Frames put into the archive, with defaults for what a test does not care about."""

from datetime import datetime
from uuid import UUID, uuid4

from ai_models.vision.frame import Frame
from mongos import archive


def archived(
    *,
    user_id: int,
    frame: Frame,
    face_found: bool = True,
    captured_at: datetime | None = None,
    frame_id: UUID | None = None,
    session_id: UUID | None = None,
) -> UUID:
    """The key of a frame that was stored now, unless told otherwise."""
    key = frame_id or uuid4()
    archive.store(
        user_id=user_id,
        frame=frame,
        face_found=face_found,
        captured_at=captured_at or archive.now(),
        frame_id=key,
        session_id=session_id,
    )
    return key
