"""The frame archive: the only door to the stored frames."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Count

from ai_models.frame import Frame as ReceivedFrame
from mongos.models import Frame


def store(*, user_id: int, frame: ReceivedFrame, face_found: bool) -> UUID:
    """Keep a frame, its bytes as they were received; the key it is kept under comes back."""
    kept = Frame(user_id=user_id, content_type=frame.content_type, image=frame.data, face_found=face_found)
    kept.save(force_insert=True)
    return kept.id


def count_by_user(user_ids: Iterable[int]) -> dict[int, int]:
    """How many frames each of these users has; who has none is left out."""
    rows = Frame.objects.filter(user_id__in=list(user_ids)).values("user_id").annotate(count=Count("pk"))
    return {row["user_id"]: row["count"] for row in rows.order_by()}


def delete_all(*, user_id: int) -> int:
    """Delete every frame of a user; their number comes back."""
    return Frame.objects.filter(user_id=user_id).delete()[0]
