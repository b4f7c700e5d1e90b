"""Settings, database and gunicorn servers of their own, in a temporary folder."""

import base64
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tests.gunicorn_server import ROOT, Server, serving

OURS, PLAIN = "posesmart.wsgi", "benchmarks.plain_wsgi"
STOP_WITHIN_S = 30
PASSED_ON = ("PATH", "HOME", "LANG", "LD_LIBRARY_PATH", "TMPDIR", "VIRTUAL_ENV")
POOLS = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS", "OPENCV_FOR_THREADS_NUM")


@dataclass(frozen=True, slots=True)
class Environment:
    """A folder and the settings of a service that lives in it; the project's .env and database are never touched."""

    folder: Path
    settings: Mapping[str, str]

    @classmethod
    def create(cls, folder: Path, **settings: str) -> Self:
        """In a new folder, not migrated yet. An empty text stands for the service's own default."""
        folder.mkdir()
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
        return cls(folder, usual | settings)

    @classmethod
    def migrated(cls, folder: Path, **settings: str) -> Self:
        environment = cls.create(folder, **settings)
        environment.python("manage.py", "migrate", "--verbosity", "0")
        return environment

    def variables(self) -> dict[str, str]:
        passed_on = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        return passed_on | {name: value for name, value in self.settings.items() if value}

    def python(self, *arguments: str) -> str:
        """The output of a Python process with these settings, one thread in every pool."""
        command = [sys.executable, *arguments]
        variables = self.variables() | dict.fromkeys(POOLS, "1")
        return subprocess.run(command, cwd=ROOT, env=variables, stdout=subprocess.PIPE, check=True, text=True).stdout

    def set_up_django(self) -> None:
        """Set up Django in this process, whose own settings are dropped."""
        variables = self.variables() | dict.fromkeys(POOLS, "1")
        os.environ.clear()
        os.environ.update(variables)
        import django

        django.setup()

    @contextmanager
    def serve(self, app: str = OURS, workers: int | None = None, **settings: str) -> Iterator[Server]:
        """A gunicorn that listens; without a number of workers it takes gunicorn.conf.py's."""
        options = ["--workers", str(workers)] if workers else []
        with serving("", *options, app=app, **(self.variables() | settings)) as server:
            yield server
            server.terminate()  # gently: only the processor time of ended children counts as ours
            server.exit_code(STOP_WITHIN_S)


def children(pid: int) -> list[int]:
    """The process ids of a process's children, oldest first; gunicorn's are its workers."""
    return sorted(int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
