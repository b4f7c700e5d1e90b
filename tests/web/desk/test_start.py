"""Before a session and while it calibrates: the camera's check, another session that runs, and ways back."""

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Route, expect

from tests.slowness import slowness
from tests.web.browser import Visits, layout_shift, violations, watch_layout
from tests.web.desk.conftest import AtDesk
from tests.web.desk.desk import Desk
from tests.web.desk.fake_camera import FakeCamera, empty_room

GOOD = {"face_found": True, "faces": 1, "hint": None, "distance": "good", "light": "good"}
NOBODY = {"face_found": False, "faces": 0, "hint": "no_face", "distance": None, "light": None}
FAULTS: list[tuple[dict[str, Any], str, str]] = [
    (NOBODY, "Face", "Your face is not in the picture."),
    (NOBODY | {"hint": "too_dark", "light": "dark"}, "Lighting", "It is too dark."),
    (NOBODY | {"hint": "covered"}, "Lighting", "Open the camera's shutter"),
    (NOBODY | {"hint": "face_too_small", "distance": "far"}, "Distance", "Move closer"),
    (GOOD | {"distance": "near"}, "Distance", "Sit back a little"),
    (GOOD | {"faces": 2, "hint": "more_than_one_face"}, "Face", "more than one face"),
    (GOOD | {"hint": "look_ahead"}, "Face", "Look straight ahead."),
]


@pytest.fixture
def desk(visit: Visits, with_camera: Browser, camera: FakeCamera, username: str) -> Desk:
    """A user who has not started yet."""
    desk = Desk(visit(browser=with_camera), camera)
    desk.sit_down(username)
    return desk


def answer_checks(desk: Desk, answer: dict[str, Any]) -> None:
    desk.page.unroute("**/api/detections/check/")
    desk.page.route("**/api/detections/check/", lambda route: route.fulfill(json=answer))


def row(desk: Desk, name: str) -> Locator:
    return desk.page.locator(".check").filter(has=desk.page.get_by_text(name, exact=True))


def test_check_is_live_before_the_start(visit: Visits, desk: Desk) -> None:
    answer_checks(desk, GOOD)
    desk.button("camera on").click()
    for name in ("Face", "Lighting", "Distance", "Speed"):
        expect(row(desk, name)).to_have_attribute("data-state", "good")
    expect(row(desk, "Speed")).to_contain_text("pictures a second")
    expect(desk.page.get_by_text("Everything is ready.")).to_be_attached()
    visit.shoot(desk.page, "start-ready")
    assert violations(desk.page) == []
    watch_layout(desk.page)
    for answer, name, text in FAULTS:
        answer_checks(desk, answer)
        expect(row(desk, name)).to_contain_text(text)
        expect(row(desk, name)).to_have_attribute("data-state", "bad")
    visit.shoot(desk.page, "start-not-ready")
    assert violations(desk.page) == []
    assert layout_shift(desk.page) < 0.05


def test_camera_is_turned_off_in_place(desk: Desk) -> None:
    answer_checks(desk, GOOD)
    desk.button("camera on").click()
    expect(row(desk, "Face")).to_have_attribute("data-state", "good")
    desk.button("camera off").click()
    expect(row(desk, "Face")).to_have_attribute("data-state", "unknown")
    assert not desk.is_camera_on()
    expect(desk.button("camera on")).to_be_focused()


def test_there_is_one_primary_button(visit: Visits, at_desk: AtDesk) -> None:
    visit.expect_error("status of 409.*/frames/")  # of the session that is ended
    desk = at_desk()
    other = Desk(visit(browser=desk.page.context.browser), desk.camera)
    other.page.evaluate(
        """async ([login]) => {
            localStorage.setItem("posesmart.login", login);
            location.reload();
        }""",
        [desk.page.evaluate("localStorage['posesmart.login']")],
    )
    expect(other.button("continue")).to_be_visible()
    expect(other.page.locator(".setup .primary:visible")).to_have_count(1)
    expect(other.page.get_by_text("A session has been running since")).to_be_visible()
    assert violations(other.page) == []
    before = other.call("GET", "detections/sessions/")["results"][0]["id"]
    other.button("start new").click()
    other.expect_tone("good")
    (new, *_) = [session["id"] for session in other.call("GET", "detections/sessions/")["results"]]
    assert new != before


def test_session_that_starts_elsewhere_meanwhile_is_asked_about(visit: Visits, desk: Desk) -> None:
    visit.expect_error("status of 409")
    desk.call("POST", "detections/sessions/", {"ask": True})
    bodies: list[Any] = []

    def refuse_first(route: Route) -> None:
        if route.request.method != "POST":
            return route.fallback()
        bodies.append(route.request.post_data_json)
        if bodies[-1]["take_over"]:
            return route.fallback()
        return route.fulfill(status=409, json={"detail": "Another session is running.", "id": "x"})

    desk.page.route("**/api/detections/sessions/", refuse_first)
    desk.button("start").click()
    expect(desk.button("start new")).to_be_visible()
    desk.button("start new").click()
    desk.expect_tone("good")
    assert [(body["ask"], body["take_over"]) for body in bodies] == [(True, False), (True, True)]


