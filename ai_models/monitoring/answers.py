"""A user's answers to alarms: not now, not this one, not in a meeting, later, or that one was wrong. Pure."""

from typing import Literal

from msgspec.structs import replace

from ai_models.monitoring.alarm_kinds import AlarmKind
from ai_models.monitoring.alarms import AlarmSettings, end_silenced, kinds_on
from ai_models.monitoring.events import EndedBy, Event
from ai_models.monitoring.posture_filter import Fault
from ai_models.monitoring.session_state import MAX_POSTPONEMENTS, State, Transition
from ai_models.monitoring.silence import Silence
from ai_models.monitoring.status import rest_announced_s
from ai_models.monitoring.tuning import Tuning

POSTPONED_S = 300.0  # at the desk
NEXT_REST = 0  # the number of a rest alarm that is only announced; events are numbered from 1

Postponing = Literal["possible", "used_up", "nothing"]


def snooze(state: State, at_s: float, settings: AlarmSettings, *, kind: AlarmKind | None, seconds: float) -> Transition:
    """Silence a kind of alarm, or all if it is None, for so long; 0 ends such a snooze. Open ones end at once."""
    at_s = max(at_s, state.last_at_s)
    return _with_silence(state, at_s, settings, state.silence.with_snooze(kind, at_s + seconds, at_s))


def meet(state: State, at_s: float, settings: AlarmSettings, *, in_meeting: bool) -> Transition:
    """Silence all alarms while the user is in a meeting, or end that."""
    at_s = max(at_s, state.last_at_s)
    return _with_silence(state, at_s, settings, replace(state.silence, meeting_since_s=at_s if in_meeting else None))


def open_alarm(state: State, number: int) -> Event | None:
    """The open alarm with a number; None if there is none."""
    return next((event for event in state.events.open if event.number == number and event.is_alarm), None)


def dismiss(state: State, at_s: float, number: int, by: EndedBy = "dismissed") -> Transition:
    """End an open alarm. A dismissed rest counts as one whose alarm has run its course."""
    alarm = open_alarm(state, number)
    if alarm is None or alarm.alarm_kind is None:
        return Transition(state, is_accepted=False)
    at_s = max(at_s, state.last_at_s)
    if alarm.kind == "rest":
        after = replace(state, clocks=state.clocks.with_rest(at_s - alarm.started_at_s))
    else:
        after = replace(state, silence=state.silence.with_dismissal(alarm.alarm_kind, at_s))
    return Transition(after).end(alarm.kind, at_s, by)


def tell_wrong(state: State, at_s: float, number: int, tuning: Tuning) -> Transition:
    """Count a wrong alarm, and dismiss it if it is still open. tuning: with this one."""
    told = dismiss(state, at_s, number, by="wrong")
    return Transition(_counted(told.state, 1, tuning), told.events)


def take_back(state: State, tuning: Tuning) -> Transition:
    """Count an alarm as right after all. tuning: without it."""
    return Transition(_counted(state, -1, tuning))


def faults_of(state: State, number: int) -> tuple[Fault, ...]:
    """The faults that raised a neck alarm, if it was the last one; otherwise they are not known any more."""
    return state.neck_faults if number == state.neck_number else ()


def postponing(state: State, at_s: float, settings: AlarmSettings, number: int) -> Postponing:
    """Whether a rest can be postponed: that of an open alarm, or the announced one (NEXT_REST)."""
    is_open = any(event.kind == "rest" and number in {event.number, NEXT_REST} for event in state.events.open)
    if not is_open and (number != NEXT_REST or rest_announced_s(state, at_s, settings) is None):
        return "nothing"
    return "possible" if state.clocks.postponements < MAX_POSTPONEMENTS else "used_up"


def postpone_rest(state: State, at_s: float, settings: AlarmSettings, number: int) -> Transition:
    """Let a rest be due in POSTPONED_S at the desk. See postponing."""
    if postponing(state, at_s, settings, number) != "possible":
        return Transition(state, is_accepted=False)
    at_s = max(at_s, state.last_at_s)
    clocks = replace(
        state.clocks,
        since_rest_s=settings.rest_time_s - POSTPONED_S,
        postponements=state.clocks.postponements + 1,
    )
    return Transition(replace(state, clocks=clocks)).end("rest", at_s, "postponed")


def _with_silence(state: State, at_s: float, settings: AlarmSettings, silence: Silence) -> Transition:
    if state.phase == "stopped":
        return Transition(state, is_accepted=False)
    after = replace(state, silence=silence)
    return end_silenced(Transition(after), at_s, settings, kinds_on(after, at_s, settings))


def _counted(state: State, change: int, tuning: Tuning) -> State:
    count = max(0, state.totals.wrong_alarms + change)
    return replace(state, totals=replace(state.totals, wrong_alarms=count), tuning=tuning)
