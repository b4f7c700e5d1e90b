"""A session from start to stop, and what changes it in between, besides its frames.

Each change is one short transaction that locks the user first and then the session's row.
"""

from collections.abc import Callable
from functools import partial
from uuid import UUID

from django.db import transaction
from msgspec.structs import replace

from accounts.models import User
from accounts.services import password_check, user_lock
from ai_models.monitoring import actions, monitor
from ai_models.monitoring.session_state import State, Transition
from ai_models.templates import Confirmation
from common.db.reserve import require_room
from common.telemetry import metrics
from detections.models import Session
from detections.sessions import codec, store
from detections.sessions.errors import NoFormerCalibration, SessionRunning
from detections.sessions.finish import end
from detections.sessions.profiles import profile_get
from detections.sessions.services import SessionResult, count, going_on
from detections.sessions.store import StoredSession
from detections.sessions.wrong_alarms import tuning_for


def session_start(*, user: User, profile_id: int | None, camera_id: str = "", is_asking: bool = False) -> SessionResult:
    """A new session; a running one is stopped, unless is_asking: then SessionRunning is raised. camera_id: see
    FrameBatch.

    Raises AccountDeleted, ProfileNotFound, NoRoom.
    """
    require_room()
    with transaction.atomic():
        user_lock(user_id=user.pk)
        profile = None if profile_id is None else profile_get(user=user, profile_id=profile_id)
        running = Session.objects.filter(user=user, running=True).only("received_at").first()
        if running and is_asking:
            raise SessionRunning(running.pk, running.received_at)
        ended = _end_running(user, running.pk) if running else None
        now = store.service_now()
        baseline = codec.load_baseline(profile.baseline) if profile else None
        camera = camera_id or (profile.camera if profile else "")
        state = monitor.start(now.timestamp(), baseline=baseline, camera_id=camera or None)
        state = replace(state, tuning=tuning_for(user.pk))
        session = Session.objects.create(
            user=user,
            started_at=now,
            received_at=now,
            running=True,
            phase=state.phase,
            state=codec.dump_state(state),
            profile=profile,
        )
    metrics.sessions_started.inc()
    if ended:
        count(ended)
    return SessionResult(session, Transition(state))


def session_get(*, user: User, session_id: UUID) -> SessionResult:
    """One of the user's sessions as it is. Raises SessionNotFound, AccountDeleted."""
    session = store.load(user, session_id)
    return SessionResult(session.row, Transition(session.state))


def session_change(*, user: User, session_id: UUID, change: Callable[[State, float], Transition]) -> SessionResult:
    """A session after one of monitor's commands. Raises SessionNotFound, SessionEnded, AccountDeleted."""
    return locked_change(user=user, session_id=session_id, change=lambda session, at_s: change(session.state, at_s))


def locked_change(
    *, user: User, session_id: UUID, change: Callable[[StoredSession, float], Transition]
) -> SessionResult:
    """A session after a change in its transaction. Raises as session_change."""
    with store.locked(user, session_id) as session:
        session.require_running()
        now_s = session.now_s
        before, session = session, going_on(user, session, now_s)
        transition = change(session, now_s)
        if transition.is_accepted or session is not before:  # a part that is over has been kept
            store.save(session, transition)
    count(transition)
    return SessionResult(session.row, transition)


def session_calibration_cancel(*, user: User, session_id: UUID) -> SessionResult:
    """A session with the calibration that it had before it calibrated again.

    Raises NoFormerCalibration, and as session_change.
    """

    def cancel(state: State, at_s: float) -> Transition:
        transition = actions.cancel_calibration(state, at_s)
        if not transition.is_accepted:
            raise NoFormerCalibration
        return transition

    return session_change(user=user, session_id=session_id, change=cancel)


def session_face_confirm(*, user: User, session_id: UUID, password: str, keep: bool) -> SessionResult:
    """A session that calibrates again and then learns the face, though it is not like those learned so far.

    keep: beside those; otherwise in their place. Raises WrongPassword, TooManyAttempts, and as session_change.
    """
    password_check(user=user, password=password)
    confirmation: Confirmation = "add" if keep else "replace"
    return session_change(
        user=user, session_id=session_id, change=partial(actions.recalibrate, confirmation=confirmation)
    )


def session_stop(*, user: User, session_id: UUID) -> SessionResult:
    """A stopped session with its report; stopped again, the same. Raises SessionNotFound, AccountDeleted."""
    with store.locked(user, session_id) as session:
        if session.row.running:
            transition = end(user, session, is_abandoned=False)
        else:
            transition = Transition(session.state, is_accepted=False)
    count(transition)
    return SessionResult(session.row, transition)


def _end_running(user: User, session_id: UUID) -> Transition:
    with store.locked(user, session_id) as session:
        return end(user, session, is_abandoned=True)
