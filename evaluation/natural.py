"""People who sit naturally: clips of one person's sitting, replayed in random order, and the neck alarms they raise."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ai_models.measures import FaceMeasures
from ai_models.monitoring import monitor
from ai_models.monitoring.alarms import AlarmSettings
from ai_models.monitoring.eyes import blink_rate
from ai_models.monitoring.observation import Observation
from ai_models.monitoring.pacing import pace
from ai_models.monitoring.posture_filter import Sensitivity
from evaluation import estimates
from evaluation.clips import Clip
from evaluation.estimates import Estimate
from evaluation.jitter import MIN_FRAMES
from evaluation.replay import SENSITIVITIES

MIN_CLIPS = 5  # of a person
SESSION_S = 1800.0
SESSIONS = 12
CLIP_S = (20.0, 60.0)
LATE_S = 0.1  # a frame arrives up to so much later than it was asked for
CALIBRATES_WITHIN_S = 60.0  # on one clip; another is tried then
GIVES_UP_AFTER_S = 1200.0


@dataclass(frozen=True, slots=True)
class NaturalAlarms:
    """Neck alarms, each of `hours` hours; an upper bound, since some of the moves are real changes of posture."""

    person: str
    clips: int
    sensitivity: Sensitivity
    hours: float
    alarms: int
    per_hour: Estimate


def sit_naturally(clips: Sequence[Clip], on_progress: Callable[[], object]) -> list[NaturalAlarms]:
    """The alarms of each person with enough clips, at each sensitivity; on_progress is called after each of these.

    A person's clips have to be of one sitting. A session calibrates on one of them, drawn at random, and then sees
    others, for CLIP_S each.
    """
    results: list[NaturalAlarms] = []
    for person, sitting in sittings(clips).items():
        for sensitivity in SENSITIVITIES:
            settings = AlarmSettings(sensitivity=sensitivity, alarms_on=frozenset({"neck"}))
            alarms = sum(_alarms(sitting, settings, number) for number in range(SESSIONS))
            results.append(_result(person, len(sitting), sensitivity, alarms))
            on_progress()
    return results


def sittings(clips: Sequence[Clip]) -> dict[str, list[list[FaceMeasures]]]:
    """The measures in each clip of the people who have enough clips."""
    people: dict[str, list[list[FaceMeasures]]] = {}
    for clip in clips:
        if len(clip.samples) >= MIN_FRAMES:
            people.setdefault(clip.person, []).append([sample.measures for sample in clip.samples])
    return {person: sitting for person, sitting in people.items() if len(sitting) >= MIN_CLIPS}


def _alarms(sitting: Sequence[Sequence[FaceMeasures]], settings: AlarmSettings, number: int) -> int:
    """The neck alarms in one session."""
    random = np.random.default_rng([estimates.SEED, number])
    state, at_s, alarms = monitor.start(0.0), 0.0, 0
    clip, until_s, end_s = _draw(sitting, random), CALIBRATES_WITHIN_S, GIVES_UP_AFTER_S
    has_begun = False
    while at_s < end_s:
        at_s += pace(state, settings).next_after_ms / 1000 + random.uniform(0, LATE_S)
        is_calibrating = state.phase == "calibrating"
        if not is_calibrating and not has_begun:
            has_begun, end_s, until_s = True, at_s + SESSION_S, at_s
        if at_s >= until_s:
            clip = _draw(sitting, random)
            until_s = at_s + (CALIBRATES_WITHIN_S if is_calibrating else random.uniform(*CLIP_S))
        frame = Observation(at_s, clip[int(random.integers(len(clip)))], others=())
        transition = monitor.observe(state, [frame], settings)
        alarms += sum(event.kind == "neck" and event.ended_at_s is None for event in transition.events)
        state = transition.state
    return alarms


def _draw(sitting: Sequence[Sequence[FaceMeasures]], random: np.random.Generator) -> Sequence[FaceMeasures]:
    return sitting[int(random.integers(len(sitting)))]


def _result(person: str, clips: int, sensitivity: Sensitivity, alarms: int) -> NaturalAlarms:
    hours = SESSIONS * SESSION_S / 3600
    rate = blink_rate(alarms, hours * 3600)  # its Poisson interval holds for any count
    per_hour = Estimate(60 * rate.per_minute, 60 * rate.low, 60 * rate.high) if rate else estimates.NOTHING
    return NaturalAlarms(person, clips, sensitivity, hours, alarms, per_hour)
