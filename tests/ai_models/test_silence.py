"""ai_models.monitoring.silence: snoozes, meetings, quiet hours and dismissals."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

import pytest

from ai_models.monitoring.alarm_kinds import ALARM_KINDS
from ai_models.monitoring.silence import DISMISSED_FOR_S, MAX_MEETING_S, QuietHours, Silence, Silenced

SEOUL = ZoneInfo("Asia/Seoul")
NIGHT = QuietHours(time(22), time(7), SEOUL)
LUNCH = QuietHours(time(12), time(13), SEOUL)


def seoul_s(hour: int, minute: int = 0, day: int = 25) -> float:
    return datetime(2026, 11, day, hour, minute, tzinfo=SEOUL).timestamp()


@pytest.mark.parametrize(
    ("hours", "local", "is_quiet"),
    [
        (LUNCH, time(11, 59), False),
        (LUNCH, time(12), True),
        (LUNCH, time(12, 59, 59), True),
        (LUNCH, time(13), False),
        (NIGHT, time(21, 59), False),
        (NIGHT, time(22), True),
        (NIGHT, time(0), True),
        (NIGHT, time(6, 59), True),
        (NIGHT, time(7), False),
        (QuietHours(time(9), time(9), SEOUL), time(9), False),
    ],
)
def test_quiet_hours_include_their_start_but_not_their_end(hours: QuietHours, local: time, is_quiet: bool) -> None:
    assert hours.covers(local) is is_quiet


@pytest.mark.parametrize(("at_s", "end_s"), [(seoul_s(23), seoul_s(7, day=26)), (seoul_s(1), seoul_s(7))])
def test_quiet_hours_past_midnight_end_in_the_morning(at_s: float, end_s: float) -> None:
    assert NIGHT.until_s(at_s) == end_s


def test_quiet_hours_are_those_of_the_users_time_zone() -> None:
    new_york = QuietHours(time(22), time(7), ZoneInfo("America/New_York"))
    assert NIGHT.until_s(seoul_s(23)) is not None
    assert new_york.until_s(seoul_s(23)) is None  # nine in the morning there


def test_quiet_hours_end_by_the_clock_on_the_wall_when_that_is_set() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    night = QuietHours(time(22), time(7), berlin)
    before = datetime(2026, 10, 24, 23, tzinfo=berlin)  # clocks go back in that night
    until_s = night.until_s(before.timestamp())
    assert until_s is not None
    assert until_s - before.timestamp() == 9 * 3600


def test_snooze_of_a_kind_ends_by_itself() -> None:
    silence = Silence().with_snooze("neck", 300.0, 0.0)
    assert silence.silent_kinds(299.9, None) == {"neck"}
    assert silence.silent_kinds(300.0, None) == set()


def test_snooze_of_all_silences_every_kind() -> None:
    assert Silence().with_snooze(None, 300.0, 0.0).silent_kinds(1.0, None) == set(ALARM_KINDS)


def test_repeated_snooze_changes_nothing() -> None:
    once = Silence().with_snooze("neck", 300.0, 0.0)
    assert once.with_snooze("neck", 300.0, 0.0) == once


def test_snooze_replaces_the_one_of_its_kind_only() -> None:
    silence = Silence().with_snooze(None, 100.0, 0.0).with_snooze("neck", 300.0, 0.0).with_snooze("neck", 200.0, 0.0)
    assert silence.silenced(0.0, None) == (Silenced(None, 100.0, "snooze"), Silenced("neck", 200.0, "snooze"))
    assert silence.with_snooze("neck", 0.0, 0.0).silenced(0.0, None) == (Silenced(None, 100.0, "snooze"),)


def test_snoozes_that_are_over_are_not_kept() -> None:
    silence = Silence()
    for number in range(100):
        silence = silence.with_snooze(ALARM_KINDS[number % 6], 10.0 * number + 5, 10.0 * number)
    assert len(silence.snoozes) == 1


def test_meeting_silences_all_until_it_is_over_or_was_forgotten() -> None:
    silence = Silence(meeting_since_s=0.0)
    assert silence.silenced(1.0, None) == (Silenced(None, None, "meeting"),)
    assert silence.silenced(MAX_MEETING_S, None) == ()


def test_reasons_are_told_together() -> None:
    silence = Silence(meeting_since_s=seoul_s(22)).with_snooze("blink", seoul_s(23, 30), seoul_s(23))
    assert silence.silenced(seoul_s(23), NIGHT) == (
        Silenced("blink", seoul_s(23, 30), "snooze"),
        Silenced(None, None, "meeting"),
        Silenced(None, seoul_s(7, day=26), "quiet_hours"),
    )


def test_dismissal_counts_until_its_condition_has_passed_or_for_ten_minutes() -> None:
    silence = Silence().with_dismissal("neck", 0.0).with_dismissal("neck", 10.0).with_dismissal("stranger", 10.0)
    assert len(silence.dismissals) == 2
    assert silence.without_dismissals(set(), 10.0 + DISMISSED_FOR_S - 1) is silence
    assert not silence.without_dismissals({"neck"}, 20.0).is_dismissed("neck")
    assert silence.without_dismissals({"neck"}, 20.0).is_dismissed("stranger")
    assert silence.without_dismissals(set(), 10.0 + DISMISSED_FOR_S).dismissals == ()
