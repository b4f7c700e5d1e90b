"""A session's state and a profile's baseline, to and from the JSON in their columns."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from accounts import face_keys
from accounts.face_keys import FaceUnreadable
from ai_models.monitoring.calibration import Baseline, Calibration
from ai_models.monitoring.posture_filter import PostureFilter
from ai_models.monitoring.session_state import Phase, State

PREFIX = '{"format":3,"state":'
FORMAT_2 = '{"format":2,"state":'
FROM_MIDDLE = '{"from":"middle",'  # how a profile's baseline starts
# Names of a state's fields in rows of format 1, which said no format.
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


class _Calibrated(Struct, frozen=True):
    outline: bytes | None = None


class _Outlines(Struct, frozen=True):
    best_outline: bytes | None = None
    baseline: _Calibrated | None = None
    former_baseline: _Calibrated | None = None


_states = msgspec.json.Decoder(State)
_outlines = msgspec.json.Decoder(_Outlines)
_baselines = msgspec.json.Decoder(Baseline)


def dump_state(state: State) -> str:
    """A state as its row stores it: the looks in it are descriptors, and encrypted."""
    if looks := state.identity.looks:
        state = _with_looks(state, urlsafe_b64decode(face_keys.encrypt(looks)))
    return f"{PREFIX}{msgspec.json.encode(state).decode()}}}"


def load_state(text: str) -> State:
    if not text.startswith(PREFIX):
        return _calibrated_anew(msgspec.convert(state_fields(text), State))
    state = _states.decode(text[len(PREFIX) : -1])
    if not state.identity.looks:
        return state
    try:
        return _with_looks(state, face_keys.decrypt(urlsafe_b64encode(state.identity.looks)))
    except FaceUnreadable:  # their key is gone: look again
        return _with_looks(state, b"")


def load_best_outline(text: str) -> bytes | None:
    """The outline of good posture in a state, without decoding the rest; None if there is none."""
    if not text.startswith(PREFIX):
        return None
    kept = _outlines.decode(text[len(PREFIX) : -1])
    baseline = kept.baseline or kept.former_baseline
    return baseline.outline if baseline else kept.best_outline


def state_fields(text: str) -> dict[str, Any]:
    """A stored state as JSON, for people: without looks, under today's names, in whichever format it was stored."""
    stored: dict[str, Any] = json.loads(text)
    fields: dict[str, Any] = stored["state"] if text.startswith((PREFIX, FORMAT_2)) else _renamed(stored)
    if "identity" in fields:
        fields["identity"].pop("looks", None)
    return fields


def dump_baseline(baseline: Baseline) -> str:
    return FROM_MIDDLE + msgspec.json.encode(baseline).decode()[1:]


def load_baseline(text: str) -> Baseline | None:
    """A profile's baseline; None if it is of a release whose places counted from the picture's corner."""
    return _baselines.decode(text) if text.startswith(FROM_MIDDLE) else None


def _with_looks(state: State, looks: bytes) -> State:
    return replace(state, identity=replace(state.identity, looks=looks))


def _calibrated_anew(state: State) -> State:
    """A state of an earlier release: its baseline counts from the picture's corner, whose shape is not known."""
    phase: Phase = "calibrating" if state.phase in {"monitoring", "away"} else state.phase
    return replace(state, phase=phase, baseline=None, calibration=Calibration(), posture=PostureFilter())


def _renamed(fields: dict[str, Any]) -> dict[str, Any]:
    """A format-1 state's fields under today's names; the clocks are the only part with a renamed field of its own."""
    fields = {RENAMED.get(name, name): value for name, value in fields.items()}
    return fields | {"clocks": _renamed(fields["clocks"])} if "clocks" in fields else fields
