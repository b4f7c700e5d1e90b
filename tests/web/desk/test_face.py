"""An owner whom the service takes for somebody else teaches it their face."""

import pytest
from playwright.sync_api import Browser, expect

from tests.web.browser import Visits, overflow_px, violations
from tests.web.conftest import PASSWORD
from tests.web.desk.desk import Desk
from tests.web.desk.fake_camera import FakeCamera, with_glasses


@pytest.fixture
def desk(visit: Visits, with_camera: Browser, camera: FakeCamera, username: str) -> Desk:
    """A session that knows its owner, who then puts on glasses and is somebody else."""
    desk = Desk(visit(browser=with_camera), camera)
    desk.sit_down(username)
    desk.button("camera on").click()
    desk.start()
    expect(desk.page.locator(".face-form")).to_be_hidden()
    camera.show(with_glasses())
    expect(desk.alarm("stranger")).to_be_visible(timeout=30_000)
    expect(desk.page.locator(".face-form")).to_be_visible()
    return desk


def test_owner_with_new_glasses_confirms_and_is_known(desk: Desk, visit: Visits) -> None:
    page = desk.page
    visit.shoot(page, "desk-face")
    assert overflow_px(page) == 0
    assert violations(page) == []
    visit.expect_error("400 .*/face/")
    page.get_by_label("Your password").fill("guessed")
    page.get_by_role("button", name="This is me").click()
    expect(page.locator(".face-form .field-error")).to_be_visible()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="This is me").click()
    expect(page.locator(".calibrating")).to_be_visible()
    desk.expect_tone("good")
    expect(page.locator(".face-form")).to_be_hidden()


def test_somebody_else_can_stop_the_session(desk: Desk) -> None:
    desk.page.get_by_role("button", name="This is not me: stop").click()
    expect(desk.page.locator(".face-form")).to_have_count(0)
    assert not desk.is_camera_on()
