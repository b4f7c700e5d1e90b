"""What a user can do in a monitoring session besides sitting there. Pure, as monitor is."""

from msgspec.structs import replace

from ai_models.monitoring.calibration import Calibration
from ai_models.monitoring.camera import CameraWatch
from ai_models.monitoring.eye_watch import count_rest
from ai_models.monitoring.eyes import MIN_RATED_S, Closing, EyeTracker, blink_rate
from ai_models.monitoring.posture_filter import PostureFilter
from ai_models.monitoring.presence import end_break, reset_tracking
from ai_models.monitoring.session_state import Phase, State, Totals, Transition
from ai_models.templates import Confirmation

ALL_WATCHED = 0.95  # of the active time


def pause(state: State, at_s: float) -> Transition:
    """Pause the session; all alarms end."""
    if state.phase in {"paused", "stopped"}:
        return Transition(state, is_accepted=False)
    at_s = max(at_s, state.last_at_s)
    quiet = reset_tracking(Transition(state), at_s)
    return quiet.to(replace(quiet.state, phase="paused", last_at_s=at_s)).start("paused", at_s)


def resume(state: State, at_s: float) -> Transition:
    """Resume a paused session where it was."""
    if state.phase != "paused":
        return Transition(state, is_accepted=False)
    at_s = max(at_s, state.last_at_s)
    phase: Phase = "monitoring" if state.baseline else "calibrating"
    after = end_break(Transition(state), "paused", at_s)
    return after.to(replace(after.state, phase=phase, last_at_s=at_s))


def recalibrate(state: State, at_s: float, confirmation: Confirmation | None = None) -> Transition:
    """Discard the baseline and calibrate again. confirmation: whose face it is has been confirmed, so learn it."""
    if state.phase == "stopped":
        return Transition(state, is_accepted=False)
    at_s = max(at_s, state.last_at_s)
    after = Transition(state)
    if state.phase in {"paused", "away"}:
        after = end_break(after, state.phase, at_s)
    quiet = reset_tracking(after, at_s)
    return quiet.to(
        replace(
            quiet.state,
            phase="calibrating",
            last_at_s=at_s,
            baseline=None,
            former_baseline=state.baseline or state.former_baseline,
            calibration=Calibration(),
            confirmation=confirmation,
            bystanders=(),
            first_counted_at_s=None,
            camera=CameraWatch(),
            eye_tracker=_counts_only(quiet.state),
        )
    )


def cancel_calibration(state: State, at_s: float) -> Transition:
    """Go back to the baseline that there was before the session calibrated again, and learn no face."""
    if state.phase == "stopped" or state.former_baseline is None:
        return Transition(state, is_accepted=False)
    at_s = max(at_s, state.last_at_s)
    return Transition(
        replace(
            state,
            phase="paused" if state.phase == "paused" else "monitoring",
            last_at_s=at_s,
            baseline=state.former_baseline,
            former_baseline=None,
            calibration=Calibration(),
            confirmation=None,
            identity=replace(state.identity, looks=b""),
            identity_checked_at_s=None,
        )
    )


def camera_moved(state: State, at_s: float, *, has_moved: bool) -> Transition:
    """Take the user's answer to the question whether the camera was moved: if so, the baseline moves with it."""
    if state.phase == "stopped" or not state.camera.is_asking or state.baseline is None:
        return Transition(state, is_accepted=False)
    if not has_moved:
        return Transition(replace(state, camera=state.camera.refused()))
    at_s = max(at_s, state.last_at_s)
    after = replace(
        state,
        baseline=state.camera.moved(state.baseline),
        camera=CameraWatch(),
        bystanders=(),  # pictures on the wall are elsewhere now
        first_counted_at_s=None,
        posture=PostureFilter(),
        episode_counted=False,
    )
    return Transition(after).end("neck", at_s).end("bad_posture", at_s)


def stretch_done(state: State, at_s: float) -> Transition:
    """Count a stretch; the time to the next one starts."""
    if state.phase == "stopped":
        return Transition(state, is_accepted=False)
    at_s = max(at_s, state.last_at_s)
    after = replace(
        state,
        clocks=replace(state.clocks, since_stretch_s=0.0),
        totals=replace(state.totals, stretches=state.totals.stretches + 1),
    )
    return Transition(after).end("stretching", at_s).start("stretch", at_s).end("stretch", at_s)


def stop(state: State, at_s: float) -> Transition:
    """End the session. The state keeps only what responses and the report need."""
    if state.phase == "stopped":
        return Transition(state, is_accepted=False)
    at_s = max(at_s, state.last_at_s)
    ended = Transition(state).end_all(at_s)
    final = State(
        phase="stopped",
        started_at_s=state.started_at_s,
        last_at_s=at_s,
        events=ended.state.events,
        totals=_final_totals(state),
        best_outline=_best_outline(state),
    )
    return ended.to(final)


def _best_outline(state: State) -> bytes | None:
    """The outline of good posture, packed: that of the baseline, or of the one before while a new one is calibrated."""
    baseline = state.baseline or state.former_baseline
    return baseline.outline if baseline else None


def _final_totals(state: State) -> Totals:
    """The totals of an ended session: its blinks are those that were seen, or estimated where not all was watched."""
    seen = count_rest(state).totals_so_far
    rate = blink_rate(seen.burst_blinks, seen.watched_s)
    if rate is None or seen.watched_s < MIN_RATED_S or seen.watched_s >= ALL_WATCHED * seen.active_s:
        return seen
    return replace(seen, blinks=round(rate.per_minute * seen.active_s / 60))


def _counts_only(state: State) -> EyeTracker:
    """The eyes' counts, without what depends on the discarded baseline."""
    return replace(count_rest(state).eye_tracker, open_ratios=(), was_closed=False, closing=Closing())
