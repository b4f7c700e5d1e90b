"""Frames that shall not be kept: remembered with the wish, carried out as soon as the archive can be reached.

A frame may turn up after its erasure: it was under way, waited on a disk, or a server got to it late. So an erasure is
carried out a second time once nothing can be under way any more, and what waits on disk is asked about here.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, Min, Q
from django.utils import timezone

from accounts.models import Erasure, User
from mongos import archive
from mongos.guard import ArchiveUnavailable
from mongos.spool import Entry

REQUEST_BUDGET_S = 5.0  # of a request; what takes longer goes on in the background
KEPT_DAYS = 7  # a machine that was down so long may still have such frames on its disk


def frames_erase(*, user_id: int, since: datetime | None, until: datetime) -> tuple[int, bool]:
    """Delete a user's frames of a span: how many went now, and whether all did. The rest is gone into later."""
    erasure = Erasure.objects.create(user_id=user_id, since=since, until=until)
    return erasure_run(erasure, budget_s=REQUEST_BUDGET_S)


def withdrawal_record(*, user_id: int) -> Erasure:
    """That a user leaves, in place of what else they wished erased; to be called with the deletion, and carried out."""
    Erasure.objects.filter(user_id=user_id).delete()
    return Erasure.objects.create(user_id=user_id)


def erasure_run(erasure: Erasure, *, budget_s: float = float("inf")) -> tuple[int, bool]:
    """How many frames were deleted, and whether none is left. An archive that is away leaves it for later."""
    try:
        deleted, is_complete = archive.delete_all(
            user_id=erasure.user_id, since=erasure.since, until=erasure.until, budget_s=budget_s
        )
    except ArchiveUnavailable:
        return 0, False
    if is_complete:
        _advance(erasure)
    return deleted, is_complete


def erasures_run_due() -> int:
    """Carry out what is remembered, as far as it is due; how many were."""
    now = timezone.now()
    settling = Q(carried_out_at__isnull=False, carried_out_at__gt=now - timedelta(seconds=settings.FRAME_UNDER_WAY_S))
    due = list(Erasure.objects.filter(is_settled=False).exclude(settling).order_by("pk"))
    Erasure.objects.filter(is_settled=True, requested_at__lt=now - timedelta(days=KEPT_DAYS)).delete()
    return sum(erasure_run(erasure)[1] for erasure in due)


def pending_count() -> int:
    """How many erasures the archive has not carried out yet."""
    return pending()[0]


def pending(*, using: str = "default") -> tuple[int, datetime | None]:
    """The same, and when the oldest of them was asked for."""
    rows = Erasure.objects.using(using).filter(carried_out_at__isnull=True)
    found = rows.aggregate(count=Count("pk"), oldest=Min("requested_at"))
    return found["count"], found["oldest"]


def storable(entries: Collection[Entry]) -> set[Entry]:
    """Of frames that waited on disk, those that may still be stored: their user is here and did not erase them."""
    user_ids = {entry.user_id for entry in entries}
    here = set(User.objects.filter(pk__in=user_ids).values_list("pk", flat=True))
    erasures = list(Erasure.objects.filter(user_id__in=user_ids))
    return {entry for entry in entries if entry.user_id in here and not any(_covers(each, entry) for each in erasures)}


def _covers(erasure: Erasure, entry: Entry) -> bool:
    if entry.user_id != erasure.user_id:
        return False
    after_start = erasure.since is None or erasure.since.timestamp() * 1000 <= entry.captured_ms
    return after_start and (erasure.until is None or entry.captured_ms <= erasure.until.timestamp() * 1000)


def _advance(erasure: Erasure) -> None:
    if erasure.carried_out_at is None:
        Erasure.objects.filter(pk=erasure.pk).update(carried_out_at=timezone.now())
    elif erasure.until is None:
        erasure.delete()  # who left comes to no harm from a frame any more: wanted() knows that they are gone
    else:
        Erasure.objects.filter(pk=erasure.pk).update(is_settled=True)
