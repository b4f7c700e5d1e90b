"""drain_spool, purge_frames and prepare_archive, and their output."""

import io
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import Erasure
from accounts.services import user_create
from ai_models.vision.frame import Frame as ReceivedFrame
from mongos import archive, guard
from mongos.models import Frame
from mongos.spool import REFUSED
from tests.archived import archived

AWAY = "The frame archive cannot be reached. The frames stay on disk; try again later."


def store(user_id: int, **options: Any) -> UUID:
    return archived(user_id=user_id, frame=ReceivedFrame(b"picture", "image/jpeg", 64, 48), face_found=True, **options)


def spool(user_id: int, **options: Any) -> UUID:
    guard.breaker.failed()
    key = store(user_id, **options)
    guard.breaker.succeeded()
    return key


def run(command: str, **options: Any) -> str:
    out = io.StringIO()
    call_command(command, stdout=out, **options)
    return out.getvalue()


def state_line(waiting: int = 0, refused: int = 0, dropped: int = 0, erasures: int = 0) -> str:
    return (
        f"In {archive.spool().folder}: {waiting} frames waiting, {refused} refused by the archive, 0.0 MiB. "
        f"Dropped so far for lack of space: {dropped}. Erasures to be carried out: {erasures}.\n"
    )


@pytest.fixture
def mina(db: None) -> int:
    return user_create(username="mina@example.com", password="12341234").pk


