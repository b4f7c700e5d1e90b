"""Real gunicorn servers on loopback; database, settings and network cache are their own, in a temporary folder."""

import http.client
import json
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.client import Request, frame_body, post

ROOT = Path(__file__).resolve().parent.parent
OURS_APP, PLAIN_APP = "posesmart.wsgi", "benchmarks.plain_wsgi"
START_WITHIN_S = 60
STOP_WITHIN_S = 20
LOOK_AGAIN_AFTER_S = 0.005
PASSED_ON = ("PATH", "HOME", "LANG", "LD_LIBRARY_PATH", "TMPDIR", "VIRTUAL_ENV")
POOLS = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS", "OPENCV_FOR_THREADS_NUM")


class ServerFailed(RuntimeError):
    """A server did not start or did not answer; the message holds the end of its log."""


@dataclass(frozen=True, slots=True)
class Place:
    """A temporary folder that everything of a server lies in. The project's .env and database are never touched."""

    folder: Path
    secret: str
    settings: Mapping[str, str] = field(default_factory=dict)  # beyond the usual; empty text is the service's default

    @property
    def cache_folder(self) -> Path:
        return self.folder / "cache"

    def environment(self, cache_folder: Path | None = None) -> dict[str, str]:
        """Nothing of the caller's settings; gunicorn's pools are left to gunicorn.conf.py."""
        usual = {
            "ENV_FILE": str(self.folder / "none.env"),
            "DEBUG": "false",
            "SECRET_KEY": self.secret,
            "DATABASE_URL": f"sqlite:///{self.folder / 'db.sqlite3'}",
            "MODEL_CACHE_DIR": str(cache_folder or self.cache_folder),
            "FRAME_RATE": "1000000/min",
            "LOG_LEVEL": "WARNING",
            "WEIGHTS_LICENCE_READ": "true",
        }
        passed_on = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        return passed_on | {name: value for name, value in {**usual, **self.settings}.items() if value}


@dataclass(frozen=True, slots=True)
class Server:
    """A running gunicorn."""

    process: subprocess.Popen[bytes]
    port: int
    access_log: Path

    def workers(self) -> list[int]:
        """The process ids of the workers, oldest first."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return sorted(int(each) for each in children.split())

    def served_by(self) -> list[int]:
        """The process id of who answered, for each request so far."""
        return [int(line.strip("<>")) for line in self.access_log.read_text().split()]


def prepare(folder: Path, **settings: str) -> Place:
    """A migrated database: in the folder, where the settings name no other."""
    place = Place(folder, secrets.token_urlsafe(50), settings)
    python("manage.py", "migrate", "--verbosity", "0", place=place)
    return place


def python(*arguments: str, place: Place, cache_folder: Path | None = None) -> str:
    """What a Python process with the temporary settings prints."""
    environment = place.environment(cache_folder) | dict.fromkeys(POOLS, "1")
    ran = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=environment, stdout=subprocess.PIPE, check=True, text=True
    )
    return ran.stdout


@contextmanager
def serving(
    place: Place, app: str = OURS_APP, workers: int | None = None, cache_folder: Path | None = None
) -> Iterator[Server]:
    """A gunicorn that listens; without a number of workers it takes gunicorn.conf.py's."""
    port = _free_port()
    name = f"{app}-{port}"
    log, access_log = place.folder / f"{name}.log", place.folder / f"{name}.access"
    options = ["--bind", f"127.0.0.1:{port}", "--access-logfile", str(access_log), "--access-logformat", "%(p)s"]
    if workers is not None:
        options += ["--workers", str(workers)]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", app, *options],
            cwd=ROOT,
            env=place.environment(cache_folder),
            stdout=output,
            stderr=output,
        )
    server = Server(process, port, access_log)
    try:
        _await_listening(server, log)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def signed_in(server: Server, username: str = "bench@example.com") -> str:
    """The access token of a new user."""
    body = {"username": username, "password": "12341234"}
    post(server.port, Request("/api/accounts/", json.dumps(body).encode()))
    response: dict[str, str] = post(server.port, Request("/api/accounts/login/", json.dumps(body).encode()))
    return response["access"]


def calibrated(server: Server, token: str, frames: list[bytes]) -> dict[str, Any]:
    """The means of a calibration on frames with a face, which also enrols the user."""
    held: dict[str, Any] = {"cnt": 0}
    for data in frames:
        lists = {name: ",".join(map(str, held.get(name, []))) for name in ("face_x", "face_y", "nose_to_center")}
        held = post(server.port, Request("/api/detections/neck/", frame_body(data, cnt=held["cnt"], **lists), token))
        if held["cnt"] == 4:
            return {name: held[name] for name in ("face_x_mean", "face_y_mean", "nose_mean")}
    raise ServerFailed("No four frames with a face were found to calibrate on.")


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _await_listening(server: Server, log: Path) -> None:
    deadline = time.monotonic() + START_WITHIN_S
    while time.monotonic() < deadline and server.process.poll() is None:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=1)
            connection.connect()
        except OSError:
            time.sleep(LOOK_AGAIN_AFTER_S)
        else:
            connection.close()
            return
    raise ServerFailed(f"gunicorn did not start: {log.read_text()[-2000:]}")
