"""Every state of a running session is accessible in both themes, in the tab that watches and in one that follows."""

from typing import Any

from playwright.sync_api import Page, Route, expect

from tests.web.browser import Visits, violations
from tests.web.desk.conftest import AtDesk
from tests.web.desk.desk import Desk
from tests.web.desk.fake_camera import leaning_in

UPCOMING = {"kind": "rest", "id": 0, "in_s": 30, "postponements_left": 2}
LOSE_CAMERA = """() => {
    navigator.mediaDevices.getUserMedia = async () => { throw new DOMException("", "NotFoundError"); };
    document.querySelector("video").srcObject.getTracks()[0].dispatchEvent(new Event("ended"));
}"""


def announce_a_break(route: Route) -> None:
    response = route.fetch()
    body: Any = response.json()
    route.fulfill(response=response, json=body | {"upcoming": UPCOMING, "alarms": []})


def expect_accessible(visit: Visits, page: Page, state: str) -> None:
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert violations(page) == [], (state, scheme)
        visit.shoot(page, f"state-{state}-{scheme}")


def test_every_state_of_a_session_is_accessible(visit: Visits, at_desk: AtDesk) -> None:
    desk = at_desk(blink_on=False, neck_time=5)
    page = desk.page
    page.route("**/frames/**", announce_a_break)
    expect(page.locator(".notice")).to_contain_text("Break in 30 seconds")
    expect_accessible(visit, page, "break")
    page.unroute_all(behavior="wait")

    with page.context.expect_page() as opened:
        page.get_by_role("button", name="Small window").click()
    visit.listen_to(opened.value)
    expect(opened.value.locator(".mini-text h1")).to_have_text("Good posture")
    expect_accessible(visit, page, "small-window")
    expect_accessible(visit, opened.value, "in-the-small-window")

    other = page.context.new_page()
    visit.listen_to(other)
    other.goto(page.url)
    follower = Desk(other, desk.camera)
    expect(other.get_by_text("Watching in another tab")).to_be_visible()
    desk.camera.show(leaning_in())
    for each, name in ((desk, "alarm"), (follower, "follower")):
        expect(each.alarm("neck")).to_be_visible()
        expect_accessible(visit, each.page, name)

    page.evaluate(LOSE_CAMERA)
    expect(page.get_by_role("alert").get_by_text("The camera was disconnected")).to_be_visible()
    expect_accessible(visit, page, "camera-lost")
    expect(other.locator("#watch")).to_have_attribute("data-tone", "unsure")
    expect_accessible(visit, other, "follower-camera-lost")
