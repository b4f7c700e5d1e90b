"""The day of a time in a time zone, computed by the database.

MySQL knows time zones only if their tables have been loaded, and SQLite never does; both can add seconds.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Case, DateField, Func, When
from django.db.models.sql.compiler import SQLCompiler

ONE_DAY = timedelta(days=1)
ONE_SECOND = timedelta(seconds=1)


class _ShiftedDay(Func):
    """The UTC date of a column's time plus a shift in whole seconds."""

    output_field = DateField()

    def __init__(self, column: str, shift: timedelta) -> None:
        super().__init__(column)
        self._seconds = shift // ONE_SECOND

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any) -> Any:
        # Without the fraction: DATE rounds the last half millisecond of a second up to the next second.
        template = f"DATE(SUBSTR(%(expressions)s, 1, {len('2026-11-25 09:00:00')}), '{self._seconds:+d} seconds')"
        return self.as_sql(compiler, connection, template=template)

    def as_mysql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template=f"DATE(%(expressions)s + INTERVAL {self._seconds:d} SECOND)")


def local_day(column: str, since: datetime, until: datetime, zone: ZoneInfo) -> Any:
    """An expression for the day, in a zone, of a column's times, all of which are from `since` to `until`."""
    *earlier, (last_shift, _) = shifts(since, until, zone)
    cases = [When(**{f"{column}__lt": end}, then=_ShiftedDay(column, shift)) for shift, end in earlier]
    last = _ShiftedDay(column, last_shift)
    return Case(*cases, default=last, output_field=DateField()) if cases else last


def shifts(since: datetime, until: datetime, zone: ZoneInfo) -> Iterator[tuple[timedelta, datetime]]:
    """The zone's UTC offsets from `since` to `until`, in order, each with the time at which it ends."""
    moment, shift = since, _shift(since, zone)
    while moment < until:
        following = min(moment + ONE_DAY, until)
        next_shift = _shift(following, zone)
        if next_shift != shift:
            yield shift, _first_with(next_shift, moment, following, zone)
            shift = next_shift
        moment = following
    yield shift, until


def _first_with(shift: timedelta, before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The time at which the offset changed to `shift`, to the second, found by bisection."""
    while after - before > ONE_SECOND:
        middle = before + (after - before) // ONE_SECOND // 2 * ONE_SECOND
        before, after = (before, middle) if _shift(middle, zone) == shift else (middle, after)
    return after


def _shift(moment: datetime, zone: ZoneInfo) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta()
