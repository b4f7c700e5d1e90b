"""What the page says about the picture: a moved camera, and what is wrong with it."""

import cv2
import numpy as np
import pytest
from playwright.sync_api import Browser, expect

from tests.web.browser import Visits, violations
from tests.web.desk.conftest import AtDesk
from tests.web.desk.desk import Desk
from tests.web.desk.fake_camera import FRAMES, FakeCamera, sitting, upright

NEW_PLACE = "Yes, take the new place"


def test_tilted_lid_is_answered_by_one_press(at_desk: AtDesk) -> None:
    desk = at_desk(blink_on=False)
    desk.camera.show(sitting(150, down_px=70))
    expect(desk.page.get_by_text("Did the camera move?")).to_be_visible()
    assert violations(desk.page) == []
    desk.page.get_by_role("button", name=NEW_PLACE).click()
    expect(desk.page.get_by_text("Did the camera move?")).to_be_hidden()
    desk.expect_tone("good")
    expect(desk.alarm("neck")).to_have_count(0)


def test_page_says_what_is_wrong_with_the_picture(at_desk: AtDesk) -> None:
    desk = at_desk(blink_on=False)
    title = desk.page.locator(".state-title")
    desk.camera.show([np.full((480, 640, 3), 15, np.uint8)] * FRAMES)
    expect(title).to_have_text("The camera sees nothing")
    desk.camera.show(upright())
    desk.expect_tone("good")
    soft = [np.asarray(cv2.GaussianBlur(image, (0, 0), 4), np.uint8) for image in upright()]
    desk.camera.show(soft)
    expect(desk.page.locator(".state-hint")).to_have_text("The picture is blurred. Wipe the camera, or hold still.")


# The list of profiles, in which the first belongs to another camera, or to another shape of the picture.
ELSEWHERE = """(changed) => {
    const send = window.fetch;
    window.fetch = async (address, options) => {
        const response = await send(address, options);
        if (!String(address).endsWith("detections/profiles/")) return response;
        const profiles = await response.json();
        return Response.json(profiles.map((each, index) => (index ? each : { ...each, ...changed })));
    };
}"""


@pytest.mark.parametrize("changed", [{"camera": "another"}, {"shape": 1.0}], ids=["camera", "shape"])
def test_profile_of_the_camera_and_its_shape_is_offered(
    visit: Visits, with_camera: Browser, camera: FakeCamera, username: str, changed: dict[str, object]
) -> None:
    desk = Desk(visit(browser=with_camera), camera)
    desk.sit_down(username)
    desk.start()
    desk.page.locator(".more summary").click()
    for name in ("another desk", "here"):
        desk.page.locator("#profile-name").fill(name)
        with desk.page.expect_response(lambda response: response.url.endswith("/profile/")):
            desk.button("save").click()
    assert all(profile["camera"] for profile in desk.call("GET", "detections/profiles/"))
    desk.page.evaluate(ELSEWHERE, changed)
    desk.button("stop").click()
    desk.button("again").click()
    desk.button("camera on").click()
    expect(desk.page.locator("#desk-camera")).to_be_visible()
    expect(desk.page.get_by_label("here", exact=True)).to_be_checked()
    desk.page.get_by_label("another desk", exact=True).check()
    desk.button("start").click()
    desk.expect_tone("good")
    [profile] = [each for each in desk.call("GET", "detections/profiles/") if each["name"] == "another desk"]
    assert desk.call("GET", "detections/sessions/")["results"][0]["profile"] == profile["id"]
