"""When each alarm starts and ends."""

from dataclasses import dataclass, replace

from ai_models.monitoring.identity_filter import LOOKS_OF_A_STRANGER, NOBODY_ELSE
from ai_models.monitoring.posture_filter import LIMITS, Sensitivity
from ai_models.monitoring.session_state import ALARM_KINDS, AlarmKind, State


@dataclass(frozen=True, slots=True)
class AlarmSettings:
    """A user's alarm settings; times in seconds."""

    neck_time_s: int = 20
    blink_time_s: int = 20
    stretching_time_s: int = 18_000
    rest_time_s: int = 3000
    sensitivity: Sensitivity = "normal"
    alarms_on: frozenset[AlarmKind] = frozenset(ALARM_KINDS)


REST_ALARM_S = 60.0  # seconds the rest alarm stays on
# A glance at the keyboard or a phone is not bad posture: "lower" alone must last at least this long.
GLANCE_S = 7.5
# At high sensitivity the limits are within what people do who sit naturally. Clips of one sitting, 20 to 60 s each,
# raised 12 alarms an hour with a limit of 1.05 for closer and without this, see docs/ACCURACY.md.
SLIGHT_S = 60.0
NECK_EARLY_S = 0.25  # allowance for network latency, so the alarm is never late
# Lids that are on their way down when the blink alarm is due may be a blink: the next frames tell.
LIDS_DOWN_BELOW = 0.85  # of the open level
WAIT_FOR_BLINK_S = 1.5


def update_alarms(state: State, at_s: float, settings: AlarmSettings) -> State:
    """The state with every due alarm started, and every alarm ended whose cause has passed."""
    clocks, posture, on = state.clocks, state.posture, settings.alarms_on
    events = state.events
    for kind in ALARM_KINDS:
        if kind not in on:
            events = events.end(kind, at_s)
    is_neck_due = bool(posture.faults) and posture.bad_s >= neck_due_s(state, settings)
    if is_neck_due and not state.episode_counted:
        state = replace(state, episode_counted=True, totals=replace(state.totals, neck=state.totals.neck + 1))
    rest = next((event for event in events.open if event.kind == "rest"), None)
    rest_is_over = rest is not None and at_s - rest.started_at_s >= REST_ALARM_S
    has_company = any(bystander.is_person for bystander in state.bystanders)
    no_stranger = state.identity.state in NOBODY_ELSE
    conditions: dict[AlarmKind, tuple[bool, bool]] = {
        "neck": (is_neck_due, not posture.faults),
        "blink": (_is_blink_due(state, settings), clocks.since_blink_s < settings.blink_time_s),
        "stretching": (clocks.since_stretch_s >= settings.stretching_time_s, False),
        "rest": (clocks.since_rest_s >= settings.rest_time_s, rest_is_over),
        "someone_behind": (has_company, not has_company),
        "stranger": (is_stranger_certain(state), no_stranger),
    }
    for kind, (is_due, is_over) in conditions.items():
        events = events.update(kind, at_s, is_due=is_due and kind in on, is_over=is_over)
    if rest is not None and rest_is_over:
        # Keep the period fixed: the minute it was on counts towards the next.
        clocks = replace(clocks, since_rest_s=at_s - rest.started_at_s)
    return replace(state, events=events, clocks=clocks)


def is_stranger_certain(state: State) -> bool:
    """True if somebody else was seen in more than one look."""
    return state.identity.state == "other" and state.identity.look_count >= LOOKS_OF_A_STRANGER


def _is_blink_due(state: State, settings: AlarmSettings) -> bool:
    over_s = state.clocks.since_blink_s - settings.blink_time_s
    openness = state.eye_status.openness
    return over_s >= (WAIT_FOR_BLINK_S if openness is not None and openness < LIDS_DOWN_BELOW else 0.0)


def neck_due_s(state: State, settings: AlarmSettings) -> float:
    """Seconds of bad posture after which the neck alarm starts."""
    due_s = float(settings.neck_time_s)
    if state.posture.faults == ("lower",):
        due_s = max(due_s, GLANCE_S)
    if settings.sensitivity == "high" and state.posture.is_slight(LIMITS["high"]):
        due_s = max(due_s, SLIGHT_S)
    return due_s - NECK_EARLY_S
