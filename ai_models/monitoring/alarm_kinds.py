"""The kinds of alarms."""

from typing import Literal, get_args

AlarmKind = Literal["neck", "blink", "stretching", "rest", "stranger", "someone_behind"]

ALARM_KINDS: tuple[AlarmKind, ...] = get_args(AlarmKind)
