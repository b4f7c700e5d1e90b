"""A person's own limits: alarms that they told were wrong make the next such alarm a little less likely.

Carefully: each counts for COUNTS_FOR, moves only the limits of the faults that raised it, and by little; all together
move a limit by no more than its maximum, so that no number of them switches an alarm off. At normal sensitivity the
widest limit for closer is 1.12: somebody who leans in by a fifth, 1.2, is still told.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from msgspec import Struct

from ai_models.monitoring.alarm_kinds import AlarmKind
from ai_models.monitoring.posture_filter import FAULTS, Fault, Limits

COUNTS_FOR = timedelta(days=30)
WIDER_BY, MAX_WIDER = 0.05, 0.2  # of the way from good posture to the limit
LONGER_BY, MAX_LONGER = 0.1, 0.3  # of the time without a blink


class Tuning(Struct, frozen=True):
    """The number of wrong alarms that count for each fault of posture, and for the blink alarm."""

    closer: int = 0
    lower: int = 0
    tilted: int = 0
    blink: int = 0

    def limits(self, usual: Limits) -> Limits:
        """The limits of posture for this person."""
        if not (self.closer or self.lower or self.tilted):
            return usual
        return Limits(
            closer=1 + (usual.closer - 1) * _wider(self.closer),
            lower=usual.lower * _wider(self.lower),
            tilted=usual.tilted * _wider(self.tilted),
        )

    def blink_time_s(self, usual_s: float) -> float:
        """The seconds without a blink after which the alarm is due for this person."""
        return usual_s * (1 + min(self.blink * LONGER_BY, MAX_LONGER))


UNTUNED = Tuning()


def tuning_of(wrong_alarms: Iterable[tuple[AlarmKind, Sequence[Fault]]]) -> Tuning:
    """The tuning by the wrong alarms that count: their kinds, and of neck alarms the faults that raised them.

    The other kinds depend on time or on who is there: no limit of theirs is a person's own.
    """
    counts = dict.fromkeys(FAULTS, 0)
    blink = 0
    for kind, faults in wrong_alarms:
        blink += kind == "blink"
        if kind == "neck":
            for fault in faults:
                counts[fault] += 1
    return Tuning(**counts, blink=blink)


def _wider(count: int) -> float:
    return 1 + min(count * WIDER_BY, MAX_WIDER)
