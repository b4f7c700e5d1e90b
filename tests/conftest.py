"""Shared fixtures: users with a login, a client that calls the API as each of them, and the archive's server."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import hypothesis
import pymongo
import pytest
from django.conf import settings as django_settings
from django.core.cache import cache, caches
from django.core.management import call_command
from django.db import connection, connections
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from accounts.services import user_create
from accounts.tokens import tokens_for
from common.db.breaker import Breaker
from mongos import archive, guard, lost
from mongos.guard import ARCHIVE_ALIAS
from mongos.lost import Lost
from mongos.maintenance import FOR_EVER_S
from mongos.models import Frame
from mongos.tally import Tally
from tests import environment, garbage, migrated, mongod, refusals, tiers
from tests.environment import Template
from tests.mongod import Mongod

# The same examples in every run, without a deadline: a failure is always due to a change.
hypothesis.settings.load_profile("ci")

PASSWORD = environment.PASSWORD
PATIENCE_MS = 10_000  # for tests that are not about timeouts: MongoDB may be slow on a busy machine


class ApiClient:
    """The test client as one logged-in user, speaking JSON."""

    def __init__(self, user: User) -> None:
        self.user = user
        self.access: str = tokens_for(user)["access"]  # as its login would return it, in a tenth of the time
        self._client = Client()

    def __call__(self, method: str, path: str, body: Any = None) -> Any:
        options = {} if body is None else {"data": body, "content_type": "application/json"}
        call = getattr(self._client, method)
        return call(f"/api/{path}", headers={"Authorization": f"Bearer {self.access}"}, **options)


@pytest.fixture(scope="session")
def run_folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all processes of a test run share."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if hasattr(request.config, "workerinput") else own


@pytest.fixture(scope="session", autouse=True)
def _separate_model_cache(run_folder: Path) -> Iterator[None]:
    """The descriptor network is exported once per test run, regardless of the cache in the home folder."""
    folder = run_folder / "models"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.conf.settings.MODEL_CACHE_DIR", folder)
        patch.setenv("MODEL_CACHE_DIR", str(folder))  # for processes that tests start
        yield


@pytest.fixture(scope="session", autouse=True)
def _fast() -> Iterator[None]:
    """Settings that are the same for all tests: to change one before and after each test takes a millisecond."""
    with pytest.MonkeyPatch.context() as patch:
        # Otherwise each new test client reads all static files, in 15 ms.
        patch.setattr("django.conf.settings.WHITENOISE_AUTOREFRESH", True, raising=False)
        hasher = "django.contrib.auth.hashers.MD5PasswordHasher"  # the real one takes 0.3 s each time
        patch.setattr("django.conf.settings.PASSWORD_HASHERS", [hasher])
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    request: pytest.FixtureRequest, django_db_modify_db_settings_parallel_suffix: None
) -> Iterator[None]:
    """pytest-django's hook before it makes the test database; on MySQL each process has one of its own name."""
    if connection.vendor != "sqlite":
        yield
        return
    assert request.config.cache
    with migrated.in_memory(request.config.cache.mkdir("migrated")):
        yield


@pytest.fixture(scope="session")
def template(run_folder: Path) -> Template:
    """The migrated database of which each service gets a copy."""
    return environment.template_in(run_folder)


@pytest.fixture(scope="session")
def mongod_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mongod]:
    """A real MongoDB server; tests that stop or kill one have another."""
    if reason := mongod.missing():
        pytest.skip(reason)
    with mongod.running(tmp_path_factory.mktemp("mongod")) as server:
        yield server


@pytest.fixture(scope="session")
def faulty_mongod(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mongod]:
    """A server for the tests that stop and kill one."""
    if reason := mongod.missing():
        pytest.skip(reason)
    with mongod.running(tmp_path_factory.mktemp("mongod")) as server:
        yield server


@pytest.fixture
def own_mongod(faulty_mongod: Mongod) -> Mongod:
    """A server that responds, even if an earlier test left it stopped or killed."""
    faulty_mongod.recover()
    return faulty_mongod


@pytest.fixture
def mongodb(db: None, mongod_server: Mongod) -> Iterator[Any]:
    """pymongo's database of an empty archive on a real MongoDB server."""
    with mongodb_at(mongod_server.uri, timeout_ms=PATIENCE_MS) as database:
        yield database


@pytest.fixture(params=["embedded", "mongodb"])
def each_archive(request: pytest.FixtureRequest, db: None) -> str:
    """Run the test with the archive in `default`, then on a real MongoDB server."""
    if request.param == "mongodb":
        request.getfixturevalue("mongodb")
    return str(request.param)


