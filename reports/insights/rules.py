"""The sentences that a user's hours bear out, or none. Pure functions of the hours of at most two months.

A day is the unit: a person's hours within a day are alike, so counting them one by one would find effects that are
none. Each rule compares shares of good posture, or blinks a minute, a number for each day, by Student's t test (paired,
or Welch's where the days of two groups are compared); its interval has the level of its test. All rules together find
something in at most MAX_WRONG of the users who have no effect at all (Bonferroni, Teoria statistica delle classi,
1936), and what they find must be worth saying: MIN_EFFECT. What is found on days that were not chosen at random is no
proof of a cause.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import numpy as np

from reports.insights.hours import Hour, by_day, total_of
from reports.insights.student import Numbers, difference_of, mean_of

Kind = Literal["sinks_after", "breaks_help", "better_than_before", "worse_than_before", "mostly", "blinks_fall_after"]
Fault = Literal["closer", "lower", "tilted"]

RECENT_DAYS = 28  # looked at; the change is told against as many days before them
MIN_DAYS = 8  # on which a comparison can be made
MIN_GROUP_DAYS = 4  # in each of two groups of days
MIN_KNOWN_S = 1200.0  # of known posture on each side of an hour, or in a day
MIN_BAD_S = 120.0  # of bad posture in a day, to say which kind it was
MIN_EFFECT = 0.05  # of the share of good posture; 5 minutes in 100
MIN_MOSTLY = 0.6  # of the bad posture
MIN_WATCHED_S = 120.0  # in bursts on each side of an hour
MIN_BLINK_EFFECT = 2.0  # blinks a minute; people at screens blink 4 to 15 times
MANY_BREAKS = 2
CANDIDATE_HOURS = tuple(range(11, 19))
MAX_WRONG = 0.04
RULES = 5  # sinks_after, breaks_help, the change against the days before, mostly, blinks_fall_after
LEVEL = MAX_WRONG / RULES  # each rule's share of wrong findings

Rises = dict[int, Numbers]  # for each candidate hour, a number for each day


@dataclass(frozen=True, slots=True)
class Insight:
    """A sentence to tell: what differs by how much of the share of good posture, with its interval.

    effect: positive is more good posture. For "mostly": the share of bad posture that was of this fault; for
    "blinks_fall_after": blinks a minute, negative. days: on how many it rests. hour: after which; breaks: how many
    before it.
    """

    kind: Kind
    effect: float
    low: float
    high: float
    days: int
    hour: int | None = None
    breaks: int | None = None
    fault: Fault | None = None


def insights_of(hours: Iterable[Hour], today: date) -> list[Insight]:
    """What the hours bear out, the most useful first. Hours of other days than the last two spans are left out."""
    first = today - timedelta(days=RECENT_DAYS - 1)
    days = by_day(hours)
    recent = {day: found for day, found in days.items() if first <= day <= today}
    before = {day: found for day, found in days.items() if first - timedelta(days=RECENT_DAYS) <= day < first}
    rises = _share_rises(recent)
    found = [
        _breaks_help(rises, recent),
        _sinks_after(rises),
        _change(before, recent),
        _mostly(recent),
        _blinks_fall(recent),
    ]
    return [insight for insight in found if insight]


def _sinks_after(rises: Rises) -> Insight | None:
    """The hour after which posture is worse on most days; of several, the one that is clearest."""
    return _clearest_fall("sinks_after", rises, MIN_EFFECT)


def _blinks_fall(days: dict[date, list[Hour]]) -> Insight | None:
    """The hour after which there are fewer blinks a minute on most days."""
    return _clearest_fall("blinks_fall_after", _blink_rises(days), MIN_BLINK_EFFECT)


def _clearest_fall(kind: Kind, rises: Rises, min_effect: float) -> Insight | None:
    level = LEVEL / len(CANDIDATE_HOURS)
    found = []
    for hour, values in rises.items():
        changes = _measured(values)
        if len(changes) >= MIN_DAYS and (mean := mean_of(changes)):
            found.append((mean.p_less(), hour, len(changes), mean))
    if not found:
        return None
    pvalue, hour, days, mean = min(found, key=lambda candidate: candidate[0])
    if pvalue > level or mean.effect > -min_effect:
        return None
    return Insight(kind, mean.effect, *mean.interval(2 * level), days, hour=hour)


def _breaks_help(rises: Rises, days: dict[date, list[Hour]]) -> Insight | None:
    """The hour after which posture is worse on days with few breaks before it, and less so on the others."""
    level = LEVEL / len(CANDIDATE_HOURS)
    found: list[tuple[float, Insight]] = []
    for hour, values in rises.items():
        is_rested = np.array([_breaks_before(hours, hour) >= MANY_BREAKS for hours in days.values()], bool)
        few, many = _measured(values[~is_rested]), _measured(values[is_rested])
        compared = _compare(few, many, MIN_GROUP_DAYS, level)
        if compared and compared.effect >= MIN_EFFECT and few.mean() <= -MIN_EFFECT:
            count = len(few) + len(many)
            insight = Insight("breaks_help", compared.effect, compared.low, compared.high, count, hour, MANY_BREAKS)
            found.append((compared.pvalue, insight))
    return min(found, key=lambda candidate: candidate[0])[1] if found else None


def _breaks_before(hours: Sequence[Hour], hour: int) -> int:
    return sum(found.rests for found in hours if found.hour < hour)


def _change(before: dict[date, list[Hour]], recent: dict[date, list[Hour]]) -> Insight | None:
    """Whether the share of good posture is another than in as many days before."""
    earlier, later = _daily_shares(before), _daily_shares(recent)
    compared = _compare(earlier, later, MIN_DAYS, LEVEL)
    if compared is None or abs(compared.effect) < MIN_EFFECT:
        return None
    kind: Kind = "better_than_before" if compared.effect > 0 else "worse_than_before"
    return Insight(kind, compared.effect, compared.low, compared.high, len(earlier) + len(later))


def _mostly(days: dict[date, list[Hour]]) -> Insight | None:
    """The fault that most of the bad posture was of."""
    totals = [total for hours in days.values() if (total := total_of(hours)) and total.bad_s >= MIN_BAD_S]
    if len(totals) < MIN_DAYS:
        return None
    of_fault: dict[Fault, Callable[[Hour], float]] = {
        "closer": lambda hour: hour.closer_s,
        "lower": lambda hour: hour.lower_s,
        "tilted": lambda hour: hour.tilted_s,
    }
    shares = {fault: np.array([seconds(hour) / hour.bad_s for hour in totals]) for fault, seconds in of_fault.items()}
    fault = max(shares, key=lambda name: float(shares[name].mean()))
    values = shares[fault]
    share, mean = float(values.mean()), mean_of(values)
    low, high = mean.interval(LEVEL) if mean else (share, share)
    if low < MIN_MOSTLY:
        return None
    return Insight("mostly", share, low, min(1.0, high), len(values), fault=fault)


# --- Numbers of days ---


def _share_rises(days: dict[date, list[Hour]]) -> Rises:
    """How much the share of good posture rose after each candidate hour, NaN on days without enough time around it."""
    return _rises(days, lambda hour: (hour.good_s, hour.known_s), MIN_KNOWN_S)


def _blink_rises(days: dict[date, list[Hour]]) -> Rises:
    """How many more blinks a minute there were after each candidate hour, likewise."""
    return _rises(days, lambda hour: (60.0 * hour.blinks, hour.watched_s), MIN_WATCHED_S)


def _rises(days: dict[date, list[Hour]], of: Callable[[Hour], tuple[float, float]], min_s: float) -> Rises:
    """How much a ratio rose after each candidate hour; of: an hour's part in its two terms, the second in seconds."""
    terms = np.zeros((len(days), 24, 2))
    for row, hours in enumerate(days.values()):
        for found in hours:
            terms[row, found.hour] += of(found)
    rises = {}
    for hour in CANDIDATE_HOURS:
        before, after = terms[:, :hour].sum(axis=1), terms[:, hour:].sum(axis=1)
        is_enough = np.minimum(before[:, 1], after[:, 1]) >= min_s
        values = np.full(len(days), np.nan)
        values[is_enough] = after[is_enough, 0] / after[is_enough, 1] - before[is_enough, 0] / before[is_enough, 1]
        rises[hour] = values
    return rises


def _measured(values: Numbers) -> Numbers:
    return values[~np.isnan(values)]


def _daily_shares(days: dict[date, list[Hour]]) -> Numbers:
    totals = [total_of(hours) for hours in days.values()]
    return np.array([total.good_s / total.known_s for total in totals if total and total.known_s >= MIN_KNOWN_S])


@dataclass(frozen=True, slots=True)
class _Difference:
    effect: float
    low: float
    high: float
    pvalue: float


def _compare(first: Numbers, second: Numbers, min_days: int, level: float) -> _Difference | None:
    """How much greater the second group's mean is, by Welch's two-sided test; None unless that is significant."""
    found = difference_of(first, second) if min(len(first), len(second)) >= min_days else None
    pvalue = found.p_other() if found else 1.0
    return _Difference(found.effect, *found.interval(level), pvalue) if found and pvalue <= level else None
