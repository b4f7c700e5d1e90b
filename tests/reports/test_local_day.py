"""The database computes the same local day as Python's zoneinfo, at any moment and in any zone."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from reports.local_day import local_day, shifts
from reports.models import Report
from tests.conftest import ApiClient
from tests.reports.factories import create_report

ZONES = sorted(zone for zone in available_timezones() if "/" in zone)
SPAN = timedelta(days=400)
BERLIN = ZoneInfo("Europe/Berlin")

moments = st.datetimes(datetime(1971, 1, 1), datetime(2037, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(zone=st.sampled_from(ZONES), first=moments, after=st.timedeltas(timedelta(), SPAN))
@example("Asia/Seoul", datetime(2026, 11, 24, tzinfo=UTC), timedelta(hours=14, minutes=59, seconds=59.999999))
@example("America/St_Johns", datetime(2010, 11, 1, tzinfo=UTC), timedelta(days=6, hours=2, minutes=31))
def test_database_computes_local_days(owner: ApiClient, zone: str, first: datetime, after: timedelta) -> None:
    since = first.replace(microsecond=0)
    stored = create_report(owner.user, (since + after).isoformat())
    reports = Report.objects.annotate(local=local_day("started_at", since, since + SPAN, ZoneInfo(zone)))
    assert reports.get(pk=stored.pk).local == stored.started_at.astimezone(ZoneInfo(zone)).date()


@pytest.mark.parametrize(
    ("zone", "changes"),
    [
        ("Asia/Seoul", [(9, None)]),
        ("Europe/Berlin", [(1, "2026-03-29T01:00Z"), (2, "2026-10-25T01:00Z"), (1, None)]),
        ("America/New_York", [(-5, "2026-03-08T07:00Z"), (-4, "2026-11-01T06:00Z"), (-5, None)]),
    ],
)
def test_shifts_follow_the_clock_changes(zone: str, changes: list[tuple[int, str | None]]) -> None:
    since, until = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
    result = list(shifts(since, until, ZoneInfo(zone)))
    assert result == [(timedelta(hours=hours), datetime.fromisoformat(end) if end else until) for hours, end in changes]


def test_empty_span_has_one_shift() -> None:
    moment = datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert list(shifts(moment, moment, BERLIN)) == [(timedelta(hours=2), moment)]


def test_change_at_the_end_is_outside_the_span(owner: ApiClient) -> None:
    until = datetime(2026, 3, 29, 1, tzinfo=UTC)
    create_report(owner.user, "2026-03-28T22:59:59Z")
    (stored,) = Report.objects.annotate(local=local_day("started_at", until - SPAN, until, BERLIN))
    assert stored.local == date(2026, 3, 28)
