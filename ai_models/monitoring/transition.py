"""What a frame or a command makes of a session: the next state, and the events that started or ended on the way."""

from dataclasses import dataclass, replace

from ai_models.monitoring.alarm_kinds import AlarmKind
from ai_models.monitoring.events import EndedBy, Event, EventLog, Kind
from ai_models.monitoring.session_state import State


@dataclass(frozen=True, slots=True)
class Transition:
    """The next state, the events that started or ended, and whether the input was accepted.

    An event that does both is there once, ended. State keeps only those that are open.
    """

    state: State
    events: tuple[Event, ...] = ()
    is_accepted: bool = True

    def to(self, state: State) -> "Transition":
        """With another state, and the same events."""
        return replace(self, state=state)

    def after(self, before: "Transition") -> "Transition":
        """With the events of the transition before it, which led to the state that this one started with."""
        return replace(self, events=(*before.events, *self.events)) if before.events else self

    def start(self, kind: Kind, at_s: float, *, outline: bytes | None = None) -> "Transition":
        """With an event of this kind open; unchanged if one already is."""
        log = self.state.events
        if log.has(kind):
            return self
        event = Event(log.count + 1, kind, at_s, outline=outline)
        return self._with(EventLog((*log.open, event), event.number), event)

    def end(self, kind: Kind, at_s: float, by: EndedBy | None = None) -> "Transition":
        """With the event of this kind ended; unchanged if none is open."""
        log = self.state.events
        event = log.find(kind)
        if event is None:
            return self
        rest = tuple(other for other in log.open if other is not event)
        ended = replace(event, ended_at_s=max(at_s, event.started_at_s), ended_by=by)
        return self._with(EventLog(rest, log.count), ended)

    def end_all(self, at_s: float, *, except_: Kind | None = None) -> "Transition":
        """With every open event ended, except that of one kind."""
        transition = self
        for event in self.state.events.open:
            if event.kind != except_:
                transition = transition.end(event.kind, at_s)
        return transition

    def update(self, kind: AlarmKind, at_s: float, *, is_due: bool, is_over: bool) -> "Transition":
        """With an alarm started if it is due, or ended if it is over."""
        if self.state.events.has(kind):
            return self.end(kind, at_s) if is_over else self
        return self.start(kind, at_s) if is_due else self

    def _with(self, log: EventLog, event: Event) -> "Transition":
        earlier = tuple(other for other in self.events if other.number != event.number)
        return replace(self, state=replace(self.state, events=log), events=(*earlier, event))
