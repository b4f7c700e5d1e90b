"""What happens in a session: alarms, bad posture, absences, pauses, stretches."""

from typing import Literal

from msgspec import Struct

from ai_models.monitoring.alarm_kinds import ALARM_KINDS, AlarmKind

SpanKind = Literal["bad_posture", "away", "paused", "stretch"]
Kind = Literal[AlarmKind, SpanKind]
EndedBy = Literal["dismissed", "wrong", "snoozed", "postponed"]


class Event(Struct, frozen=True):
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


class EventLog(Struct, frozen=True):
    """The open events, and the number of all events so far. A Transition starts and ends them."""

    open: tuple[Event, ...] = ()
    count: int = 0

    def find(self, kind: Kind) -> Event | None:
        """The open event of this kind, of which there is at most one; None if there is none."""
        return next((event for event in self.open if event.kind == kind), None)

    def has(self, kind: Kind) -> bool:
        """True if an event of this kind is open."""
        return self.find(kind) is not None
