"""The results of an evaluation, and the accuracy targets beside what was measured."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from evaluation.blinks import BlinkScore, BlinkSummary, OpenEyes
from evaluation.identities import Identities
from evaluation.jitter import Jitter
from evaluation.natural import NaturalAlarms
from evaluation.replay import MAX_DELAY_S, Detections, FalseAlarms, PostureDetections
from evaluation.seats import GroupIdentity
from evaluation.served import Served, ServedSummary

MEAN_F1 = {30.0: 0.95, 15.0: 0.94, 10.0: 0.91}
WORST_F1 = {30.0: 0.90}
SERVED_F1, FALSE_PER_HOUR, TOLD_SHARE = 0.94, 1.0, 0.90
SHOWN = (0.9, 1.1)  # of the true number
ALARMS_A_WORKDAY = 1.0
OWNER_REFUSED, STRANGER_ACCEPTED, STRANGER_TOLD = 0.02, 0.005, 0.95


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The results; empty if there were no data. is_left_out: blinks are scored with weights fitted to other people."""

    is_left_out: bool = False
    blinks: Sequence[BlinkScore] = ()
    blink_summaries: Sequence[BlinkSummary] = ()
    served: Sequence[Served] = ()
    served_summary: ServedSummary | None = None
    open_eyes: Sequence[OpenEyes] = ()
    identities: Identities | None = None
    seats: Sequence[GroupIdentity] = ()
    jitters: Sequence[Jitter] = ()
    stillness: Sequence[FalseAlarms] = ()
    told: Sequence[Detections] = ()
    postures: Sequence[PostureDetections] = ()
    natural: Sequence[NaturalAlarms] = ()

    def as_json(self) -> dict[str, Any]:
        """The figures unrounded; null if there was nothing to measure."""
        targets = [asdict(target) | {"holds": target.is_met} for target in check_targets(self)]
        return {**asdict(self), "promises": targets}


@dataclass(frozen=True, slots=True)
class Target:
    """A target and what was measured."""

    name: str
    limit: float
    measured: float
    is_at_least: bool = False

    @property
    def is_met(self) -> bool:
        return self.measured >= self.limit if self.is_at_least else self.measured <= self.limit

    def cells(self) -> tuple[str, str, str, str]:
        sign = "≥" if self.is_at_least else "≤"
        return self.name, f"{sign} {self.limit:g}", f"{self.measured:.3g}", "met" if self.is_met else "MISSED"


def check_targets(evaluation: Evaluation) -> list[Target]:
    """All targets that were measured, met or not."""
    return [
        *_blink_targets(evaluation),
        *_served_targets(evaluation),
        *_identity_targets(evaluation),
        *_posture_targets(evaluation),
    ]


def _blink_targets(evaluation: Evaluation) -> Iterator[Target]:
    if not evaluation.is_left_out:
        return
    for summary in evaluation.blink_summaries:
        rate = summary.frames_per_s
        if rate in WORST_F1:
            name = f"blinks, worst recording's F1 at {rate:g}/s"
            yield Target(name, WORST_F1[rate], summary.worst_f1, is_at_least=True)
        if rate in MEAN_F1 and summary.f1.value is not None:
            yield Target(f"blinks, mean F1 at {rate:g}/s", MEAN_F1[rate], summary.f1.value, is_at_least=True)


def _served_targets(evaluation: Evaluation) -> Iterator[Target]:
    served = evaluation.served_summary
    if served is None or not evaluation.is_left_out:
        return
    yield Target("in sessions: blinks, mean F1", SERVED_F1, served.f1, is_at_least=True)
    yield Target("in sessions: false blink alarms an hour", FALSE_PER_HOUR, served.false_per_hour)
    if served.told.value is not None:
        yield Target("in sessions: stretches without a blink told", TOLD_SHARE, served.told.value, is_at_least=True)
    yield Target("in sessions: blinks shown, of the true number, at least", SHOWN[0], served.shown, is_at_least=True)
    yield Target("in sessions: blinks shown, of the true number, at most", SHOWN[1], served.shown)


def _identity_targets(evaluation: Evaluation) -> Iterator[Target]:
    for group in evaluation.seats:
        shares = (
            ("owner refused after three looks", OWNER_REFUSED, group.refused.value, False),
            ("stranger accepted", STRANGER_ACCEPTED, group.accepted.value, False),
            ("stranger told within 10 s", STRANGER_TOLD, group.told.value, True),
            ("owner locked out by a wrong first frame", 0.0, group.locked_out.value, False),
        )
        for name, limit, value, is_at_least in shares:
            if value is not None:
                yield Target(f"Face ID, group {group.group}: {name}", limit, value, is_at_least)


def _posture_targets(evaluation: Evaluation) -> Iterator[Target]:
    for result in evaluation.stillness:
        if result.sensitivity == "normal" and result.per_workday.value is not None:
            name = f"false alarms in 8 h of sitting still, neck_time {result.neck_time_s} s"
            yield Target(name, ALARMS_A_WORKDAY, result.per_workday.value)
    for scenario in evaluation.told:
        if scenario.told.value is None:
            continue
        limit = 1.0 if scenario.is_bad else 0.0
        yield Target(f"{scenario.name}: alarms", limit, scenario.told.value, is_at_least=scenario.is_bad)
        if scenario.is_bad and scenario.latest_after_s is not None:
            yield Target(f"{scenario.name}: latest, s", scenario.neck_time_s + MAX_DELAY_S, scenario.latest_after_s)
