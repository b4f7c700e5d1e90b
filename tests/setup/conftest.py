from pathlib import Path

import pytest

from tests.setup.project import MAKE, SERVICE, Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    if not MAKE:
        pytest.skip("make is not installed")
    return Project(tmp_path)


@pytest.fixture
def ready(project: Project) -> Project:
    """The project with a .venv."""
    project.make_venv()
    return project


@pytest.fixture
def complete(ready: Project) -> Project:
    """The project with the whole service, and all its packages installed."""
    ready.add(*SERVICE)
    stamp = ready.venv / "installed-requirements.txt"
    stamp.write_bytes((ready.folder / "requirements.txt").read_bytes())
    return ready
