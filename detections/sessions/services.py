"""A session after a frame or a burst.

Each change is one short transaction that locks the user first and then the session's row. So if two frames reach two
workers at once, the second sees what the first made of the state, and a withdrawal waits until all is written.
"""

import math
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from accounts.models import User
from accounts.services import archives, face_learn, pictures_require
from ai_models.analysis import AnalysisPlan, FrameAnalysis
from ai_models.monitoring import monitor
from ai_models.monitoring.alarm_kinds import ALARM_KINDS
from ai_models.monitoring.alarms import AlarmSettings
from ai_models.monitoring.division import divide_if_due, start_by_coming, turn_quarter
from ai_models.monitoring.landmark_source import OWN
from ai_models.monitoring.observation import Observation
from ai_models.monitoring.pacing import plan_next_frame
from ai_models.monitoring.session_state import State, Transition
from ai_models.monitoring.silence import QuietHours
from ai_models.templates import Templates, unpack
from ai_models.vision.frame import Frame
from common.telemetry import metrics
from detections import vision
from detections.models import Session
from detections.sessions import clock, store
from detections.sessions.finish import divided_session
from detections.sessions.profiles import use_camera
from detections.sessions.store import StoredSession
from mongos import archive


class FrameBatch(Struct, frozen=True):
    """A frame, or a burst. captured: when each was, by the client's clock; may be empty for a single frame.

    key: the same if the same is sent again. began_s: the value of time.thread_time() when reading the request began,
    which may be as dear as looking at the frames. camera_id: the client's name for its camera; empty if it does not
    tell. source: the model of the landmarks that were sent instead of frames; None if there was no face in any.
    """

    frames: Sequence[Frame]
    captured: Sequence[datetime]
    key: UUID
    began_s: float = 0.0
    camera_id: str = ""
    source: str | None = OWN

    def first(self, number: int) -> "FrameBatch":
        return replace(self, frames=self.frames[:number], captured=self.captured[:number])

    @property
    def captured_s(self) -> list[float]:
        return [moment.timestamp() for moment in self.captured]


class SessionResult(Struct, frozen=True):
    """A session after a call, with what the call changed. analysis: the last frame's, if there was one.

    skipped: the frames at the end of a burst that were not looked at, since the others were too much work.
    """

    session: Session
    transition: Transition
    analysis: FrameAnalysis | None = None
    skipped: int = 0

    @property
    def state(self) -> State:
        return self.transition.state


class Taken(Struct, frozen=True):
    """A session's row after a batch, and what changed. is_repeated: the batch had been taken before."""

    row: Session
    transition: Transition
    is_repeated: bool


class _Plan(Struct, frozen=True):
    """The computation of a batch, and what faces are compared with. is_nobody_enrolled: set if identity is needed."""

    analysis_plan: AnalysisPlan
    templates: Templates = ()
    is_nobody_enrolled: bool = False


def alarm_settings_of(user: User) -> AlarmSettings:
    """The user's settings for the state machine."""
    return AlarmSettings(
        neck_time_s=user.neck_time,
        blink_time_s=user.blink_time,
        stretching_time_s=user.stretching_time,
        rest_time_s=user.rest_time,
        sensitivity=user.sensitivity,  # type: ignore[arg-type]
        alarms_on=frozenset(kind for kind in ALARM_KINDS if getattr(user, f"{kind}_on")),
        quiet_hours=_quiet_hours(user),
        break_notice_s=user.break_notice_s,
    )


def _quiet_hours(user: User) -> QuietHours | None:
    if user.quiet_from is None or user.quiet_to is None:
        return None
    return QuietHours(user.quiet_from, user.quiet_to, user.zone)


def frames_observe(*, user: User, session_id: UUID, batch: FrameBatch) -> SessionResult:
    """A session after a frame, or a burst of them. Raises InvalidFrame, SessionNotFound, SessionEnded, AccountDeleted.

    A single frame is archived unless its user switched that off; a burst never is. Raises PicturesStayInBrowser, too.
    """
    received_at = archive.now()
    loaded = store.load(user, session_id)
    loaded.require_running()
    if loaded.state.phase == "paused":
        # While paused a frame is neither analysed nor archived.
        return SessionResult(loaded.row, Transition(loaded.state, is_accepted=False))
    plan = _plan(loaded, batch)
    # Vision is slow and the lock is short: the transaction begins after it. Comparing faces may need vision, too.
    analyses = list(vision.analyze_frames(batch.frames, plan.analysis_plan, batch.began_s))
    untimed = _compare(analyses, plan)
    taken = observations_take(user=user, loaded=loaded, batch=batch.first(len(analyses)), untimed=untimed)
    is_archived = len(batch.frames) == 1 and (taken.transition.is_accepted or taken.is_repeated)
    if is_archived and user.archive_frames and archives(user_id=user.pk):
        _archive(user, session_id, batch, analyses[0], received_at)
    return SessionResult(taken.row, taken.transition, analyses[-1], skipped=len(batch.frames) - len(analyses))


