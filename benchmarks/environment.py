"""A run's temporary folder, and the services in it: settings, database and gunicorn servers of their own."""

import base64
import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Self

from benchmarks import POOLS, frames
from benchmarks.frames import FrameSequence
from benchmarks.report import Report
from tests import mariadb
from tests.gunicorn_server import ROOT, Server, serving

OURS, PLAIN = "posesmart.wsgi", "benchmarks.plain_wsgi"
DATABASE = "posesmart"
STOP_WITHIN_S = 30
PASSED_ON = ("PATH", "HOME", "LANG", "LD_LIBRARY_PATH", "TMPDIR", "VIRTUAL_ENV")
UNLIMITED = {
    "FRAME_RATE": "1000000/min",
    "BLINK_RATE": "1000000/min",
    "FRAME_MAX_WAIT_MS": "0",
    "LOG_LEVEL": "WARNING",
}


class Environment:
    """The settings of a service in a new folder; the project's .env and database are never touched."""

    def __init__(self, folder: Path, *, is_limited: bool = False, **settings: str) -> None:
        """is_limited: as by default; otherwise nothing is refused."""
        folder.mkdir()
        self.folder = folder
        self.variables = {
            **{name: os.environ[name] for name in PASSED_ON if name in os.environ},
            **dict.fromkeys(POOLS, "1"),
            "DJANGO_SETTINGS_MODULE": "tests.settings_cheap_hash",  # no sign-up is measured
            "ENV_FILE": str(folder / "none.env"),
            "DEBUG": "false",
            "SECRET_KEY": secrets.token_urlsafe(50),
            "FACE_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
            "DATABASE_URL": f"sqlite:///{folder / 'db.sqlite3'}",
            "MODEL_CACHE_DIR": os.environ.get("MODEL_CACHE_DIR", str(folder / "cache")),
            "SPOOL_DIR": str(folder / "spool"),
            "WEIGHTS_LICENCE_READ": "true",
            **({} if is_limited else UNLIMITED),
            **settings,
        }

    def migrated(self) -> Self:
        if self.variables["DATABASE_URL"].startswith("sqlite"):
            (self.folder / "db.sqlite3").write_bytes(empty_database())
        else:
            self.python("manage.py", "migrate", "--verbosity", "0")
        return self

    def python(self, *arguments: str) -> str:
        """The output of a Python process with these settings."""
        options: Any = {"cwd": ROOT, "env": self.variables, "stdout": subprocess.PIPE, "check": True, "text": True}
        return str(subprocess.run([sys.executable, *arguments], **options).stdout)

    @contextmanager
    def serve(self, app: str = OURS, workers: int | None = None, **settings: str) -> Iterator[Server]:
        """A gunicorn that listens; without a number of workers it takes gunicorn.conf.py's."""
        options = ["--workers", str(workers)] if workers else []
        with serving("", *options, app=app, **(self.variables | settings)) as server:
            yield server
            server.terminate()  # gently: only the processor time of ended children counts as ours
            server.exit_code(STOP_WITHIN_S)


@cache
def empty_database() -> bytes:
    """SQLite's, for all services: to migrate one takes seconds."""
    with tempfile.TemporaryDirectory(prefix="posesmart-empty-") as folder:
        made = Environment(Path(folder) / "made")
        made.python("manage.py", "migrate", "--verbosity", "0")
        return (made.folder / "db.sqlite3").read_bytes()


@contextmanager
def mariadb_url(folder: Path, buffer_pool_mb: int) -> Iterator[str]:
    """Of an empty database on a server of its own, which runs."""
    folder.mkdir()
    with mariadb.running(folder, buffer_pool_mb) as server:
        server.create_database(DATABASE)
        yield server.url(DATABASE)


@dataclass(frozen=True)
class Run:
    """What parts share: a folder, the frames, and a migrated service. clips: a folder to take the frames from."""

    folder: Path
    clips: Path | None = None

    @property
    def cache(self) -> Path:
        """Of all services once Django is set up."""
        return Path(os.environ["MODEL_CACHE_DIR"])

    @cached_property
    def service(self) -> Environment:
        return Environment(self.folder / "service").migrated()

    def set_up_django(self) -> None:
        """In this process, whose own settings are dropped."""
        service = Environment(self.folder / "django")
        os.environ.clear()
        os.environ.update(service.variables)
        import django

        django.setup()

    def frames(self, report: Report, count: int) -> list[FrameSequence]:
        """About so many, which the report says, too."""
        sequences = frames.from_folder(self.clips, count) if self.clips else frames.made(count)
        origin = "from clips and pictures" if self.clips else "made from skimage's astronaut"
        report.facts.append(f"Frames: {frames.total(sequences)} in {len(sequences)} sequences, {origin}.")
        return sequences
