"""The judgement of a monitoring session. Pure state machine: no clock, no I/O, no randomness.

A state and an observation give the next state and the events that started or ended. Times are seconds since the epoch,
from a single clock; elapsed time counts, not the number of frames. detections/sessions/ stores the state.
"""

from collections.abc import Sequence
from dataclasses import replace

from ai_models.blink_finder import MIN_FRAME_RATE, frame_rate
from ai_models.monitoring import posture_filter
from ai_models.monitoring.alarms import AlarmSettings, update_alarms
from ai_models.monitoring.calibration import Baseline, Calibration
from ai_models.monitoring.eyes import CLOSED_SHARE, EyeReason, EyeStatus, EyeTracker, blinks_in
from ai_models.monitoring.presence import MAX_GAP_S, end_break, reset_tracking, update_identity, update_presence
from ai_models.monitoring.session_state import EventLog, Observation, Phase, Reason, State, Totals, Transition

# Blinks cut off by a burst's edge are missed: one in eight, measured on bursts of 3 s from annotated recordings.
EDGE_S = 0.37
POSTURE_EVERY_S = 0.9  # minimum spacing of posture samples inside a burst


def start(at_s: float, *, baseline: Baseline | None = None) -> State:
    """The state of a new session, which calibrates first unless a stored baseline is given."""
    phase: Phase = "monitoring" if baseline else "calibrating"
    return State(phase=phase, started_at_s=at_s, last_at_s=at_s, baseline=baseline)


def observe(state: State, observations: Sequence[Observation], settings: AlarmSettings) -> Transition:
    """The transition after one frame or a burst, whose observations are in order of time.

    Nothing changes if a frame is not newer than the last one, or while the session is paused or stopped.
    """
    new = [frame for frame in observations if frame.at_s > state.last_at_s]
    if not new or len(new) < len(observations) or state.phase in {"paused", "stopped"}:
        return Transition(state, is_accepted=False)
    after = _observe_frame(state, new[0], settings) if len(new) == 1 else _observe_burst(state, new, settings)
    return _emit(after)


def pause(state: State, at_s: float) -> Transition:
    """Pause the session; all alarms end."""
    if state.phase in {"paused", "stopped"}:
        return Transition(state, is_accepted=False)
    at_s = max(at_s, state.last_at_s)
    quiet = reset_tracking(state, at_s)
    return _emit(replace(quiet, phase="paused", last_at_s=at_s, events=quiet.events.start("paused", at_s)))


def resume(state: State, at_s: float) -> Transition:
    """Resume a paused session where it was."""
    if state.phase != "paused":
        return Transition(state, is_accepted=False)
    at_s = max(at_s, state.last_at_s)
    phase: Phase = "monitoring" if state.baseline else "calibrating"
    return _emit(replace(end_break(state, "paused", at_s), phase=phase, last_at_s=at_s))


def recalibrate(state: State, at_s: float) -> Transition:
    """Discard the baseline and calibrate again."""
    if state.phase == "stopped":
        return Transition(state, is_accepted=False)
    at_s = max(at_s, state.last_at_s)
    after = end_break(state, "paused", at_s) if state.phase == "paused" else state
    after = end_break(after, "away", at_s) if after.phase == "away" else after
    quiet = reset_tracking(after, at_s)
    return _emit(
        replace(
            quiet,
            phase="calibrating",
            last_at_s=at_s,
            baseline=None,
            calibration=Calibration(),
            eye_tracker=_counts_only(quiet),
        )
    )


def stretch_done(state: State, at_s: float) -> Transition:
    """Count a stretch; the time to the next one starts."""
    if state.phase == "stopped":
        return Transition(state, is_accepted=False)
    at_s = max(at_s, state.last_at_s)
    return _emit(
        replace(
            state,
            clocks=replace(state.clocks, since_stretch_s=0.0),
            events=state.events.end("stretching", at_s).record("stretch", at_s),
            totals=replace(state.totals, stretches=state.totals.stretches + 1),
        )
    )


def stop(state: State, at_s: float) -> Transition:
    """End the session. The state keeps only what responses and the report need."""
    if state.phase == "stopped":
        return Transition(state, is_accepted=False)
    at_s = max(at_s, state.last_at_s)
    ended = state.events.end_all(at_s)
    final = State(
        phase="stopped",
        started_at_s=state.started_at_s,
        last_at_s=at_s,
        events=EventLog(count=ended.count, pending=ended.pending),
        totals=totals(state),
    )
    return _emit(final)


def totals(state: State) -> Totals:
    """The session's totals so far."""
    if state.phase == "stopped":
        return state.totals
    eyes = state.eye_tracker
    return replace(state.totals, blinks=eyes.blinks + eyes.closings, burst_blinks=eyes.blinks, watched_s=eyes.watched_s)


# --- One frame, one burst ---


def _observe_frame(state: State, frame: Observation, settings: AlarmSettings) -> State:
    if state.phase == "calibrating":
        return _calibrate(state, frame)
    after, passed_s = update_presence(state, frame, settings)
    if after.phase == "monitoring":
        after = _track_eyes(after, frame, passed_s)
        after = update_alarms(after, frame.at_s, settings)
    return after


