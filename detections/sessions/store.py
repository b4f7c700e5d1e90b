"""Sessions in the database: a session's row, its state, and the episodes in it."""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from uuid import UUID

from django.db import connection, transaction
from django.db.models import DateTimeField, F, Func, QuerySet
from django.utils import timezone
from msgspec import Struct

from accounts.models import User
from accounts.services import FACE_COLUMNS, AccountDeleted, EnrolledFace, user_lock, user_lock_with_face
from ai_models.monitoring.division import finished_quarter
from ai_models.monitoring.events import Event
from ai_models.monitoring.quarter_watch import Quarter
from ai_models.monitoring.session_state import State, Transition
from common.db.compiled import CompiledQuery, CompiledUpdate
from detections.models import Episode, Session, WrongAlarm
from detections.sessions import clock, codec, quarters
from detections.sessions.clock import moment_of
from detections.sessions.errors import SessionEnded, SessionNotFound
from reports.models import Report

SAVED_FIELDS = (
    *("phase", "state", "clock_shift_s", "received_at", "last_frame"),
    *("started_at", "stopped_at", "running", "report", "profile"),
)
NO_USER, NO_ID = 0, UUID(int=0)


class UtcNow(Func):
    """MySQL's own time of day in UTC, whatever the time zone of its sessions."""

    template = "UTC_TIMESTAMP(6)"
    output_field = DateTimeField()


class StoredSession(Struct, frozen=True):
    """A session's row, its state, and its user's enrolled face. is_face_locked: nobody else can change the face.

    clock_ahead_s: of the database's clock, which all nodes share, before this node's. quarter: one that is over and not
    saved yet.
    """

    row: Session
    state: State
    face: EnrolledFace
    clock_ahead_s: float
    is_face_locked: bool = False
    quarter: Quarter | None = None

    def require_running(self) -> None:
        """Raises SessionEnded."""
        if not self.row.running:
            raise SessionEnded

    @property
    def service_now_s(self) -> float:
        """The service's time at this moment, the same on every node."""
        return time.time() + self.clock_ahead_s

    @property
    def now_s(self) -> float:
        """The session's time at this moment."""
        return clock.now_in_session(
            last_at_s=self.state.last_at_s,
            received_at_s=self.row.received_at.timestamp(),
            now_s=self.service_now_s,
        )


def load(user: User, session_id: UUID) -> StoredSession:
    """One of the user's sessions, in one query. Raises SessionNotFound, AccountDeleted."""
    row, clock_ahead_s = _row(user, session_id, _loaded())
    face = EnrolledFace.from_columns(*_face_columns(row))
    return StoredSession(row, codec.load_state(row.state), face, clock_ahead_s)


@contextmanager
def locked(user: User, session_id: UUID, known: StoredSession | None = None) -> Iterator[StoredSession]:
    """The same in a transaction that locks the user and then the session's row until its end.

    known: as it was loaded before. A state that has not changed since is not decoded again, nor is a face decrypted;
    the face is read again only while the session calibrates, since only then does it change.
    Raises SessionNotFound, AccountDeleted.
    """
    with transaction.atomic():
        is_enrolling = known is not None and known.state.phase == "calibrating"
        face = known.face if known else EnrolledFace()
        if is_enrolling:
            face = user_lock_with_face(user_id=user.pk, known=face)
        else:
            user_lock(user_id=user.pk)
        row, clock_ahead_s = _row(user, session_id, _locked())
        is_unchanged = known is not None and row.state == known.row.state
        state = known.state if known and is_unchanged else codec.load_state(row.state)
        yield StoredSession(row, state, face, clock_ahead_s, is_face_locked=is_enrolling)


def save(stored: StoredSession, transition: Transition) -> None:
    """Write what a transition has changed; the session is locked."""
    row = stored.row
    row.received_at = clock.moment_of(stored.service_now_s)
    row.phase = transition.state.phase
    row.state = codec.dump_state(transition.state)
    _saved().save(row)
    _save_episodes(row, stored.state.events.count, transition.events)
    if stored.quarter:
        quarters.save(row, stored.quarter)


