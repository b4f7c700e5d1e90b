"""The desk without a camera, with a lost camera, and in a hidden tab."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Playwright, expect

from tests.web import browser
from tests.web.browser import Visits, violations
from tests.web.conftest import sign_up
from tests.web.desk.conftest import AtDesk
from tests.web.desk.desk import Desk, captured_at
from tests.web.desk.fake_camera import FakeCamera, empty_room, upright

WITHOUT_CAMERA_INTERFACE = "Object.defineProperty(navigator, 'mediaDevices', {value: undefined});"
INSECURE = WITHOUT_CAMERA_INTERFACE + "Object.defineProperty(window, 'isSecureContext', {value: false});"
IN_USE = """
navigator.mediaDevices.getUserMedia = async () => { throw new DOMException("", "NotReadableError"); };
"""


@pytest.fixture
def asking(playwright: Playwright, camera: FakeCamera) -> Iterator[Browser]:
    """A browser that requires permission for the camera."""
    flags = [flag for flag in camera.options if flag != "--use-fake-ui-for-media-stream"]
    with browser.chromium(playwright, *flags) as running:
        yield running


def test_denied_camera_can_be_retried(asking: Browser, visit: Visits, camera: FakeCamera, username: str) -> None:
    desk = Desk(visit(browser=asking, permissions=[]), camera)
    desk.sit_down(username)
    desk.button("start").click()
    expect(desk.page.get_by_text("The camera is blocked")).to_be_visible()
    assert violations(desk.page) == []
    visit.shoot(desk.page, "desk-denied")
    assert desk.call("GET", "detections/sessions/")["results"] == []
    desk.page.context.grant_permissions(["camera"])
    desk.button("try again").click()
    expect(desk.page.locator("#desk-camera")).to_be_visible()


def test_missing_camera_shows_a_message(visit: Visits, username: str) -> None:
    page = visit()
    page.context.grant_permissions(["camera"])
    sign_up(page, username)
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.get_by_text("No camera was found")).to_be_visible()


@pytest.mark.parametrize(
    ("script", "text"),
    [
        (IN_USE, "The camera is in use"),
        (INSECURE, "The page is not secure"),
        (WITHOUT_CAMERA_INTERFACE, "The camera cannot be used"),
    ],
)
def test_camera_error_shows_its_reason(visit: Visits, username: str, script: str, text: str) -> None:
    page = visit(before=lambda page: page.add_init_script(script))
    sign_up(page, username)
    page.get_by_role("button", name="Turn on the camera").click()
    expect(page.get_by_text(text)).to_be_visible()


def test_session_continues_after_a_lost_camera(at_desk: AtDesk) -> None:
    desk = at_desk()
    desk.page.evaluate("document.querySelector('video').srcObject.getTracks()[0].dispatchEvent(new Event('ended'))")
    expect(desk.page.get_by_role("alert").get_by_text("The camera was disconnected")).to_be_visible()
    desk.button("try again").click()
    with desk.page.expect_response("**/frames/**") as response:
        pass
    assert response.value.json()["accepted"]
    desk.expect_tone("good")


def test_leaving_the_desk_ends_the_preview(
    visit: Visits, with_camera: Browser, camera: FakeCamera, username: str
) -> None:
    desk = Desk(visit(browser=with_camera), camera)
    desk.sit_down(username)
    desk.button("camera on").click()
    expect(desk.page.locator("#desk-camera")).to_be_visible()
    assert desk.is_camera_on()
    desk.page.locator("nav a[href='#/settings']").click()
    expect(desk.page.locator("main > [data-view=settings] h1")).to_be_visible()
    assert not desk.is_camera_on()


def test_hidden_tab_keeps_the_pace(at_desk: AtDesk) -> None:
    """Browsers run a hidden tab's timers once a minute, and no animation frames."""
    desk = at_desk(blink_on=False)
    desk.page.evaluate(
        """() => {
            window.setTimeout = window.setInterval = window.requestAnimationFrame = () => 0;
            Object.defineProperty(document, "hidden", { value: true });
        }"""
    )
    times = set()
    for _frame in range(3):
        with desk.page.expect_response("**/frames/**") as response:
            pass
        times.add(captured_at(response.value.request))
        assert response.value.json()["posture"]["state"] == "good"
    assert len(times) == 3
    desk.camera.show(empty_room())
    desk.expect_tone("unsure")
    desk.camera.show(upright())
    desk.expect_tone("good")
