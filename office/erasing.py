"""Erasing several people at the staff's order: what goes, in numbers, and the rest of it in the background."""

import time
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Count, Sum

from accounts.models import Erasure, FaceProfile, User
from detections.models import Session
from office.models import ErasureOrder
from personal_data.erasures import REQUEST_BUDGET_S
from personal_data.models import ArchivedDay
from personal_data.withdrawal import user_erase
from reports.models import Report


@dataclass(frozen=True, slots=True)
class Losses:
    """What is erased with these people. pictures: None if they have not been counted yet."""

    people: int
    pictures: int | None
    bytes: int
    faces: int
    reports: int
    sessions: int


@dataclass(frozen=True, slots=True)
class Progress:
    """How many people still wait, and how many of those erased have pictures left."""

    waiting: int
    with_pictures: int

    @property
    def is_done(self) -> bool:
        return not (self.waiting or self.with_pictures)


def losses_of(user_ids: Collection[int]) -> Losses:
    days = ArchivedDay.objects.filter(user_id__in=user_ids)
    kept = days.aggregate(size=Sum("bytes"), pictures=Sum("frames"), rows=Count("pk"), counted=Count("frames"))
    return Losses(
        people=len(user_ids),
        pictures=max(0, kept["pictures"] or 0) if kept["rows"] == kept["counted"] else None,
        bytes=max(0, kept["size"] or 0),
        faces=FaceProfile.objects.filter(user_id__in=user_ids).count(),
        reports=Report.objects.filter(user_id__in=user_ids).count(),
        sessions=Session.objects.filter(user_id__in=user_ids).count(),
    )


def erase_order(user_ids: Collection[int]) -> UUID:
    """Order that these people be erased; until their turn comes, they cannot log in. Returns the order's batch."""
    batch = uuid4()
    with transaction.atomic():
        User.objects.filter(pk__in=user_ids).update(is_active=False)
        orders = [ErasureOrder(user_id=user_id, batch=batch) for user_id in user_ids]
        ErasureOrder.objects.bulk_create(orders, ignore_conflicts=True)
    return batch


def orders_run(budget_s: float = REQUEST_BUDGET_S) -> int:
    """Erase people whose turn it is, for about so many seconds; returns how many. The first is always erased."""
    deadline, erased = time.monotonic() + budget_s, 0
    while user_id := _next():
        user_erase(user_id=user_id, budget_s=max(0.0, deadline - time.monotonic()))
        erased += 1
        if time.monotonic() > deadline:
            break
    return erased


def progress_of(user_ids: Collection[int]) -> Progress:
    pending = Erasure.objects.filter(user_id__in=user_ids, until=None, carried_out_at=None)
    return Progress(ErasureOrder.objects.filter(user_id__in=user_ids).count(), pending.count())


def _next() -> int | None:
    return ErasureOrder.objects.order_by("ordered_at", "pk").values_list("pk", flat=True).first()
