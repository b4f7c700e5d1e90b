"""The foreign suite runs as its clients run it: throttle counts outlive a test. Only passwords are hashed faster."""

from pathlib import Path

import pytest
from django.core.cache import cache
from pytest_django import Settings


@pytest.fixture(scope="module", autouse=True)
def _new_process() -> None:
    cache.clear()  # the throttle counts of other files' tests


@pytest.fixture(autouse=True)
def _isolated_and_fast(settings: Settings, tmp_path: Path) -> None:
    """Replace the fixture of all other tests, which clears the throttle counts before each test."""
    settings.SPOOL_DIR = tmp_path / "spool"
    settings.WHITENOISE_AUTOREFRESH = True  # otherwise each new test client reads all static files, in 15 ms
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
