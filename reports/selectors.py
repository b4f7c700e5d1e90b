"""Queries for a user's reports."""

from datetime import datetime

from django.db.models import QuerySet
from django.http import Http404

from accounts.models import User
from reports.models import Report
from reports.paging import MAX_ID


def reports_in(*, user: User, since: datetime | None = None, until: datetime | None = None) -> QuerySet[Report]:
    """A user's reports of sessions that started in a span, its end excluded; oldest first."""
    reports = Report.objects.filter(user=user)
    if since is not None:
        reports = reports.filter(started_at__gte=since)
    return reports if until is None else reports.filter(started_at__lt=until)


def report_of(*, user: User, report_id: int) -> Report:
    """One of the user's own reports. Raises Http404."""
    report = Report.objects.filter(user=user, pk=report_id).first() if report_id <= MAX_ID else None
    if report is None:
        raise Http404
    return report
