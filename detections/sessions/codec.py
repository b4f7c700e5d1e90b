"""A session's state and a profile's baseline, to and from the JSON in their columns."""

import json
from functools import cache
from typing import Any

from cattrs.preconf.json import JsonConverter, make_converter

from ai_models.monitoring.calibration import Baseline
from ai_models.monitoring.session_state import State

# Former names of a state's fields: rows that an earlier version wrote stay readable.
RENAMED = {
    "ledger": "events",
    "eyes": "eye_tracker",
    "seen": "eye_status",
    "identity_at_s": "identity_checked_at_s",
    "counted_at_s": "faces_counted_at_s",
    "burst_at_s": "last_burst_at_s",
    "is_counted": "episode_counted",
    "unblinked_s": "since_blink_s",
}


def dump(value: State | Baseline) -> str:
    """JSON without spaces: it is written with each frame."""
    return _converter().dumps(value, separators=(",", ":"))


def load_state(text: str) -> State:
    return _converter().structure(_renamed(json.loads(text)), State)


def load_baseline(text: str) -> Baseline:
    return _converter().loads(text, Baseline)


def _renamed(fields: dict[str, Any]) -> dict[str, Any]:
    """A state's fields under today's names; the clocks are the only part of it with a renamed field of its own."""
    fields = {RENAMED.get(name, name): value for name, value in fields.items()}
    return fields | {"clocks": _renamed(fields["clocks"])} if "clocks" in fields else fields


@cache
def _converter() -> JsonConverter:
    # What is at its default is left out, which most of a state is.
    return make_converter(omit_if_default=True)


def preload() -> None:
    """Have the converter's code written, which takes as long as some frames do."""
    load_state(dump(State(phase="calibrating", started_at_s=0.0, last_at_s=0.0)))
