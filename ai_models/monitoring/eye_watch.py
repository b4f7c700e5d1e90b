"""The owner's eyes in a burst: what it changes in the counts and in the blink alarm's clock.

The clock runs over watched time. While bursts can be watched, only a blink found by its shape or a long closing resets
it. Where they cannot, because the client or the camera is too slow for them, single samples have to do: then a closed
one resets it.
"""

import math
from collections.abc import Sequence

from msgspec.structs import replace

from ai_models.blink import Blink
from ai_models.blink_finder import MIN_FRAME_RATE, Weights, frame_rate
from ai_models.monitoring import posture_filter
from ai_models.monitoring.calibration import Baseline
from ai_models.monitoring.eyes import EyeReason, EyeStatus, EyeTracker
from ai_models.monitoring.observation import Observation
from ai_models.monitoring.session_state import MAX_SAMPLE_S, Reason, State

REOPENED_S = 0.15  # after a blink's end, which is half way up, the lids are open again
MIN_SEEN_SHARE = 0.5  # of a burst's frames
HIDDEN: tuple[EyeReason, ...] = ("too_dark", "glare")  # until the light changes
MIN_RATED_FRAMES = 5  # fewer say little about the frame rate

NAN = math.nan


def watch_burst(
    state: State, frames: Sequence[Observation], reasons: Sequence[Reason | None], weights: Weights
) -> State:
    """The state after a burst; reasons: why the owner's posture could not be judged in each frame, None if it could."""
    baseline = state.baseline
    assert baseline is not None  # noqa: S101 - monitoring has one
    state = replace(state, last_burst_at_s=frames[-1].at_s)
    ratios = [_ratio(frame, reason, baseline) for frame, reason in zip(frames, reasons, strict=True)]
    seen = sum(not math.isnan(ratio) for ratio in ratios)
    if seen == 0 or seen < MIN_SEEN_SHARE * len(frames):
        reason = _burst_reason(frames, reasons)
        problem = reason if reason in HIDDEN else state.burst_problem
        return replace(state, eye_status=EyeStatus(reason=reason), burst_problem=problem)
    if _frame_rate(state.eye_tracker, frames) < MIN_FRAME_RATE:
        return _watch_slow_burst(state, frames, ratios, baseline)
    return _watch_fast_burst(state, frames, ratios, weights)


def count_rest(state: State) -> State:
    """The state with the blinks at the end of its trace counted, which ends the trace."""
    if state.baseline is None:
        return state
    eyes, _ = state.eye_tracker.ended(state.baseline.open_ratio)
    return replace(state, eye_tracker=eyes)


def as_eye_reason(reason: Reason | None) -> EyeReason:
    """Why the eyes cannot be judged where posture cannot."""
    if reason in {"not_the_owner", "identity_uncertain"}:
        return "not_the_owner"
    return "head_turned" if reason == "head_turned" else "no_face"


def _watch_fast_burst(state: State, frames: Sequence[Observation], ratios: Sequence[float], weights: Weights) -> State:
    baseline = state.baseline
    assert baseline is not None  # noqa: S101 - monitoring has one
    times = [frame.at_s for frame in frames]
    before = state.eye_tracker
    eyes, closed = before.with_closing(*_shut(before, frames, ratios, baseline))
    eyes, burst = eyes.with_burst(times, ratios, baseline.open_ratio, weights)
    told = (*burst.counted, closed) if closed else burst.counted
    status = EyeStatus("closed" if eyes.was_closed else "open", round(burst.openness, 3), None, told)
    counted_s = state.clocks.since_counted_blink_s + burst.watched_s
    counted_s = min([counted_s, *(_since(blink, times[-1]) for blink in told)])
    since_s = min([counted_s, *(_since(blink, times[-1]) for blink in burst.found)])
    clocks = state.clocks.with_blink_times(since_s, counted_s)
    after = replace(state, eye_tracker=eyes, eye_status=status, clocks=clocks, watched_at_s=times[-1])
    return replace(after, burst_problem=None).while_shut()


def _watch_slow_burst(
    state: State, frames: Sequence[Observation], ratios: Sequence[float], baseline: Baseline
) -> State:
    """The state after a burst that is too slow for blinks: its frames are single samples."""
    eyes = state.eye_tracker
    clocks = state.clocks
    last_at_s = frames[0].at_s
    for frame, ratio in zip(frames, ratios, strict=True):
        eyes = eyes.with_frame(ratio, baseline.open_ratio)
        is_closed = eyes.is_closed(ratio, baseline.open_ratio)
        clocks = clocks.with_eye_sample(min(frame.at_s - last_at_s, MAX_SAMPLE_S), is_closed=is_closed)
        last_at_s = frame.at_s
    eyes, _ = eyes.with_closing(*_shut(eyes, frames, ratios, baseline))
    status = EyeStatus(reason="frame_rate_too_low")
    after = replace(state, eye_tracker=eyes, clocks=clocks, eye_status=status, burst_problem=status.reason)
    return after.while_shut()


def _since(blink: Blink, at_s: float) -> float:
    return max(0.0, at_s - blink.end_s - REOPENED_S)


def _shut(
    eyes: EyeTracker, frames: Sequence[Observation], ratios: Sequence[float], baseline: Baseline
) -> tuple[list[float], list[bool]]:
    """The times of the frames whose eyes were seen, and if they were shut."""
    level = eyes.open_ratio(baseline.open_ratio)
    seen = [(frame, ratio) for frame, ratio in zip(frames, ratios, strict=True) if not math.isnan(ratio)]
    shut = [frame.shows_shut_eyes(ratio / level, baseline) for frame, ratio in seen]
    return [frame.at_s for frame, _ in seen], shut


def _frame_rate(eyes: EyeTracker, frames: Sequence[Observation]) -> float:
    """A burst's frame rate; a short one continues the trace before it."""
    times = [frame.at_s for frame in frames]
    if len(times) < MIN_RATED_FRAMES and eyes.trace.is_continued_at(times[0]):
        times = [*eyes.trace.samples()[0][-MIN_RATED_FRAMES:], *times]
    return frame_rate(times)


def _ratio(frame: Observation, reason: Reason | None, baseline: Baseline) -> float:
    measures = frame.measures
    if reason or measures is None or frame.eyes_hidden_by or posture_filter.is_turned(measures, baseline):
        return NAN
    return measures.eye_aspect_ratio


def _burst_reason(frames: Sequence[Observation], reasons: Sequence[Reason | None]) -> EyeReason:
    if hidden := next((frame.eyes_hidden_by for frame in frames if frame.eyes_hidden_by), None):
        return hidden
    is_turned = any(frame.measures for frame in frames)
    return as_eye_reason(next((reason for reason in reasons if reason), "head_turned" if is_turned else "no_face"))