@contextmanager
def mongodb_at(uri: str, timeout_ms: int = 450) -> Iterator[Any]:
    """The archive at a server's address, prepared and empty, as if MONGODB_URI had been set."""
    options = {"timeoutMS": timeout_ms, "w": "majority", "journal": True}
    no_login = {"USER": "", "PASSWORD": "", "PORT": ""}  # those of `default` are for another server
    address = {"ENGINE": "mongos.engine", "HOST": uri, "NAME": "posesmart_test"}
    database = {**address, **no_login, "OPTIONS": options, "TEST": {}}
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(connections.databases, ARCHIVE_ALIAS, connections.databases["default"] | database)
        assert ARCHIVE_ALIAS in django_settings.DATABASES
        try:
            call_command("migrate", database=ARCHIVE_ALIAS, verbosity=0)
            connection = connections[ARCHIVE_ALIAS]
            connection.database[Frame._meta.db_table].delete_many({})  # type: ignore[attr-defined]
            _disable_expiry(connection.database)  # type: ignore[attr-defined]
            yield connection.database  # type: ignore[attr-defined]
        finally:
            with pymongo.timeout(0.1):  # closing sends a message to the server, which may be dead
                connections[ARCHIVE_ALIAS].close_pool()  # type: ignore[attr-defined]
            del connections[ARCHIVE_ALIAS]


def _disable_expiry(database: Any) -> None:
    # An earlier test may have set an expiry age, and tests store frames that are years old.
    index = {"name": "frame_age", "expireAfterSeconds": FOR_EVER_S}
    database.command({"collMod": Frame._meta.db_table, "index": index})


@pytest.fixture(scope="session")
def spool_folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A new path for each test, of a folder that only those tests make that need it."""
    folder = tmp_path_factory.mktemp("spools")
    return (folder / str(number) for number in count())


@pytest.fixture(autouse=True)
def _isolated(settings: Settings, spool_folders: Iterator[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    cache.clear()  # the throttle counts of earlier tests
    caches["insights"].clear()  # whose users had the same ids
    settings.SPOOL_DIR = next(spool_folders)
    monkeypatch.setattr(guard, "breaker", Breaker(guard.RETRY_AFTER_S))
    monkeypatch.setattr(lost, "lost", Lost())
    monkeypatch.setattr(archive, "tally", Tally())


@pytest.fixture
def owner(db: None) -> ApiClient:
    return ApiClient(_create_user("mina@example.com"))


@pytest.fixture
def stranger(db: None) -> ApiClient:
    return ApiClient(_create_user("stranger"))


def _create_user(username: str) -> User:
    # Users do not see frames from before they joined, so this allows frames of any later day.
    user = user_create(username=username, password=PASSWORD)
    user.date_joined = datetime(2020, 1, 1, tzinfo=UTC)
    user.save(update_fields=["date_joined"])
    return user


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(tiers.ServerGuard())
    config.pluginmanager.register(migrated)
    config.pluginmanager.register(refusals)
    config.pluginmanager.register(garbage)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Do not even import what `make check`, or the second part of `make test`, leaves out."""
    return True if tiers.is_left_out(collection_path, str(config.getoption("markexpr"))) else None


def pytest_itemcollected(item: pytest.Item) -> None:
    if tiers.needs_server(item):
        item.add_marker("server")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On MySQL, leave out the tests that do not use the database, or only to see who is refused."""
    if connection.vendor == "mysql":
        config.hook.pytest_deselected(items=[item for item in items if not _runs_on_mysql(item)])
        items[:] = filter(_runs_on_mysql, items)
    tiers.sort_long_files_first(items)


def _runs_on_mysql(item: pytest.Item) -> bool:
    return _uses_the_database(item) and not item.get_closest_marker("refused")


def _uses_the_database(item: pytest.Item) -> bool:
    """True if a test uses the database of `make test-mysql`; the others need none or start their own servers."""
    fixtures: list[str] = getattr(item, "fixturenames", [])
    return "db" in fixtures or any(item.get_closest_marker(name) for name in ("django_db", "mysql"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what the tests recorded about speed, faults and fuzzing, whether they passed or failed."""
    reports = [*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")]
    recorded = [item for report in reports for item in report.user_properties]
    for title in ("speed", "faults", "fuzz"):
        lines = [value for name, value in recorded if name == title]
        if lines:
            terminalreporter.section(title)
        for line in lines:
            terminalreporter.line(str(line))
