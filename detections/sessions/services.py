"""A session's way from start to stop, and what changes it in between.

Each change is one short transaction that holds the user first and then the session's row. So of two frames that come to
two workers at once, the second sees what the first has made of the state, and a withdrawal waits until all is written.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.services import EnrolledFace, face_enrol, face_get, user_lock, user_lock_with_face
from ai_models.analysis import AnalysisPlan, FrameAnalysis
from ai_models.identity import Enrolment
from ai_models.monitoring import monitor
from ai_models.monitoring.alarms import ALARM_KINDS, AlarmSettings
from ai_models.monitoring.session_state import State, Transition
from ai_models.monitoring.status import plan_next_frame
from ai_models.vision.frame import Frame
from common.telemetry import metrics
from detections.models import Session
from detections.sessions import analysis, clock, codec, store
from detections.sessions.finish import end
from detections.sessions.profiles import profile_get
from mongos import archive


@dataclass(frozen=True, slots=True)
class FrameBatch:
    """A frame, or a burst. captured: when each was, by the client's clock; empty where a single frame does not tell.

    key: the same where the same is sent again.
    """

    frames: Sequence[Frame]
    captured: Sequence[datetime]
    key: UUID

    @property
    def captured_s(self) -> list[float]:
        return [moment.timestamp() for moment in self.captured]


@dataclass(frozen=True, slots=True)
class SessionResult:
    """A session after a call, with what the call changed. analysis: the last frame's, where there was one."""

    session: Session
    transition: Transition
    analysis: FrameAnalysis | None = None

    @property
    def state(self) -> State:
        return self.transition.state


@dataclass(frozen=True, slots=True)
class _Plan:
    """What to compute, and the enrolment to compare with. is_nobody_enrolled: only set where identity is needed."""

    analysis_plan: AnalysisPlan
    enrolment: Enrolment | None = None
    is_nobody_enrolled: bool = False


def alarm_settings_of(user: User) -> AlarmSettings:
    """The user's alarm settings as the state machine takes them."""
    return AlarmSettings(
        neck_time_s=user.neck_time,
        blink_time_s=user.blink_time,
        stretching_time_s=user.stretching_time,
        rest_time_s=user.rest_time,
        sensitivity=user.sensitivity,  # type: ignore[arg-type]
        alarms_on=frozenset(kind for kind in ALARM_KINDS if getattr(user, f"{kind}_on")),
    )


def session_start(*, user: User, profile_id: int | None) -> SessionResult:
    """A new session; one that runs is stopped. Raises AccountDeleted, ProfileNotFound."""
    with transaction.atomic():
        user_lock(user_id=user.pk)
        profile = None if profile_id is None else profile_get(user=user, profile_id=profile_id)
        running = Session.objects.select_for_update().filter(user=user, running=True).first()
        ended = end(user, running, is_abandoned=True) if running else None
        now = timezone.now()
        baseline = codec.load_baseline(profile.baseline) if profile else None
        state = monitor.start(now.timestamp(), baseline=baseline)
        session = Session.objects.create(
            user=user,
            started_at=now,
            received_at=now,
            running=True,
            phase=state.phase,
            state=codec.dump(state),
            profile=profile,
        )
    metrics.sessions_started.inc()
    if ended:
        _count(ended)
    return SessionResult(session, Transition(state))


def session_of(*, user: User, session_id: UUID) -> SessionResult:
    """One of the user's sessions as it is. Raises SessionNotFound."""
    session = store.get_session(user, session_id)
    return SessionResult(session, Transition(codec.load_state(session.state)))


