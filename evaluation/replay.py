"""Sessions replayed with measured jitter: false alarms while sitting still, and alarms after changes of posture."""

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
from ai_models.monitoring.observation import Observation
from ai_models.monitoring.pacing import pace
from ai_models.monitoring.posture_filter import Sensitivity
from evaluation import estimates
from evaluation.estimates import Estimate

WORKDAY_H = 8.0
SENSITIVITIES: tuple[Sensitivity, ...] = ("low", "normal", "high")
NECK_TIMES_S = (20, 5)  # the ends of the range that users can choose from
SETTLE_S = 30.0  # of good posture before and after
MAX_DELAY_S = 3.0  # after neck_time: a frame's latency and the wait for the next one
AT_REST = FaceMeasures(Box(240, 150, 399, 309), 0.25, 0.0, -0.03, 160.0, 0.0, 0.0, 0.0, 0.3)


@dataclass(frozen=True, slots=True)
class Pose:
    """A change from the baseline: width as a ratio, how much lower in face widths, and tilt in degrees."""

    closer: float = 1.0
    lower: float = 0.0
    tilted: float = 0.0


@dataclass(frozen=True, slots=True)
class FalseAlarms:
    """Neck alarms raised while sitting still, in `hours` simulated hours; per_workday: in eight hours."""

    sensitivity: Sensitivity
    neck_time_s: int
    hours: float
    alarms: int
    per_workday: Estimate


@dataclass(frozen=True, slots=True)
class Scenario:
    """A pose that is held for `seconds`; is_bad: True if it should raise a neck alarm."""

    name: str
    pose: Pose
    seconds: float
    neck_time_s: int
    is_bad: bool


@dataclass(frozen=True, slots=True)
class Detections:
    """told: the share of a scenario's trials that raised an alarm; *_after_s: its delay from the change of pose."""

    name: str
    is_bad: bool
    neck_time_s: int
    trials: int
    told: Estimate
    mean_after_s: float | None
    latest_after_s: float | None


SCENARIOS = (
    Scenario("leans in by 15 % for 20 s", Pose(closer=1.15), 20.0, 20, is_bad=True),
    Scenario("leans in by 15 % and stays", Pose(closer=1.15), 60.0, 20, is_bad=True),
    Scenario("sinks by 0.2 face widths and stays", Pose(lower=0.2), 60.0, 20, is_bad=True),
    Scenario("tilts the head by 15° and stays", Pose(tilted=15.0), 60.0, 20, is_bad=True),
    Scenario("glances down for 5 s", Pose(lower=0.3), 5.0, 5, is_bad=False),
)


def _held(name: str, pose: Pose, *, is_bad: bool = True) -> Scenario:
    """A posture that is held for a minute and a half, as people slip into it."""
    return Scenario(name, pose, 90.0, 20, is_bad=is_bad)


POSTURES = (
    *(_held(f"closer by {percent} %", Pose(closer=1 + percent / 100)) for percent in (5, 8, 12, 15, 20)),
    *(_held(f"lower by {widths:.2f}", Pose(lower=widths)) for widths in (0.10, 0.15, 0.20, 0.25)),
    *(_held(f"tilted by {degrees}°", Pose(tilted=degrees)) for degrees in (5, 8, 10, 12, 15, 20)),
    _held("slumped: 20 % back, 0.20 lower", Pose(closer=0.8, lower=0.2)),
    _held("8 % closer and 0.10 lower", Pose(closer=1.08, lower=0.1)),
    _held("12 % closer and 0.15 lower", Pose(closer=1.12, lower=0.15)),
    _held("20 % back", Pose(closer=0.8), is_bad=False),
    _held("0.30 higher", Pose(lower=-0.3), is_bad=False),
)


def sit_still(jitter: Trace, hours: float, on_progress: Callable[[], object]) -> list[FalseAlarms]:
    """The false alarms in so many hours, for each sensitivity and neck_time; on_progress is called after each workday.

    jitter: (n, 4), see jitter.deviations.
    """
    results: list[FalseAlarms] = []
    days = workdays(hours)
    for sensitivity in SENSITIVITIES:
        for neck_time_s in NECK_TIMES_S:
            settings = AlarmSettings(neck_time_s=neck_time_s, sensitivity=sensitivity, alarms_on=frozenset({"neck"}))
            alarms = 0
            for day in range(days):
                alarms += len(_alarms(_random(day), jitter, settings, hours / days * 3600, lambda _: Pose()))
                on_progress()
            results.append(_false_alarms(sensitivity, neck_time_s, hours, alarms))
    return results


