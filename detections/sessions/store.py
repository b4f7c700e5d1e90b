"""A session's row, and those of what happened in it."""

import time
from collections.abc import Iterable
from functools import cache
from uuid import UUID

from django.db import connection

from accounts.models import User
from accounts.services import AccountDeleted
from ai_models.monitoring.alarms import Event
from ai_models.monitoring.session_state import State, Transition
from detections.models import Episode, Session
from detections.sessions import clock, codec
from detections.sessions.clock import moment_of
from detections.sessions.errors import SessionEnded, SessionNotFound

SAVED_FIELDS = ["phase", "state", "clock_shift_s", "received_at", "last_frame", "running", "stopped_at", "report"]
NOBODY = 0
NO_ID = UUID(int=0)


def get_session(user: User, session_id: UUID, *, for_update: bool = False) -> Session:
    """One of the user's sessions, its row locked if for_update. Raises SessionNotFound, AccountDeleted."""
    key = Session._meta.pk.get_db_prep_value(session_id, connection)
    session = next(iter(Session.objects.raw(_session_sql(for_update=for_update), [user.pk, key])), None)
    if session is not None:
        return session
    if not User.objects.filter(pk=user.pk).exists():
        raise AccountDeleted  # and all sessions with it
    raise SessionNotFound


def running_state(session: Session) -> State:
    """The state of a session that has not ended. Raises SessionEnded."""
    if not session.running:
        raise SessionEnded
    return codec.load_state(session.state)


def session_now_s(session: Session, state: State) -> float:
    """The session's time at this moment."""
    return clock.now_in_session(
        last_at_s=state.last_at_s, received_at_s=session.received_at.timestamp(), now_s=time.time()
    )


def save(session: Session, before: State, transition: Transition) -> None:
    """Write what a step has changed; the user and the session are held."""
    session.phase = transition.state.phase
    session.state = codec.dump(transition.state)
    session.save(update_fields=SAVED_FIELDS)
    _save_episodes(session, before.events.count, transition.events)


def _save_episodes(session: Session, known: int, events: Iterable[Event]) -> None:
    """Events are numbered: the first ones, so many, have a row already."""
    begun = [event for event in events if event.number > known]
    if begun:
        Episode.objects.bulk_create(_episode(session, event) for event in begun)
    for event in events:
        if event.number <= known and event.ended_at_s is not None:
            ended_at = moment_of(event.ended_at_s)
            Episode.objects.filter(session=session, number=event.number).update(ended_at=ended_at)


def _episode(session: Session, event: Event) -> Episode:
    return Episode(
        session=session,
        number=event.number,
        kind=event.kind,
        started_at=moment_of(event.started_at_s),
        ended_at=None if event.ended_at_s is None else moment_of(event.ended_at_s),
    )


@cache
def _session_sql(*, for_update: bool) -> str:
    # Each frame runs this query twice, and the ORM takes longer to write it than the database to answer it.
    sessions = Session.objects.select_for_update() if for_update else Session.objects.all()
    sql, _ = sessions.filter(user=NOBODY).filter(pk=NO_ID).query.sql_with_params()
    return sql
