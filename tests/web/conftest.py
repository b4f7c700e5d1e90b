"""Fixtures: the page in Chromium, served by gunicorn with its own database."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from playwright.sync_api import Browser, Page, Playwright, expect

from tests import environment
from tests.environment import CHEAP_HASH, Template
from tests.gunicorn_server import Server, serving
from tests.shell import Shell
from tests.web import browser
from tests.web.browser import Visits
from tests.web.shared_browsers import browsers

PASSWORD = environment.PASSWORD
# What the page does with the tokens that it gets.
LOG_IN = """async ([username, tokens]) => {
    const { logins, saveLogin } = await import("/static/web/js/login.js");
    saveLogin(username, tokens);
    logins.dispatchEvent(new Event("started"));
    location.hash = "#/desk";
}"""
OPEN_SETTINGS = "if (localStorage.getItem('posesmart.login')) location.hash = '#/settings'"
STORES_PICTURES = "from tests import archived, pictures"
_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Site:
    """A running service, and a shell for scripts that use its database."""

    server: Server
    shell: Shell

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server.port}"

    def run(self, script: str) -> str:
        """The output of a script that runs with Django set up and the service's database."""
        return self.shell.run(script)


@contextmanager
def serving_site(environment: dict[str, str]) -> Iterator[Site]:
    with serving("", **environment) as server, Shell(environment, STORES_PICTURES) as shell:
        yield Site(server, shell)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    browsers.are_needed_next = "playwright" in getattr(nextitem, "fixturenames", ())


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """Ends with the file, unless the next test needs it as well."""
    if not browser.executable():
        pytest.skip("Chromium is not installed (Debian and Ubuntu: apt install chromium)")
    expect.set_options(timeout=browser.WAIT_MS)
    yield browsers.playwright()
    if not browsers.are_needed_next:
        browsers.stop()


@pytest.fixture(scope="module")
def chromium(playwright: Playwright) -> Browser:
    return browsers.chromium()


@pytest.fixture(scope="session")
def site_environment(template: Template, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a service with its own database."""
    call_command("compile_texts", verbosity=0)
    call_command("build_page")
    return template.service_in(tmp_path_factory.mktemp("site"), **CHEAP_HASH).environment


@pytest.fixture(scope="session")
def site(site_environment: dict[str, str]) -> Iterator[Site]:
    with serving_site(site_environment) as site:
        yield site


@pytest.fixture(scope="session")
def shots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return browser.screenshot_folder(tmp_path_factory.mktemp("screenshots"))


@contextmanager
def visiting(browser: Browser, site: Site, shots: Path) -> Iterator[Visits]:
    """Opens pages; an unexpected console message fails the test."""
    visits = Visits(browser, site.address, shots)
    yield visits
    for close in visits.closers:
        close()
    assert visits.unexpected() == []


@pytest.fixture
def visit(chromium: Browser, site: Site, shots: Path) -> Iterator[Visits]:
    with visiting(chromium, site, shots) as visits:
        yield visits


@pytest.fixture(scope="module")
def shared_page(chromium: Browser, site: Site, shots: Path) -> Iterator[Page]:
    """One page for the tests of a file that only call functions of its modules, which leave nothing behind."""
    with visiting(chromium, site, shots) as visits:
        yield visits()


@pytest.fixture
def username() -> str:
    return f"mina{next(_numbers)}@example.com"


def sign_up(page: Page, username: str) -> None:
    """Sign up by the API and log the page in, which leads to the desk."""
    _post(page, "accounts/", username)
    log_in_by_the_api(page, username)


def log_in_by_the_api(page: Page, username: str) -> None:
    """Log the page in, which leads to the desk."""
    page.evaluate(LOG_IN, [username, _post(page, "accounts/login/", username)])
    expect(page.locator("main > [data-view=desk]")).to_be_visible()


def sign_up_with_the_form(page: Page, username: str, privacy: str = "forgotten") -> None:
    """Sign up as a visitor does, which leads to the desk."""
    page.goto(f"{page.url.split('#')[0]}#/sign-up")
    page.locator(f"[data-view=sign-up] [value={privacy}]").check()
    _enter(page, "sign-up", username, PASSWORD)
    expect(page.locator("main > [data-view=desk]")).to_be_visible()


def log_in(page: Page, username: str, password: str = PASSWORD) -> None:
    """Log in with the form that is shown."""
    _enter(page, "log-in", username, password)
    expect(page.locator("#who")).to_have_text(username)


def expect_expired(page: Page) -> None:
    """See the page tell that its login has ended, with its next call or with one that was already on its way."""
    page.evaluate(OPEN_SETTINGS)  # not after it has told: whoever goes on has read it, and it is gone
    expect(page.get_by_text("Your login has expired. Please log in again.")).to_be_visible()


def _post(page: Page, path: str, username: str) -> Any:
    credentials = {"username": username, "password": PASSWORD}
    response = page.request.post(f"{page.url.split('#')[0]}api/{path}", data=credentials)
    assert response.ok, response.text()
    return response.json()


def _enter(page: Page, view: str, username: str, password: str) -> None:
    section = page.locator(f"[data-view={view}]")
    section.locator("[name=username]").fill(username)
    section.locator("[name=password]").fill(password)
    section.locator("[type=submit]").click()
