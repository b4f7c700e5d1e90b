from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import router

from accounts.models import User
from mongos.guard import PROBES, FrameRouter
from mongos.models import Frame

FRAMES = FrameRouter()


@pytest.fixture
def _mongodb(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "DATABASES", {"default": {}, "mongodb": {}})


@pytest.fixture
def _embedded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "DATABASES", {"default": {}})


@pytest.mark.usefixtures("_embedded")
def test_frames_are_in_default_without_mongodb() -> None:
    assert (FRAMES.db_for_read(Frame), FRAMES.db_for_write(Frame)) == (None, None)
    assert (router.db_for_read(Frame), router.db_for_write(Frame)) == ("default", "default")


@pytest.mark.usefixtures("_mongodb")
def test_frames_are_in_mongodb_if_configured() -> None:
    assert (FRAMES.db_for_read(Frame), FRAMES.db_for_write(Frame)) == ("mongodb", "mongodb")
    assert (router.db_for_read(Frame), router.db_for_write(Frame)) == ("mongodb", "mongodb")


@pytest.mark.usefixtures("_mongodb")
def test_users_stay_in_default_with_mongodb() -> None:
    assert (FRAMES.db_for_read(User), FRAMES.db_for_write(User)) == (None, None)
    assert router.db_for_write(User) == "default"


@pytest.mark.usefixtures("_embedded")
@pytest.mark.parametrize("app", ["mongos", "accounts", "reports", "auth"])
def test_all_tables_are_in_default_without_mongodb(app: str) -> None:
    assert FRAMES.allow_migrate("default", app)


@pytest.mark.usefixtures("_mongodb")
@pytest.mark.parametrize(
    ("alias", "app", "allowed"),
    [
        ("mongodb", "mongos", True),
        ("default", "mongos", False),
        ("mongodb", "accounts", False),
        ("default", "accounts", True),
        ("mongodb", "auth", False),
        ("default", "reports", True),
    ],
)
def test_only_frames_are_migrated_in_mongodb(alias: str, app: str, allowed: bool) -> None:
    assert FRAMES.allow_migrate(alias, app) is allowed
    assert FRAMES.allow_migrate(alias, app, model_name="frame") is allowed


@pytest.mark.django_db
def test_no_migration_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("makemigrations", check=True, dry_run=True)
    assert capsys.readouterr().out == "No changes detected\n"


@pytest.mark.usefixtures("mongodb")
def test_no_migration_is_missing_with_mongodb(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("makemigrations", check=True, dry_run=True)
    assert capsys.readouterr().out == "No changes detected\n"


def test_mongodb_contains_only_frames(mongodb: Any) -> None:
    assert set(mongodb.list_collection_names()) - {PROBES} == {"mongos_frame", "django_migrations"}
    assert set(mongodb["mongos_frame"].index_information()) == {"_id_", "frame_list", "frame_age"}
