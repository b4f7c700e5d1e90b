"""Sessions replayed from numbers: a made-up person at a desk, and a clock that only moves when they do."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from ai_models.landmarks import Box
from ai_models.measures import FaceMeasures
from ai_models.monitoring import monitor
from ai_models.monitoring.alarms import AlarmSettings
from ai_models.monitoring.calibration import Baseline
from ai_models.monitoring.pacing import Pace, pace
from ai_models.monitoring.session_state import Event, Observation, State, Transition
from ai_models.monitoring.status import Status, status
from ai_models.quality import Quality

START_S = 1_800_000_000.0
OWNER, OTHER = 0.2, 0.7  # distances of descriptors
BASELINE = Baseline(0.25, 0.5, 0.3, 0.0, 0.0, 0.0, open_ratio=0.3, quality=1.0)
NAN = float("nan")
# Of a person who sits still, measured on webcam clips: width, place (in widths), roll, yaw.
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
    """A face against the baseline: in widths, degrees, and an eye aspect ratio."""
    width = BASELINE.width * closer
    x, y = BASELINE.x + right * BASELINE.width, BASELINE.y + lower * BASELINE.width
    left, top, side = round((x - width / 2) * 640), round((y - width / 2) * 640), round(width * 640)
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


def jittered(random: np.random.Generator, seen: FaceMeasures) -> FaceMeasures:
    """The same face as landmarks measure it from frame to frame."""
    width, place, roll, yaw = JITTER
    return replace(
        seen,
        width=seen.width * (1 + random.normal(0, width)),
        x=seen.x + seen.width * random.normal(0, place),
        y=seen.y + seen.width * random.normal(0, place),
        roll_deg=seen.roll_deg + random.normal(0, roll),
        yaw_deg=seen.yaw_deg + random.normal(0, yaw),
        eye_aspect_ratio=seen.eye_aspect_ratio * (1 + random.normal(0, 0.03)),
    )


GOOD, CLOSER, LOWER, TILTED, TURNED = face(), face(closer=1.2), face(lower=0.2), face(tilted=15), face(turned=30)


@dataclass
class Desk:
    """A session and its clock, begun with the baseline at hand."""

    settings: AlarmSettings = field(default_factory=AlarmSettings)
    state: State = field(default_factory=lambda: monitor.start(START_S, baseline=BASELINE))
    at_s: float = START_S
    events: list[Event] = field(default_factory=list)

    def take(self, transition: Transition) -> Transition:
        self.state = transition.state
        self.events += transition.events
        return transition

    def see(
        self, seen: FaceMeasures | None, *, after_s: float = 1.0, who: float | None = OWNER, faces: int | None = None
    ) -> Transition:
        """One frame, so many seconds after the last."""
        self.at_s += after_s
        distance = who if seen else None
        frame = Observation(self.at_s, seen, faces if seen else None, distance)
        return self.take(monitor.observe(self.state, [frame], self.settings))

    def watch(
        self, seen: FaceMeasures | None, seconds: float, *, every_s: float = 1.0, who: float | None = OWNER
    ) -> None:
        """The same for some time, at so many seconds a frame."""
        for _ in range(round(seconds / every_s)):
            self.see(seen, after_s=every_s, who=who)

    def act(self, random: np.random.Generator, bad: FaceMeasures, begins: float, ends: float, *, late_s: float) -> None:
        """Bad posture from one moment to another, jittered, at the session's own pace and at most so late; good before,
        and for ten seconds after."""
        while self.at_s < ends + 10:
            after_s = self.pace.next_after_ms / 1000 + random.uniform(0, late_s)
            is_bad = begins <= self.at_s + after_s <= ends
            self.see(jittered(random, bad if is_bad else face()), after_s=after_s)

    def blink(self) -> None:
        """A frame with the eyes closed: the blink alarm's time begins anew."""
        self.see(face(eyes=0.1))

    def burst(self, ratios: Sequence[float], *, a_second: float = 15.0, seen: FaceMeasures | None = None) -> Transition:
        """A burst of frames with these eye aspect ratios, NaN where there is no face."""
        times = self.at_s + np.arange(1, len(ratios) + 1) / a_second
        self.at_s = float(times[-1])
        usual = seen or face()
        measured = [
            None if np.isnan(ratio) else replace(usual, eye_aspect_ratio=ratio, quality=None) for ratio in ratios
        ]
        frames = [Observation(float(at_s), each) for at_s, each in zip(times, measured, strict=True)]
        return self.take(monitor.observe(self.state, frames, self.settings))

    @property
    def status(self) -> Status:
        return status(self.state, self.settings)

    @property
    def pace(self) -> Pace:
        return pace(self.state, self.settings)

    def open(self) -> set[str]:
        """What alarms are on."""
        return {event.kind for event in self.status.alarms}

    def times(self, kind: str) -> list[tuple[float, float | None]]:
        """When each event of a kind began and ended, in seconds since the start; None where it has not ended."""
        told = {event.number: event for event in self.events if event.kind == kind}
        return [
            (event.started_at_s - START_S, None if event.ended_at_s is None else event.ended_at_s - START_S)
            for event in told.values()
        ]


def calibrated(random: np.random.Generator, settings: AlarmSettings) -> Desk:
    """Somebody who has sat still until the session had its baseline."""
    desk = Desk(settings, monitor.start(START_S))
    while desk.status.phase == "calibrating":
        desk.see(jittered(random, face()), after_s=0.5)
    return desk


def without_blinks(**changed: int | str) -> AlarmSettings:
    """The usual settings, with the alarms off that come of themselves."""
    return AlarmSettings(alarms_on=frozenset({"neck", "stranger", "someone_behind"}), **changed)  # type: ignore[arg-type]
