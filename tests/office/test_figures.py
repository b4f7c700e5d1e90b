"""office.figures: when people were seen last, and what is stored of them."""

from datetime import timedelta
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from office import figures
from office.models import UserFigures
from personal_data.models import ArchivedDay
from personal_data.withdrawal import user_erase
from tests.accounts.test_admin import add_report
from tests.office.conftest import person, run_session, store

HOUR = timedelta(hours=1)


def test_frame_of_a_running_session_is_the_last_sight(mina: User) -> None:
    session = run_session(mina, silent_for=HOUR)
    assert figures.seen_refresh() == 1
    assert UserFigures.objects.get().seen_at == session.received_at


def test_login_is_the_last_sight_of_whoever_has_no_session(mina: User) -> None:
    User.objects.update(last_login=timezone.now() - HOUR)
    figures.seen_refresh()
    assert UserFigures.objects.get().seen_at == User.objects.get().last_login


def test_last_sight_never_goes_back(mina: User) -> None:
    session = run_session(mina)
    figures.seen_refresh()
    session.delete()
    User.objects.update(last_login=timezone.now() - HOUR)
    assert figures.seen_refresh() == 0
    assert UserFigures.objects.get().seen_at == session.received_at


def test_nothing_new_writes_nothing(mina: User) -> None:
    run_session(mina, silent_for=HOUR)
    figures.seen_refresh()
    with CaptureQueriesContext(connection) as queries:
        assert figures.seen_refresh() == 0
    assert not [query["sql"] for query in queries if not query["sql"].startswith("SELECT")]


def test_recount_finds_ended_sessions_and_clients_without_any(mina: User) -> None:
    session = run_session(mina, silent_for=HOUR)
    session.running = None
    session.save()
    other = person("other")
    add_report(other, "2026-03-30T07:38")
    figures.seen_recount()
    assert UserFigures.objects.get(user=mina).seen_at == session.started_at
    assert UserFigures.objects.get(user=other).seen_at == other.reports.get().started_at


def test_report_from_the_future_is_no_sight(mina: User) -> None:
    add_report(mina, "2096-03-30T07:38")
    figures.seen_recount()
    assert not UserFigures.objects.exists()


def test_storage_is_the_sum_of_days_that_have_not_expired(mina: User, settings: Any) -> None:
    settings.FRAME_RETENTION_DAYS = 30
    store(mina, 1000, 2)
    store(mina, 500, 1, days_ago=29)
    store(mina, 9000, 9, days_ago=31)
    assert figures.storage_refresh() == 1
    assert UserFigures.objects.values_list("bytes", "frames").get() == (1500, 3)
    assert figures.storage_refresh() == 0


def test_storage_goes_back_to_nothing(mina: User) -> None:
    store(mina, 1000, 2)
    figures.storage_refresh()
    ArchivedDay.objects.all().delete()
    assert figures.storage_refresh() == 1
    assert UserFigures.objects.values_list("bytes", "frames").get() == (0, 0)


def test_frames_from_an_earlier_release_are_not_counted_yet(mina: User) -> None:
    store(mina, 1000)
    ArchivedDay.objects.update(frames=None)
    figures.storage_refresh()
    assert UserFigures.objects.values_list("bytes", "frames").get() == (1000, None)


def test_storage_keeps_the_last_sight(mina: User) -> None:
    run_session(mina)
    figures.seen_refresh()
    store(mina, 1000)
    figures.storage_refresh()
    row = UserFigures.objects.get()
    assert row.seen_at
    assert row.bytes == 1000


def test_figures_go_with_their_user(mina: User) -> None:
    run_session(mina)
    figures.seen_refresh()
    user_erase(user_id=mina.pk)
    assert not UserFigures.objects.exists()
    assert figures.seen_recount() == 0
