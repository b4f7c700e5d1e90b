"""Fixtures: the page in Chromium, served by gunicorn with its own database."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright

from tests.gunicorn_server import ROOT, Server, serving
from tests.web import browser
from tests.web.browser import Visits

PASSWORD = "12341234"
_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Site:
    """A running service, and the environment for commands that use its database."""

    server: Server
    environment: dict[str, str]

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server.port}"

    def run(self, script: str) -> str:
        """The output of a script that runs with Django set up and the service's database."""
        return _run("-c", f"import django; django.setup()\n{script}", environment=self.environment)


# Not session-scoped: while Playwright's event loop runs, Django refuses database access in the tests of other files
# that run in this process.
@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    if not browser.executable():
        pytest.skip("Chromium is not installed (Debian and Ubuntu: apt install chromium)")
    with sync_playwright() as playwright:
        expect.set_options(timeout=browser.WAIT_MS)
        yield playwright


@pytest.fixture(scope="module")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    with browser.chromium(playwright) as running:
        yield running


@pytest.fixture(scope="session")
def site_environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a service with its own, migrated database."""
    folder = tmp_path_factory.mktemp("site")
    environment = {
        "DATABASE_URL": f"sqlite:///{folder / 'db.sqlite3'}",
        "SPOOL_DIR": str(folder / "spool"),
        "MODEL_CACHE_DIR": os.environ["MODEL_CACHE_DIR"],
        "DEBUG": "false",
        "SECRET_KEY": "of-a-service-that-only-tests-see-and-nobody-else-does",
        "WEB_CONCURRENCY": "2",
    }
    _run("manage.py", "compile_texts", environment=environment)
    _run("manage.py", "migrate", "--verbosity", "0", environment=environment)
    return environment


@pytest.fixture(scope="session")
def site(site_environment: dict[str, str]) -> Iterator[Site]:
    with serving("", **site_environment) as server:
        yield Site(server, site_environment)


@pytest.fixture(scope="session")
def shots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return browser.screenshot_folder(tmp_path_factory.mktemp("screenshots"))


@pytest.fixture
def visit(chromium: Browser, site: Site, shots: Path) -> Iterator[Visits]:
    """Opens pages; an unexpected console message fails the test."""
    visits = Visits(chromium, site.address, shots)
    yield visits
    for close in visits.closers:
        close()
    assert visits.unexpected() == []


@pytest.fixture
def username() -> str:
    return f"mina{next(_numbers)}@example.com"


def sign_up(page: Page, username: str, password: str = PASSWORD) -> None:
    """Sign up with the form, which leads to the desk."""
    page.goto(f"{page.url.split('#')[0]}#/sign-up")
    _enter(page, "sign-up", username, password)
    expect(page.locator("main > [data-view=desk]")).to_be_visible()


def log_in(page: Page, username: str, password: str = PASSWORD) -> None:
    """Log in with the form that is shown."""
    _enter(page, "log-in", username, password)
    expect(page.locator("#who")).to_have_text(username)


def _enter(page: Page, view: str, username: str, password: str) -> None:
    section = page.locator(f"[data-view={view}]")
    section.locator("[name=username]").fill(username)
    section.locator("[name=password]").fill(password)
    section.locator("[type=submit]").click()


def _run(*arguments: str, environment: dict[str, str]) -> str:
    settings = {"DJANGO_SETTINGS_MODULE": "posesmart.settings", "ENV_FILE": "/nonexistent", "PATH": os.environ["PATH"]}
    process = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=settings | environment, capture_output=True, text=True, check=False
    )
    assert process.returncode == 0, process.stderr
    return process.stdout
