"""Reports written directly to the database."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from detections.models import Session
from reports.models import Quarter, Report


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


def create_quarters(user: User, start: str, *of_quarters: dict[str, Any]) -> list[Quarter]:
    """Successive quarter hours of one session, from an ISO 8601 start time; each ten minutes good and five bad."""
    started_at = datetime.fromisoformat(start)
    ended_at = started_at + timedelta(minutes=15) * len(of_quarters)
    report = create_report(user, start)
    session = Session.objects.create(
        user=user, started_at=started_at, stopped_at=ended_at, received_at=ended_at, phase="stopped", report=report
    )
    usual: dict[str, Any] = {"desk_s": 900.0, "good_s": 600.0, "bad_s": 300.0, "watched_s": 120.0, "blinks": 24}
    usual |= {"closer_s": 30.0, "lower_s": 300.0, "tilted_s": 0.0, "rests": 0, "neck": 1}
    usual |= {"worst_closer": 0.4, "worst_lower": 1.5, "worst_tilted": -0.2}
    return [
        Quarter.objects.create(
            user=user, session=session, starts_at=started_at + timedelta(minutes=15) * number, **usual | columns
        )
        for number, columns in enumerate(of_quarters)
    ]
