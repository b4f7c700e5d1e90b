"""Creating and deleting reports."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.services import user_lock
from ai_models.monitoring.session_state import Totals
from common.db.reserve import require_room
from reports.models import Report


def report_create(
    *, user: User, started_at: datetime, ended_at: datetime, key: UUID | None = None, **as_sent: Any
) -> Report:
    """A new report of a user; `as_sent` has the counts and texts, stored as the client sent them.

    key: the request's; the report that was stored under it before is returned as it is. Raises AccountDeleted, NoRoom.
    """
    require_room()
    day = timezone.localdate(started_at)
    with transaction.atomic():
        user_lock(user_id=user.pk)
        stored = Report.objects.filter(user=user, key=key).first() if key else None
        return stored or Report.objects.create(
            user=user, started_at=started_at, ended_at=ended_at, day=day, key=key, **as_sent
        )


def report_delete(*, report: Report) -> None:
    """Delete a report together with its session."""
    with transaction.atomic():
        user_lock(user_id=report.user_id)
        report.delete()


def report_of_session(*, user: User, started_at: datetime, ended_at: datetime, totals: Totals) -> Report:
    """The report of an ended session. To be called in the transaction that ends it and has locked the user."""
    report = unsaved_report(user=user, started_at=started_at, ended_at=ended_at, totals=totals)
    report.save(force_insert=True)
    return report


def unsaved_report(*, user: User, started_at: datetime, ended_at: datetime, totals: Totals) -> Report:
    """What the report of a session would be."""
    return Report(
        user=user,
        blink_cnt=totals.blinks,
        neck_cnt=totals.neck,
        stretching_cnt=totals.stretches,
        start_time=_as_text(started_at),
        end_time=_as_text(ended_at),
        study_time=_hours_and_minutes(totals.active_s),
        started_at=started_at,
        ended_at=ended_at,
        day=timezone.localdate(started_at),
        active_s=round(totals.active_s, 3),
        good_s=round(totals.good_s, 3),
        bad_s=round(totals.bad_s, 3),
        unreliable_s=round(totals.unreliable_s, 3),
        watched_s=round(totals.watched_s, 3),
        watched_blinks=totals.burst_blinks,
        rests=totals.rests,
        wrong_alarms=totals.wrong_alarms,
    )


def _as_text(moment: datetime) -> str:
    """The format of JavaScript's toISOString(), which version 1's clients send."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _hours_and_minutes(seconds: float) -> str:
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours:02}{minutes:02}"
