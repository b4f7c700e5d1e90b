"""All that an evaluation came to, and what was promised beside what was measured."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from evaluation.blinks import BlinkScore, BlinkSummary, OpenEyes
from evaluation.identities import Identities
from evaluation.jitter import Jitter
from evaluation.replay import LATEST_S, Stillness, Told

MEAN_F1 = {30.0: 0.95, 15.0: 0.94, 10.0: 0.91}
WORST_F1 = {30.0: 0.90}
ALARMS_A_WORKDAY = 1.0


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What was measured; empty where there were no data. is_left_out: blinks by weights fitted to all other people."""

    is_left_out: bool = False
    blinks: Sequence[BlinkScore] = ()
    blink_summaries: Sequence[BlinkSummary] = ()
    open_eyes: Sequence[OpenEyes] = ()
    identities: Identities | None = None
    jitters: Sequence[Jitter] = ()
    stillness: Sequence[Stillness] = ()
    told: Sequence[Told] = ()

    def as_json(self) -> dict[str, Any]:
        """The figures unrounded; null where there was nothing to measure."""
        return {**asdict(self), "promises": [asdict(each) | {"holds": each.holds} for each in promises(self)]}


@dataclass(frozen=True, slots=True)
class Promise:
    """What was promised and what was measured."""

    name: str
    limit: float
    measured: float
    is_at_least: bool = False

    @property
    def holds(self) -> bool:
        return self.measured >= self.limit if self.is_at_least else self.measured <= self.limit

    def cells(self) -> tuple[str, str, str, str]:
        sign = "≥" if self.is_at_least else "≤"
        return self.name, f"{sign} {self.limit:g}", f"{self.measured:.3g}", "holds" if self.holds else "MISSED"


def promises(evaluation: Evaluation) -> list[Promise]:
    """What holds and what does not, as far as it was measured."""
    return [*_blink_promises(evaluation), *_posture_promises(evaluation)]


def _blink_promises(evaluation: Evaluation) -> Iterator[Promise]:
    if not evaluation.is_left_out:
        return
    for each in evaluation.blink_summaries:
        rate = each.frames_per_s
        if rate in WORST_F1:
            yield Promise(f"blinks, worst sitting's F1 at {rate:g}/s", WORST_F1[rate], each.worst_f1, is_at_least=True)
        if rate in MEAN_F1 and each.f1.value is not None:
            yield Promise(f"blinks, mean F1 at {rate:g}/s", MEAN_F1[rate], each.f1.value, is_at_least=True)


def _posture_promises(evaluation: Evaluation) -> Iterator[Promise]:
    for still in evaluation.stillness:
        if still.sensitivity == "normal" and still.per_workday.value is not None:
            name = f"false alarms in 8 h of sitting still, neck_time {still.neck_time_s} s"
            yield Promise(name, ALARMS_A_WORKDAY, still.per_workday.value)
    for told in evaluation.told:
        if told.told.value is None:
            continue
        yield Promise(f"{told.name}: alarms", 1.0 if told.is_bad else 0.0, told.told.value, is_at_least=told.is_bad)
        if told.is_bad and told.latest_after_s is not None:
            yield Promise(f"{told.name}: latest, s", told.neck_time_s + LATEST_S, told.latest_after_s)
