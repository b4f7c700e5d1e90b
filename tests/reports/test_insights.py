"""The sentences about made weeks in which the right one, or none, is known."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import pytest

from reports.insights.hours import Hour, by_day, total_of
from reports.insights.rules import RECENT_DAYS, Insight, insights_of

TODAY = date(2027, 3, 19)
WITHOUT_EFFECT, WITH_EFFECT = 400, 100  # made people; the latter of each kind
WORKING_HOURS = np.arange(9, 18)
FAULTS = ("closer", "lower", "tilted")  # in the order of Hour's fields
WATCHED_S = 300.0


@dataclass(frozen=True)
class Habits:
    """How a made person sits. share: of good posture; falls_by: after an hour, unless breaks before it help."""

    share: float = 0.75
    falls_by: float = 0.0
    after: int = 15
    do_breaks_help: bool = False
    was: float | None = None  # the share in the month before, if it was another
    main_fault: str | None = None
    blinks: float = 11.0  # a minute
    blinks_fall_by: float = 0.0


def made_hours(habits: Habits, random: np.random.Generator) -> Iterator[Hour]:
    """The hours of eight weeks: working days that differ, of hours that differ, some of them spent elsewhere."""
    for back in range(2 * RECENT_DAYS):
        day = TODAY - timedelta(days=back)
        if day.weekday() >= 5 or random.random() < 0.1:
            continue
        share = habits.was if habits.was is not None and back >= RECENT_DAYS else habits.share
        yield from made_day(day, share, habits, random)


def made_day(day: date, share: float, habits: Habits, random: np.random.Generator) -> Iterator[Hour]:
    """A day's hours, all drawn at once: one by one, they would take longer than what is found in them."""
    hours = WORKING_HOURS[random.random(len(WORKING_HOURS)) > 0.15]  # in the others, a meeting
    count = len(hours)
    breaks = int(random.integers(0, 2)) if random.random() < 0.5 else int(random.integers(2, 5))
    is_late = hours >= habits.after
    falls = habits.falls_by * is_late * (not (habits.do_breaks_help and breaks >= 2))
    shares = np.clip(share + random.normal(0, 0.05) - falls + random.normal(0, 0.08, count), 0.02, 0.98)
    desk_s = random.uniform(1500, 3500, count)
    bad_s = desk_s * (1 - shares)
    faults = dict(zip(FAULTS, bad_s * random.dirichlet((2, 2, 2), count).T, strict=True))
    if habits.main_fault:
        faults[habits.main_fault] = bad_s * random.uniform(0.7, 1.0, count)
    blinks = max(2.0, habits.blinks + random.normal(0, 2.0)) - habits.blinks_fall_by * is_late
    blinked = random.poisson(np.maximum(1.0, blinks + random.normal(0, 1.5, count)) * WATCHED_S / 60)
    rests = breaks * (np.arange(count) == 0)
    # In the order of Hour's fields.
    columns = (hours, desk_s, desk_s * shares, bad_s, *faults.values(), np.full(count, WATCHED_S), blinked, rests)
    yield from (Hour(day, *row) for row in zip(*(column.tolist() for column in columns), strict=True))


def found_in(habits: Habits, people: int = WITH_EFFECT) -> list[dict[str, Insight]]:
    """What is told of each of many people with the same habits, by its kind."""
    random = np.random.default_rng(20270319)
    return [
        {insight.kind: insight for insight in insights_of(made_hours(habits, random), TODAY)} for _ in range(people)
    ]


def share(matches: list[bool]) -> float:
    return sum(matches) / len(matches)


def test_nothing_is_told_of_weeks_without_an_effect() -> None:
    assert share([not found for found in found_in(Habits(), WITHOUT_EFFECT)]) >= 0.95


def test_afternoons_that_sink_are_told_with_their_hour() -> None:
    found = found_in(Habits(falls_by=0.2))
    assert share(["sinks_after" in told and abs((told["sinks_after"].hour or 0) - 15) <= 1 for told in found]) >= 0.95
    assert share([told.keys() <= {"sinks_after"} for told in found]) >= 0.95
    assert share([told["sinks_after"].low <= -0.2 <= told["sinks_after"].high for told in found]) >= 0.95


def test_breaks_that_helped_are_told() -> None:
    found = found_in(Habits(falls_by=0.3, do_breaks_help=True))
    assert share(["breaks_help" in told for told in found]) >= 0.95
    assert all(told["breaks_help"].breaks == 2 for told in found if "breaks_help" in told)


def test_breaks_that_did_not_help_are_not_praised() -> None:
    found = found_in(Habits(falls_by=0.3))
    assert share(["breaks_help" not in told for told in found]) >= 0.95


@pytest.mark.parametrize(("was", "kind"), [(0.6, "better_than_before"), (0.9, "worse_than_before")])
def test_change_against_the_month_before_is_told(was: float, kind: str) -> None:
    found = found_in(Habits(was=was))
    assert share([kind in told for told in found]) >= 0.95
    assert share([told.keys() <= {kind} for told in found]) >= 0.95


@pytest.mark.parametrize("fault", ["closer", "lower", "tilted"])
def test_main_fault_is_told(fault: str) -> None:
    found = found_in(Habits(main_fault=fault))
    assert share(["mostly" in told and told["mostly"].fault == fault for told in found]) >= 0.95


def test_blinks_that_fall_are_told_with_their_hour() -> None:
    found = found_in(Habits(blinks=12.0, blinks_fall_by=4.0))
    hours = [told["blinks_fall_after"].hour or 0 for told in found if "blinks_fall_after" in told]
    assert len(hours) >= 0.95 * WITH_EFFECT
    assert share([abs(hour - 15) <= 1 for hour in hours]) >= 0.95
    assert share([told.keys() <= {"blinks_fall_after"} for told in found]) >= 0.95


@pytest.mark.parametrize("days", [0, 1, 7])
def test_few_days_bear_nothing(days: int) -> None:
    random = np.random.default_rng(1)
    hours = list(made_hours(Habits(falls_by=0.4, main_fault="lower"), random))
    newest = sorted(by_day(hours))[-days:] if days else []
    assert insights_of([hour for hour in hours if hour.day in newest], TODAY) == []


def test_equal_days_are_no_effect_and_no_error() -> None:
    hours = [Hour(TODAY - timedelta(days=back), hour, 3600, 3600) for back in range(20) for hour in range(9, 18)]
    assert insights_of(hours, TODAY) == []


def test_old_hours_and_those_to_come_are_left_out() -> None:
    hours = list(made_hours(Habits(falls_by=0.3), np.random.default_rng(2)))
    moved = [replace(hour, day=hour.day + shift) for hour in hours for shift in (timedelta(99), timedelta(-99))]
    assert insights_of(moved, TODAY) == []


def test_hours_add_up() -> None:
    first, second = Hour(TODAY, 9, 60, 40, 20, blinks=2, rests=1), Hour(TODAY, 10, 30, 30, 0, blinks=3)
    assert total_of([first, second]) == Hour(TODAY, 9, 90, 70, 20, blinks=5, rests=1)
    assert total_of([]) is None
    assert first.good_share == pytest.approx(2 / 3)
    assert Hour(TODAY, 9).good_share is None