def frames_observe(*, user: User, session_id: UUID, batch: FrameBatch) -> SessionResult:
    """A session after a frame, or a burst of them. Raises InvalidFrame, SessionNotFound, SessionEnded, AccountDeleted.

    A single frame is archived unless its user does not want that; a burst never is.
    """
    received_at = archive.now()
    session = store.get_session(user, session_id)
    state = store.running_state(session)
    if state.phase == "paused":
        # While paused a frame is neither analysed nor archived.
        return SessionResult(session, Transition(state, is_accepted=False))
    is_enrolling = state.phase == "calibrating"
    # Vision is slow and the lock is short: the transaction begins when all has been seen.
    plan = _plan(user, session, state, batch)
    analyses = list(analysis.analyze_frames(batch.frames, plan.analysis_plan))
    with metrics.timed("session"), transaction.atomic():
        face = _hold(user, is_enrolling=is_enrolling)
        session = store.get_session(user, session_id, for_update=True)
        state = store.running_state(session)
        is_repeated = batch.key == session.last_frame
        transition = (
            Transition(state, is_accepted=False)
            if is_repeated
            else _observe(user, session, state, batch, analyses, plan)
        )
        if transition.is_accepted:
            session.last_frame = batch.key
            session.received_at = timezone.now()
            store.save(session, state, transition)
            if face and state.phase == "calibrating":
                _enrol(user, face, batch.key, analyses, transition.state)
    _count(transition, len(analyses))
    if len(analyses) == 1 and user.archive_frames and (transition.is_accepted or is_repeated):
        # Outside the transaction, which must not wait for another database. A frame that is repeated may have been lost
        # on its way there; under its key it is kept once.
        with metrics.timed("store"):
            archive.store(
                user_id=user.pk,
                frame=batch.frames[0],
                face_found=analyses[0].face is not None,
                captured_at=received_at,
                frame_id=batch.key,
                session_id=session_id,
            )
    return SessionResult(session, transition, analyses[-1])


def session_change(*, user: User, session_id: UUID, change: Callable[[State, float], Transition]) -> SessionResult:
    """A session after one of monitor's commands. Raises SessionNotFound, SessionEnded, AccountDeleted."""
    with transaction.atomic():
        user_lock(user_id=user.pk)
        session = store.get_session(user, session_id, for_update=True)
        state = store.running_state(session)
        transition = change(state, store.session_now_s(session, state))
        if transition.is_accepted:
            session.received_at = timezone.now()
            store.save(session, state, transition)
    _count(transition)
    return SessionResult(session, transition)


def session_stop(*, user: User, session_id: UUID) -> SessionResult:
    """A stopped session with its report; stopped again, the same. Raises SessionNotFound, AccountDeleted."""
    with transaction.atomic():
        user_lock(user_id=user.pk)
        session = store.get_session(user, session_id, for_update=True)
        if session.running:
            transition = end(user, session, is_abandoned=False)
        else:
            transition = Transition(codec.load_state(session.state), is_accepted=False)
    _count(transition)
    return SessionResult(session, transition)


def _hold(user: User, *, is_enrolling: bool) -> EnrolledFace | None:
    if is_enrolling:
        return user_lock_with_face(user_id=user.pk)
    user_lock(user_id=user.pk)
    return None


def _plan(user: User, session: Session, state: State, batch: FrameBatch) -> _Plan:
    plan = plan_next_frame(state, _times(session, state, batch)[0][0])
    if not plan.identity:
        return _Plan(plan)
    enrolment = face_get(user_id=user.pk).enrolment
    # Nobody to compare with, and nobody to enrol: then who it is need not be looked at.
    is_looked_at = enrolment is not None or state.phase == "calibrating"
    return _Plan(replace(plan, identity=is_looked_at), enrolment, is_nobody_enrolled=enrolment is None)


def _observe(
    user: User, session: Session, state: State, batch: FrameBatch, analyses: Sequence[FrameAnalysis], plan: _Plan
) -> Transition:
    times, session.clock_shift_s = _times(session, state, batch)
    observations = [
        analysis.observation(found, at_s, plan.enrolment, is_nobody_enrolled=plan.is_nobody_enrolled)
        for found, at_s in zip(analyses, times, strict=True)
    ]
    return monitor.observe(state, observations, alarm_settings_of(user))


def _enrol(user: User, face: EnrolledFace, key: UUID, analyses: Sequence[FrameAnalysis], after: State) -> None:
    """A frame that was good enough to calibrate on enrols its face, too."""
    descriptor = next((analysis.descriptor for analysis in analyses if analysis.descriptor is not None), None)
    if descriptor is not None and not after.calibration.hints:
        face_enrol(user_id=user.pk, face=face, frame_id=key, descriptor=descriptor)


def _times(session: Session, state: State, batch: FrameBatch) -> tuple[list[float], float | None]:
    return clock.in_session(
        batch.captured_s,
        shift_s=session.clock_shift_s,
        here_s=store.session_now_s(session, state),
        last_at_s=state.last_at_s,
        now_s=time.time(),
    )


def _count(transition: Transition, frames: int = 0) -> None:
    if frames > 1 and transition.is_accepted:
        metrics.bursts.inc()
    for event in transition.events:
        if event.kind in metrics.alarms and event.ended_at_s is None:
            metrics.alarms[event.kind].inc()
    if transition.is_accepted and transition.state.phase == "stopped":
        metrics.sessions_stopped.inc()
