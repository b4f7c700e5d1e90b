"""office.history: samples and days, written by housekeeping."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from common.db.breaker import Breaker
from common.telemetry import metrics
from mongos import guard
from office import history
from office.models import Day, Sample
from posesmart.housekeeping import Housekeeping
from reports.models import Report
from tests.office.conftest import DAY, person, run_session, store

NOON = datetime(2026, 11, 30, 12, 3, tzinfo=UTC)


def report(user: User, started_at: datetime, *, active_s: float = 3600.0, wrong: int = 1) -> Report:
    text = started_at.isoformat()
    return Report.objects.create(
        user=user,
        blink_cnt=0,
        neck_cnt=0,
        stretching_cnt=0,
        start_time=text,
        end_time=text,
        started_at=started_at,
        ended_at=started_at,
        day=started_at.astimezone(timezone.get_default_timezone()).date(),
        active_s=active_s,
        wrong_alarms=wrong,
    )


def test_sample_has_what_the_workers_counted(mina: User) -> None:
    metrics.frames_refused.inc()
    run_session(mina)
    store(mina, 1000, 2)
    assert history.sample_take()
    sample = Sample.objects.get()
    assert sample.frames >= sample.unusable >= 1
    assert (sample.watching, sample.stored_bytes, sample.stored_frames) == (1, 1000, 2)


def test_silent_session_is_not_watched(mina: User) -> None:
    run_session(mina, silent_for=timedelta(minutes=11))
    history.sample_take()
    assert Sample.objects.get().watching == 0


@pytest.mark.usefixtures("db")
def test_slot_has_one_sample() -> None:
    assert history.sample_take(NOON)
    assert not history.sample_take(NOON + timedelta(minutes=1, seconds=59))
    assert history.sample_take(NOON + timedelta(minutes=2))
    assert [sample.at.minute for sample in Sample.objects.order_by("at")] == [0, 5]


def test_sample_is_taken_while_the_archive_is_down(mongodb: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "breaker", Breaker(3600.0))
    guard.breaker.failed()
    assert history.sample_take()
    assert Sample.objects.get().free_bytes is None


def test_mongodb_tells_its_free_space(mongodb: Any) -> None:
    assert history.sample_take()
    assert (Sample.objects.get().free_bytes or 0) > 0


@pytest.mark.usefixtures("db")
def test_old_samples_are_thinned_to_the_hour_and_then_deleted() -> None:
    for days, minute in ((0, 5), (1, 5), (3, 0), (3, 5), (29, 0)):
        history.sample_take(NOON.replace(minute=minute) - days * DAY)
    assert history.samples_thin(NOON) == 2
    assert [(NOON - sample.at).days for sample in Sample.objects.order_by("-at")] == [-1, 0, 3]


def test_missing_days_are_added_up_from_reports(mina: User) -> None:
    other = person("other")
    for user, days in ((mina, 0), (mina, 0), (other, 0), (mina, 3), (mina, 40)):
        report(user, NOON - days * DAY)
    assert history.days_fill(NOON) == history.DAYS_SHOWN
    assert Day.objects.values_list("people", "desk_s", "wrong_alarms").get(day=date(2026, 11, 30)) == (2, 10_800.0, 3)
    assert Day.objects.get(day=date(2026, 11, 27)).people == 1
    assert not Day.objects.filter(day__lt=date(2026, 11, 3)).exists()


def test_known_days_are_kept_and_the_last_two_renewed(mina: User) -> None:
    history.days_fill(NOON)
    for days in (0, 1, 5):
        report(mina, NOON - days * DAY)
    assert history.days_fill(NOON) == 2
    assert [day.people for day in Day.objects.order_by("-day")[:6]] == [1, 1, 0, 0, 0, 0]


def test_housekeeping_keeps_it_up_to_date(mina: User) -> None:
    run_session(mina)
    Housekeeping().round()
    assert Sample.objects.count() == 1
    assert Day.objects.count() == history.DAYS_SHOWN
    assert mina.figures.seen_at
