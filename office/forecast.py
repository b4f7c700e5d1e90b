"""How the archive will grow, from what the last days brought. Pure.

Each day is taken to bring what the last seven whole days brought on average; what is stored now goes when it is too
old. People who keep theirs for fewer days, or delete some, make it fill more slowly than this says.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

PACE_DAYS = 7
HORIZON_DAYS = 3650
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Forecast:
    """In bytes. full_on: None if never, or not within ten years. levels_at: None if pictures are kept for ever."""

    intake_per_day: int
    full_on: date | None
    levels_at: int | None


def forecast(by_day: Mapping[date, int], *, today: date, room: int | None, retention_days: int) -> Forecast:
    """by_day: what is stored of each day. room: for how much more; None: not known. retention_days: 0 for ever."""
    whole = [today - n * ONE_DAY for n in range(1, PACE_DAYS + 1)]
    first = min(by_day, default=today)
    days = min(PACE_DAYS, (today - first).days)  # a service that started lately has fewer whole days
    intake = sum(by_day.get(day, 0) for day in whole) // days if days else 0
    levels_at = intake * retention_days if retention_days else None
    full_on = None if room is None else _full_on(by_day, today, intake, room, retention_days)
    return Forecast(intake, full_on, levels_at)


def _full_on(by_day: Mapping[date, int], today: date, intake: int, room: int, retention_days: int) -> date | None:
    more = 0  # than is stored today
    for n in range(HORIZON_DAYS):
        if more >= room:
            return today + n * ONE_DAY
        leaving = 0
        if retention_days:
            leaving = by_day.get(today + (n - retention_days) * ONE_DAY, 0) if n < retention_days else intake
        more += intake - leaving
        if retention_days and n >= retention_days:
            return None
    return None
