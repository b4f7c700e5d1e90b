"""What makes reports."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.services import user_hold
from reports.models import Report


def report_create(*, user: User, started_at: datetime, ended_at: datetime, **as_sent: Any) -> Report:
    """A new report of a user; as_sent holds the counts and texts, which come back as they are.

    Raises AccountGone.
    """
    day = timezone.localdate(started_at)
    with transaction.atomic():
        user_hold(user_id=user.pk)
        return Report.objects.create(user=user, started_at=started_at, ended_at=ended_at, day=day, **as_sent)
