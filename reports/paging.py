"""Pages of a user's reports, which neither repeat nor miss one while others are added or deleted."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Q, QuerySet

from reports.models import Report

CURSOR = re.compile(r"(-?[0-9]{1,18})-([0-9]{1,19})")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EARLIEST = EPOCH - timedelta(days=2)  # the earliest time that a report can have, in any time zone
MAX_ID = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Cursor:
    """The report after which a page starts: when its session started, and its primary key."""

    started_at: datetime
    pk: int

    @classmethod
    def from_text(cls, text: str) -> "Cursor":
        """The cursor as a client sent it. Raises ValueError."""
        match = CURSOR.fullmatch(text)
        if match is None:
            raise ValueError(text)
        try:
            cursor = cls(EPOCH + timedelta(microseconds=int(match[1])), int(match[2]))
        except OverflowError as error:
            raise ValueError(text) from error
        if cursor.started_at < EARLIEST or cursor.pk > MAX_ID:
            raise ValueError(text)
        return cursor

    @classmethod
    def of(cls, report: Report) -> "Cursor":
        return cls(report.started_at, report.pk)

    def __str__(self) -> str:
        return f"{(self.started_at - EPOCH) // timedelta(microseconds=1)}-{self.pk}"


def page_after(reports: QuerySet[Report], cursor: Cursor | None, size: int) -> tuple[list[Report], Cursor | None]:
    """A page of reports after the cursor, in their order, and the cursor of the next page, if any."""
    if cursor:
        # `started_at__gte` uses the index; `after` leaves out those of the same time up to the cursor.
        after = Q(started_at__gt=cursor.started_at) | Q(pk__gt=cursor.pk)
        reports = reports.filter(after, started_at__gte=cursor.started_at)
    page = list(reports[: size + 1])
    return (page, None) if len(page) <= size else (page[:-1], Cursor.of(page[-2]))
