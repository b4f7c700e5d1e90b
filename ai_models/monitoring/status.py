"""A session's status, as responses show it."""

from typing import Literal

from msgspec import Struct

from ai_models.monitoring.alarms import AlarmSettings, kinds_on
from ai_models.monitoring.calibration import FRAMES_NEEDED
from ai_models.monitoring.camera import Trouble
from ai_models.monitoring.events import Event
from ai_models.monitoring.eyes import BlinkRate, EyeStatus, blink_rate
from ai_models.monitoring.identity_filter import IdentityState
from ai_models.monitoring.posture_filter import Fault
from ai_models.monitoring.session_state import MAX_POSTPONEMENTS, Phase, Reason, State, Totals
from ai_models.monitoring.silence import Silenced
from ai_models.quality import Hint

PostureState = Literal["good", "bad", "unreliable", "unknown"]
PostureReason = Reason | Trouble
Question = Literal["camera_moved"]


class Margin(Struct, frozen=True):
    """A measure, and the limit from which it is a fault."""

    value: float
    limit: float


class CalibrationStatus(Struct, frozen=True):
    """quality: 0 to 1; None while calibrating."""

    frames: int
    needed: int
    hints: tuple[Hint, ...]
    quality: float | None


class PostureStatus(Struct, frozen=True):
    """reason: why the state is unreliable; no_face only if nothing explains why there is none.

    margins: None until there are a baseline and a sample.
    """

    state: PostureState
    faults: tuple[Fault, ...]
    reason: PostureReason | None
    margins: dict[Fault, Margin] | None


class UpcomingRest(Struct, frozen=True):
    """A rest alarm that is announced: how many seconds before it, and how often it can still be postponed."""

    in_s: float
    postponements_left: int


class Status(Struct, frozen=True):
    """The current status of a session. hint: what is wrong with the picture, whether a face is found in it or not.

    question: to the user; None if there is none.
    """

    phase: Phase
    hint: Hint | None
    question: Question | None
    totals: Totals
    calibration: CalibrationStatus | None
    posture: PostureStatus
    eyes: EyeStatus
    rate: BlinkRate | None
    partial_share: float | None  # of the blinks in bursts; None before the first
    watched_share: float | None  # of the active time, in which blinks could be seen; None before the first second
    identity: IdentityState
    someone_behind: bool
    alarms: tuple[Event, ...]
    silenced: tuple[Silenced, ...]
    upcoming: UpcomingRest | None


def status(state: State, settings: AlarmSettings, at_s: float | None = None) -> Status:
    """The status of a session in this state.

    settings: for this person, see AlarmSettings.tuned. at_s: the session's time, if it is later than its last frame.
    """
    at_s = state.last_at_s if at_s is None else max(at_s, state.last_at_s)
    so_far = state.totals_so_far
    return Status(
        phase=state.phase,
        hint=_hint(state),
        question="camera_moved" if state.camera.is_asking and state.phase == "monitoring" else None,
        totals=so_far,
        calibration=_calibration(state),
        posture=_posture(state, settings),
        eyes=state.eye_status,
        rate=blink_rate(so_far.burst_blinks, so_far.watched_s),
        partial_share=so_far.partial_blinks / so_far.burst_blinks if so_far.burst_blinks else None,
        watched_share=min(1.0, so_far.watched_s / so_far.active_s) if so_far.active_s else None,
        identity=state.identity.state,
        someone_behind=state.events.has("someone_behind"),
        alarms=tuple(event for event in state.events.open if event.is_alarm),
        silenced=() if state.phase == "stopped" else state.silence.silenced(at_s, settings.quiet_hours),
        upcoming=_upcoming(state, settings),
    )


def rest_announced_s(state: State, at_s: float, settings: AlarmSettings) -> float | None:
    """Seconds until the next rest alarm, if that is announced now."""
    until_s = settings.rest_time_s - state.clocks.since_rest_s
    is_near = state.phase == "monitoring" and 0 < until_s <= settings.break_notice_s
    return until_s if is_near and "rest" in kinds_on(state, at_s, settings) else None


def _upcoming(state: State, settings: AlarmSettings) -> UpcomingRest | None:
    in_s = rest_announced_s(state, state.last_at_s, settings)
    return None if in_s is None else UpcomingRest(in_s, MAX_POSTPONEMENTS - state.clocks.postponements)


def _calibration(state: State) -> CalibrationStatus | None:
    if state.phase == "calibrating":
        collected = state.calibration
        return CalibrationStatus(collected.frames, FRAMES_NEEDED, collected.hints, None)
    if state.baseline:
        return CalibrationStatus(FRAMES_NEEDED, FRAMES_NEEDED, (), state.baseline.quality)
    return None


def _hint(state: State) -> Hint | None:
    match state.phase:
        case "calibrating":
            return next(iter(state.calibration.hints), None)
        case "monitoring" | "away":
            return state.picture.hint or ("more_than_one_face" if state.events.has("someone_behind") else None)
        case _:
            return None


def _posture(state: State, settings: AlarmSettings) -> PostureStatus:
    if state.phase not in {"monitoring", "away"} or state.baseline is None:
        return PostureStatus("unknown", (), None, None)
    margins: dict[Fault, Margin] | None = None
    if medians := state.posture.margins():
        limits = settings.limits
        margins = {  # 0.0 makes 0 of -0
            "closer": Margin(round(medians.closer, 3), round(limits.closer, 4)),
            "lower": Margin(round(medians.lower, 3) + 0.0, round(limits.lower, 4)),
            "tilted": Margin(round(medians.tilted, 1) + 0.0, round(limits.tilted, 2)),
        }
    if state.reason is not None:
        reason = state.picture.trouble if state.reason == "no_face" else None
        return PostureStatus("unreliable", state.posture.faults, reason or state.reason, margins)
    if not state.posture.samples:
        return PostureStatus("unknown", (), None, None)
    return PostureStatus("bad" if state.posture.faults else "good", state.posture.faults, None, margins)
