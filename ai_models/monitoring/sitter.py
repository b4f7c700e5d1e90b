"""Who sits there: whether it is the same presence as before, whose face it is, and which other faces there are."""

from msgspec.structs import replace

from ai_models.landmarks import Box
from ai_models.measures import FaceMeasures
from ai_models.monitoring import bystanders, posture_filter
from ai_models.monitoring.bystanders import FROM_START_S, is_at_fixture
from ai_models.monitoring.identity_filter import NOBODY_ELSE, IdentityFilter
from ai_models.monitoring.observation import Observation
from ai_models.monitoring.session_state import State

# A face may be another person's if between two frames it moved farther, or grew or shrank by more, or if it was not
# seen for longer, or if there was no frame for longer.
JUMP = 0.5  # face widths
GROWTH = 1.4
UNSEEN_S = 1.5
UNWATCHED_S = 10.0
MAX_YAW_TO_LOOK_DEG = 30.0  # as calibration allows it


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


def with_picture(state: State, frame: Observation) -> State:
    """The state with the place of the face in its last frame, and with what is wrong with that.

    Who has gone leaves no looks.
    """
    measures, at_s = frame.measures, frame.at_s
    if measures is None:
        picture = state.picture.without_face(
            frame.problem, at_s, is_explained=frame.is_explained, is_away=state.phase == "away"
        )
        is_gone = state.seen_at_s is None or at_s - state.seen_at_s > UNSEEN_S
        identity = replace(state.identity, looks=b"") if is_gone else state.identity
        return replace(state, box=None, identity=identity, picture=picture)
    box = measures.box
    picture = state.picture.with_face(measures, state.baseline)
    width = _picture_width(measures)
    state = replace(state, box=box, seen_box=box, seen_at_s=at_s, picture_width=width, picture=picture)
    is_owner = state.identity.state in NOBODY_ELSE
    return replace(state, owner_box=box, owner_at_s=at_s) if is_owner else state


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


def _picture_width(measures: FaceMeasures) -> int:
    """The whole picture's longer side, in pixels."""
    return round(measures.width_px / measures.width)