@pytest.fixture
def archive_down(mongodb: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """MongoDB is configured, but does not respond."""
    monkeypatch.setattr(guard, "probe", lambda timeout_s=None: False)
    monkeypatch.setattr(guard.breaker, "allows", lambda: False)


# --- drain_spool ---


def test_drain_stores_wanted_and_drops_unwanted_frames(mongodb: Any, mina: int) -> None:
    keys = {spool(mina), spool(mina)}
    spool(mina + 1)  # not a user
    assert run("drain_spool", state=True) == state_line(waiting=3)
    assert run("drain_spool") == "Stored 2, deleted 1, refused 0.\n" + state_line()
    assert set(Frame.objects.values_list("pk", flat=True)) == keys
    assert run("drain_spool") == "Stored 0, deleted 0, refused 0.\n" + state_line()


def test_drain_shows_progress_on_a_terminal(mongodb: Any, mina: int, monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    screen = Terminal()
    monkeypatch.setattr("sys.stderr", screen)
    for _ in range(3):
        spool(mina)
    run("drain_spool")
    assert "3/3" in screen.getvalue()


def test_state_option_stores_nothing(mongodb: Any, mina: int) -> None:
    spool(mina)
    assert run("drain_spool", state=True) == state_line(waiting=1)
    assert Frame.objects.count() == 0


def test_refused_frames_are_retried_only_on_demand(mongodb: Any, mina: int) -> None:
    theirs = store(mina + 1)
    spool(mina, frame_id=theirs)
    assert run("drain_spool") == "Stored 0, deleted 0, refused 1.\n" + state_line(refused=1)
    assert run("drain_spool") == "Stored 0, deleted 0, refused 0.\n" + state_line(refused=1)
    assert run("drain_spool", retry_refused=True) == "Stored 0, deleted 0, refused 1.\n" + state_line(refused=1)
    Frame.objects.filter(pk=theirs).delete()  # the conflicting frame
    assert run("drain_spool", retry_refused=True) == "Stored 1, deleted 0, refused 0.\n" + state_line()
    assert archive.spool().entries(REFUSED) == []


def test_drain_runs_pending_erasures(mongodb: Any, mina: int) -> None:
    store(mina)
    Erasure.objects.create(user_id=mina, until=timezone.now())
    assert run("drain_spool", state=True) == state_line(erasures=1)
    assert run("drain_spool").endswith(state_line())
    assert Frame.objects.count() == 0


@pytest.mark.usefixtures("archive_down")
def test_drain_fails_while_archive_is_down(mina: int) -> None:
    store(mina)
    with pytest.raises(CommandError) as error:
        run("drain_spool")
    assert str(error.value) == AWAY
    assert run("drain_spool", state=True) == state_line(waiting=1)


def test_drain_reports_an_outage_that_interrupts_it(mongodb: Any, mina: int, monkeypatch: pytest.MonkeyPatch) -> None:
    spool(mina)
    monkeypatch.setattr(guard.breaker, "allows", lambda: False)
    with pytest.raises(CommandError) as error:
        run("drain_spool")
    assert str(error.value) == "The frame archive became unavailable. The other frames stay on disk."
    assert run("drain_spool", state=True) == state_line(waiting=1)


def test_concurrent_drains_are_refused(mongodb: Any, mina: int) -> None:
    spool(mina)
    with archive.spool().exclusive(), pytest.raises(CommandError) as error:
        run("drain_spool")
    assert str(error.value) == "A server is already storing them; --state shows its progress."
    assert archive.spool().state().waiting == 1


# --- purge_frames ---


@pytest.mark.django_db
def test_purge_deletes_and_counts_old_frames(settings: Any) -> None:
    settings.FRAME_RETENTION_DAYS = 2
    for days in (1, 3, 4):
        store(1, captured_at=archive.now() - timedelta(days=days))
    assert run("purge_frames") == "Deleted 2 frames older than 2 days.\n"
    assert run("purge_frames") == "Deleted 0 frames older than 2 days.\n"
    assert Frame.objects.count() == 1


@pytest.mark.django_db
def test_purge_deletes_nothing_without_a_retention(settings: Any) -> None:
    settings.FRAME_RETENTION_DAYS = 0
    store(1, captured_at=archive.now() - timedelta(days=4000))
    assert run("purge_frames") == "FRAME_RETENTION_DAYS is 0: frames are kept for ever.\n"
    assert Frame.objects.count() == 1


@pytest.mark.parametrize(
    ("days", "line", "seconds"),
    [(9, "MongoDB deletes frames after 9 days.\n", 9 * 86_400), (0, "MongoDB keeps frames for ever.\n", 2**31 - 1)],
)
def test_purge_sets_mongodbs_expiry_age(mongodb: Any, settings: Any, days: int, line: str, seconds: int) -> None:
    settings.FRAME_RETENTION_DAYS = days
    assert run("purge_frames") == line
    assert mongodb.mongos_frame.index_information()["frame_age"]["expireAfterSeconds"] == seconds


@pytest.mark.usefixtures("archive_down")
def test_purge_fails_while_mongodb_is_down() -> None:
    with pytest.raises(CommandError) as error:
        run("purge_frames")
    assert str(error.value) == "MongoDB cannot be reached."


# --- prepare_archive ---


@pytest.mark.django_db
def test_prepare_does_nothing_without_mongodb() -> None:
    assert run("prepare_archive") == "MONGODB_URI is not set: frames are stored in the database of DATABASE_URL.\n"


def test_prepare_creates_indexes_and_is_repeatable(mongodb: Any, settings: Any) -> None:
    mongodb.client.drop_database(mongodb.name)
    for days, retention in ((5, "for 5 days"), (5, "for 5 days"), (0, "until their user deletes them")):
        settings.FRAME_RETENTION_DAYS = days
        assert run("prepare_archive") == f"MongoDB is ready; frames are kept {retention}.\n"
        indexes = mongodb.mongos_frame.index_information()
        assert set(indexes) == {"_id_", "frame_list", "frame_age"}
        assert indexes["frame_age"]["expireAfterSeconds"] == (days * 86_400 or 2**31 - 1)


@pytest.mark.usefixtures("archive_down")
def test_prepare_fails_while_mongodb_is_down() -> None:
    with pytest.raises(CommandError) as error:
        run("prepare_archive")
    assert str(error.value) == "MongoDB cannot be reached at MONGODB_URI. Start it or fix the address, and try again."
