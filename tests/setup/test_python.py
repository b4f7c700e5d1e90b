"""The Python that make uses, and its handling of an unusable .venv."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from tests.gunicorn_server import DEADLINE_S
from tests.setup.project import MAKE, PIP_RECORD, VERSION, Project

# What a shell starts in the background ignores Ctrl-C, and so does all that it starts.
HEED_CTRL_C = (
    "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); os.execv(sys.argv[1], sys.argv[1:])"
)

# --- The Python ---


@pytest.mark.parametrize("target", ["run", "test", "lint", "install", "install-mysql"])
def test_missing_python_names_the_required_version(project: Project, target: str) -> None:
    message = project.refusal(target)
    assert message.startswith("Pose Smart needs Python 3.11 or newer, and there is none on the PATH. Install one")
    assert message.count("\n") == 1
    assert not project.venv.exists()


@pytest.mark.parametrize("version", ["2.7", "3.6", "3.10"])
def test_old_python_is_named(project: Project, version: str) -> None:
    old = project.python("python3", version)
    assert f"(python3 is Python {version})" in project.refusal("run")
    assert f"PYTHON is {old}, which is Python {version}. Set it to one that is 3.11" in project.refusal(
        "run", PYTHON=str(old)
    )
    assert not project.venv.exists()


def test_invalid_python_is_named(project: Project) -> None:
    project.python()  # it must not replace PYTHON
    assert "PYTHON is /nonexistent, and there is no such program." in project.refusal("run", PYTHON="/nonexistent")
    for other in ("cat", str(project.program("endless", "while :; do echo 1; done"))):
        assert f"PYTHON is {other}, which does not run as a Python." in project.refusal("run", PYTHON=other)
    assert not project.venv.exists()


def test_missing_venv_module_names_the_package(project: Project) -> None:
    real = f'exec "{sys.executable}" "$@"'
    project.program("python3", f'case "$2" in *ensurepip*) exit 1;; *version_info*) echo 3.11; exit;; esac; {real}')
    assert (
        "Python 3.11 (python3) has no venv module. On Debian and Ubuntu: apt install python3.11-venv"
        in project.refusal("run")
    )
    assert not project.venv.exists()


# --- .venv ---


@pytest.fixture
def quick_venv(project: Project) -> Project:
    """The project with a Python whose `-m venv` is quick, since it installs no pip."""
    commands = f'"{sys.executable}" -m venv --without-pip "$3"; site=$(echo "$3"/lib/python*/site-packages)'
    commands += f'; mkdir "$site/{Path(PIP_RECORD).parent}"; echo >"$site/{PIP_RECORD}"'
    project.program("python3", f'case "$2" in venv) {commands};; *version_info*) echo {VERSION};; esac')
    return project


def test_venv_is_made_once(quick_venv: Project) -> None:
    first, second = quick_venv.make("venv"), quick_venv.make("venv")
    assert (first.returncode, second.returncode) == (0, 0)
    assert first.stdout.startswith("Making .venv with Python 3.")
    assert second.stdout == second.stderr == ""


def _remove_python(venv: Path) -> None:
    for link in (venv / "bin").glob("python*"):
        link.unlink()
        link.symlink_to("/removed/python")


def _age(venv: Path) -> None:
    _remove_python(venv)
    (venv / "bin" / "python").unlink()
    (venv / "bin" / "python").write_text("#!/bin/sh\necho 3.9\n")
    (venv / "bin" / "python").chmod(0o755)


def _cut_off_early(venv: Path) -> None:
    shutil.rmtree(venv / "bin")


def _cut_off_in_pip(venv: Path) -> None:
    next(venv.glob(f"lib/python*/site-packages/{PIP_RECORD}")).unlink()


def _make_a_dangling_link(venv: Path) -> None:
    shutil.rmtree(venv)
    venv.symlink_to("/removed/venv")


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (_remove_python, "has no Python that runs"),
        (_age, "has Python 3.9, and Pose Smart needs 3.11 or newer"),
        (_cut_off_early, "has no Python that runs"),
        (_cut_off_in_pip, "is not complete"),
        (_make_a_dangling_link, "has no Python that runs"),
    ],
)
def test_unusable_venv_is_made_again(quick_venv: Project, damage: Callable[[Path], None], reason: str) -> None:
    quick_venv.make("venv")
    damage(quick_venv.venv)
    result = quick_venv.make("venv")
    assert result.stdout.startswith(f".venv {reason}, so it is made again.\nMaking .venv with Python 3."), result
    assert quick_venv.make("venv").stdout == ""


def test_venv_of_another_python_is_made_again(ready: Project) -> None:
    assert ready.make("venv", PYTHON=str(ready.python("same", VERSION))).stdout == ""
    other = ready.program("other", 'case "$2" in *version_info*) echo 3.99;; esac')
    assert f".venv has Python {VERSION}, and PYTHON is Python 3.99, so" in ready.make("venv", PYTHON=str(other)).stdout


def test_invalid_python_is_refused_despite_a_venv(ready: Project) -> None:
    assert ready.make("venv").returncode == 0
    assert "no such program" in ready.refusal("venv", PYTHON="/nonexistent")
    assert ready.venv.exists()


def test_interrupted_or_failed_venv_is_deleted(project: Project) -> None:
    started = project.folder / "started"
    half = f'mkdir -p "$3/bin"; echo >"{started}"'
    os.mkfifo(started)
    project.program("python3", f'case "$2" in venv) {half}; read -r _ <"{started}";; *version_info*) echo 3.11;; esac')
    with subprocess.Popen(
        [sys.executable, "-c", HEED_CTRL_C, MAKE, "venv"],
        cwd=project.folder,
        env=project.environment({}),
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        started.read_text()  # waits until the .venv is half made
        assert project.venv.exists()
        os.killpg(process.pid, signal.SIGINT)  # as Ctrl-C does
        try:
            assert process.wait(DEADLINE_S) != 0
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
    assert not project.venv.exists()
    project.program("python3", 'case "$2" in venv) mkdir "$3"; echo Broken.; exit 1;; *version_info*) echo 3.11;; esac')
    assert "python3 could not make .venv: Broken. Is the disk full" in project.refusal("venv")
    assert not project.venv.exists()
