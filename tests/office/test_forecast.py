"""office.forecast: how the archive will grow."""

from datetime import date, timedelta

from office.forecast import forecast

TODAY = date(2026, 11, 30)
DAY = timedelta(days=1)
GB = 10**9


def days(count: int, size: int, *, until: date = TODAY - DAY) -> dict[date, int]:
    """So many days up to `until`, with the same on each."""
    return {until - n * DAY: size for n in range(count)}


def test_pace_is_the_mean_of_seven_whole_days() -> None:
    by_day = {TODAY: 900, TODAY - DAY: 700, TODAY - 7 * DAY: 70, TODAY - 8 * DAY: 10_000}
    found = forecast(by_day, today=TODAY, room=GB, retention_days=0)
    assert found.intake_per_day == 770 // 7


def test_new_service_has_fewer_whole_days() -> None:
    assert forecast(days(2, 100), today=TODAY, room=None, retention_days=0).intake_per_day == 100
    assert forecast({TODAY: 100}, today=TODAY, room=None, retention_days=0).intake_per_day == 0


def test_without_retention_it_fills_in_a_straight_line() -> None:
    found = forecast(days(7, GB), today=TODAY, room=10 * GB, retention_days=0)
    assert (found.full_on, found.levels_at) == (TODAY + 10 * DAY, None)


def test_what_is_too_old_makes_room() -> None:
    """At the end of the retention as much goes as comes: what fits until then fits for ever."""
    steady = days(30, GB)
    assert forecast(steady, today=TODAY, room=2 * GB, retention_days=30).full_on is None
    assert forecast(days(7, GB), today=TODAY, room=40 * GB, retention_days=30).full_on is None
    assert forecast(days(7, GB), today=TODAY, room=20 * GB, retention_days=30).full_on == TODAY + 20 * DAY


def test_it_levels_off_at_the_pace_times_the_retention() -> None:
    assert forecast(days(7, GB), today=TODAY, room=GB, retention_days=30).levels_at == 30 * GB


def test_full_disk_is_full_today() -> None:
    assert forecast(days(7, GB), today=TODAY, room=0, retention_days=30).full_on == TODAY


def test_without_pictures_or_known_room_there_is_no_date() -> None:
    assert forecast({}, today=TODAY, room=GB, retention_days=30).full_on is None
    assert forecast(days(7, GB), today=TODAY, room=None, retention_days=0).full_on is None
