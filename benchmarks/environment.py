"""A run's temporary folder, and the services in it: settings, database and gunicorn servers of their own."""

import base64
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from benchmarks import frames
from benchmarks.frames import FrameSequence
from benchmarks.report import Report
from tests.gunicorn_server import ROOT, Server, serving
from tests.mongod import Mongod

OURS, PLAIN = "posesmart.wsgi", "benchmarks.plain_wsgi"
STOP_WITHIN_S = 30
ARCHIVE_TIMEOUT_MS = 60_000  # on a busy machine no frame must go to the spool, which costs nothing
PASSED_ON = ("PATH", "HOME", "LANG", "LD_LIBRARY_PATH", "TMPDIR", "VIRTUAL_ENV")
POOLS = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS", "OPENCV_FOR_THREADS_NUM")


class Environment:
    """The settings of a service in a new folder; the project's .env and database are never touched."""

    def __init__(self, folder: Path, **settings: str) -> None:
        """An empty text stands for the service's own default."""
        folder.mkdir()
        self.folder = folder
        usual = {
            "DJANGO_SETTINGS_MODULE": "posesmart.settings",
            "ENV_FILE": str(folder / "none.env"),
            "DEBUG": "false",
            "SECRET_KEY": secrets.token_urlsafe(50),
            "FACE_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
            "DATABASE_URL": f"sqlite:///{folder / 'db.sqlite3'}",
            "MODEL_CACHE_DIR": str(folder / "cache"),
            "SPOOL_DIR": str(folder / "spool"),
            "FRAME_RATE": "1000000/min",
            "BLINK_RATE": "1000000/min",
            "FRAME_MAX_WAIT_MS": "0",
            "LOG_LEVEL": "WARNING",
            "WEIGHTS_LICENCE_READ": "true",
        }
        passed_on = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        own = usual | dict.fromkeys(POOLS, "1") | settings
        self.variables = passed_on | {name: value for name, value in own.items() if value}

    def migrated(self) -> Self:
        self.python("manage.py", "migrate", "--verbosity", "0")
        return self

    def python(self, *arguments: str) -> str:
        """The output of a Python process with these settings."""
        options: Any = {"cwd": ROOT, "env": self.variables, "stdout": subprocess.PIPE, "check": True, "text": True}
        return str(subprocess.run([sys.executable, *arguments], **options).stdout)

    @contextmanager
    def serve(self, app: str = OURS, workers: int | None = None, access: str = "", **settings: str) -> Iterator[Server]:
        """A gunicorn that listens; without a number of workers it takes gunicorn.conf.py's."""
        options = ["--workers", str(workers)] if workers else []
        with serving(access, *options, app=app, **(self.variables | settings)) as server:
            yield server
            server.terminate()  # gently: only the processor time of ended children counts as ours
            server.exit_code(STOP_WITHIN_S)


@dataclass(frozen=True)
class Run:
    """What parts share: a folder, the frames, and a migrated service. clips: a folder to take the frames from."""

    folder: Path
    clips: Path | None = None
    max_frames: int | None = None

    @property
    def cache(self) -> Path:
        return self.folder / "cache"

    @cached_property
    def service(self) -> Environment:
        return Environment(self.folder / "service", MODEL_CACHE_DIR=str(self.cache)).migrated()

    @cached_property
    def mongod(self) -> Mongod:
        """Not started: the archive's part does that."""
        return Mongod(self.folder / "mongod")

    def set_up_django(self) -> None:
        """In this process, whose own settings are dropped, for a service whose archive is in MongoDB."""
        archive = {"MONGODB_URI": self.mongod.uri, "MONGODB_TIMEOUT_MS": str(ARCHIVE_TIMEOUT_MS)}
        service = Environment(self.folder / "django", MODEL_CACHE_DIR=str(self.cache), **archive)
        os.environ.clear()
        os.environ.update(service.variables)
        import django

        django.setup()

    def frames(self, report: Report, count: int) -> list[FrameSequence]:
        """About so many, which the report says, too."""
        count = self.max_frames or count
        sequences = frames.from_folder(self.clips, count) if self.clips else frames.made(count)
        origin = "from clips and pictures" if self.clips else "made from skimage's astronaut"
        report.facts.append(f"Frames: {frames.total(sequences)} in {len(sequences)} sequences, {origin}.")
        return sequences