def observations_take(*, user: User, loaded: StoredSession, batch: FrameBatch, untimed: Sequence[Observation]) -> Taken:
    """A loaded session after a batch's observations, whose own times do not count: those of the batch do.

    Raises SessionNotFound, SessionEnded, AccountDeleted, and for pictures PicturesStayInBrowser.
    """
    with metrics.timed("session"), store.locked(user, loaded.row.pk, loaded) as session:
        session.require_running()
        if batch.source == OWN and session.state.phase == "calibrating":  # as it is once the choice forgot the face
            pictures_require(user_id=user.pk)
        is_repeated = session.row.last_frame == batch.key
        transition = Transition(session.state, is_accepted=False)
        if not is_repeated:
            times, session.row.clock_shift_s = _times(session, batch)
            session = going_on(user, session, times[-1])
            changed = use_camera(user, session, batch.camera_id, batch.source, frames=untimed, at_s=times[-1])
            transition = _observe(user, replace(session, state=changed.state), times, untimed).after(changed)
        if transition.is_accepted:
            _save_frames(user, session, batch.key, transition)
        elif session.row.clock_shift_s != loaded.row.clock_shift_s:
            store.save_clock_shift(session.row)
    count(transition, len(untimed))
    return Taken(session.row, transition, is_repeated)


def _plan(session: StoredSession, batch: FrameBatch) -> _Plan:
    plan = plan_next_frame(session.state, _times(session, batch)[0][0])
    if not plan.identity:
        return _Plan(plan)
    templates = session.face.templates
    # With nobody to compare with and nobody to enrol, no descriptor is needed.
    is_needed = bool(templates) or session.state.phase == "calibrating"
    return _Plan(replace(plan, identity=is_needed), templates, is_nobody_enrolled=not templates)


def _compare(analyses: Sequence[FrameAnalysis], plan: _Plan) -> list[Observation]:
    """The observations, without their times: those depend on the session as it is when it is locked."""
    return [
        Observation.of(found, math.nan, plan.templates, is_nobody_enrolled=plan.is_nobody_enrolled)
        for found in analyses
    ]


def going_on(user: User, session: StoredSession, at_s: float) -> StoredSession:
    """A locked session as it goes on at a time; on a new day, or after a long absence, the part before is reported.

    A quarter hour that is over is saved with it.
    """
    division = divide_if_due(session.state, at_s, user.zone)
    if division:
        session = divided_session(user, session, division)
    state, quarter = turn_quarter(session.state, at_s)
    return session if state is session.state else replace(session, state=state, quarter=quarter)


def _observe(user: User, session: StoredSession, times: Sequence[float], untimed: Sequence[Observation]) -> Transition:
    observations = [frame.captured_at(at_s) for frame, at_s in zip(untimed, times, strict=True)]
    transition = monitor.observe(session.state, observations, alarm_settings_of(user))
    state = start_by_coming(session.state, transition.state)
    if state is not transition.state:
        session.row.started_at = clock.moment_of(state.started_at_s)
    return transition.to(state)


def _save_frames(user: User, session: StoredSession, key: UUID, transition: Transition) -> None:
    """Save an accepted transition. A calibration that it completes may teach the face, too."""
    session.row.last_frame = key
    store.save(session, transition)
    is_calibrated = session.state.phase == "calibrating" and transition.state.phase != "calibrating"
    if is_calibrated and session.is_face_locked and transition.state.identity.looks:
        face_learn(
            user_id=user.pk,
            face=session.face,
            frame_id=key,
            looks=unpack(transition.state.identity.looks),
            confirmation=session.state.confirmation,
        )


def _archive(user: User, session_id: UUID, batch: FrameBatch, found: FrameAnalysis, received_at: datetime) -> None:
    # Outside the transaction, which must not wait for another database. A frame that is sent again may have been lost
    # on its way here; under its key it is stored once.
    with metrics.timed("store"):
        archive.store(
            user_id=user.pk,
            frame=batch.frames[0],
            face_found=found.face is not None,
            captured_at=received_at,
            frame_id=batch.key,
            session_id=session_id,
        )


def _times(session: StoredSession, batch: FrameBatch) -> tuple[list[float], float | None]:
    return clock.in_session(
        batch.captured_s,
        shift_s=session.row.clock_shift_s,
        here_s=session.now_s,
        last_at_s=session.state.last_at_s,
        now_s=session.service_now_s,
    )


def count(transition: Transition, frames: int = 0) -> None:
    if frames > 1 and transition.is_accepted:
        metrics.bursts.inc()
    for event in transition.events:
        if event.kind in metrics.alarms and event.ended_at_s is None:
            metrics.alarms[event.kind].inc()
    if transition.is_accepted and transition.state.phase == "stopped":
        metrics.sessions_stopped.inc()
