"""The end of a session: by its user, by the next one, or because its client went without a word."""

from contextlib import suppress
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.services import AccountDeleted, user_lock
from ai_models.monitoring import monitor
from ai_models.monitoring.session_state import Transition
from common.telemetry import metrics
from detections.models import Session
from detections.sessions import clock, codec, store
from reports.services import report_of_session

ABANDONED_AFTER = timedelta(hours=12)  # longer than a night's pause is worth waiting for
FINAL_GAP_S = 15.0  # a session that nobody stopped had ended by itself, so long after its last frame at most


def end(user: User, session: Session, *, is_abandoned: bool) -> Transition:
    """End a session, with its report; the user and the session are held."""
    state = codec.load_state(session.state)
    now_s = store.session_now_s(session, state)
    transition = monitor.stop(state, min(now_s, state.last_at_s + FINAL_GAP_S) if is_abandoned else now_s)
    session.running = None
    session.stopped_at = clock.moment_of(transition.state.last_at_s)
    session.report = report_of_session(
        user=user, started_at=session.started_at, ended_at=session.stopped_at, totals=monitor.totals(transition.state)
    )
    store.save(session, state, transition)
    return transition


def end_abandoned() -> int:
    """End the sessions of which nothing was heard for half a day, so that their reports are there; how many."""
    abandoned = Session.objects.filter(running=True, received_at__lt=timezone.now() - ABANDONED_AFTER)
    ended = sum(_end_if_abandoned(session) for session in list(abandoned.only("pk", "user").select_related("user")))
    metrics.sessions_stopped.inc(ended)
    return ended


def _end_if_abandoned(found: Session) -> bool:
    with suppress(AccountDeleted), transaction.atomic():
        user_lock(user_id=found.user_id)
        session = store.get_session(found.user, found.pk, for_update=True)
        if session.running and session.received_at < timezone.now() - ABANDONED_AFTER:
            end(found.user, session, is_abandoned=True)
            return True
    return False
