"""The sentences that a user's hours bear out, or none. Pure functions of the hours of at most two months.

A day is the unit: a person's hours within a day are alike, so counting them one by one would find effects that are
none. Each rule compares shares of good posture, a number for each day, by Student's t test (paired, or Welch's where
the days of two groups are compared); its interval has the level of its test. All rules together find something in at
most MAX_WRONG of the users who have no effect at all (Bonferroni, Teoria statistica delle classi, 1936), and what they
find must be worth saying: MIN_EFFECT. What is found on days that were not chosen at random is no proof of a cause.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from reports.insights.hours import Hour, by_day, total_of

Kind = Literal["sinks_after", "breaks_help", "better_than_before", "worse_than_before", "mostly"]
Fault = Literal["closer", "lower", "tilted"]

RECENT_DAYS = 28  # looked at; the change is told against as many days before them
MIN_DAYS = 8  # on which a comparison can be made
MIN_GROUP_DAYS = 4  # in each of two groups of days
MIN_KNOWN_S = 1200.0  # of known posture on each side of an hour, or in a day
MIN_BAD_S = 120.0  # of bad posture in a day, to say which kind it was
MIN_EFFECT = 0.05  # of the share of good posture; 5 minutes in 100
MIN_MOSTLY = 0.6  # of the bad posture
MANY_BREAKS = 2
CANDIDATE_HOURS = tuple(range(11, 19))
MAX_WRONG = 0.04
RULES = 4  # sinks_after, breaks_help, the change against the days before, mostly
LEVEL = MAX_WRONG / RULES  # each rule's share of wrong findings

Numbers = NDArray[np.float64]
Drops = dict[int, Numbers]  # for each candidate hour, a number for each day


@dataclass(frozen=True, slots=True)
class Insight:
    """A sentence to tell: what differs by how much of the share of good posture, with its interval.

    effect: positive is more good posture. For "mostly": the share of bad posture that was of this fault. days: on how
    many it rests. hour: after which; breaks: how many before it.
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
    drops = _drops(recent)
    found = [
        _breaks_help(drops, recent),
        _sinks_after(drops),
        _change(before, recent),
        _mostly(recent),
    ]
    return [insight for insight in found if insight]


def _sinks_after(drops: Drops) -> Insight | None:
    """The hour after which posture is worse on most days; of several, the one that is clearest."""
    level = LEVEL / len(CANDIDATE_HOURS)
    found = []
    for hour, values in drops.items():
        changes = _measured(values)
        if len(changes) >= MIN_DAYS and np.ptp(changes) > 0:
            test = stats.ttest_1samp(changes, 0.0, alternative="less")
            found.append((test.pvalue, hour, changes))
    if not found:
        return None
    pvalue, hour, changes = min(found, key=lambda candidate: candidate[0])
    effect = float(changes.mean())
    if pvalue > level or effect > -MIN_EFFECT:
        return None
    low, high = _interval(changes, level)
    return Insight("sinks_after", effect, low, high, len(changes), hour=hour)


def _breaks_help(drops: Drops, days: dict[date, list[Hour]]) -> Insight | None:
    """The hour after which posture is worse on days with few breaks before it, and less so on the others."""
    level = LEVEL / len(CANDIDATE_HOURS)
    found: list[tuple[float, Insight]] = []
    for hour, values in drops.items():
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
    low, high = _interval(values, LEVEL / 2)
    if low < MIN_MOSTLY:
        return None
    return Insight("mostly", float(values.mean()), low, min(1.0, high), len(values), fault=fault)


# --- Numbers of days ---


def _drops(days: dict[date, list[Hour]]) -> Drops:
    """How much the share of good posture rose after each candidate hour, NaN on days without enough time around it."""
    good, known = np.zeros((2, len(days), 24))
    for row, hours in enumerate(days.values()):
        for found in hours:
            good[row, found.hour] += found.good_s
            known[row, found.hour] += found.known_s
    drops = {}
    for hour in CANDIDATE_HOURS:
        known_before, known_after = known[:, :hour].sum(axis=1), known[:, hour:].sum(axis=1)
        good_before, good_after = good[:, :hour].sum(axis=1), good[:, hour:].sum(axis=1)
        is_enough = np.minimum(known_before, known_after) >= MIN_KNOWN_S
        values = np.full(len(days), np.nan)
        values[is_enough] = (good_after[is_enough] / known_after[is_enough]) - (
            good_before[is_enough] / known_before[is_enough]
        )
        drops[hour] = values
    return drops


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
    if min(len(first), len(second)) < min_days or np.ptp(np.concatenate([first, second])) == 0:
        return None
    found = stats.ttest_ind(second, first, equal_var=False)
    if not found.pvalue <= level:
        return None
    low, high = found.confidence_interval(1 - level)
    return _Difference(float(second.mean() - first.mean()), float(low), float(high), float(found.pvalue))


def _interval(values: Numbers, level: float) -> tuple[float, float]:
    """Of the mean; each end is wrong with the probability of the level."""
    if np.ptp(values) == 0:
        return float(values[0]), float(values[0])
    low, high = stats.ttest_1samp(values, 0.0).confidence_interval(1 - 2 * level)
    return float(low), float(high)
