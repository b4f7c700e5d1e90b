"""The report that a user's running session would have now.

Reports know no sessions: what does registers itself here.
"""

from collections.abc import Callable

from accounts.models import User
from reports.models import Report

Source = Callable[[User], Report | None]  # an unsaved report; None if nothing has been counted

_sources: list[Source] = []


def register(source: Source) -> None:
    _sources.append(source)


def running_reports(user: User) -> list[Report]:
    """The unsaved reports of what runs for a user."""
    return [report for source in _sources if (report := source(user))]
