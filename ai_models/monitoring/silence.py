"""What keeps alarms silent: snoozes, a meeting, quiet hours, and the user's having dismissed one.

Only alarms are kept back. Posture, blinks and time at the desk are counted as ever.
"""

from collections.abc import Set
from datetime import datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from ai_models.monitoring.alarm_kinds import ALARM_KINDS, AlarmKind

SilenceReason = Literal["snooze", "meeting", "quiet_hours"]

MAX_SNOOZE_S = 86_400.0
MAX_MEETING_S = 12 * 3600.0  # one that nobody ended, such as of a client that crashed, is over then
DISMISSED_FOR_S = 600.0  # then the same condition may raise the alarm again


class QuietHours(Struct, frozen=True):
    """Every day from start to end in the user's time zone, past midnight if the end is the earlier one."""

    start: time
    end: time
    zone: ZoneInfo

    def covers(self, local: time) -> bool:
        """True if a time of day is one of the quiet hours; the end is not. No time is if both are the same."""
        if self.start <= self.end:
            return self.start <= local < self.end
        return local >= self.start or local < self.end

    def end_after(self, local: datetime) -> datetime:
        """The first end after a moment in their zone."""
        day = local.date() if local.time() < self.end else local.date() + timedelta(days=1)
        return datetime.combine(day, self.end, self.zone)

    def until_s(self, at_s: float) -> float | None:
        """When the quiet hours that a moment is in will end; None if it is in none."""
        local = datetime.fromtimestamp(at_s, self.zone)
        return self.end_after(local).timestamp() if self.covers(local.time()) else None


class Snooze(Struct, frozen=True):
    """Alarms of a kind, or all if it is None, are silent until a time."""

    kind: AlarmKind | None
    until_s: float


class Dismissal(Struct, frozen=True):
    """An alarm that was dismissed: its condition raises no other until it has passed, or for DISMISSED_FOR_S."""

    kind: AlarmKind
    at_s: float


class Silenced(Struct, frozen=True):
    """Why alarms of a kind, or all if it is None, are silent now. until_s: None if that is not known."""

    kind: AlarmKind | None
    until_s: float | None
    reason: SilenceReason


class Silence(Struct, frozen=True):
    """What a user has silenced in a session: at most one snooze, and one dismissal, of each kind."""

    snoozes: tuple[Snooze, ...] = ()
    meeting_since_s: float | None = None
    dismissals: tuple[Dismissal, ...] = ()

    def with_snooze(self, kind: AlarmKind | None, until_s: float, at_s: float) -> "Silence":
        """With a snooze in place of one of the same kind, and without those that are over. One until now ends it."""
        others = tuple(snooze for snooze in self.snoozes if snooze.kind != kind and snooze.until_s > at_s)
        added = (Snooze(kind, until_s),) if until_s > at_s else ()
        return replace(self, snoozes=(*others, *added))

    def with_dismissal(self, kind: AlarmKind, at_s: float) -> "Silence":
        """With an alarm of this kind dismissed now."""
        others = tuple(dismissal for dismissal in self.dismissals if dismissal.kind != kind)
        return replace(self, dismissals=(*others, Dismissal(kind, at_s)))

    def without_dismissals(self, passed: Set[AlarmKind], at_s: float) -> "Silence":
        """Without the dismissals that no longer count. passed: the kinds whose conditions have passed."""
        kept = tuple(
            dismissal
            for dismissal in self.dismissals
            if dismissal.kind not in passed and at_s - dismissal.at_s < DISMISSED_FOR_S
        )
        return self if len(kept) == len(self.dismissals) else replace(self, dismissals=kept)

    def is_dismissed(self, kind: AlarmKind) -> bool:
        """True if an alarm of this kind was dismissed, and its condition has not passed since."""
        return any(dismissal.kind == kind for dismissal in self.dismissals)

    def silenced(self, at_s: float, quiet_hours: QuietHours | None) -> tuple[Silenced, ...]:
        """What silences which alarms at a time, apart from dismissals."""
        found = [Silenced(snooze.kind, snooze.until_s, "snooze") for snooze in self.snoozes if snooze.until_s > at_s]
        if self.meeting_since_s is not None and at_s - self.meeting_since_s < MAX_MEETING_S:
            found.append(Silenced(None, None, "meeting"))
        if quiet_hours and (until_s := quiet_hours.until_s(at_s)):
            found.append(Silenced(None, until_s, "quiet_hours"))
        return tuple(found)

    def silent_kinds(self, at_s: float, quiet_hours: QuietHours | None) -> frozenset[AlarmKind]:
        """The kinds of alarms that are silent at a time."""
        kinds = {silenced.kind for silenced in self.silenced(at_s, quiet_hours)}
        return frozenset(ALARM_KINDS) if None in kinds else frozenset(kind for kind in kinds if kind)
