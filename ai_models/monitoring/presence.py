"""Presence: who is there, and which seconds count."""

from dataclasses import replace
from typing import Literal

from ai_models.landmarks import Box
from ai_models.measures import FaceMeasures
from ai_models.monitoring import bystanders, posture_filter
from ai_models.monitoring.alarms import AlarmSettings, is_stranger_certain
from ai_models.monitoring.bystanders import FROM_START_S, is_at_fixture
from ai_models.monitoring.eyes import EyeStatus
from ai_models.monitoring.identity_filter import IdentityFilter
from ai_models.monitoring.posture_filter import LIMITS, PostureFilter
from ai_models.monitoring.session_state import AlarmKind, Observation, Reason, State

AWAY_AFTER_S = 15.0
MAX_GAP_S = 15.0  # a longer gap between frames is treated as an absence
BREAK_S = 60.0  # a break this long is a rest
ABSENT: frozenset[Reason | None] = frozenset({"no_face", "not_the_owner"})
# A face may be another person's if between two frames it moved farther, or grew or shrank by more, or if it was not
# seen for longer, or if there was no frame for longer.
JUMP = 0.5  # face widths
GROWTH = 1.4
UNSEEN_S = 1.5
UNWATCHED_S = 10.0
MAX_YAW_TO_LOOK_DEG = 30.0  # as calibration allows it


def update_presence(state: State, frame: Observation, settings: AlarmSettings) -> tuple[State, float]:
    """The state with presence, identity and posture after a frame, and the seconds for which these are known.

    Those are 0 after a gap.
    """
    passed_s = frame.at_s - state.last_at_s
    if passed_s > MAX_GAP_S and state.phase == "monitoring":
        state, passed_s = _bridge_gap(state, frame.at_s), 0.0
    state = update_bystanders(update_identity(state, frame), frame)
    reason = _reason(state, frame.measures)
    is_owner = reason not in ABSENT
    if state.phase == "away":
        if not is_owner or reason == "identity_uncertain":
            return _stay_away(state, frame, reason, settings), 0.0
        state, passed_s = replace(end_break(state, "away", frame.at_s), phase="monitoring"), 0.0
    state = _credit_active_time(state, passed_s) if is_owner else _count_absence(state, frame.at_s, passed_s)
    state = replace(with_box(state, frame.at_s, frame.measures), last_at_s=frame.at_s)
    if state.phase == "away":
        return replace(state, reason=reason), 0.0
    known_s = passed_s if state.reason is None else 0.0
    state = _update_posture(replace(state, reason=reason), frame, known_s, passed_s, settings)
    return state, known_s


def _reason(state: State, measures: FaceMeasures | None) -> Reason | None:
    """Why the owner's posture cannot be judged; None if it can."""
    if measures is None:
        return "no_face"
    if state.identity.state == "other":
        return "not_the_owner"
    if state.identity.state == "uncertain":
        return "identity_uncertain"
    if state.baseline and posture_filter.is_turned(measures, state.baseline):
        return "head_turned"
    return None


def update_identity(state: State, frame: Observation) -> State:
    """The state with the identity after a frame."""
    if frame.measures and _is_new_presence(state, frame.at_s, frame.measures):
        # Request identity with the next frame; it is uncertain until then.
        state = replace(state, identity=state.identity.in_new_presence(), identity_checked_at_s=None)
    look = frame.look
    if look and (look.fits or not _is_poor(state, frame)):
        is_calibrating = state.phase == "calibrating"
        with_look = state.identity.with_look_to_enrol if is_calibrating else state.identity.with_look
        state = replace(state, identity=with_look(look), identity_checked_at_s=frame.at_s)
    elif frame.is_nobody_enrolled and state.phase != "calibrating":
        state = replace(state, identity=IdentityFilter(), identity_checked_at_s=frame.at_s)
    return state


def update_bystanders(state: State, frame: Observation) -> State:
    """The state after a frame in which other faces were searched for, or were not."""
    if frame.others is None or frame.measures is None:
        return state
    width = _picture_width(frame.measures)
    first_at_s = frame.at_s if state.first_counted_at_s is None else state.first_counted_at_s
    boxes = [bystanders.scaled(box, width) for box in frame.others]
    is_start = frame.at_s - first_at_s <= FROM_START_S
    after = bystanders.after_count(state.bystanders, boxes, frame.at_s, is_start=is_start)
    return replace(state, bystanders=after, first_counted_at_s=first_at_s, faces_counted_at_s=frame.at_s)


def without_fixture(state: State, frame: Observation) -> Observation:
    """The frame without its face if that is a picture on the wall, or the like."""
    if frame.measures is None or not state.bystanders:
        return frame
    box = bystanders.scaled(frame.measures.box, _picture_width(frame.measures))
    return replace(frame, measures=None, look=None) if is_at_fixture(state.bystanders, box) else frame


def with_box(state: State, at_s: float, measures: FaceMeasures | None) -> State:
    """The state with the place of the face in its last frame."""
    if measures is None:
        return replace(state, box=None)
    box = measures.box
    state = replace(state, box=box, seen_box=box, seen_at_s=at_s, picture_width=_picture_width(measures))
    is_owner = state.identity.state in {"owner", "unknown"}
    return replace(state, owner_box=box, owner_at_s=at_s) if is_owner else state


def _picture_width(measures: FaceMeasures) -> int:
    """The whole picture's longer side, in pixels."""
    return round(measures.width_px / measures.width)


def _is_poor(state: State, frame: Observation) -> bool:
    """Whether a look at a face shows so little that it is no evidence of somebody else."""
    measures = frame.measures
    if measures is None or frame.is_face_in_shadow:
        return True
    if state.baseline:
        return posture_filter.is_turned(measures, state.baseline)
    return abs(measures.yaw_deg) > MAX_YAW_TO_LOOK_DEG


