"""Compiled queries find, update and insert what the ORM would."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection
from django.db.models import F, Model

from accounts.models import User
from common.db.compiled import CompiledInsert, CompiledQuery, CompiledUpdate
from detections.models import Session

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 30, 9, 0, 0, 123456, tzinfo=UTC)


@pytest.fixture
def user() -> User:
    return User.objects.create_user(username="mina@example.com", password="12341234", archive_frames=False)


@pytest.fixture
def session(user: User) -> Session:
    return Session.objects.create(
        user=user, started_at=NOW, received_at=NOW, running=True, phase="monitoring", state="{}", clock_shift_s=0.1
    )


def columns(row: Model) -> dict[str, object]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def key_of(value: UUID) -> object:
    return Session._meta.pk.get_db_prep_value(value, connection)


def test_found_row_equals_the_orms(session: Session) -> None:
    query = CompiledQuery(Session.objects.annotate(owner=F("user__username")).filter(pk=uuid4()))
    for _ in range(2):
        found = query.first(key_of(session.pk))
        assert found is not None
        assert columns(found) == columns(Session.objects.get(pk=session.pk))
        assert found.owner == "mina@example.com"  # type: ignore[attr-defined]
        assert not found._state.adding
    assert query.first(key_of(uuid4())) is None


def test_booleans_are_booleans(user: User) -> None:
    found = CompiledQuery(User.objects.filter(pk=0)).first(user.pk)
    assert found is not None
    assert columns(found) == columns(user)
    assert found.archive_frames is False


def test_update_writes_only_its_fields_of_one_row(session: Session) -> None:
    other = Session.objects.create(user=session.user, started_at=NOW, received_at=NOW, phase="stopped", state="{}")
    frame = uuid4()
    session.state, session.running, session.last_frame, session.phase = '{"a": 1}', None, frame, "away"
    CompiledUpdate(Session, "state", "running", "last_frame").save(session)
    stored = Session.objects.get(pk=session.pk)
    assert (stored.state, stored.running, stored.last_frame, stored.phase) == ('{"a": 1}', None, frame, "monitoring")
    assert columns(Session.objects.get(pk=other.pk)) == columns(other)


def test_inserted_row_equals_the_orms(user: User) -> None:
    row = Session(user=user, started_at=NOW, received_at=NOW, running=None, phase="paused", state="{}")
    insert = CompiledInsert(Session)
    insert.save(row)
    assert columns(Session.objects.get(pk=row.pk)) == columns(row)
    with pytest.raises(IntegrityError):
        insert.save(row)
