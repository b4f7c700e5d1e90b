"""The parts of a session that stays open: each day's, those before and after a long absence, and quarter hours.

A part that is over gets its own report. The session goes on with what it has learned, and counts from zero. The time
between two parts belongs to neither. Within a part, each quarter hour of the clock is told from the next: the days and
hours of every time zone are made of them.
"""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from ai_models.monitoring import actions
from ai_models.monitoring.events import EventLog
from ai_models.monitoring.eye_watch import count_rest
from ai_models.monitoring.presence import MAX_GAP_S, reset_tracking
from ai_models.monitoring.quarter_watch import Quarter, QuarterCounts, QuarterWatch
from ai_models.monitoring.session_state import Clocks, Phase, State, Totals, Transition

LONG_ABSENCE_S = 2 * 3600.0  # longer than lunch
LATE_START_S = 600.0  # who comes later than this starts the part by coming
BREAKS: frozenset[Phase] = frozenset({"away", "paused"})
MOMENT_S = 0.001
QUARTER_S = 900.0


class Division(Struct, frozen=True):
    """The part that is over, with the events that ended with it, and the state in which the session goes on."""

    ended: Transition
    rest: State


def divide_if_due(state: State, at_s: float, zone: ZoneInfo) -> Division | None:
    """The division before a frame or command at a time; None if it belongs to the same part as what was before."""
    if at_s <= state.last_at_s:
        return None
    ended_at_s = last_seen_s(state)
    is_another_day = _day(ended_at_s, zone) != _day(at_s, zone)
    is_late_start = at_s - state.last_at_s >= LATE_START_S and not has_begun(state)
    if is_another_day or is_late_start or at_s - ended_at_s >= LONG_ABSENCE_S:
        return divide(state, ended_at_s=ended_at_s, at_s=at_s)
    return None


def divide(state: State, *, ended_at_s: float, at_s: float) -> Division:
    """A running session, divided: a part that ended, and the rest, which starts at a later time."""
    ended = end_part(state, ended_at_s)
    return Division(ended, _rest(state, at_s, ended.state.events.count))


def end_part(state: State, ended_at_s: float) -> Transition:
    """The end of a session, or of a part of it, before the break that it is in."""
    open_events = tuple(event for event in state.events.open if event.kind not in BREAKS)
    events = replace(state.events, open=open_events)
    return actions.stop(replace(state, last_at_s=min(state.last_at_s, ended_at_s), events=events), ended_at_s)


def last_seen_s(state: State) -> float:
    """The time of the last frame before a break, or of the last one."""
    return min([state.last_at_s, *(event.started_at_s for event in state.events.open if event.kind in BREAKS)])


def has_begun(state: State) -> bool:
    """Whether there is anything to report."""
    return state.totals_so_far != Totals()


def start_by_coming(before: State, after: State) -> State:
    """The state after a frame; if it ends a long absence at the start of a part, the part starts with it."""
    is_back = before.phase == "away" and after.phase == "monitoring" and not has_begun(before)
    is_late = after.last_at_s - after.started_at_s >= LATE_START_S
    return replace(after, started_at_s=after.last_at_s) if is_back and is_late else after


def turn_quarter(state: State, at_s: float) -> tuple[State, Quarter | None]:
    """The state before a frame or command at a time, and the quarter that is over, if there is anything in it.

    The state is the same object unless that time is in another quarter than what was before.
    """
    starts_at_s = at_s - at_s % QUARTER_S
    if state.quarter.starts_at_s == starts_at_s:
        return state, None
    return replace(state, quarter=QuarterWatch(starts_at_s, _counts(state))), finished_quarter(state, state)


def finished_quarter(before: State, ended: State) -> Quarter | None:
    """The quarter of a state with what had been counted at its end; None if that is nothing.

    ended: the same state, or the one in which its session or that part of it ended.
    """
    watch = before.quarter
    if watch.starts_at_s is None:
        return None
    counts = _counts(ended) - watch.before
    return None if counts == QuarterCounts() else Quarter(watch.starts_at_s, counts, watch.worst, watch.outline)


def _rest(state: State, at_s: float, event_count: int) -> State:
    eyes = replace(count_rest(state).eye_tracker, blinks=0, partial_blinks=0, watched_s=0.0, closings=0)
    rest = replace(
        state,
        started_at_s=at_s,
        eye_tracker=eyes,
        totals=Totals(),
        quarter=QuarterWatch(),
        events=EventLog(count=event_count),
    )
    if state.phase not in BREAKS and at_s - state.last_at_s <= MAX_GAP_S:
        return rest
    quiet = reset_tracking(Transition(rest), at_s).state
    return replace(quiet, last_at_s=at_s - MOMENT_S, clocks=Clocks())


def _day(at_s: float, zone: ZoneInfo) -> date:
    return datetime.fromtimestamp(at_s, zone).date()


def _counts(state: State) -> QuarterCounts:
    """What a session has counted so far, of what quarters count."""
    so_far = state.totals_so_far
    return QuarterCounts(
        desk_s=so_far.active_s,
        good_s=so_far.good_s,
        bad_s=so_far.bad_s,
        closer_s=so_far.closer_s,
        lower_s=so_far.lower_s,
        tilted_s=so_far.tilted_s,
        watched_s=so_far.watched_s,
        blinks=so_far.burst_blinks,
        rests=so_far.rests,
        neck=so_far.neck,
    )
