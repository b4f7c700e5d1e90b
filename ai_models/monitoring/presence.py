"""Presence: who is there, and which seconds count."""

from collections.abc import Collection
from typing import Literal

from msgspec.structs import replace

from ai_models.measures import FaceMeasures
from ai_models.monitoring import posture_filter
from ai_models.monitoring.alarm_kinds import AlarmKind
from ai_models.monitoring.alarms import AlarmSettings, end_silenced, is_stranger_certain, kinds_on
from ai_models.monitoring.eyes import EyeStatus
from ai_models.monitoring.observation import Observation
from ai_models.monitoring.posture_filter import Fault, PostureFilter, Sample
from ai_models.monitoring.quarter_watch import QuarterWatch
from ai_models.monitoring.session_state import Reason, State, Totals, Transition
from ai_models.monitoring.sitter import update_bystanders, update_identity, with_picture

AWAY_AFTER_S = 15.0
MAX_GAP_S = 15.0  # a longer gap between frames is treated as an absence
BREAK_S = 60.0  # a break this long is a rest
CONDITIONS_PASSED: frozenset[AlarmKind] = frozenset({"neck", "blink", "stretching", "rest"})  # when nobody is there
ABSENT: frozenset[Reason | None] = frozenset({"no_face", "not_the_owner"})


def update_presence(transition: Transition, frame: Observation, settings: AlarmSettings) -> tuple[Transition, float]:
    """The transition with presence, identity and posture after a frame, and the seconds for which these are known.

    Those are 0 after a gap.
    """
    passed_s = frame.at_s - transition.state.last_at_s
    if passed_s > MAX_GAP_S and transition.state.phase == "monitoring":
        transition, passed_s = _bridge_gap(transition, frame.at_s), 0.0
    state = update_bystanders(update_identity(transition.state, frame), frame)
    transition = transition.to(state)
    reason = _reason(state, frame.measures)
    is_owner = reason not in ABSENT
    if state.phase == "away":
        if not is_owner or reason == "identity_uncertain":
            return _stay_away(transition, frame, reason, settings), 0.0
        transition, passed_s = _come_back(transition, frame.at_s), 0.0
    if is_owner:
        transition = transition.to(_credit_active_time(transition.state, passed_s))
    else:
        transition = _count_absence(transition, frame.at_s, passed_s)
    was_known = transition.state.reason is None
    state = replace(with_picture(transition.state, frame), last_at_s=frame.at_s, reason=reason)
    transition = transition.to(state)
    if state.phase == "away":
        return transition, 0.0
    known_s = passed_s if was_known else 0.0
    return _update_posture(transition, frame, known_s, passed_s, settings), known_s


def _reason(state: State, measures: FaceMeasures | None) -> Reason | None:
    """Why the owner's posture cannot be judged; None if it can."""
    if measures is None:
        return "no_face"
    if state.identity.state == "other":
        return "not_the_owner"
    if state.identity.state == "uncertain":
        return "identity_uncertain"
    if state.baseline and posture_filter.is_turned(measures, state.baseline):
        return "head_turned"
    return None


def _credit_active_time(state: State, passed_s: float) -> State:
    clocks = state.clocks
    seconds = passed_s + clocks.absent_s  # a short absence counts as active
    return replace(
        state,
        totals=replace(
            state.totals,
            active_s=state.totals.active_s + seconds,
            unreliable_s=state.totals.unreliable_s + clocks.absent_s,
        ),
        clocks=replace(
            clocks,
            absent_s=0.0,
            since_stretch_s=clocks.since_stretch_s + seconds,
            since_rest_s=clocks.since_rest_s + seconds,
        ),
    )


def _count_absence(transition: Transition, at_s: float, passed_s: float) -> Transition:
    clocks = transition.state.clocks
    absent_s = clocks.absent_s + passed_s
    if absent_s < AWAY_AFTER_S:
        return transition.to(replace(transition.state, clocks=replace(clocks, absent_s=absent_s)))
    return _start_absence(transition, at_s - absent_s, at_s)


def _start_absence(transition: Transition, since_s: float, at_s: float) -> Transition:
    """The transition to an absence since a past moment. A stranger's alarm stays on while they are at the desk."""
    is_stranger = transition.state.identity.state == "other"
    quiet = reset_tracking(transition, at_s, except_="stranger" if is_stranger else None)
    return quiet.to(replace(quiet.state, phase="away")).start("away", since_s)


def _stay_away(
    transition: Transition, frame: Observation, reason: Reason | None, settings: AlarmSettings
) -> Transition:
    on = kinds_on(transition.state, frame.at_s, settings)
    transition = end_silenced(transition, frame.at_s, settings, on)
    silence = transition.state.silence
    if reason != "not_the_owner":
        transition = transition.end("stranger", frame.at_s)
        silence = silence.without_dismissals({"stranger"}, frame.at_s)
    elif is_stranger_certain(transition.state) and "stranger" in on and not silence.is_dismissed("stranger"):
        transition = transition.start("stranger", frame.at_s)
    state = with_picture(transition.state, frame)
    return transition.to(replace(state, last_at_s=frame.at_s, reason=reason, silence=silence))


