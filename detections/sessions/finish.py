"""The end of a session or of a part of it: by its user, by the next one, by a new day, or because nobody is there."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

from django.db.models import F, QuerySet
from django.utils import timezone
from msgspec.structs import replace

from accounts.models import User
from accounts.services import AccountDeleted
from ai_models.monitoring import actions, division
from ai_models.monitoring.division import Division, finished_quarter
from ai_models.monitoring.session_state import Transition
from common.telemetry import metrics
from detections.models import Session
from detections.running import running_sessions
from detections.sessions import codec, store
from detections.sessions.clock import moment_of
from detections.sessions.errors import SessionNotFound
from detections.sessions.store import StoredSession
from detections.sessions.wrong_alarms import tuning_for
from reports.models import Report
from reports.services import report_of_session, unsaved_report

ABANDONED_AFTER = timedelta(hours=12)  # longer than a night's pause
SILENT_AFTER = timedelta(minutes=10)  # a tab that was closed has its report then; one that comes back goes on
SHORTEST_PART = timedelta(minutes=1)  # shorter ones wait until the session is abandoned
FINAL_GAP_S = 15.0  # an abandoned session ended at most this long after its last frame


def end(user: User, session: StoredSession, *, is_abandoned: bool) -> Transition:
    """End a locked session and create its report, unless it never saw its user: an attempt is no result."""
    row, state, now_s = session.row, session.state, session.now_s
    if division.divide_if_due(state, now_s, user.zone):
        transition = division.end_part(state, division.last_seen_s(state))
    else:
        transition = actions.stop(state, min(now_s, state.last_at_s + FINAL_GAP_S) if is_abandoned else now_s)
    row.running = None
    row.stopped_at = moment_of(transition.state.last_at_s)
    row.report = _report(user, session, transition)
    quarter = finished_quarter(state, transition.state) if row.report else None
    store.save(replace(session, quarter=quarter), transition)
    return transition


def divided_session(user: User, session: StoredSession, divided: Division) -> StoredSession:
    """The session as it goes on. The part that is over becomes a session of its own, if there is anything to report."""
    if division.has_begun(session.state):
        report = _report(user, session, divided.ended)
        store.split(session, divided.ended, report)
    session.row.started_at = moment_of(divided.rest.started_at_s)
    return replace(session, state=replace(divided.rest, tuning=tuning_for(user.pk)))


def running_report(user: User) -> Report | None:
    """What the report of a user's running session would be now; None if nothing has been counted."""
    row = Session.objects.filter(user=user, running=True).only("started_at", "state").first()
    state = codec.load_state(row.state) if row else None
    if row is None or state is None or not division.has_begun(state):
        return None
    ended_at, totals = moment_of(state.last_at_s), state.totals_so_far
    return unsaved_report(user=user, started_at=row.started_at, ended_at=ended_at, totals=totals)


def end_abandoned() -> int:
    """End the sessions that were silent for half a day; returns their number."""
    ended = _for_each(_silent_for(ABANDONED_AFTER), _end_if_abandoned)
    metrics.sessions_stopped.inc(ended)
    return ended


def report_silent() -> int:
    """Report what silent sessions have counted so far; returns their number."""
    counting = _silent_for(SILENT_AFTER).filter(started_at__lt=F("received_at") - SHORTEST_PART)
    return _for_each(counting, _divide_if_silent)


def _silent_for(duration: timedelta) -> QuerySet[Session]:
    return running_sessions().filter(received_at__lt=timezone.now() - duration)


def _for_each(sessions: QuerySet[Session], change: Callable[[User, StoredSession], bool]) -> int:
    """The number of sessions that were changed, each locked for itself."""
    changed = 0
    for row in list(sessions.only("pk", "user").select_related("user")):
        with suppress(AccountDeleted, SessionNotFound), store.locked(row.user, row.pk) as session:
            changed += bool(session.row.running) and change(row.user, session)
    return changed


def _end_if_abandoned(user: User, session: StoredSession) -> bool:
    if session.row.received_at >= timezone.now() - ABANDONED_AFTER:
        return False
    end(user, session, is_abandoned=True)
    return True


def _divide_if_silent(user: User, session: StoredSession) -> bool:
    if session.row.received_at >= timezone.now() - SILENT_AFTER:
        return False
    ended_at_s = min(session.state.last_at_s + FINAL_GAP_S, division.last_seen_s(session.state))
    rest = divided_session(user, session, division.divide(session.state, ended_at_s=ended_at_s, at_s=session.now_s))
    store.save(rest, Transition(rest.state))
    return True


def _report(user: User, session: StoredSession, ended: Transition) -> Report | None:
    if not division.has_begun(ended.state):
        return None
    return report_of_session(
        user=user,
        started_at=session.row.started_at,
        ended_at=moment_of(ended.state.last_at_s),
        totals=ended.state.totals_so_far,
    )
