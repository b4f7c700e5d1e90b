"""`manage.py erase_orphans`"""

from datetime import datetime, timedelta
from io import StringIO
from typing import Any
from uuid import UUID

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from accounts.models import User
from accounts.services import user_create
from ai_models.vision.frame import read_frame
from common.db.breaker import Breaker
from mongos import guard
from mongos.models import Frame
from tests import pictures
from tests.archived import archived
from tests.conftest import PASSWORD

PNG = pictures.png(pictures.small())
NOBODY = 1_000_000
SECOND = timedelta(seconds=1)


@pytest.fixture
def mina(db: None) -> User:
    return user_create(username="mina", password=PASSWORD)


def store(user_id: int, at: datetime | None = None) -> UUID:
    return archived(user_id=user_id, frame=read_frame(PNG), face_found=True, captured_at=at)


def erase_orphans(**options: Any) -> str:
    out = StringIO()
    call_command("erase_orphans", stdout=out, **options)
    return out.getvalue()


def stored_ids() -> set[UUID]:
    return set(Frame.objects.values_list("pk", flat=True))


@pytest.mark.usefixtures("each_archive")
def test_only_orphaned_frames_are_deleted(mina: User) -> None:
    stays = {store(mina.pk), store(mina.pk)}
    for user_id in (NOBODY, NOBODY, NOBODY + 1):
        store(user_id)
    assert erase_orphans() == "Deleted 3 frames of 2 users who do not exist or signed up later.\n"
    assert stored_ids() == stays
    assert erase_orphans() == "Deleted 0 frames of 0 users who do not exist or signed up later.\n"


@pytest.mark.usefixtures("each_archive")
def test_frames_from_before_the_user_joined_are_deleted(mina: User) -> None:
    store(mina.pk, mina.date_joined - SECOND)
    store(mina.pk, mina.date_joined - timedelta(days=30))
    stays = {store(mina.pk, mina.date_joined), store(mina.pk, mina.date_joined + SECOND)}
    assert erase_orphans() == "Deleted 2 frames of 1 users who do not exist or signed up later.\n"
    assert stored_ids() == stays


@pytest.mark.usefixtures("each_archive")
def test_dry_run_reports_and_deletes_nothing(mina: User) -> None:
    keys = {store(mina.pk), store(NOBODY), store(mina.pk, mina.date_joined - SECOND)}
    assert erase_orphans(dry_run=True) == "There are 2 frames of 2 users who do not exist or signed up later.\n"
    assert stored_ids() == keys
    assert erase_orphans().startswith("Deleted 2 frames of 2 users ")


@pytest.mark.usefixtures("each_archive")
def test_empty_archive_is_no_error() -> None:
    assert erase_orphans().startswith("Deleted 0 frames ")


@pytest.mark.usefixtures("mongodb")
def test_command_fails_while_archive_is_down(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "breaker", Breaker(3600.0))
    guard.breaker.failed()
    with pytest.raises(CommandError, match="cannot be reached"):
        erase_orphans()
