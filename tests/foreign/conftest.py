"""The foreign suite runs as its clients run it: throttle counts outlive a test. Only passwords are hashed faster."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.cache import cache
from pytest_django import Settings


@pytest.fixture(scope="module", autouse=True, params=["auto", "off"])
def _new_process(request: pytest.FixtureRequest) -> Iterator[None]:
    """The whole suite by the library in C where it is compiled, then the whole suite by dlib alone."""
    cache.clear()  # the throttle counts of other files' tests
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.conf.settings.NATIVE_VISION", request.param)
        yield


@pytest.fixture(autouse=True)
def _isolated(settings: Settings, spool_folders: Iterator[Path]) -> None:
    """Replace the fixture of all other tests, which clears the throttle counts before each test."""
    settings.SPOOL_DIR = next(spool_folders)
