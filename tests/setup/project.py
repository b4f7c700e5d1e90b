"""A copy of the parts of the project that make needs, for tests on a machine that lacks something."""

import os
import shutil
import signal
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.gunicorn_server import DEADLINE_S, ROOT

MAKE = shutil.which("make") or ""
TOOLS = ("cat", "cmp", "expr", "find", "getconf", "grep", "head", "ls", "make", "mkdir", "mv", "rm", "sh", "tail")
PARTS = ("Makefile", "requirements.txt", "requirements-dev.txt", "deploy/setup")
SERVICE = (
    *(
        "manage.py",
        "gunicorn.conf.py",
        "posesmart",
        "accounts",
        "ai_models",
        "detections",
        "locale",
        "mongos",
        "common",
        "office",
        "personal_data",
        "evaluation",
        "reports",
    ),
    "web",
)
NO_INDEX = "http://127.0.0.1:9/"  # a package index at which nothing listens
VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"
PIP_RECORD = "pip-1.dist-info/RECORD"


class Project:
    """A copy of the parts that make needs, and a PATH with only common tools."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "project"
        self.bin = folder / "bin"
        self.bin.mkdir()
        for tool in TOOLS:
            (self.bin / tool).symlink_to(shutil.which(tool) or "/missing")
        self.add(*PARTS)

    @property
    def venv(self) -> Path:
        return self.folder / ".venv"

    @property
    def packages(self) -> Path:
        return next(self.venv.glob("lib/python*/site-packages"))

    def add(self, *parts: str) -> None:
        for part in parts:
            target = self.folder / part
            target.parent.mkdir(parents=True, exist_ok=True)
            if (ROOT / part).is_dir():
                shutil.copytree(ROOT / part, target, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(ROOT / part, target)

    def program(self, name: str, script: str) -> Path:
        """Write a shell script to the PATH."""
        path = self.bin / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        return path

    def python(self, name: str = "python3", version: str = "") -> Path:
        """Put a Python on the PATH; with a version, one that claims to be that version."""
        real = f'exec "{sys.executable}" "$@"'
        return self.program(
            name, f'case "$2" in *version_info*) echo {version}; exit;; esac; {real}' if version else real
        )

    def make_venv(self) -> None:
        """Make a .venv quickly: its packages, including pip, are those of the Python that runs the tests."""
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", self.venv], check=True)
        (self.packages / "borrowed.pth").write_text(sysconfig.get_path("purelib"))
        (self.packages / PIP_RECORD).parent.mkdir()
        (self.packages / PIP_RECORD).touch()

    def environment(self, changes: dict[str, str]) -> dict[str, str]:
        return {"PATH": str(self.bin), "HOME": str(self.folder), "PIP_CONFIG_FILE": os.devnull} | changes

    def make(self, target: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [MAKE, "--no-print-directory", target],
            cwd=self.folder,
            env=self.environment(environment),
            capture_output=True,
            text=True,
            timeout=DEADLINE_S,
            check=False,
        )

    def refusal(self, target: str, **environment: str) -> str:
        """The output of a failing make, without make's own line."""
        result = self.make(target, **environment)
        assert result.returncode == 2, result
        return "".join(line for line in result.stderr.splitlines(keepends=True) if not line.startswith("make: *** "))


@contextmanager
def running(project: Project, **environment: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [MAKE, "--no-print-directory", "run"],
        cwd=project.folder,
        env=project.environment({"PORT": "0", "WEB_CONCURRENCY": "1", **environment}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    with process:
        try:
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
