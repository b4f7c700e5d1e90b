"""The parts of a session that stays open: each day's, and those before and after a long absence.

A part that is over gets its own report. The session goes on with what it has learned, and counts from zero. The time
between two parts belongs to neither.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from ai_models.monitoring import actions
from ai_models.monitoring.events import EventLog
from ai_models.monitoring.eye_watch import count_rest
from ai_models.monitoring.presence import MAX_GAP_S, reset_tracking
from ai_models.monitoring.session_state import Clocks, Phase, State, Totals, Transition

LONG_ABSENCE_S = 2 * 3600.0  # longer than lunch
LATE_START_S = 600.0  # who comes later than this starts the part by coming
BREAKS: frozenset[Phase] = frozenset({"away", "paused"})
MOMENT_S = 0.001


@dataclass(frozen=True, slots=True)
class Division:
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
    return actions.totals(state) != Totals()


def start_by_coming(before: State, after: State) -> State:
    """The state after a frame; if it ends a long absence at the start of a part, the part starts with it."""
    is_back = before.phase == "away" and after.phase == "monitoring" and not has_begun(before)
    is_late = after.last_at_s - after.started_at_s >= LATE_START_S
    return replace(after, started_at_s=after.last_at_s) if is_back and is_late else after


def _rest(state: State, at_s: float, event_count: int) -> State:
    eyes = replace(count_rest(state).eye_tracker, blinks=0, partial_blinks=0, watched_s=0.0, closings=0)
    rest = replace(state, started_at_s=at_s, eye_tracker=eyes, totals=Totals(), events=EventLog(count=event_count))
    if state.phase not in BREAKS and at_s - state.last_at_s <= MAX_GAP_S:
        return rest
    return replace(reset_tracking(rest, at_s), last_at_s=at_s - MOMENT_S, clocks=Clocks())


def _day(at_s: float, zone: ZoneInfo) -> date:
    return datetime.fromtimestamp(at_s, zone).date()
