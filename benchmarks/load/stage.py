"""The service as it is deployed, on this machine: MariaDB and MongoDB, gunicorn, and nginx in front where asked for."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pymongo

from benchmarks.serving import Place, Server, prepare, python
from mongos.spool import Spool
from tests import mariadb, mongod, nginx_server

DATABASE = "posesmart"


@dataclass(frozen=True, slots=True)
class Stage:
    """Stores that run, with everything in them migrated. facts: what they are, in words."""

    place: Place
    mongodb_uri: str
    facts: list[str]

    def frames_kept(self) -> int | None:
        """How many frames the archive holds or will; None where it is not in MongoDB."""
        if not self.mongodb_uri:
            return None
        with pymongo.MongoClient[dict[str, object]](self.mongodb_uri) as client:
            return client[DATABASE]["mongos_frame"].count_documents({}) + self.frames_waiting()

    def frames_waiting(self) -> int:
        """How many of them wait on disk, because MongoDB did not take them in time."""
        return Spool(Path(self.place.settings["SPOOL_DIR"]), max_bytes=0).state().waiting


@contextmanager
def stage(folder: Path, **settings: str) -> Iterator[Stage]:
    """Everything but the service itself, in the folder; with limits and logging as by default."""
    with ExitStack() as stack:
        facts, uri = [], ""
        settings = {"SPOOL_DIR": str(folder / "spool"), "FRAME_RATE": "", "LOG_LEVEL": "", **settings}
        if reason := mariadb.missing():
            facts.append(f"Users and reports in SQLite, as there is {reason}.")
        else:
            server = stack.enter_context(mariadb.running(_made(folder / "mariadb")))
            server.create_database(DATABASE)
            settings["DATABASE_URL"] = server.url(DATABASE)
            facts.append("Users and reports in MariaDB, with 32 MB of buffer pool, on this machine.")
        if reason := mongod.missing():
            facts.append(f"Frames in the same database, as there is {reason}.")
        else:
            settings["MONGODB_URI"] = uri = stack.enter_context(mongod.running(_made(folder / "mongod"))).uri
            facts.append("Frames in MongoDB, one server with 0.25 GB of cache, on this machine.")
        place = prepare(folder, **settings)
        python("manage.py", "prepare_archive", "--verbosity", "0", place=place)
        yield Stage(place, uri, facts)


@contextmanager
def in_front(server: Server, stage: Stage, *, nginx: bool) -> Iterator[tuple[str, str]]:
    """Where clients send their requests, and what that is, in words."""
    own = f"127.0.0.1:{server.port}"
    if not nginx:
        yield f"http://{own}", "asked directly, with a new connection for each request"
        return
    if reason := nginx_server.missing():
        raise SystemExit(f"There is {reason}.")
    with nginx_server.proxying(_made(stage.place.folder / "nginx"), [own]) as proxy:
        yield f"https://127.0.0.1:{proxy.https}", "behind nginx with TLS and connections that are kept"


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder
