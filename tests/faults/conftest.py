"""Stores for the fault tests only, since the tests stop and kill them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings as django_settings

from tests import mariadb
from tests.environment import Service, Template, prepare, run_python, settings_in
from tests.faults.counts import Counts
from tests.faults.stage import Stage, stage_on
from tests.mariadb import MariaDB
from tests.mongod import Mongod

OnMariaDB = Callable[[Path], Service]
Record = Callable[[str, Counts | str], None]


@pytest.fixture(scope="session")
def faulty_mongod(faulty_mongod: Mongod, tmp_path_factory: pytest.TempPathFactory) -> Mongod:
    """The same server, prepared for the service."""
    faulty_mongod.recover()
    settings = settings_in(tmp_path_factory.mktemp("prepared"), MONGODB_URI=faulty_mongod.uri)
    run_python(settings, "manage.py", "prepare_archive", "--verbosity", "0")
    return faulty_mongod


@pytest.fixture(scope="session")
def faulty_mariadb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MariaDB]:
    if reason := mariadb.missing():
        pytest.skip(reason)
    with mariadb.running(tmp_path_factory.mktemp("mariadb")) as server:
        server.create_database("posesmart")
        yield server


@pytest.fixture
def own_mariadb(faulty_mariadb: MariaDB) -> MariaDB:
    """A server that responds, even if an earlier test failed while it was down."""
    faulty_mariadb.recover()
    return faulty_mariadb


@pytest.fixture(scope="session")
def on_mariadb(tmp_path_factory: pytest.TempPathFactory, faulty_mariadb: MariaDB, faulty_mongod: Mongod) -> OnMariaDB:
    """Services with their own files, on one MariaDB."""
    url = faulty_mariadb.url("posesmart")
    people = prepare(settings_in(tmp_path_factory.mktemp("prepared"), DATABASE_URL=url))
    return lambda folder: Service(settings_in(folder, DATABASE_URL=url), people)


@pytest.fixture
def stage(tmp_path: Path, template: Template, own_mongod: Mongod) -> Stage:
    """The service on a new SQLite file and an empty MongoDB that no other tests use."""
    return stage_on(own_mongod, template.service_in(tmp_path))


@pytest.fixture
def mariadb_stage(tmp_path: Path, on_mariadb: OnMariaDB, own_mongod: Mongod, own_mariadb: MariaDB) -> Stage:
    """The same on a MariaDB that no other tests use; it keeps the data of earlier tests, except failed attempts."""
    own_mariadb.empty(f"posesmart.{django_settings.ATTEMPTS_TABLE}")
    return stage_on(own_mongod, on_mariadb(tmp_path))


@pytest.fixture
def record(record_property: Callable[[str, object], None]) -> Record:
    """Record a test's counts for the summary."""
    return lambda title, counts: record_property("faults", f"{title}: {counts}")
