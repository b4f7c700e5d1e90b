"""The requirements*.txt pin every package by its version and the hashes of its files; `make lock` writes them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from packaging.requirements import Requirement

LOCKED = {
    "service": "requirements.txt",
    "dev": "requirements-dev.txt",
    "mysql": "requirements-mysql.txt",
    "browser_mode": "requirements-browser-mode.txt",
}


def entries(path: Path) -> Iterator[tuple[Requirement, int]]:
    """Each requirement of a file, and the number of its hashes."""
    for line in path.read_text().replace("\\\n", "").splitlines():
        requirement, *hashes = line.partition("  #")[0].split("--hash=sha256:")
        if requirement.strip() and not requirement.lstrip().startswith(("#", "-")):
            yield Requirement(requirement.strip()), len(hashes)


@pytest.mark.parametrize("name", LOCKED.values())
def test_each_package_is_pinned_and_has_hashes(name: str) -> None:
    loose = [
        str(requirement)
        for requirement, hashes in entries(settings.BASE_DIR / name)
        if hashes == 0 or [part.operator for part in requirement.specifier] != ["=="]
    ]
    assert loose == []


@pytest.mark.parametrize("source", LOCKED)
def test_lock_is_up_to_date_with_its_source(source: str) -> None:
    locked = {(lock.name.replace("_", "-").lower(), str(lock.specifier)) for lock, _ in locked_entries(source)}
    wanted = {
        (requirement.name.replace("_", "-").lower(), str(requirement.specifier))
        for requirement, _ in entries(settings.BASE_DIR / "requirements" / f"{source}.in")
    }
    assert wanted
    assert wanted - locked == set()


def locked_entries(source: str) -> Iterator[tuple[Requirement, int]]:
    return entries(settings.BASE_DIR / LOCKED[source])


def test_development_runs_what_the_service_runs() -> None:
    service, development = (
        {lock.name: str(lock.specifier) for lock, _ in locked_entries(source)} for source in ("service", "dev")
    )
    assert service.items() <= development.items()
