"""The report that a user's running session would have now, and what its present quarter hour would be.

Reports know no sessions: what does registers itself here.
"""

from collections.abc import Callable

from accounts.models import User
from reports.models import Quarter, Report

ReportSource = Callable[[User], Report | None]  # an unsaved report; None if nothing has been counted
QuarterSource = Callable[[User], Quarter | None]  # likewise

_reports: list[ReportSource] = []
_quarters: list[QuarterSource] = []


def register(reports: ReportSource, quarters: QuarterSource) -> None:
    _reports.append(reports)
    _quarters.append(quarters)


def running_reports(user: User) -> list[Report]:
    """The unsaved reports of what runs for a user."""
    return [report for source in _reports if (report := source(user))]


def running_quarters(user: User) -> list[Quarter]:
    """The unsaved quarter hours of what runs for a user."""
    return [quarter for source in _quarters if (quarter := source(user))]
