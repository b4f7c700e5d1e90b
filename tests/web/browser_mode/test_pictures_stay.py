"""Pictures that stay in the browser: the session is judged, and none of their bytes is sent."""

import os
import time

import pytest
from playwright.sync_api import expect

from tests.web.browser import Visits
from tests.web.browser_mode.wire import Wire, pictures_in
from tests.web.conftest import Site
from tests.web.desk.desk import Desk
from tests.web.desk.fake_camera import empty_room, leaning_in, upright

# The bar is an hour: LONG_MINUTES=60 watches for so long. Without it, until a few verdicts and blinks were told.
LONG_S = 60 * float(os.environ.get("LONG_MINUTES", 0))


@pytest.mark.usefixtures("fast_camera")
def test_no_picture_is_sent(desk: Desk, wire: Wire) -> None:
    hosts: set[str] = set()
    desk.page.context.on("request", lambda request: hosts.add(request.url.split("/")[2]))
    desk.button("camera on").click()
    expect(desk.page.locator(".check[data-state=good]")).to_have_count(4)
    desk.start()
    began = time.monotonic()
    while True:
        desk.camera.show(leaning_in())
        desk.expect_tone("bad")
        desk.camera.show(upright())
        desk.expect_tone("good")
        if time.monotonic() - began >= LONG_S:
            break
    expect(desk.fact("blinks")).not_to_have_text("0")
    desk.button("stop").click()
    expect(desk.page.locator(".report")).to_be_visible()
    sent = wire.sent()
    assert sum(data.count(b"/landmarks/?") for data in sent) >= 3
    assert [found for data in sent if (found := pictures_in(data))] == []
    assert hosts == {f"127.0.0.1:{wire.port}"}


def test_no_picture_is_left_behind(desk: Desk, site: Site) -> None:
    desk.start()
    desk.button("stop").click()
    expect(desk.page.locator(".report")).to_be_visible()
    assert desk.call("GET", "accounts/frames/")["results"] == []


def test_the_same_check_finds_pictures_that_are_sent(desk: Desk, wire: Wire) -> None:
    desk.call("PUT", "accounts/privacy/", {"privacy": "forgotten"})
    desk.start()
    assert any(pictures_in(data) for data in wire.sent())


def test_an_empty_chair_is_seen(desk: Desk) -> None:
    desk.start()
    desk.camera.show(empty_room())
    desk.expect_state("away")


def test_a_choice_made_elsewhere_is_followed(visit: Visits, desk: Desk) -> None:
    visit.expect_error("status of 409")
    desk.call("PUT", "accounts/privacy/", {"privacy": "forgotten"})
    desk.start()
    desk.call("PUT", "accounts/privacy/", {"privacy": "browser"})
    with desk.page.expect_response(lambda response: "/landmarks/" in response.url and response.ok):
        pass
    desk.expect_tone("good")


def test_a_browser_that_cannot_says_so_and_sends_nothing(visit: Visits, desk: Desk, wire: Wire) -> None:
    visit.expect_error("Failed to fetch model|status of 404")
    desk.page.route("**/landmarks/face_landmarker.task", lambda route: route.fulfill(status=404))
    desk.button("start").click()
    expect(desk.page.get_by_text("Your face cannot be found in this browser")).to_be_visible()
    assert not any(b"/frames/" in data for data in wire.sent())


def test_who_cannot_have_browser_mode_chooses_otherwise_with_one_press(visit: Visits, desk: Desk) -> None:
    visit.expect_error("Failed to fetch model|status of 404")
    desk.page.route("**/landmarks/face_landmarker.task", lambda route: route.fulfill(status=404))
    desk.button("start").click()
    desk.page.get_by_role("link", name="Choose otherwise").click()
    expect(desk.page.locator(".choice-form [value=forgotten]")).to_be_in_viewport()
