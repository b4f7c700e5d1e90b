"""Reports written directly to the database."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from reports.models import Report


def create_report(user: User, start: str, **columns: Any) -> Report:
    """A session's report of one hour, half of it in good posture, from an ISO 8601 start time."""
    started_at = datetime.fromisoformat(start)
    ended_at = started_at + timedelta(hours=1)
    measured = {"active_s": 3600.0, "good_s": 1800.0, "bad_s": 1800.0, "unreliable_s": 0.0}
    measured |= {"watched_s": 60.0, "watched_blinks": 15, "rests": 1}
    counts = {"blink_cnt": 20, "neck_cnt": 2, "stretching_cnt": 1}
    texts = {"start_time": start, "end_time": ended_at.isoformat(), "study_time": "0100"}
    day = timezone.localdate(started_at)
    fields = measured | counts | texts | columns
    return Report.objects.create(user=user, started_at=started_at, ended_at=ended_at, day=day, **fields)


def create_bare_report(user: User, start: str, **columns: Any) -> Report:
    """A report as a version 1 client sends it: no measurements of a session."""
    unmeasured = dict.fromkeys(["active_s", "good_s", "bad_s", "unreliable_s", "watched_s", "watched_blinks", "rests"])
    return create_report(user, start, **unmeasured | columns)