def split(stored: StoredSession, ended: Transition, report: Report | None) -> None:
    """Keep an ended part of a locked session, with all that is in it, as a session of its own."""
    row = stored.row
    _save_episodes(row, stored.state.events.count, ended.events)
    part = Session.objects.create(
        user_id=row.user_id,
        started_at=row.started_at,
        stopped_at=moment_of(ended.state.last_at_s),
        received_at=row.received_at,
        phase=ended.state.phase,
        state=codec.dump_state(ended.state),
        profile_id=row.profile_id,
        report=report,
    )
    episodes = Episode.objects.filter(session=row)
    episodes.filter(ended_at=None).delete()  # a break that it was in belongs to no part
    episodes.update(session=part)
    if quarter := finished_quarter(stored.state, ended.state):
        quarters.save(row, quarter)
    row.quarters.update(session=part)
    WrongAlarm.objects.filter(session=row).update(session=part)


def save_clock_shift(row: Session) -> None:
    """Write only how the client's clock is read from now on; the session is locked."""
    _clock_saved().save(row)


def service_now() -> datetime:
    """The service's time, the same on every node."""
    if connection.vendor != "mysql":
        return timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT UTC_TIMESTAMP(6)")
        now: datetime = cursor.fetchone()[0]
        return now.replace(tzinfo=UTC)


def _row(user: User, session_id: UUID, query: CompiledQuery[Session]) -> tuple[Session, float]:
    """The session's row, and how far the database's clock is ahead of this node's."""
    sent_at_s = time.time()
    row = query.first(user.pk, Session._meta.pk.get_db_prep_value(session_id, connection))
    if row is not None:
        now: datetime | None = getattr(row, "database_now", None)
        return row, now.replace(tzinfo=UTC).timestamp() - sent_at_s if now else 0.0
    if not User.objects.filter(pk=user.pk).exists():
        raise AccountDeleted  # and all sessions with it
    raise SessionNotFound


def _face_columns(row: Session) -> Iterator[object]:
    return (getattr(row, f"face_{name}") for name in FACE_COLUMNS)


def _save_episodes(row: Session, known: int, events: Iterable[Event]) -> None:
    """Events are numbered; those up to `known` have a row already."""
    begun = [event for event in events if event.number > known]
    if begun:
        Episode.objects.bulk_create(_episode(row, event) for event in begun)
    for event in events:
        if event.number <= known and event.ended_at_s is not None:
            ended_at = moment_of(event.ended_at_s)
            Episode.objects.filter(session=row, number=event.number).update(ended_at=ended_at)


def _episode(row: Session, event: Event) -> Episode:
    return Episode(
        session=row,
        number=event.number,
        kind=event.kind,
        started_at=moment_of(event.started_at_s),
        ended_at=None if event.ended_at_s is None else moment_of(event.ended_at_s),
        outline=event.outline,
    )


@cache
def _loaded() -> CompiledQuery[Session]:
    face = {f"face_{name}": F(f"user__face_profile__{name}") for name in FACE_COLUMNS}
    return CompiledQuery(_timed(Session.objects.annotate(**face)).filter(user=NO_USER).filter(pk=NO_ID))


@cache
def _locked() -> CompiledQuery[Session]:
    return CompiledQuery(_timed(Session.objects.select_for_update()).filter(user=NO_USER).filter(pk=NO_ID))


def _timed(sessions: QuerySet[Session]) -> QuerySet[Session]:
    """With the database's time when the query starts; SQLite's clock is this node's own."""
    return sessions.annotate(database_now=UtcNow()) if connection.vendor == "mysql" else sessions


@cache
def _saved() -> CompiledUpdate[Session]:
    return CompiledUpdate(Session, *SAVED_FIELDS)


@cache
def _clock_saved() -> CompiledUpdate[Session]:
    return CompiledUpdate(Session, "clock_shift_s")