def _is_new_presence(state: State, at_s: float, measures: FaceMeasures) -> bool:
    """Whether the face of a frame may be another person's than the last one that was seen."""
    if state.seen_box is None or state.seen_at_s is None:
        return True
    longest_s = UNSEEN_S if state.box is None else UNWATCHED_S
    return at_s - state.seen_at_s > longest_s or _has_jumped(state, state.seen_box, measures)


def _has_jumped(state: State, before: Box, measures: FaceMeasures) -> bool:
    now = measures.box
    if state.picture_width and state.picture_width != _picture_width(measures):
        before = before.scaled(_picture_width(measures) / state.picture_width)
    width, width_now = before.right - before.left + 1, now.right - now.left + 1
    if max(width, width_now) > GROWTH * min(width, width_now):
        return True
    # Of the middles, from which a box also grows.
    moved_x, moved_y = (
        now.left + now.right - before.left - before.right,
        now.top + now.bottom - before.top - before.bottom,
    )
    return max(abs(moved_x), abs(moved_y)) > 2 * JUMP * width


def _credit_active_time(state: State, passed_s: float) -> State:
    clocks = state.clocks
    seconds = passed_s + clocks.absent_s  # a short absence counts as active
    return replace(
        state,
        totals=replace(
            state.totals,
            active_s=state.totals.active_s + seconds,
            unreliable_s=state.totals.unreliable_s + clocks.absent_s,
        ),
        clocks=replace(
            clocks,
            absent_s=0.0,
            since_stretch_s=clocks.since_stretch_s + seconds,
            since_rest_s=clocks.since_rest_s + seconds,
        ),
    )


def _count_absence(state: State, at_s: float, passed_s: float) -> State:
    absent_s = state.clocks.absent_s + passed_s
    if absent_s < AWAY_AFTER_S:
        return replace(state, clocks=replace(state.clocks, absent_s=absent_s))
    return _start_absence(state, at_s - absent_s, at_s)


def _start_absence(state: State, since_s: float, at_s: float) -> State:
    """The state of an absence since a past moment. A stranger's alarm stays on while they are at the desk."""
    quiet = reset_tracking(state, at_s, except_="stranger" if state.identity.state == "other" else None)
    return replace(quiet, phase="away", events=quiet.events.start("away", since_s))


def _stay_away(state: State, frame: Observation, reason: Reason | None, settings: AlarmSettings) -> State:
    events = state.events
    if reason != "not_the_owner":
        events = events.end("stranger", frame.at_s)
    elif is_stranger_certain(state) and "stranger" in settings.alarms_on:
        events = events.start("stranger", frame.at_s)
    return replace(with_box(state, frame.at_s, frame.measures), last_at_s=frame.at_s, reason=reason, events=events)


def _bridge_gap(state: State, at_s: float) -> State:
    """Treat a gap as an absence that just ended."""
    absent = _start_absence(state, state.last_at_s, state.last_at_s)
    return replace(end_break(absent, "away", at_s), phase="monitoring")


def reset_tracking(state: State, at_s: float, except_: AlarmKind | None = None) -> State:
    """The state with all alarms ended, except one, and nothing carried over from earlier frames."""
    return replace(
        state,
        posture=PostureFilter(),
        identity=replace(state.identity, looks=b""),
        reason="no_face",
        eye_status=EyeStatus(),
        burst_problem=None,
        box=None,
        faces_counted_at_s=None,
        episode_counted=False,
        clocks=replace(
            state.clocks,
            absent_s=0.0,
            since_blink_s=0.0,
            since_counted_blink_s=0.0,
            since_stretch_s=0.0 if state.events.has("stretching") else state.clocks.since_stretch_s,
            since_rest_s=0.0 if state.events.has("rest") else state.clocks.since_rest_s,
        ),
        events=state.events.end_all(at_s, except_=except_),
    )


def end_break(state: State, kind: Literal["away", "paused"], at_s: float) -> State:
    """The state after a break, which counts as a rest if it was long."""
    started_at_s = next((event.started_at_s for event in state.events.open if event.kind == kind), at_s)
    state = replace(state, events=state.events.end(kind, at_s), identity_checked_at_s=None)
    if at_s - started_at_s < BREAK_S:
        return state
    return replace(
        state,
        clocks=replace(state.clocks, since_rest_s=0.0),
        totals=replace(state.totals, rests=state.totals.rests + 1),
    )


def _update_posture(
    state: State, frame: Observation, known_s: float, passed_s: float, settings: AlarmSettings
) -> State:
    totals = state.totals
    if state.reason in ABSENT:
        return state  # counted when they are back, if that is soon
    if frame.measures is None or state.baseline is None or state.reason is not None:
        return replace(state, totals=replace(totals, unreliable_s=totals.unreliable_s + passed_s))
    sample = posture_filter.sample_of(frame.measures, state.baseline)
    posture = state.posture.with_sample(sample, LIMITS[settings.sensitivity], known_s)
    if posture.faults:
        totals = replace(totals, bad_s=totals.bad_s + passed_s)
    else:
        totals = replace(totals, good_s=totals.good_s + passed_s)
    events = state.events
    if posture.faults:
        events = events.start("bad_posture", max(state.started_at_s, frame.at_s - posture.bad_s))
    else:
        events = events.end("bad_posture", frame.at_s)
    episode_counted = state.episode_counted and bool(posture.faults)
    return replace(state, posture=posture, events=events, episode_counted=episode_counted, totals=totals)
