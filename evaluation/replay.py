"""Sessions replayed with the jitter that was measured: false alarms of who sits still, and what moving raises."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean

import numpy as np

from ai_models.dips import Trace
from ai_models.landmarks import Box
from ai_models.measures import FaceMeasures
from ai_models.monitoring import monitor
from ai_models.monitoring.alarms import AlarmSettings
from ai_models.monitoring.eyes import blink_rate
from ai_models.monitoring.pacing import pace
from ai_models.monitoring.posture_filter import Sensitivity
from ai_models.monitoring.session_state import Observation
from evaluation import estimates
from evaluation.estimates import Estimate

WORKDAY_H = 8.0
SENSITIVITIES: tuple[Sensitivity, ...] = ("low", "normal", "high")
NECK_TIMES_S = (20, 5)  # the user's choices are between these
SETTLE_S = 30.0  # of good posture before and after
LATEST_S = 3.0  # after neck_time, a frame's way and the wait for the next one
AT_REST = FaceMeasures(Box(240, 150, 399, 309), 0.25, 0.5, 0.45, 160.0, 0.0, 0.0, 0.0, 0.3)


@dataclass(frozen=True, slots=True)
class Pose:
    """How somebody sits: their width over the baseline's, how far down in face widths, and how tilted in degrees."""

    closer: float = 1.0
    lower: float = 0.0
    tilted: float = 0.0


@dataclass(frozen=True, slots=True)
class Stillness:
    """Neck alarms of somebody who sits still, over so many simulated hours; per_workday: in eight hours."""

    sensitivity: Sensitivity
    neck_time_s: int
    hours: float
    alarms: int
    per_workday: Estimate


@dataclass(frozen=True, slots=True)
class Trial:
    """What somebody does for a while, and whether that is to raise a neck alarm."""

    name: str
    pose: Pose
    seconds: float
    neck_time_s: int
    is_bad: bool


@dataclass(frozen=True, slots=True)
class Told:
    """How often a trial raised an alarm; after_s: seconds from its beginning, of those that did."""

    name: str
    is_bad: bool
    neck_time_s: int
    trials: int
    told: Estimate
    mean_after_s: float | None
    latest_after_s: float | None


TRIAL_KINDS = (
    Trial("leans in by 15 % for 20 s", Pose(closer=1.15), 20.0, 20, is_bad=True),
    Trial("leans in by 15 % and stays", Pose(closer=1.15), 60.0, 20, is_bad=True),
    Trial("sinks by 0.2 face widths and stays", Pose(lower=0.2), 60.0, 20, is_bad=True),
    Trial("tilts the head by 15° and stays", Pose(tilted=15.0), 60.0, 20, is_bad=True),
    Trial("glances down for 5 s", Pose(lower=0.3), 5.0, 5, is_bad=False),
)


def sit_still(jitter: Trace, hours: float, told: Callable[[], object]) -> list[Stillness]:
    """Each sensitivity's false alarms in so many hours, by workdays; told is called after each of them."""
    still: list[Stillness] = []
    days = workdays(hours)
    for sensitivity in SENSITIVITIES:
        for neck_time_s in NECK_TIMES_S:
            settings = AlarmSettings(neck_time_s=neck_time_s, sensitivity=sensitivity, alarms_on=frozenset({"neck"}))
            alarms = 0
            for day in range(days):
                alarms += len(_alarms(_random(day), jitter, settings, hours / days * 3600, lambda _: Pose()))
                told()
            still.append(_stillness(sensitivity, neck_time_s, hours, alarms))
    return still


def workdays(hours: float) -> int:
    """Into how many sessions, none longer than a workday, so many hours are parted."""
    return math.ceil(hours / WORKDAY_H)


def try_out(jitter: Trace, trial: Trial, trials: int) -> Told:
    """How often a trial raises an alarm at normal sensitivity."""
    settings = AlarmSettings(neck_time_s=trial.neck_time_s, alarms_on=frozenset({"neck"}))
    delays = [delay for number in range(trials) for delay in _first_delay(number, jitter, settings, trial)]
    return Told(
        name=trial.name,
        is_bad=trial.is_bad,
        neck_time_s=trial.neck_time_s,
        trials=trials,
        told=estimates.share(len(delays), trials),
        mean_after_s=fmean(delays) if delays else None,
        latest_after_s=max(delays, default=None),
    )


def _first_delay(number: int, jitter: Trace, settings: AlarmSettings, trial: Trial) -> Sequence[float]:
    random = _random(number)
    begins_s = SETTLE_S + random.uniform(0, 10)

    def pose(at_s: float) -> Pose:
        return trial.pose if begins_s <= at_s < begins_s + trial.seconds else Pose()

    alarms = _alarms(random, jitter, settings, begins_s + trial.seconds + SETTLE_S, pose)
    return [at_s - begins_s for at_s in alarms if at_s >= begins_s][:1]


def _alarms(
    random: np.random.Generator, jitter: Trace, settings: AlarmSettings, seconds: float, pose: Callable[[float], Pose]
) -> list[float]:
    """When neck alarms began in a session of so long, whose client sends its frames as asked."""
    state, at_s = monitor.start(0.0), 0.0
    began: list[float] = []
    for off in _drawn(random, jitter):
        at_s += pace(state, settings).next_after_ms / 1000
        if at_s > seconds:
            break
        transition = monitor.observe(state, [Observation(at_s, _measures(pose(at_s), off), face_count=1)], settings)
        began += [
            event.started_at_s for event in transition.events if event.kind == "neck" and event.ended_at_s is None
        ]
        state = transition.state
    return began


def _measures(pose: Pose, off: Sequence[float]) -> FaceMeasures:
    width, x, y, roll_deg = off
    rest = AT_REST
    return FaceMeasures(
        box=rest.box,
        width=rest.width * pose.closer * width,
        x=rest.x + x * rest.width,
        y=rest.y + (pose.lower + y) * rest.width,
        width_px=rest.width_px,
        roll_deg=pose.tilted + roll_deg,
        yaw_deg=rest.yaw_deg,
        pitch_deg=rest.pitch_deg,
        eye_aspect_ratio=rest.eye_aspect_ratio,
    )


def _drawn(random: np.random.Generator, jitter: Trace) -> Iterator[list[float]]:
    """Measured deviations at random, without end."""
    while True:
        yield from jitter[random.integers(0, len(jitter), 1000)].tolist()


def _random(number: int) -> np.random.Generator:
    return np.random.default_rng([estimates.SEED, number])


def _stillness(sensitivity: Sensitivity, neck_time_s: int, hours: float, alarms: int) -> Stillness:
    per_minute = blink_rate(alarms, hours * 3600)  # the same interval holds for whatever is counted
    minutes = WORKDAY_H * 60
    told = (
        Estimate(per_minute.per_minute * minutes, per_minute.low * minutes, per_minute.high * minutes)
        if per_minute
        else estimates.NOTHING
    )
    return Stillness(sensitivity, neck_time_s, hours, alarms, told)
