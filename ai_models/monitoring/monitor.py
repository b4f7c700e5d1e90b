"""The judgement of a monitoring session's frames. Pure state machine: no clock, no I/O, no randomness.

A state and an observation give the next state and the events that started or ended. Times are seconds since the epoch,
from a single clock; elapsed time counts, not the number of frames. detections/sessions/ stores the state.
"""

import math
from collections.abc import Sequence

from msgspec.structs import replace

from ai_models.blink_finder import WEIGHTS, Weights
from ai_models.monitoring.alarms import AlarmSettings, update_alarms
from ai_models.monitoring.calibration import Baseline, Calibration
from ai_models.monitoring.eye_watch import as_eye_reason, watch_burst
from ai_models.monitoring.eyes import EyeReason, EyeStatus
from ai_models.monitoring.identity_filter import Look
from ai_models.monitoring.observation import Observation
from ai_models.monitoring.presence import update_presence
from ai_models.monitoring.session_state import MAX_SAMPLE_S, Phase, Reason, State, Transition
from ai_models.monitoring.sitter import update_bystanders, update_identity, with_picture, without_fixture
from ai_models.monitoring.tuning import UNTUNED
from ai_models.templates import LOOKS_TO_LEARN

POSTURE_EVERY_S = 0.9  # minimum spacing of posture samples inside a burst


def start(at_s: float, *, baseline: Baseline | None = None, camera_id: str | None = None) -> State:
    """The state of a new session, which calibrates first unless a stored baseline is given."""
    phase: Phase = "monitoring" if baseline else "calibrating"
    return State(phase=phase, started_at_s=at_s, last_at_s=at_s, baseline=baseline, camera_id=camera_id)


def observe(
    state: State, observations: Sequence[Observation], settings: AlarmSettings, *, weights: Weights = WEIGHTS
) -> Transition:
    """The transition after one frame or a burst, whose observations are in order of time.

    Frames that are not newer than the last one are left out: a burst is used from there on. Nothing changes if no
    frame is newer, or while the session is paused or stopped. weights: the blink finder's.
    """
    if state.tuning != UNTUNED:
        settings = settings.tuned(state.tuning)
    new = [without_fixture(state, frame) for frame in observations if frame.at_s > state.last_at_s]
    if not new or state.phase in {"paused", "stopped"}:
        return Transition(state, is_accepted=False)
    if len(observations) == 1:
        return _observe_frame(Transition(state), new[0], settings)
    return _observe_burst(Transition(state), new, settings, weights)


# --- One frame, one burst ---


def _observe_frame(transition: Transition, frame: Observation, settings: AlarmSettings) -> Transition:
    if transition.state.phase == "calibrating":
        return transition.to(_calibrate(transition.state, frame))
    transition, known_s = update_presence(transition, frame, settings)
    if transition.state.phase != "monitoring":
        return transition
    return update_alarms(transition.to(_watch_frame(transition.state, frame, known_s)), frame.at_s, settings)


def _watch_frame(state: State, frame: Observation, known_s: float) -> State:
    """The state after the owner's eyes in a frame; known_s: the seconds since the last, 0 if it was not judged."""
    reason, baseline = _eye_reason(state, frame), state.baseline
    if reason or frame.measures is None or baseline is None:
        return replace(state, eye_status=EyeStatus(reason=reason))
    ratio = frame.measures.eye_aspect_ratio
    openness = state.eye_tracker.openness(ratio, baseline.open_ratio)
    eyes = state.eye_tracker.with_frame(ratio, baseline.open_ratio)
    eyes, _ = eyes.with_closing([frame.at_s], [frame.shows_shut_eyes(openness, baseline)])
    clocks = state.clocks
    if eyes.is_long_closed():
        clocks = clocks.with_blink_times(0.0, 0.0)
    elif state.is_sampled(frame.at_s):
        clocks = clocks.with_eye_sample(known_s if known_s <= MAX_SAMPLE_S else 0.0, is_closed=eyes.was_closed)
    problem = state.burst_problem if state.burst_problem == "frame_rate_too_low" else None  # the eyes are seen again
    status = EyeStatus("closed" if eyes.was_closed else "open", round(openness, 3), problem)
    return replace(state, eye_tracker=eyes, eye_status=status, clocks=clocks, burst_problem=problem)


def _eye_reason(state: State, frame: Observation) -> EyeReason | None:
    """Why the eyes cannot be judged in a frame; None if they can."""
    measures = frame.measures
    if state.reason or measures is None:
        return as_eye_reason(state.reason)
    return frame.eyes_hidden_by or ("no_face" if math.isnan(measures.eye_aspect_ratio) else None)


def _observe_burst(
    transition: Transition, frames: Sequence[Observation], settings: AlarmSettings, weights: Weights
) -> Transition:
    if transition.state.phase == "calibrating":
        for number, frame in enumerate(frames):
            transition = transition.to(_calibrate(transition.state, frame))
            if transition.state.phase != "calibrating":
                rest = frames[number + 1 :]
                return _observe_burst(transition, rest, settings, weights) if rest else transition
        return transition
    reasons: list[Reason | None] = []
    for index, frame in enumerate(frames):
        state = transition.state
        is_checked = frame.look is not None or frame.others is not None
        is_due = frame.at_s - state.last_at_s >= POSTURE_EVERY_S
        has_changed = (frame.measures is None) != (state.reason == "no_face")
        if is_checked or is_due or has_changed or index == len(frames) - 1 or state.phase == "away":
            transition, _ = update_presence(transition, frame, settings)
        reasons.append(transition.state.reason if frame.measures else "no_face")
    if transition.state.phase != "monitoring":
        return transition
    watched = watch_burst(transition.state, frames, reasons, weights)
    return update_alarms(transition.to(watched), frames[-1].at_s, settings)


def _calibrate(state: State, frame: Observation) -> State:
    state = update_bystanders(state, frame)
    unseen = with_picture(state, frame).picture.hint
    calibration = state.calibration.with_frame(frame.measures, unseen, has_company=state.has_company)
    after = update_identity(state, replace(frame, look=_look_to_enrol(state, frame, calibration)))
    if frame.measures and after.identity.state == "other":
        calibration = Calibration(hints=("not_the_owner", "learn_your_face"))
    baseline = calibration.baseline() if _is_face_known(after) else None
    after = replace(with_picture(after, frame), last_at_s=frame.at_s, calibration=calibration)
    if baseline is None:
        return after
    return replace(
        after,
        phase="monitoring",
        baseline=replace(baseline, outline=frame.outline),
        former_baseline=None,
        calibration=Calibration(),
        confirmation=None,
        reason=None,
    )


def _is_face_known(state: State) -> bool:
    """Whether there were enough looks to say whose the face is, or to learn it as confirmed."""
    if state.confirmation and state.identity.state != "not_asked":
        return state.identity.look_count >= LOOKS_TO_LEARN
    return state.identity.state != "uncertain"


def _look_to_enrol(state: State, frame: Observation, calibration: Calibration) -> Look | None:
    """The look of a frame that is good enough to learn from; a confirmed face is compared with none."""
    if frame.look is None or calibration.hints:
        return None
    return Look(frame.look.descriptor, ()) if state.confirmation else frame.look
