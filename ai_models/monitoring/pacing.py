"""When the next frame is needed, and what to compute from it."""

import math

from msgspec import Struct

from ai_models.analysis import AnalysisPlan
from ai_models.monitoring.alarms import AlarmSettings, neck_due_s
from ai_models.monitoring.identity_filter import UNASKED
from ai_models.monitoring.presence import AWAY_AFTER_S
from ai_models.monitoring.session_state import State

CALIBRATING_MS, CALM_MS, DOUBT_MS, WAITING_MS, MIN_PACE_MS = 500, 1500, 1000, 2000, 250
# A burst lasts two seconds: whoever takes the seat unnoticed is looked at in the next but one at the latest, and then
# with every frame, so three looks take less than ten seconds.
IDENTITY_EVERY_S = 3.0
COUNT_EVERY_S = 6.0  # it costs about 10 ms
COUNT_COMPANY_EVERY_S = 2.0
OWNER_PLACE_FOR_S = 10.0  # how long an owner is searched for at their last place while another face was found
EXPLAIN_EVERY_S = 5.0
NEAR_FOR_S = 3.0  # how long a face is searched for at its last position
# While the blink alarm is on, bursts follow each other without gaps.
BURST_FRAMES, BURST_INTERVAL_MS = 45, 66
WATCH_FRAMES = 30  # then they are short, so that posture is told in time
LANDMARK_FRAMES = 60  # of a client's landmarks: they cost so little that the request around them counts
MIN_BURST_FRAMES = 6  # that an alarm is told in time, not a frame later than it is due
ALERT_FRAMES = 15  # while an alarm waits for a blink, or posture or identity is in doubt
AFTER_DUE_S = 0.1
RETRY_BURST_S = 60.0  # while bursts cannot be watched, for example in the dark
SAMPLING_MS = 500  # then single frames have to show closed eyes


class Pace(Struct, frozen=True):
    """The next frame, or burst, is needed after next_after_ms milliseconds.

    burst_frames: so many BURST_INTERVAL_MS apart; counted from the last burst's end if they follow without a gap.
    """

    is_burst_next: bool
    next_after_ms: int
    burst_frames: int = BURST_FRAMES


def pace(state: State, settings: AlarmSettings) -> Pace:
    """The pace of a session in this state. settings: for this person, see AlarmSettings.tuned."""
    if _is_burst_next(state, settings):
        return Pace(is_burst_next=True, next_after_ms=0, burst_frames=_burst_frames(state, settings))
    return Pace(is_burst_next=False, next_after_ms=_next_after_ms(state, settings))


def plan_next_frame(state: State, at_s: float) -> AnalysisPlan:
    """What to compute for a frame captured at at_s, in seconds since the epoch."""
    is_calibrating = state.phase == "calibrating"
    is_fresh = at_s - state.last_at_s < NEAR_FOR_S and state.phase in {"calibrating", "monitoring"}
    near = state.box if is_fresh else None
    is_in_doubt = near is None or _is_identity_in_doubt(state)
    if (near is None or state.identity.state in {"uncertain", "other"}) and not _is_past(
        state.owner_at_s, at_s, OWNER_PLACE_FOR_S
    ):
        near = state.owner_box
    count_every_s = COUNT_COMPANY_EVERY_S if state.has_company or is_calibrating else COUNT_EVERY_S
    return AnalysisPlan(
        near=near,
        near_width=state.picture_width if near else None,
        measures=True,
        steady=is_calibrating or _is_noise_decisive(state),
        identity=is_calibrating or is_in_doubt or _is_past(state.identity_checked_at_s, at_s, IDENTITY_EVERY_S),
        exact_identity=True,  # looks are averaged, and may be enrolled
        others=_is_past(state.faces_counted_at_s, at_s, count_every_s),
        quality=True,
        scene=not is_calibrating,
        explain=_is_past(state.picture.explained_at_s, at_s, EXPLAIN_EVERY_S),
    )


def _is_noise_decisive(state: State) -> bool:
    """True if posture is about its limits, or closed eyes have to show in single frames."""
    return state.posture.is_in_doubt or state.burst_problem is not None


def _is_identity_in_doubt(state: State) -> bool:
    return state.identity.state not in UNASKED and not state.identity.is_sure


def _is_past(last_s: float | None, at_s: float, every_s: float) -> bool:
    return last_s is None or at_s - last_s >= every_s


def _is_burst_next(state: State, settings: AlarmSettings) -> bool:
    if state.phase != "monitoring" or state.reason is not None or "blink" not in settings.alarms_on:
        return False
    return state.burst_problem is None or _is_past(state.last_burst_at_s, state.last_at_s, RETRY_BURST_S)


def _burst_frames(state: State, settings: AlarmSettings) -> int:
    """So many that the burst ends when an alarm is due, if one is."""
    most = LANDMARK_FRAMES if state.baseline and state.baseline.source else WATCH_FRAMES
    dues_s = [settings.blink_time_s - state.clocks.since_blink_s]
    if state.posture.is_in_doubt and not state.episode_counted:
        most = ALERT_FRAMES
        dues_s.append(neck_due_s(state, settings) - state.posture.bad_s - state.posture.unsure_s)
    if dues_s[0] <= 0 or _is_identity_in_doubt(state):
        most = ALERT_FRAMES
    frames = [math.ceil(1000 * (due_s + AFTER_DUE_S) / BURST_INTERVAL_MS) for due_s in dues_s if due_s > 0]
    return max(MIN_BURST_FRAMES, min([most, *frames]))


def _next_after_ms(state: State, settings: AlarmSettings) -> int:
    match state.phase:
        case "calibrating":
            return CALIBRATING_MS
        case "monitoring":
            return _pace_ms(state, settings)
        case _:
            return WAITING_MS


def _pace_ms(state: State, settings: AlarmSettings) -> int:
    if state.burst_problem == "frame_rate_too_low" and state.reason is None and "blink" in settings.alarms_on:
        return SAMPLING_MS
    if state.clocks.absent_s > 0:
        return min(DOUBT_MS, _until_ms(AWAY_AFTER_S - state.clocks.absent_s))
    posture = state.posture
    if posture.is_in_doubt and state.reason is None and not state.episode_counted:
        return _in_time_ms(neck_due_s(state, settings) - posture.bad_s - posture.unsure_s)
    is_calm = state.reason is None and not posture.faults and not _is_identity_in_doubt(state)
    return CALM_MS if is_calm and not any(event.is_alarm for event in state.events.open) else DOUBT_MS


def _in_time_ms(seconds: float) -> int:
    """The pace at which a frame arrives just when an alarm becomes due: neither a second late nor too soon."""
    until_ms = _until_ms(seconds)
    return until_ms // 2 if DOUBT_MS < until_ms < 2 * DOUBT_MS else min(DOUBT_MS, until_ms)


def _until_ms(seconds: float) -> int:
    return max(MIN_PACE_MS, round(1000 * seconds) + 10)
