"""The owner's eyes, tracked through a session's frames and bursts."""

from collections.abc import Sequence
from dataclasses import replace

from ai_models.blink_finder import MIN_FRAME_RATE, frame_rate
from ai_models.monitoring import eyes as eye
from ai_models.monitoring import posture_filter
from ai_models.monitoring.presence import MAX_GAP_S
from ai_models.monitoring.session_state import EyeStatus, Observation, Reason, State

# A blink that a burst's edge cuts is not told: measured on bursts of 3 s cut from annotated sittings, one in eight.
EDGE_S = 0.37


def track_eyes(state: State, frame: Observation, known_s: float) -> State:
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


def track_burst_eyes(
    state: State, frames: Sequence[Observation], reasons: Sequence[Reason | None], began_at_s: float
) -> State:
    baseline = state.baseline
    assert baseline is not None  # noqa: S101 - monitoring has one
    state = replace(state, last_burst_at_s=frames[-1].at_s)
    measured = [
        each.measures
        if reason is None and each.measures and not posture_filter.is_turned(each.measures, baseline)
        else None
        for each, reason in zip(frames, reasons, strict=True)
    ]
    times = [each.at_s for each in frames]
    ratios = [measures.eye_aspect_ratio if measures else float("nan") for measures in measured]
    known = [each for each in ratios if each == each]
    if frame_rate(times) < MIN_FRAME_RATE:
        return replace(state, eye_status=EyeStatus(reason="frame_rate_too_low"))
    if len(known) < len(frames) / 2:
        unseen = next(
            (reason for reason in reasons if reason), "head_turned" if any(e.measures for e in frames) else "no_face"
        )
        return replace(state, eye_status=EyeStatus(reason=_eye_reason(unseen)))
    open_ratio = state.eye_tracker.open_ratio(baseline.open_ratio)
    found = tuple(eye.blinks_in(times, ratios, open_ratio))
    watched_s = max(0.0, times[-1] - times[0] - EDGE_S) * len(known) / len(frames)
    shares = [each / open_ratio for each in known]
    is_closed = shares[-1] < eye.CLOSED_SHARE
    has_blinked = bool(found) or min(shares) < eye.CLOSED_SHARE
    return replace(
        state,
        eye_tracker=state.eye_tracker.with_burst(ratios, found, watched_s),
        eye_status=EyeStatus("closed" if is_closed else "open", round(shares[-1], 3), None, found),
        clocks=replace(
            state.clocks,
            since_blink_s=0.0 if has_blinked else state.clocks.since_blink_s + min(times[-1] - began_at_s, MAX_GAP_S),
        ),
    )


def _eye_reason(reason: Reason | None) -> eye.EyeReason:
    return "not_the_owner" if reason in {"not_the_owner", "identity_uncertain"} else reason or "no_face"  # type: ignore[return-value]