def _observe_burst(state: State, frames: Sequence[Observation], settings: AlarmSettings) -> State:
    if state.phase == "calibrating":
        for number, frame in enumerate(frames):
            state = _calibrate(state, frame)
            if state.phase != "calibrating":
                return _observe_burst(state, frames[number + 1 :], settings) if number + 1 < len(frames) else state
        return state
    started_at_s = state.last_at_s
    reasons: list[Reason | None] = []
    for index, frame in enumerate(frames):
        is_checked = frame.identity_distance is not None or frame.face_count is not None
        is_due = frame.at_s - state.last_at_s >= POSTURE_EVERY_S
        if is_checked or is_due or index == len(frames) - 1 or state.phase == "away":
            state, _ = update_presence(state, frame, settings)
        reasons.append(state.reason if frame.measures else "no_face")
    if state.phase != "monitoring":
        return state
    state = _track_burst_eyes(state, frames, reasons, started_at_s)
    return update_alarms(state, frames[-1].at_s, settings)


def _calibrate(state: State, frame: Observation) -> State:
    measures = frame.measures
    identity = update_identity(state, frame)
    if identity.identity.state == "other":
        calibration = replace(state.calibration, hints=("not_the_owner",), moves=0)
    else:
        calibration = state.calibration.with_frame(measures, frame.face_count)
    baseline = calibration.baseline()
    after = replace(identity, last_at_s=frame.at_s, calibration=calibration, box=measures.box if measures else None)
    if baseline is None:
        return after
    return replace(after, phase="monitoring", baseline=baseline, calibration=Calibration(), reason=None)


def _counts_only(state: State) -> EyeTracker:
    """The eyes' counts, without what depends on the discarded baseline."""
    return replace(state.eye_tracker, open_ratios=(), was_closed=False)


def _emit(state: State) -> Transition:
    return Transition(replace(state, events=replace(state.events, pending=())), state.events.pending)


# --- The owner's eyes ---


def _track_eyes(state: State, frame: Observation, known_s: float) -> State:
    measures, baseline = frame.measures, state.baseline
    if (
        measures is None
        or baseline is None
        or state.reason is not None
        or measures.eye_aspect_ratio != measures.eye_aspect_ratio
    ):
        return replace(state, eye_status=EyeStatus(reason=_eye_reason(state.reason)))
    openness = state.eye_tracker.openness(measures.eye_aspect_ratio, baseline.open_ratio)
    eyes = state.eye_tracker.with_frame(measures.eye_aspect_ratio, baseline.open_ratio)
    is_closed = eyes.was_closed
    return replace(
        state,
        eye_tracker=eyes,
        eye_status=EyeStatus("closed" if is_closed else "open", round(openness, 3)),
        clocks=replace(state.clocks, since_blink_s=0.0 if is_closed else state.clocks.since_blink_s + known_s),
    )


def _track_burst_eyes(
    state: State, frames: Sequence[Observation], reasons: Sequence[Reason | None], started_at_s: float
) -> State:
    baseline = state.baseline
    assert baseline is not None  # noqa: S101 - monitoring has one
    state = replace(state, last_burst_at_s=frames[-1].at_s)
    measured = [
        frame.measures
        if reason is None and frame.measures and not posture_filter.is_turned(frame.measures, baseline)
        else None
        for frame, reason in zip(frames, reasons, strict=True)
    ]
    times = [frame.at_s for frame in frames]
    ratios = [measures.eye_aspect_ratio if measures else float("nan") for measures in measured]
    known = [ratio for ratio in ratios if ratio == ratio]
    if frame_rate(times) < MIN_FRAME_RATE:
        return replace(state, eye_status=EyeStatus(reason="frame_rate_too_low"))
    if len(known) < len(frames) / 2:
        first_reason = next(
            (reason for reason in reasons if reason),
            "head_turned" if any(frame.measures for frame in frames) else "no_face",
        )
        return replace(state, eye_status=EyeStatus(reason=_eye_reason(first_reason)))
    open_ratio = state.eye_tracker.open_ratio(baseline.open_ratio)
    found = tuple(blinks_in(times, ratios, open_ratio))
    watched_s = max(0.0, times[-1] - times[0] - EDGE_S) * len(known) / len(frames)
    shares = [ratio / open_ratio for ratio in known]
    is_closed = shares[-1] < CLOSED_SHARE
    has_blinked = bool(found) or min(shares) < CLOSED_SHARE
    return replace(
        state,
        eye_tracker=state.eye_tracker.with_burst(ratios, found, watched_s),
        eye_status=EyeStatus("closed" if is_closed else "open", round(shares[-1], 3), None, found),
        clocks=replace(
            state.clocks,
            since_blink_s=0.0 if has_blinked else state.clocks.since_blink_s + min(times[-1] - started_at_s, MAX_GAP_S),
        ),
    )


def _eye_reason(reason: Reason | None) -> EyeReason:
    return "not_the_owner" if reason in {"not_the_owner", "identity_uncertain"} else reason or "no_face"  # type: ignore[return-value]
