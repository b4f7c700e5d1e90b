"""What begins and ends in a session: alarms, and the spans that its timeline shows besides."""

from dataclasses import dataclass, replace
from typing import Literal, get_args

from ai_models.monitoring.posture_filter import Sensitivity

AlarmKind = Literal["neck", "blink", "stretching", "rest", "stranger", "someone_behind"]
SpanKind = Literal["bad_posture", "away", "paused", "stretch"]
Kind = Literal[AlarmKind, SpanKind]

ALARM_KINDS: tuple[AlarmKind, ...] = get_args(AlarmKind)


@dataclass(frozen=True, slots=True)
class AlarmSettings:
    """A user's settings; times in seconds."""

    neck_time_s: int = 20
    blink_time_s: int = 20
    stretching_time_s: int = 18_000
    rest_time_s: int = 3000
    sensitivity: Sensitivity = "normal"
    alarms_on: frozenset[AlarmKind] = frozenset(ALARM_KINDS)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that has begun, or ended; number is unique in its session, and the same when it ends."""

    number: int
    kind: Kind
    started_at_s: float
    ended_at_s: float | None = None

    @property
    def is_alarm(self) -> bool:
        return self.kind in ALARM_KINDS


@dataclass(frozen=True, slots=True)
class EventLog:
    """The open events, how many there have been, and those that the last step began or ended."""

    open: tuple[Event, ...] = ()
    count: int = 0
    pending: tuple[Event, ...] = ()

    def has(self, kind: Kind) -> bool:
        return any(event.kind == kind for event in self.open)

    def begin(self, kind: Kind, at_s: float) -> "EventLog":
        """With an event of this kind open; as it is where one already is."""
        if self.has(kind):
            return self
        event = Event(self.count + 1, kind, at_s)
        return EventLog((*self.open, event), event.number, (*self.pending, event))

    def end(self, kind: Kind, at_s: float) -> "EventLog":
        """With the event of this kind ended; as it is where none is open."""
        ended = next((event for event in self.open if event.kind == kind), None)
        if ended is None:
            return self
        rest = tuple(event for event in self.open if event is not ended)
        pending = tuple(event for event in self.pending if event.number != ended.number)
        return EventLog(rest, self.count, (*pending, replace(ended, ended_at_s=max(at_s, ended.started_at_s))))

    def record(self, kind: Kind, at_s: float) -> "EventLog":
        """With an event that begins and ends at once."""
        return self.begin(kind, at_s).end(kind, at_s)

    def end_all(self, at_s: float, *, except_: Kind | None = None) -> "EventLog":
        events = self
        for event in self.open:
            if event.kind != except_:
                events = events.end(event.kind, at_s)
        return events

    def update(self, kind: AlarmKind, at_s: float, *, is_due: bool, is_over: bool) -> "EventLog":
        """With an alarm begun where it is due, and ended where it is over."""
        if self.has(kind):
            return self.end(kind, at_s) if is_over else self
        return self.begin(kind, at_s) if is_due else self
