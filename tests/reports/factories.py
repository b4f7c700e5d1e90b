"""Reports of sessions, put straight into the database."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from reports.models import Report


def report(user: User, began: str, **columns: Any) -> Report:
    """A session's report of an hour, half of it in good posture, that began at an ISO 8601 moment."""
    started_at = datetime.fromisoformat(began)
    ended_at = started_at + timedelta(hours=1)
    measured = {"active_s": 3600.0, "good_s": 1800.0, "bad_s": 1800.0, "unreliable_s": 0.0}
    measured |= {"watched_s": 60.0, "watched_blinks": 15, "rests": 1}
    counts = {"blink_cnt": 20, "neck_cnt": 2, "stretching_cnt": 1}
    texts = {"start_time": began, "end_time": ended_at.isoformat(), "study_time": "0100"}
    day = timezone.localdate(started_at)
    facts = measured | counts | texts | columns
    return Report.objects.create(user=user, started_at=started_at, ended_at=ended_at, day=day, **facts)


def bare_report(user: User, began: str, **columns: Any) -> Report:
    """One that a version-1 client counted by itself."""
    nothing = dict.fromkeys(["active_s", "good_s", "bad_s", "unreliable_s", "watched_s", "watched_blinks", "rests"])
    return report(user, began, **nothing | columns)
