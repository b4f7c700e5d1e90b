"""What happens in a session: alarms, bad posture, absences, pauses, stretches."""

from dataclasses import dataclass, replace
from typing import Literal

from ai_models.monitoring.alarm_kinds import ALARM_KINDS, AlarmKind

SpanKind = Literal["bad_posture", "away", "paused", "stretch"]
Kind = Literal[AlarmKind, SpanKind]
EndedBy = Literal["dismissed", "wrong", "snoozed", "postponed"]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that started or ended; number is unique within its session, and the same when it ends.

    ended_by: the user's answer to an alarm, if that ended it. outline: of bad posture, the face's at its start.
    """

    number: int
    kind: Kind
    started_at_s: float
    ended_at_s: float | None = None
    ended_by: EndedBy | None = None
    outline: bytes | None = None

    @property
    def is_alarm(self) -> bool:
        return self.kind in ALARM_KINDS

    @property
    def alarm_kind(self) -> AlarmKind | None:
        """None if this is no alarm."""
        return next((kind for kind in ALARM_KINDS if kind == self.kind), None)


@dataclass(frozen=True, slots=True)
class EventLog:
    """The open events, the number of all events so far, and those that the last transition started or ended."""

    open: tuple[Event, ...] = ()
    count: int = 0
    pending: tuple[Event, ...] = ()

    def has(self, kind: Kind) -> bool:
        return any(event.kind == kind for event in self.open)

    def start(self, kind: Kind, at_s: float, *, outline: bytes | None = None) -> "EventLog":
        """The log with an event of this kind open; unchanged if one already is."""
        if self.has(kind):
            return self
        event = Event(self.count + 1, kind, at_s, outline=outline)
        return EventLog((*self.open, event), event.number, (*self.pending, event))

    def end(self, kind: Kind, at_s: float, by: EndedBy | None = None) -> "EventLog":
        """The log with the event of this kind ended; unchanged if none is open."""
        ended = next((event for event in self.open if event.kind == kind), None)
        if ended is None:
            return self
        rest = tuple(event for event in self.open if event is not ended)
        pending = tuple(event for event in self.pending if event.number != ended.number)
        ended = replace(ended, ended_at_s=max(at_s, ended.started_at_s), ended_by=by)
        return EventLog(rest, self.count, (*pending, ended))

    def record(self, kind: Kind, at_s: float) -> "EventLog":
        """The log with an event that starts and ends at the same time."""
        return self.start(kind, at_s).end(kind, at_s)

    def end_all(self, at_s: float, *, except_: Kind | None = None) -> "EventLog":
        """The log with every open event ended, except that of one kind."""
        events = self
        for event in self.open:
            if event.kind != except_:
                events = events.end(event.kind, at_s)
        return events

    def update(self, kind: AlarmKind, at_s: float, *, is_due: bool, is_over: bool) -> "EventLog":
        """The log with an alarm started if it is due, or ended if it is over."""
        if self.has(kind):
            return self.end(kind, at_s) if is_over else self
        return self.start(kind, at_s) if is_due else self
