"""Fixtures: a camera, a browser that uses it, and a running session."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Playwright

from tests.web.browser import Visits
from tests.web.desk.desk import Desk
from tests.web.desk.fake_camera import FakeCamera
from tests.web.shared_browsers import browsers

AtDesk = Callable[..., Desk]


@pytest.fixture(scope="session")
def camera(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeCamera]:
    with FakeCamera(tmp_path_factory.mktemp("camera") / "camera.y4m") as camera:
        yield camera


@pytest.fixture(scope="module")
def with_camera(playwright: Playwright, camera: FakeCamera) -> Browser:
    return browsers.chromium(*camera.options)


@pytest.fixture
def at_desk(visit: Visits, with_camera: Browser, camera: FakeCamera, username: str) -> AtDesk:
    """Starts a calibrated session with the given alarm settings."""

    def sit_down(**alarms: int | bool) -> Desk:
        desk = Desk(visit(browser=with_camera), camera)
        desk.sit_down(username, **alarms)
        desk.start()
        return desk

    return sit_down
