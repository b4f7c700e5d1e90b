"""The environment and database of each service that tests start.

The database is migrated once in a test run, in a template; a service gets a copy of that file. Its two users get their
access tokens here, signed with the service's key.
"""

import fcntl
import json
import os
import shutil
import subprocess
import sys
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import jwt
from rest_framework_simplejwt.tokens import AccessToken

from accounts.models import User
from tests.gunicorn_server import ROOT, Server, serving

SECRET_KEY = "k" * 50
PASSWORD = "12341234"
USERNAMES = ("mina", "junho")
CHEAP_HASH = {"DJANGO_SETTINGS_MODULE": "tests.settings_cheap_hash"}  # where tests sign up many users
IN_OUTAGES = {"MONGODB_TIMEOUT_MS": "450"}  # the default: for tests during which MongoDB is down

# Run in a separate process, as in a deployment: prepares the databases, signs up two users and exports the network.
PREPARE = f"""
import django; django.setup()
import json
from django.core.management import call_command
call_command("migrate", verbosity=0)
call_command("prepare_archive", verbosity=0)
from accounts.services import user_create
users = [user_create(username=name, password={PASSWORD!r}) for name in {USERNAMES}]
print(json.dumps([[user.pk, user.username, user.password] for user in users]))
from django.db import connections
connections.close_all()  # then an SQLite file alone is the whole database
from detections import vision
vision.preload()
"""


@dataclass(frozen=True, slots=True)
class Person:
    """A user with an access token."""

    id: int
    username: str
    access: str

    @classmethod
    def signed(cls, pk: int, username: str, password_hash: str) -> Self:
        """With a token as the service would sign it."""
        token = AccessToken.for_user(User(pk=pk, username=username, password=password_hash))
        return cls(pk, username, jwt.encode(token.payload, SECRET_KEY, algorithm="HS256"))


@dataclass(frozen=True, slots=True)
class Service:
    """A service's settings and its two users; `serve` starts a server, as often as a test needs."""

    environment: dict[str, str]
    people: list[Person]

    @property
    def access(self) -> str:
        """The first user's token."""
        return self.people[0].access

    def serve(self, *options: str, **environment: str) -> AbstractContextManager[Server]:
        return serving(self.access, *options, **(self.environment | environment))


@dataclass(frozen=True, slots=True)
class Template:
    """A migrated SQLite file with two users in it."""

    file: Path
    people: list[Person]

    def service_in(self, folder: Path, **environment: str) -> Service:
        """A service whose files are all in a folder, with a copy of the database."""
        shutil.copy(self.file, folder / "db.sqlite3")
        return Service(settings_in(folder, **environment), self.people)


def settings_in(folder: Path, **environment: str) -> dict[str, str]:
    """The environment of a service whose files are all in a folder; there is no database yet."""
    own = {
        "DEBUG": "false",
        "SECRET_KEY": SECRET_KEY,
        "DATABASE_URL": f"sqlite:///{folder / 'db.sqlite3'}",
        "MODEL_CACHE_DIR": os.environ["MODEL_CACHE_DIR"],
        "SPOOL_DIR": str(folder / "spool"),
        "HOME": str(folder),
        "WEB_CONCURRENCY": "2",
        "MONGODB_TIMEOUT_MS": "10000",  # a busy machine is no outage
        "FRAME_MAX_WAIT_MS": "0",  # nor an overload: workers may start cold
    }
    return own | environment


def run_python(environment: dict[str, str], *arguments: str) -> str:
    """The output of Python in a separate process with the project's settings. Raises if it fails."""
    base = {
        "PATH": os.environ["PATH"],
        "ENV_FILE": "/nonexistent",
        "DJANGO_SETTINGS_MODULE": "posesmart.settings",
        "ORT_DISABLE_TELEMETRY": "1",
    }
    command = [sys.executable, *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=base | environment, stdout=subprocess.PIPE, text=True, check=True
    ).stdout


def prepare(environment: dict[str, str]) -> list[Person]:
    """Prepare the databases of an environment. Returns their two users."""
    return [Person.signed(*row) for row in json.loads(run_python(environment, "-c", PREPARE))]


def template_in(folder: Path) -> Template:
    """The template in a folder that all of a run's processes share; the first of them makes it."""
    made = folder / "template"
    with (folder / "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (made / "users.json").exists():
            made.mkdir(exist_ok=True)
            users = run_python(settings_in(made), "-c", PREPARE)
            (made / "users.json").write_text(users)
    users = json.loads((made / "users.json").read_text())
    return Template(made / "db.sqlite3", [Person.signed(*row) for row in users])
