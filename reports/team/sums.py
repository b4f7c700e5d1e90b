"""The team's sums of a week, of which nobody can tell what one person did.

Of each figure a person adds CAPS at most, and the sum is rounded to a multiple of just that. So a figure of a world in
which somebody sat otherwise, or was not there at all, is the same or its neighbour: r(x + step) = r(x) + step, and r
never falls. It holds for each figure of each week, whatever else is known, hence for differences of weeks too: nothing
of a week is in another one's figures.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields

MIN_PEOPLE = 5
PEOPLE_STEP = 5
MIN_DESK_S = 3600  # who was there for less is not one of the five
HOUR_S = 3600


@dataclass(frozen=True, slots=True)
class PersonWeek:
    """What one person adds to a week: whole seconds and counts. known_s: with known posture, good or bad."""

    desk_s: int
    good_s: int
    known_s: int
    breaks: int
    wrong_alarms: int


@dataclass(frozen=True, slots=True)
class TeamSums:
    """people: at least so many. The rest are multiples of the most that one person adds, the hours' of 40 hours."""

    people: int
    desk_hours: int
    good_hours: int
    known_hours: int
    breaks: int
    wrong_alarms: int


# The most that a person adds, and the step to which sums are rounded: a full week at the desk, ten breaks a day.
CAPS = PersonWeek(desk_s=40 * HOUR_S, good_s=40 * HOUR_S, known_s=40 * HOUR_S, breaks=50, wrong_alarms=10)


def team_sums(people: Iterable[PersonWeek]) -> TeamSums | None:
    """The sums of those who were at the desk for MIN_DESK_S; None if they are fewer than MIN_PEOPLE."""
    there = [person for person in people if person.desk_s >= MIN_DESK_S]
    if len(there) < MIN_PEOPLE:
        return None
    names = [field.name for field in fields(PersonWeek)]
    sums = {name: _rounded_sum([getattr(person, name) for person in there], getattr(CAPS, name)) for name in names}
    return TeamSums(
        people=len(there) // PEOPLE_STEP * PEOPLE_STEP,
        desk_hours=sums["desk_s"] // HOUR_S,
        good_hours=sums["good_s"] // HOUR_S,
        known_hours=sums["known_s"] // HOUR_S,
        breaks=sums["breaks"],
        wrong_alarms=sums["wrong_alarms"],
    )


def _rounded_sum(values: list[int], cap: int) -> int:
    total = sum(min(max(value, 0), cap) for value in values)
    return (2 * total + cap) // (2 * cap) * cap