def _bridge_gap(transition: Transition, at_s: float) -> Transition:
    """Treat a gap as an absence that just ended."""
    last_at_s = transition.state.last_at_s
    return _come_back(_start_absence(transition, last_at_s, last_at_s), at_s)


def _come_back(transition: Transition, at_s: float) -> Transition:
    back = end_break(transition, "away", at_s)
    return back.to(replace(back.state, phase="monitoring"))


def reset_tracking(transition: Transition, at_s: float, except_: AlarmKind | None = None) -> Transition:
    """The transition with all alarms ended, except one, and nothing carried over from earlier frames."""
    state = transition.state
    has_stretching = state.events.has("stretching") or state.silence.is_dismissed("stretching")
    clocks = state.clocks.with_rest() if state.events.has("rest") else state.clocks
    quiet = replace(
        state,
        posture=PostureFilter(),
        identity=replace(state.identity, looks=b""),
        reason="no_face",
        eye_status=EyeStatus(),
        burst_problem=None,
        box=None,
        faces_counted_at_s=None,
        episode_counted=False,
        clocks=replace(
            clocks,
            absent_s=0.0,
            since_blink_s=0.0,
            since_counted_blink_s=0.0,
            since_stretch_s=0.0 if has_stretching else clocks.since_stretch_s,
        ),
        silence=state.silence.without_dismissals(CONDITIONS_PASSED, at_s),
    )
    return transition.to(quiet).end_all(at_s, except_=except_)


def end_break(transition: Transition, kind: Literal["away", "paused"], at_s: float) -> Transition:
    """The transition out of a break, which counts as a rest if it was long."""
    event = transition.state.events.find(kind)
    transition = transition.end(kind, at_s)
    state = replace(transition.state, identity_checked_at_s=None)
    if event is None or at_s - event.started_at_s < BREAK_S:
        return transition.to(state)
    totals = replace(state.totals, rests=state.totals.rests + 1)
    return transition.to(replace(state, clocks=state.clocks.with_rest(), totals=totals))


def _update_posture(
    transition: Transition, frame: Observation, known_s: float, passed_s: float, settings: AlarmSettings
) -> Transition:
    state, totals = transition.state, transition.state.totals
    if state.reason in ABSENT:
        return transition  # counted when they are back, if that is soon
    if frame.measures is None or state.baseline is None or state.reason is not None:
        return transition.to(replace(state, totals=replace(totals, unreliable_s=totals.unreliable_s + passed_s)))
    camera = state.camera.with_frame(
        frame.measures, frame.scene, frame.at_s, is_usual=posture_filter.is_usual(frame.measures, state.baseline)
    )
    sample = posture_filter.sample_of(frame.measures, camera.judged_by(state.baseline))
    limits = settings.limits
    posture = state.posture.with_sample(sample, limits, known_s)
    quarter = _quarter_with(state, frame, posture.shares(limits))
    state = replace(
        state,
        camera=camera,
        posture=posture,
        episode_counted=state.episode_counted and bool(posture.faults),
        totals=_with_posture(totals, posture.faults, passed_s),
        quarter=quarter,
    )
    if not posture.faults:
        return transition.to(state).end("bad_posture", frame.at_s)
    if state.events.has("bad_posture"):
        return transition.to(state)
    began_at_s = max(state.started_at_s, frame.at_s - posture.bad_s)
    return transition.to(state).start("bad_posture", began_at_s, outline=frame.outline)


def _with_posture(totals: Totals, faults: Collection[Fault], seconds: float) -> Totals:
    """The totals after so many seconds of a known posture."""
    if not faults:
        return replace(totals, good_s=totals.good_s + seconds)
    return replace(
        totals,
        bad_s=totals.bad_s + seconds,
        closer_s=totals.closer_s + seconds * ("closer" in faults),
        lower_s=totals.lower_s + seconds * ("lower" in faults),
        tilted_s=totals.tilted_s + seconds * ("tilted" in faults),
    )


def _quarter_with(state: State, frame: Observation, shares: Sample) -> QuarterWatch:
    """The quarter hour after a frame whose posture was judged; shares: of the limits, see PostureFilter."""
    quarter, worst = state.quarter, state.quarter.worst
    outline = quarter.outline or frame.outline
    worse = Sample(
        max(worst.closer, shares.closer),
        max(worst.lower, shares.lower),
        max(worst.tilted, shares.tilted, key=abs),
    )
    if worse == worst and outline is quarter.outline:
        return quarter
    return replace(quarter, worst=worse, outline=outline)
