"""The end of a session: by its user, by the next one, or because its client fell silent."""

from contextlib import suppress
from datetime import timedelta

from django.utils import timezone

from accounts.models import User
from accounts.services import AccountDeleted
from ai_models.monitoring import monitor
from ai_models.monitoring.session_state import Totals, Transition
from common.telemetry import metrics
from detections.models import Session
from detections.sessions import clock, store
from detections.sessions.errors import SessionNotFound
from detections.sessions.store import StoredSession
from reports.services import report_of_session

ABANDONED_AFTER = timedelta(hours=12)  # longer than a night's pause
FINAL_GAP_S = 15.0  # an abandoned session ended at most this long after its last frame


def end(user: User, session: StoredSession, *, is_abandoned: bool) -> Transition:
    """End a locked session and create its report, unless it never saw its user: an attempt is no result."""
    row, state, now_s = session.row, session.state, session.now_s
    transition = monitor.stop(state, min(now_s, state.last_at_s + FINAL_GAP_S) if is_abandoned else now_s)
    row.running = None
    row.stopped_at = clock.moment_of(transition.state.last_at_s)
    totals = monitor.totals(transition.state)
    if totals != Totals():
        row.report = report_of_session(user=user, started_at=row.started_at, ended_at=row.stopped_at, totals=totals)
    store.save(session, transition)
    return transition


def end_abandoned() -> int:
    """End the sessions that were silent for half a day, so that they have their reports; returns their number."""
    abandoned = Session.objects.filter(running=True, received_at__lt=timezone.now() - ABANDONED_AFTER)
    ended = sum(_end_if_abandoned(row) for row in list(abandoned.only("pk", "user").select_related("user")))
    metrics.sessions_stopped.inc(ended)
    return ended


def _end_if_abandoned(row: Session) -> bool:
    with suppress(AccountDeleted, SessionNotFound), store.locked(row.user, row.pk) as session:
        if session.row.running and session.row.received_at < timezone.now() - ABANDONED_AFTER:
            end(row.user, session, is_abandoned=True)
            return True
    return False
