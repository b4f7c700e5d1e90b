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
from mongos import archive, guard
from mongos.models import Frame
from tests import pictures
from tests.conftest import PASSWORD

PNG = pictures.png(pictures.small())
NOBODY = 1_000_000
SECOND = timedelta(seconds=1)


@pytest.fixture
def mina(db: None) -> User:
    return user_create(username="mina", password=PASSWORD)


def keep(user_id: int, at: datetime | None = None) -> UUID:
    return archive.store(user_id=user_id, frame=read_frame(PNG), face_found=True, captured_at=at)


def erased(**options: Any) -> str:
    out = StringIO()
    call_command("erase_orphans", stdout=out, **options)
    return out.getvalue()


def kept() -> set[UUID]:
    return set(Frame.objects.values_list("pk", flat=True))


@pytest.mark.usefixtures("each_archive")
def test_frames_of_nobody_go_and_those_of_users_stay(mina: User) -> None:
    stays = {keep(mina.pk), keep(mina.pk)}
    for user_id in (NOBODY, NOBODY, NOBODY + 1):
        keep(user_id)
    assert erased() == "Deleted 3 frames of 2 users who do not exist or signed up later.\n"
    assert kept() == stays
    assert erased() == "Deleted 0 frames of 0 users who do not exist or signed up later.\n"


@pytest.mark.usefixtures("each_archive")
def test_a_new_user_does_not_come_into_the_frames_of_who_had_their_number_before(mina: User) -> None:
    keep(mina.pk, mina.date_joined - SECOND)
    keep(mina.pk, mina.date_joined - timedelta(days=30))
    stays = {keep(mina.pk, mina.date_joined), keep(mina.pk, mina.date_joined + SECOND)}
    assert erased() == "Deleted 2 frames of 1 users who do not exist or signed up later.\n"
    assert kept() == stays


@pytest.mark.usefixtures("each_archive")
def test_a_dry_run_tells_the_same_and_deletes_nothing(mina: User) -> None:
    keys = {keep(mina.pk), keep(NOBODY), keep(mina.pk, mina.date_joined - SECOND)}
    assert erased(dry_run=True) == "There are 2 frames of 2 users who do not exist or signed up later.\n"
    assert kept() == keys
    assert erased().startswith("Deleted 2 frames of 2 users ")


@pytest.mark.usefixtures("each_archive")
def test_an_empty_archive_is_no_error() -> None:
    assert erased().startswith("Deleted 0 frames ")


@pytest.mark.usefixtures("mongodb")
def test_an_archive_that_is_away_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "breaker", Breaker(3600.0))
    guard.breaker.failed()
    with pytest.raises(CommandError, match="cannot be reached"):
        erased()
