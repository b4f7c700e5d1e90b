"""Fixtures: the page with browser mode, whose connections to the service are recorded."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Playwright

from tests.web.browser import Visits
from tests.web.browser_mode.wire import Wire
from tests.web.conftest import Site
from tests.web.desk.conftest import camera as camera
from tests.web.desk.conftest import fast_camera as fast_camera
from tests.web.desk.desk import Desk
from tests.web.desk.fake_camera import FakeCamera
from tests.web.shared_browsers import browsers
from web.browser_mode.__main__ import FOLDER, is_current


@pytest.fixture(scope="module")
def installed() -> None:
    if not is_current(FOLDER):
        pytest.skip("Browser mode is not installed (make browser-mode)")


@pytest.fixture(scope="module")
def with_camera(playwright: Playwright, camera: FakeCamera) -> Browser:
    return browsers.chromium(*camera.options)


@pytest.fixture
def wire(site: Site) -> Iterator[Wire]:
    with Wire(site.server.port) as wire:
        yield wire


# The wire comes first, and so ends after the visit: a page that is still reading would tell of a broken connection.
@pytest.fixture
def desk(installed: None, wire: Wire, visit: Visits, with_camera: Browser, camera: FakeCamera, username: str) -> Desk:
    """At the desk of somebody whose pictures stay in the browser."""
    visit.address = f"http://127.0.0.1:{wire.port}"
    desk = Desk(visit(browser=with_camera), camera)
    desk.sit_down(username)
    desk.call("PUT", "accounts/privacy/", {"privacy": "browser"})
    return desk
