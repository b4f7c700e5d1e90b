"""What a made person's day at the desk was: sessions with their quarter hours and what happened in them. Pure."""

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ai_models.monitoring.events import Kind
from ai_models.monitoring.posture_filter import FAULTS, LIMITS, Sample
from ai_models.monitoring.quarter_watch import Quarter, QuarterCounts
from personal_data.demo.outlines import made_outline
from personal_data.demo.people import Person

QUARTER = timedelta(minutes=15)
USUAL = LIMITS["normal"]
BLOCKS = ((9.0, 12.2), (13.2, 18.0))  # hours of the day, before and after lunch
MANY_BREAKS = 2
BAD_S_OF_AN_ALARM = 240.0  # seconds of bad posture to each neck alarm
WATCHED = 0.25  # of the time at the desk
WRONG = 0.03  # of the alarms


@dataclass(frozen=True, slots=True)
class Happening:
    """Bad posture with its alarm, or an absence."""

    kind: Kind
    started_at: datetime
    ended_at: datetime
    outline: bytes | None = None
    is_wrong: bool = False


@dataclass(frozen=True, slots=True)
class MadeSession:
    started_at: datetime
    ended_at: datetime
    quarters: list[Quarter] = field(default_factory=list)
    happened: list[Happening] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Mood:
    """A day's own: the share of good posture and the blinks a minute, and how many breaks."""

    share: float
    blinks: float
    breaks: int


def made_day(person: Person, day: date, done: float, now: datetime, chance: random.Random) -> Iterator[MadeSession]:
    """The sessions of a day that have ended by now. done: the part of the person's weeks before it, 0 to 1."""
    if day.weekday() >= 5 or done > person.days_used or chance.random() < 0.07:
        return
    mood = _Mood(
        share=person.share + person.gains * (done - 0.5) + chance.gauss(0, 0.04),
        blinks=max(3.0, person.blinks + chance.gauss(0, 1.2)),
        breaks=chance.choice([0, 1, 3, 4]),
    )
    midnight = datetime.combine(day, time.min, ZoneInfo(person.time_zone))
    for first, last in BLOCKS:
        started_at = (midnight + timedelta(hours=first, minutes=chance.uniform(-20, 20))).astimezone(UTC)
        ended_at = (midnight + timedelta(hours=last, minutes=chance.uniform(-25, 15))).astimezone(UTC)
        if ended_at <= now:
            yield _session(person, mood, started_at, ended_at, chance)


def _session(
    person: Person, mood: _Mood, started_at: datetime, ended_at: datetime, chance: random.Random
) -> MadeSession:
    session = MadeSession(started_at, ended_at)
    starts_at = started_at - (started_at - datetime.min.replace(tzinfo=UTC)) % QUARTER
    starts = []
    while starts_at < ended_at:
        starts.append(starts_at)
        starts_at += QUARTER
    # The morning has all of a day's breaks but one, so that they are before the hour after which posture falls.
    is_morning = started_at.astimezone(ZoneInfo(person.time_zone)).hour < 12
    breaks = max(0, mood.breaks - 1) if is_morning else min(1, mood.breaks)
    rested = set(chance.sample(starts[1:], min(breaks, len(starts) - 1)))
    for starts_at in starts:
        since, until = max(starts_at, started_at), min(starts_at + QUARTER, ended_at)
        if starts_at in rested:
            back_at = since + timedelta(minutes=chance.uniform(3, 8))
            session.happened.append(Happening("away", since, back_at))
            since = back_at
        if until > since:
            _fill(session, person, mood, (starts_at, since, until), chance, has_rest=starts_at in rested)
    return session


def _fill(
    session: MadeSession,
    person: Person,
    mood: _Mood,
    times: tuple[datetime, datetime, datetime],
    chance: random.Random,
    *,
    has_rest: bool,
) -> None:
    """Add a quarter hour, whose start is given with the time at the desk in it, and its alarms."""
    starts_at, since, until = times
    is_late = since.astimezone(ZoneInfo(person.time_zone)).hour >= person.after
    falls = is_late and not (person.do_breaks_help and mood.breaks >= MANY_BREAKS)
    share = min(0.98, max(0.1, mood.share - person.falls_by * falls + chance.gauss(0, 0.08)))
    desk_s = (until - since).total_seconds()
    known_s = 0.95 * desk_s
    bad_s = known_s * (1 - share)
    necks = min(5, _poisson(bad_s / BAD_S_OF_AN_ALARM, chance))
    faults = _faults(person, bad_s, chance)
    worst = _worst(faults, chance)
    watched_s = WATCHED * desk_s
    counts = QuarterCounts(
        desk_s=desk_s,
        good_s=known_s - bad_s,
        bad_s=bad_s,
        **faults,
        watched_s=watched_s,
        blinks=_poisson((mood.blinks - person.blinks_fall_by * is_late) * watched_s / 60, chance),
        rests=int(has_rest),
        neck=necks,
    )
    outline = made_outline(_moved(worst, chance.uniform(0.2, 0.9)))
    session.quarters.append(Quarter(starts_at.timestamp(), counts, worst, outline))
    for number in range(necks):
        at = since + (until - since) * (number + chance.uniform(0.1, 0.4)) / necks
        _add_alarm(session, worst, at, until, chance)


def _add_alarm(session: MadeSession, worst: Sample, at: datetime, until: datetime, chance: random.Random) -> None:
    """Add bad posture from a time on, and the alarm that it lasts until."""
    alarm_at = at + timedelta(seconds=20)
    ended_at = min(until, alarm_at + timedelta(seconds=chance.uniform(4, 60)))
    if ended_at > alarm_at:
        outline = made_outline(_moved(worst, chance.uniform(0.8, 1.0)))
        session.happened.append(Happening("bad_posture", at, ended_at, outline))
        is_wrong = chance.random() < WRONG
        session.happened.append(Happening("neck", alarm_at, ended_at, is_wrong=is_wrong))


def _faults(person: Person, bad_s: float, chance: random.Random) -> dict[str, float]:
    shares = {name: chance.uniform(0.1, 0.5) for name in FAULTS}
    if person.fault:
        shares[person.fault] = chance.uniform(0.75, 1.0)
    return {f"{name}_s": share * bad_s for name, share in shares.items()}


def _worst(faults: dict[str, float], chance: random.Random) -> Sample:
    shares = {name: chance.uniform(0.1, 0.8) for name in FAULTS}
    shares[max(FAULTS, key=lambda name: faults[f"{name}_s"])] = chance.uniform(1.1, 2.0)
    return Sample(shares["closer"], shares["lower"], chance.choice([-1, 1]) * shares["tilted"])


def _moved(worst: Sample, part: float) -> Sample:
    """A part of the way to the worst, in the units of measures."""
    closer = 1 + part * worst.closer * (USUAL.closer - 1)
    return Sample(closer, part * worst.lower * USUAL.lower, part * worst.tilted * USUAL.tilted)


def _poisson(mean: float, chance: random.Random) -> int:
    """A Poisson-distributed count, by Knuth's product of uniform numbers."""
    limit, product, count = math.exp(-mean), chance.random(), 0
    while product > limit:
        product *= chance.random()
        count += 1
    return count