def test_first_calibration_that_is_cancelled_leaves_no_trace(visit: Visits, desk: Desk) -> None:
    visit.expect_error("status of 409.*/cancel-calibration/")
    desk.page.route("**/cancel-calibration/", lambda route: route.fulfill(status=409, json={"detail": "None."}))
    desk.camera.show(empty_room())
    desk.button("start").click()
    expect(desk.page.locator(".calibrating .hint")).to_contain_text("Your face is not in the picture")
    desk.button("cancel").click()
    expect(desk.page.locator(".setup")).to_be_visible()
    expect(desk.page.locator(".report")).to_have_count(0)
    assert desk.call("GET", "reports/") == []


def test_missing_face_is_told_within_three_seconds(desk: Desk) -> None:
    slower = slowness()
    desk.camera.show(empty_room())
    with desk.page.expect_response("**/frames/**"):
        desk.button("start").click()
    expect(desk.page.locator(".calibrating .hint")).to_contain_text(
        "Your face is not in the picture", timeout=3000 * slower
    )


def test_calibration_without_pictures_says_so_and_helps(visit: Visits, desk: Desk) -> None:
    desk.page.clock.install()
    desk.page.route("**/frames/**", lambda _route: None)  # no answer
    desk.button("start").click()
    expect(desk.page.locator(".calibrating")).to_be_visible()
    desk.page.clock.run_for(4000)
    expect(desk.page.locator(".calibrating .hint")).to_contain_text("No picture has arrived yet.")
    expect(desk.page.locator(".calibration-help")).to_be_empty()
    desk.page.clock.run_for(12_000)
    expect(desk.page.locator(".calibration-help")).to_contain_text("Not getting on?")
    visit.shoot(desk.page, "calibration-help")
    assert violations(desk.page) == []


def test_dark_picture_says_light_first(desk: Desk) -> None:
    def darken(route: Route) -> None:
        body = route.fetch().json()
        if body.get("calibration"):
            body |= {"hint": "too_dark"}
            body["calibration"]["hints"] = ["no_face", "too_dark"]
        route.fulfill(json=body)

    desk.camera.show(empty_room())
    desk.page.route("**/frames/**", darken)
    desk.button("start").click()
    expect(desk.page.locator(".calibrating .hint")).to_contain_text("It is too dark.")


TWO_CAMERAS = """
    const devices = navigator.mediaDevices;
    const get = devices.getUserMedia.bind(devices);
    const labels = { one: "Laptop", two: "Camera of the desk" };
    devices.enumerateDevices = async () =>
        Object.entries(labels).map(([deviceId, label]) => ({ kind: "videoinput", deviceId, label }));
    devices.getUserMedia = async ({ video }) => {
        const stream = await get({ video: true });
        const [track] = stream.getVideoTracks();
        const id = video.deviceId?.exact ?? "one";
        const settings = track.getSettings();
        track.getSettings = () => ({ ...settings, deviceId: id });
        Object.defineProperty(track, "label", { value: labels[id] });
        return stream;
    };
"""


def test_profile_switches_to_its_own_camera(
    visit: Visits, with_camera: Browser, camera: FakeCamera, username: str
) -> None:
    """A camera is known by its label, which is the same in every browser and at every address."""
    desk = Desk(visit(browser=with_camera), camera)
    profile = {"id": 7, "name": "desk", "quality": 0.9, "camera": "Camera of the desk", "shape": None}
    desk.page.route("**/api/detections/profiles/", lambda route: route.fulfill(json=[profile]))
    desk.page.add_init_script(TWO_CAMERAS)
    desk.page.reload()
    answer_checks(desk, GOOD)
    desk.sit_down(username)
    desk.button("camera on").click()
    expect(desk.page.get_by_label("Camera", exact=True)).to_have_value("one")
    expect(desk.page.get_by_role("radio", name="Somewhere else (calibrate)")).to_be_checked()
    desk.page.get_by_role("radio", name="desk", exact=True).check()
    expect(desk.page.get_by_label("Camera", exact=True)).to_have_value("two")
    is_start = re.compile(r"/api/detections/sessions/$")
    with desk.page.expect_request(is_start) as started:
        desk.page.get_by_role("radio", name="Somewhere else (calibrate)").check()
        desk.button("start").click()
    body: Any = started.value.post_data_json
    assert body["camera"] == "Camera of the desk"
