"""What each hour at the desk was, and what a day's hours add up to. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date
from functools import reduce
from operator import add, attrgetter

from ai_models.monitoring.eyes import BlinkRate, blink_rate


@dataclass(frozen=True, slots=True)
class Hour:
    """An hour of a local day: seconds and counts. closer_s, lower_s, tilted_s may overlap, and are parts of bad_s.

    rests: breaks of a minute or more that ended in it. neck: neck alarms.
    """

    day: date
    hour: int
    desk_s: float = 0.0
    good_s: float = 0.0
    bad_s: float = 0.0
    closer_s: float = 0.0
    lower_s: float = 0.0
    tilted_s: float = 0.0
    watched_s: float = 0.0
    blinks: int = 0
    rests: int = 0
    neck: int = 0

    def __add__(self, other: "Hour") -> "Hour":
        """The sum, with the day and the hour of the first."""
        return Hour(self.day, self.hour, *map(add, _sums_of(self), _sums_of(other)))

    @property
    def known_s(self) -> float:
        """The seconds in which posture was known."""
        return self.good_s + self.bad_s

    @property
    def good_share(self) -> float | None:
        """The share of good posture in the time with known posture, 0 to 1; None without such time."""
        return self.good_s / self.known_s if self.known_s else None

    @property
    def blink_rate(self) -> BlinkRate | None:
        return blink_rate(self.blinks, self.watched_s)


SUMMED = tuple(field.name for field in fields(Hour) if field.name not in ("day", "hour"))  # those that follow these two
_sums_of = attrgetter(*SUMMED)


def total_of(hours: Iterable[Hour]) -> Hour | None:
    """The sum of hours, with the first one's day and hour; None if there are none."""
    rest = iter(hours)
    first = next(rest, None)
    return None if first is None else reduce(add, rest, first)


def by_day(hours: Iterable[Hour]) -> dict[date, list[Hour]]:
    """Each day's hours, both in order of time."""
    days: dict[date, list[Hour]] = {}
    for hour in sorted(hours, key=attrgetter("day", "hour")):
        days.setdefault(hour.day, []).append(hour)
    return days


def total_by_hour(parts: Iterable[Hour]) -> list[Hour]:
    """Parts of hours added up, so that there is one of each hour."""
    hours: dict[tuple[date, int], Hour] = {}
    for part in parts:
        key = (part.day, part.hour)
        hours[key] = hours[key] + part if key in hours else part
    return list(hours.values())
