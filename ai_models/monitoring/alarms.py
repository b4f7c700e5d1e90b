"""When each alarm starts and ends."""

from msgspec import Struct
from msgspec.structs import replace

from ai_models.monitoring.alarm_kinds import ALARM_KINDS, AlarmKind
from ai_models.monitoring.identity_filter import LOOKS_OF_A_STRANGER, NOBODY_ELSE
from ai_models.monitoring.posture_filter import LIMITS, Limits, Sensitivity
from ai_models.monitoring.session_state import State, Transition
from ai_models.monitoring.silence import QuietHours
from ai_models.monitoring.tuning import Tuning


class AlarmSettings(Struct, frozen=True):
    """A user's alarm settings; times in seconds.

    break_notice_s: how long before a rest alarm it is announced. own_limits: those of a person who told alarms wrong.
    """

    neck_time_s: int = 20
    blink_time_s: float = 20
    stretching_time_s: int = 18_000
    rest_time_s: int = 3000
    sensitivity: Sensitivity = "normal"
    alarms_on: frozenset[AlarmKind] = frozenset(ALARM_KINDS)
    quiet_hours: QuietHours | None = None
    break_notice_s: int = 30
    own_limits: Limits | None = None

    @property
    def limits(self) -> Limits:
        """The limits from which a measure of posture is a fault."""
        return self.own_limits or LIMITS[self.sensitivity]

    def tuned(self, tuning: Tuning) -> "AlarmSettings":
        """A user's settings as they are for a person of this tuning."""
        own_limits = tuning.limits(LIMITS[self.sensitivity])
        return replace(self, blink_time_s=tuning.blink_time_s(self.blink_time_s), own_limits=own_limits)


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


def update_alarms(transition: Transition, at_s: float, settings: AlarmSettings) -> Transition:
    """The transition with every due alarm started, and every alarm ended whose cause has passed."""
    on = kinds_on(transition.state, at_s, settings)
    transition = end_silenced(transition, at_s, settings, on)
    state = transition.state
    clocks, posture = state.clocks, state.posture
    is_neck_due = bool(posture.faults) and posture.bad_s >= neck_due_s(state, settings)
    if is_neck_due and not state.episode_counted:
        state = replace(state, episode_counted=True, totals=replace(state.totals, neck=state.totals.neck + 1))
    rest = state.events.find("rest")
    rest_is_over = rest is not None and at_s - rest.started_at_s >= REST_ALARM_S
    is_stretching_due = clocks.since_stretch_s >= settings.stretching_time_s
    has_company = any(bystander.is_person for bystander in state.bystanders)
    no_stranger = state.identity.state in NOBODY_ELSE
    conditions: dict[AlarmKind, tuple[bool, bool]] = {
        "neck": (is_neck_due, not posture.faults),
        "blink": (_is_blink_due(state, settings), clocks.since_blink_s < settings.blink_time_s),
        "stretching": (is_stretching_due, not is_stretching_due),
        "rest": (clocks.since_rest_s >= settings.rest_time_s, rest_is_over),
        "someone_behind": (has_company, not has_company),
        "stranger": (is_stranger_certain(state), no_stranger),
    }
    silence = state.silence
    if silence.dismissals:
        silence = silence.without_dismissals({kind for kind, (_, is_over) in conditions.items() if is_over}, at_s)
        on = frozenset(kind for kind in on if not silence.is_dismissed(kind))
    if rest is not None and rest_is_over:
        # Keep the period fixed: the minute it was on counts towards the next.
        clocks = clocks.with_rest(at_s - rest.started_at_s)
    transition = transition.to(replace(state, clocks=clocks, silence=silence))
    open_kinds = {event.kind for event in state.events.open}
    for kind, (is_due, is_over) in conditions.items():
        if kind in open_kinds and is_over:
            transition = transition.end(kind, at_s)
        elif kind not in open_kinds and is_due and kind in on:
            transition = transition.start(kind, at_s)
    neck = transition.state.events.find("neck")
    if neck is None or neck.number == state.neck_number:
        return transition
    return transition.to(replace(transition.state, neck_faults=posture.faults, neck_number=neck.number))


def kinds_on(state: State, at_s: float, settings: AlarmSettings) -> frozenset[AlarmKind]:
    """The kinds of alarms that are on at a time, and not silent."""
    return settings.alarms_on - state.silence.silent_kinds(at_s, settings.quiet_hours)


def end_silenced(transition: Transition, at_s: float, settings: AlarmSettings, on: frozenset[AlarmKind]) -> Transition:
    """The transition with every alarm ended that is no longer on."""
    for kind in ALARM_KINDS:
        if kind not in on:
            transition = transition.end(kind, at_s, "snoozed" if kind in settings.alarms_on else None)
    return transition


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
    if settings.sensitivity == "high" and state.posture.is_slight(settings.limits):
        due_s = max(due_s, SLIGHT_S)
    return due_s - NECK_EARLY_S