def workdays(hours: float) -> int:
    """The number of sessions, none longer than a workday, that make up the hours."""
    return math.ceil(hours / WORKDAY_H)


def try_out(jitter: Trace, scenario: Scenario, trials: int, sensitivity: Sensitivity = "normal") -> Detections:
    """How often a scenario raises an alarm, and how late. jitter: see jitter.deviations."""
    settings = AlarmSettings(neck_time_s=scenario.neck_time_s, sensitivity=sensitivity, alarms_on=frozenset({"neck"}))
    delays = [delay for number in range(trials) for delay in _first_delay(number, jitter, settings, scenario)]
    return Detections(
        name=scenario.name,
        is_bad=scenario.is_bad,
        neck_time_s=scenario.neck_time_s,
        trials=trials,
        told=estimates.share(len(delays), trials),
        mean_after_s=fmean(delays) if delays else None,
        latest_after_s=max(delays, default=None),
    )


@dataclass(frozen=True, slots=True)
class PostureDetections:
    """A posture at one sensitivity."""

    sensitivity: Sensitivity
    detections: Detections


def try_postures(jitter: Trace, trials: int, on_progress: Callable[[], object]) -> list[PostureDetections]:
    """Each of POSTURES at each sensitivity; on_progress is called after each of them."""
    results: list[PostureDetections] = []
    for scenario in POSTURES:
        for sensitivity in SENSITIVITIES:
            results.append(PostureDetections(sensitivity, try_out(jitter, scenario, trials, sensitivity)))
            on_progress()
    return results


def _first_delay(number: int, jitter: Trace, settings: AlarmSettings, scenario: Scenario) -> Sequence[float]:
    random = _random(number)
    start_s = SETTLE_S + random.uniform(0, 10)
    end_s = start_s + scenario.seconds

    def pose(at_s: float) -> Pose:
        return scenario.pose if start_s <= at_s < end_s else Pose()

    alarms = _alarms(random, jitter, settings, end_s + SETTLE_S, pose)
    return [at_s - start_s for at_s in alarms if at_s >= start_s][:1]


def _alarms(
    random: np.random.Generator, jitter: Trace, settings: AlarmSettings, seconds: float, pose: Callable[[float], Pose]
) -> list[float]:
    """The start of each neck alarm in a session of this length, whose client sends its frames at the requested pace."""
    state, at_s = monitor.start(0.0), 0.0
    starts: list[float] = []
    for offsets in _draw(random, jitter):
        at_s += pace(state, settings).next_after_ms / 1000
        if at_s > seconds:
            break
        transition = monitor.observe(state, [Observation(at_s, _measures(pose(at_s), offsets), others=())], settings)
        starts += [
            event.started_at_s for event in transition.events if event.kind == "neck" and event.ended_at_s is None
        ]
        state = transition.state
    return starts


def _measures(pose: Pose, offsets: Sequence[float]) -> FaceMeasures:
    width_ratio, x, y, roll_deg = offsets
    rest = AT_REST
    width = rest.width * pose.closer * width_ratio
    return FaceMeasures(
        box=rest.box,
        width=width,
        # In widths of the face as it is now: who moves back or forth along the camera's axis keeps this place.
        x=(rest.x / rest.width + x) * width,
        y=(rest.y / rest.width + pose.lower + y) * width,
        width_px=rest.width_px,
        roll_deg=pose.tilted + roll_deg,
        yaw_deg=rest.yaw_deg,
        pitch_deg=rest.pitch_deg,
        eye_aspect_ratio=rest.eye_aspect_ratio,
    )


def _draw(random: np.random.Generator, jitter: Trace) -> Iterator[list[float]]:
    """Measured deviations drawn at random, endlessly."""
    while True:
        yield from jitter[random.integers(0, len(jitter), 1000)].tolist()


def _random(number: int) -> np.random.Generator:
    return np.random.default_rng([estimates.SEED, number])


def _false_alarms(sensitivity: Sensitivity, neck_time_s: int, hours: float, alarms: int) -> FalseAlarms:
    rate = blink_rate(alarms, hours * 3600)  # its Poisson interval holds for any count
    minutes = WORKDAY_H * 60
    per_workday = (
        Estimate(rate.per_minute * minutes, rate.low * minutes, rate.high * minutes) if rate else estimates.NOTHING
    )
    return FalseAlarms(sensitivity, neck_time_s, hours, alarms, per_workday)
