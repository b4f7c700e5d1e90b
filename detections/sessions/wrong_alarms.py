"""The alarms that users told were wrong, and what these add up to for a person."""

from collections.abc import Sequence
from typing import cast

from django.utils import timezone

from ai_models.monitoring.alarm_kinds import AlarmKind
from ai_models.monitoring.posture_filter import Fault
from ai_models.monitoring.tuning import COUNTS_FOR, Tuning, tuning_of
from detections.models import Episode, WrongAlarm


def tuning_for(user_id: int) -> Tuning:
    """A user's tuning by the wrong alarms of the last COUNTS_FOR."""
    counting = WrongAlarm.objects.filter(user=user_id, told_at__gt=timezone.now() - COUNTS_FOR)
    return tuning_of(
        (cast(AlarmKind, kind), cast(Sequence[Fault], faults.split(",") if faults else ()))
        for kind, faults in counting.values_list("kind", "faults")
    )


def wrong_alarm_keep(*, user_id: int, alarm: Episode, faults: Sequence[Fault]) -> bool:
    """Keep an alarm as wrong, once; False if it was kept before. faults: those that raised a neck alarm, if known."""
    _row, is_new = WrongAlarm.objects.get_or_create(
        session_id=alarm.session_id,
        number=alarm.number,
        defaults={
            "user_id": user_id,
            "kind": alarm.kind,
            "faults": ",".join(faults),
            "started_at": alarm.started_at,
        },
    )
    return is_new


def wrong_alarm_drop(*, alarm: Episode) -> bool:
    """No longer keep an alarm as wrong; False if it was not kept."""
    deleted, _by_model = WrongAlarm.objects.filter(session=alarm.session_id, number=alarm.number).delete()
    return bool(deleted)
