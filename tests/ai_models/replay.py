"""Sessions replayed from numbers: a simulated person at a desk, and a clock that moves only with their frames."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from msgspec.structs import replace

from ai_models.identity import DESCRIPTOR_LENGTH
from ai_models.landmarks import Box
from ai_models.measures import FaceMeasures
from ai_models.monitoring import monitor
from ai_models.monitoring.alarms import AlarmSettings
from ai_models.monitoring.calibration import Baseline
from ai_models.monitoring.events import Event
from ai_models.monitoring.identity_filter import Look
from ai_models.monitoring.observation import Observation
from ai_models.monitoring.pacing import Pace, pace
from ai_models.monitoring.session_state import State, Transition
from ai_models.monitoring.status import Status, status
from ai_models.quality import Quality
from ai_models.templates import Template

START_S = 1_800_000_000.0
OWNER, OTHER = 0.2, 0.7  # distances of descriptors
BASELINE = Baseline(0.25, 0.0, -0.03, 0.0, 0.0, 0.0, open_ratio=0.3, quality=1.0)
NAN = float("nan")
# Standard deviations for a person who sits still, measured on webcam clips: width (relative), position (in widths),
# roll and yaw (degrees).
JITTER = (0.014, 0.01, 0.4, 1.0)


def face(
    *,
    closer: float = 1.0,
    lower: float = 0.0,
    tilted: float = 0.0,
    turned: float = 0.0,
    eyes: float = 0.3,
    right: float = 0.0,
    quality: Quality | None = Quality(light=120, sharpness=300),  # noqa: B008 - frozen
) -> FaceMeasures:
    """The measures of a face relative to the baseline: in its own widths, degrees, and an eye aspect ratio."""
    width = BASELINE.width * closer
    x, y = BASELINE.x * closer + right * width, BASELINE.y * closer + lower * width
    left, top, side = round(320 + (x - width / 2) * 640), round(240 + (y - width / 2) * 640), round(width * 640)
    return FaceMeasures(
        box=Box(left, top, left + side, top + side),
        width=width,
        x=x,
        y=y,
        width_px=width * 640,
        roll_deg=tilted,
        yaw_deg=turned,
        pitch_deg=0.0,
        eye_aspect_ratio=eyes,
        quality=quality,
    )


def jittered(random: np.random.Generator, measures: FaceMeasures) -> FaceMeasures:
    """The measures with the noise that landmarks add from frame to frame."""
    width, position, roll, yaw = JITTER
    return replace(
        measures,
        width=measures.width * (1 + random.normal(0, width)),
        x=measures.x + measures.width * random.normal(0, position),
        y=measures.y + measures.width * random.normal(0, position),
        roll_deg=measures.roll_deg + random.normal(0, roll),
        yaw_deg=measures.yaw_deg + random.normal(0, yaw),
        eye_aspect_ratio=measures.eye_aspect_ratio * (1 + random.normal(0, 0.03)),
    )


def box_at(x: int, y: int = 100, side: int = 70) -> Box:
    """The box of a face beside the owner's, in a picture of 640 x 480."""
    return Box(x, y, x + side, y + side)


ENROLLED = (Template(np.zeros(DESCRIPTOR_LENGTH)),)


def look_at(distance: float) -> Look:
    """A look at a face at this distance from the enrolled one; all lie in the same direction."""
    descriptor = np.zeros(DESCRIPTOR_LENGTH)
    descriptor[0] = distance
    return Look(descriptor, ENROLLED)


GOOD, CLOSER, LOWER, TILTED, TURNED = face(), face(closer=1.2), face(lower=0.2), face(tilted=15), face(turned=30)


@dataclass
class Desk:
    """A session and its clock, started with a baseline."""

    settings: AlarmSettings = field(default_factory=AlarmSettings)
    state: State = field(default_factory=lambda: monitor.start(START_S, baseline=BASELINE))
    at_s: float = START_S
    events: list[Event] = field(default_factory=list)

    def apply(self, transition: Transition) -> Transition:
        self.state = transition.state
        self.events += transition.events
        return transition

    def observe(
        self,
        measures: FaceMeasures | None,
        *,
        after_s: float = 1.0,
        distance: float | None = OWNER,
        others: Sequence[Box] | None = None,
    ) -> Transition:
        """One frame, `after_s` seconds after the last."""
        self.at_s += after_s
        look = None if measures is None or distance is None else look_at(distance)
        frame = Observation(self.at_s, measures, tuple(others) if measures and others is not None else None, look)
        return self.apply(monitor.observe(self.state, [frame], self.settings))

    def watch(
        self, measures: FaceMeasures | None, seconds: float, *, every_s: float = 1.0, distance: float | None = OWNER
    ) -> None:
        """Equal frames for some time, one every `every_s` seconds."""
        for _ in range(round(seconds / every_s)):
            self.observe(measures, after_s=every_s, distance=distance)

    def replay_episode(
        self, random: np.random.Generator, bad: FaceMeasures, start_s: float, end_s: float, *, late_s: float
    ) -> None:
        """Bad posture from start to end, good before and for ten seconds after: jittered, at the session's own pace,
        each frame up to `late_s` late."""
        while self.at_s < end_s + 10:
            after_s = self.pace.next_after_ms / 1000 + random.uniform(0, late_s)
            is_bad = start_s <= self.at_s + after_s <= end_s
            self.observe(jittered(random, bad if is_bad else face()), after_s=after_s)

    def blink(self) -> None:
        """One frame with closed eyes, which restarts the blink alarm's time."""
        self.observe(face(eyes=0.1))

    def burst(
        self, ratios: Sequence[float], *, a_second: float = 15.0, measures: FaceMeasures | None = None
    ) -> Transition:
        """A burst of frames with the given eye aspect ratios; NaN means no face."""
        times = self.at_s + np.arange(1, len(ratios) + 1) / a_second
        self.at_s = float(times[-1])
        base = measures or face()
        measured = [
            None if np.isnan(ratio) else replace(base, eye_aspect_ratio=ratio, quality=None) for ratio in ratios
        ]
        frames = [Observation(float(at_s), found) for at_s, found in zip(times, measured, strict=True)]
        return self.apply(monitor.observe(self.state, frames, self.settings))

    @property
    def status(self) -> Status:
        return status(self.state, self.settings.tuned(self.state.tuning))

    @property
    def pace(self) -> Pace:
        return pace(self.state, self.settings.tuned(self.state.tuning))

    def open_alarms(self) -> set[str]:
        """The kinds of the alarms that are on."""
        return {event.kind for event in self.status.alarms}

    def times(self, kind: str) -> list[tuple[float, float | None]]:
        """Start and end of each event of a kind, in seconds since the session's start; None if it has not ended."""
        latest = {event.number: event for event in self.events if event.kind == kind}
        return [
            (event.started_at_s - START_S, None if event.ended_at_s is None else event.ended_at_s - START_S)
            for event in latest.values()
        ]


def calibrated(random: np.random.Generator, settings: AlarmSettings) -> Desk:
    """A session with a baseline, taken from a person who sits still."""
    desk = Desk(settings, monitor.start(START_S))
    while desk.status.phase == "calibrating":
        desk.observe(jittered(random, face()), after_s=0.5)
    return desk


def without_timed_alarms(**changed: int | str) -> AlarmSettings:
    """The usual settings without the blink, stretching and rest alarms, which time alone would raise."""
    return AlarmSettings(alarms_on=frozenset({"neck", "stranger", "someone_behind"}), **changed)  # type: ignore[arg-type]
