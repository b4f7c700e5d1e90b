"""A session goes on in every view, over reloads, and whatever happens to the camera or to the page's worker."""

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.browser import Visits, overflow_px, resize, violations
from tests.web.conftest import log_in_by_the_api
from tests.web.desk.conftest import AtDesk
from tests.web.desk.desk import Desk
from tests.web.desk.fake_camera import FakeCamera, leaning_in

# The workers that the page starts.
WORKERS = """
window.workers = [];
window.Worker = class extends Worker { constructor(...of) { super(...of); window.workers.push(this); } };
"""


def open_view(desk: Desk, name: str) -> None:
    desk.page.locator(f"nav a[href='#/{name}']").click()
    expect(desk.page.locator(f"main > [data-view={name}] h1")).to_be_visible()


def expect_sent(page: Page) -> Any:
    """The service's answer to the next picture."""
    with page.expect_response("**/frames/**") as response:
        pass
    assert response.value.status == 200
    return response.value.json()


def sessions(desk: Desk) -> list[tuple[str, str]]:
    return [(each["id"], each["state"]) for each in desk.call("GET", "detections/sessions/")["results"]]


def test_language_switch_in_the_settings_goes_on_sending(at_desk: AtDesk) -> None:
    desk = at_desk(blink_on=False)
    running = sessions(desk)
    open_view(desk, "settings")
    desk.page.locator("[data-set-language]").click()
    expect(desk.page.locator("html")).to_have_attribute("lang", "ko")
    expect_sent(desk.page)
    expect(desk.page.locator("#watch")).to_have_attribute("data-tone", "good")
    assert sessions(desk) == running


def test_reload_of_the_history_goes_on_with_the_alarm(at_desk: AtDesk) -> None:
    desk = at_desk(neck_time=5, blink_on=False, steps=["banner"])
    open_view(desk, "history")
    desk.camera.show(leaning_in())
    desk.page.reload()
    expect(desk.alarm("neck")).to_be_visible()
    expect(desk.page.locator("#watch")).to_have_attribute("data-tone", "bad")


@pytest.mark.parametrize("size", [(390, 844), (1280, 900)], ids=str)
def test_header_tells_and_pauses_in_every_view(visit: Visits, at_desk: AtDesk, size: tuple[int, int]) -> None:
    desk = at_desk(blink_on=False)
    page, watch = desk.page, desk.page.locator("#watch")
    resize(page, *size)
    open_view(desk, "history")
    expect(watch.locator(".watch-words")).to_have_text("Good posture")
    expect(watch.locator(".watch-time")).to_have_text(re.compile(r"^00:\d\d$"))
    expect(watch.locator(".watch-camera")).to_have_text("The camera is on.")
    assert violations(page) == []
    assert overflow_px(page) == 0
    visit.shoot(page, f"header-{size[0]}")
    page.get_by_role("button", name="Pause the session").click()
    expect(watch.locator(".watch-words")).to_have_text("Paused")
    expect(watch.locator(".watch-camera")).to_have_text("The camera is off.")
    assert not desk.is_camera_on()
    assert violations(page) == []
    page.reload()
    expect(watch.locator(".watch-words")).to_have_text("Paused")
    assert not desk.is_camera_on()
    page.get_by_role("button", name="Resume the session").click()
    expect(watch).to_have_attribute("data-tone", "good")


# A browser that allows the camera for one visit only, as Firefox does.
FORGETFUL = """navigator.permissions.query = async () => ({ state: "prompt" });"""


def test_reload_without_a_lasting_permission_waits_for_a_click(at_desk: AtDesk) -> None:
    desk = at_desk(blink_on=False)
    desk.page.add_init_script(FORGETFUL)
    desk.page.reload()
    expect(desk.page.get_by_text("Your session goes on as soon as you turn it on.")).to_be_visible()
    desk.expect_tone("unsure")
    assert not desk.is_camera_on()
    assert violations(desk.page) == []
    desk.button("camera on").click()
    desk.expect_tone("good")


def test_log_out_stops_the_session(visit: Visits, at_desk: AtDesk, username: str) -> None:
    visit.expect_error("401|404|409")  # of a picture that is on its way meanwhile
    desk = at_desk(blink_on=False)
    open_view(desk, "history")
    desk.page.locator("#log-out").click()
    expect(desk.page.locator("main > [data-view=welcome]")).to_be_visible()
    assert not desk.is_camera_on()
    log_in_by_the_api(desk.page, username)
    assert [state for _id, state in sessions(desk)] == ["stopped"]


def test_lost_camera_comes_back_by_itself(at_desk: AtDesk) -> None:
    desk = at_desk(blink_on=False)
    watch = desk.page.locator("#watch")
    desk.page.evaluate(
        """() => {
            const { srcObject } = document.querySelector("video");
            for (const track of srcObject.getTracks()) {
                track.stop();
                track.dispatchEvent(new Event("ended"));
            }
        }"""
    )
    expect(watch).to_have_attribute("data-tone", "unsure")
    expect(desk.page.locator(".monitoring")).to_have_attribute("data-tone", "unsure")
    expect(watch.locator(".watch-words")).to_have_text(re.compile("^Not seen for [1-9]"))
    assert desk.page.title().startswith("○ Not seen for")
    desk.page.evaluate("navigator.mediaDevices.dispatchEvent(new Event('devicechange'))")
    expect(watch).to_have_attribute("data-tone", "good")
    expect(desk.page).to_have_title(re.compile("^At the desk"))


@pytest.mark.parametrize(
    "failure",
    ["workers[0].dispatchEvent(new ErrorEvent('error', { message: 'out of memory' }))", "workers[0].terminate()"],
    ids=["error", "silence"],
)
def test_worker_that_dies_is_replaced(
    visit: Visits, with_camera: Browser, camera: FakeCamera, returning: str, failure: str
) -> None:
    visit.expect_error("The background worker failed")
    page = visit(browser=with_camera, before=lambda page: page.add_init_script(WORKERS))
    desk = Desk(page, camera)
    desk.come_back(returning, blink_on=False)
    desk.start()
    assert page.evaluate("workers.length") == 1
    page.evaluate(failure)
    page.wait_for_function("() => workers.length > 1")
    expect_sent(page)
    desk.expect_tone("good")
