"""The desk while the network or the service is down, or the computer sleeps: nothing counts twice."""

import re

from playwright.sync_api import Browser, Request, Route, expect

from tests.gunicorn_server import serving
from tests.web.browser import Visits, violations
from tests.web.conftest import sign_up
from tests.web.desk.conftest import AtDesk
from tests.web.desk.desk import Desk, captured_at
from tests.web.desk.fake_camera import FakeCamera

CUT_OFF = "ERR_INTERNET_DISCONNECTED|ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|ERR_FAILED"

# What the clock shows, in the order in which it shows it.
RECORD_TIMES = """() => {
    const shown = document.querySelector("#watch .watch-time");
    window.times = [shown.textContent];
    new MutationObserver(() => window.times.push(shown.textContent)).observe(shown, { childList: true });
}"""


def test_session_survives_a_restart_of_the_service(
    visit: Visits, with_camera: Browser, camera: FakeCamera, returning: str, site_environment: dict[str, str]
) -> None:
    visit.expect_error(CUT_OFF)
    desk = Desk(visit(browser=with_camera), camera)
    with serving("", **site_environment) as first:
        desk.page.goto(f"http://127.0.0.1:{first.port}/")
        desk.come_back(returning)
        desk.start()
        session = desk.call("GET", "detections/sessions/")["results"][0]["id"]
    expect(desk.page.locator(".connection")).not_to_be_empty()
    desk.expect_tone("unsure")
    expect(desk.page.locator("#watch")).to_have_attribute("data-tone", "unsure")
    expect(desk.page).to_have_title(re.compile("^○ Not seen for"))
    desk.page.evaluate(RECORD_TIMES)
    assert violations(desk.page) == []
    visit.shoot(desk.page, "desk-no-connection")
    with serving("", **site_environment | {"BIND": f"127.0.0.1:{first.port}"}):
        expect(desk.page.locator(".connection")).to_be_empty()
        desk.expect_tone("good")
        expect(desk.page).to_have_title(re.compile("^At the desk"))
        desk.page.wait_for_function("() => times.length > 2")
        assert desk.page.evaluate("times") == sorted(desk.page.evaluate("times"))
        assert desk.call("GET", "detections/sessions/")["results"][0]["id"] == session
        desk.button("stop").click()
        expect(desk.page.locator(".report")).to_be_visible()
        assert len(desk.call("GET", "reports/")) == 1


def test_set_up_loads_by_itself_once_the_service_can_be_reached(visit: Visits, username: str) -> None:
    visit.expect_error(CUT_OFF)
    page = visit()
    page.route("**/profiles/", lambda route: route.abort("connectionrefused"))
    sign_up(page, username)
    message = page.locator(".desk-message")
    expect(message).to_contain_text("The service cannot be reached.")
    page.unroute_all(behavior="wait")
    expect(message).to_be_empty()


def test_stop_while_offline_reports_after_reconnecting(
    visit: Visits, with_camera: Browser, camera: FakeCamera, returning: str, site_environment: dict[str, str]
) -> None:
    visit.expect_error(CUT_OFF)
    desk = Desk(visit(browser=with_camera), camera)
    with serving("", **site_environment) as first:
        desk.page.goto(f"http://127.0.0.1:{first.port}/")
        desk.come_back(returning)
        desk.start()
    expect(desk.page.locator(".connection")).not_to_be_empty()
    desk.button("stop").click()
    assert not desk.is_camera_on()
    with serving("", **site_environment | {"BIND": f"127.0.0.1:{first.port}"}):
        expect(desk.page.locator(".report")).to_be_visible()
        expect(desk.page.locator(".connection")).to_be_empty()
        assert len(desk.call("GET", "reports/")) == 1


def test_frame_is_retried_with_the_same_key(visit: Visits, at_desk: AtDesk) -> None:
    visit.expect_error(CUT_OFF)
    desk = at_desk(blink_on=False)
    sent: list[Request] = []

    def lose_the_first_response(route: Route) -> None:
        sent.append(route.request)
        if len(sent) == 1:
            route.fetch()
            route.abort("connectionreset")
        else:
            route.continue_()

    desk.page.route("**/frames/**", lose_the_first_response)
    with desk.page.expect_response("**/frames/**") as response:
        pass
    first, second = sent[:2]
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"]
    assert captured_at(first) == captured_at(second)
    assert response.value.json()["accepted"] is False
    desk.page.unroute_all(behavior="wait")


def test_stretch_with_lost_response_counts_once(visit: Visits, at_desk: AtDesk) -> None:
    visit.expect_error(CUT_OFF)
    desk = at_desk()

    def lose_the_response(route: Route) -> None:
        route.fetch()
        route.abort("connectionreset")

    desk.page.route("**/stretches/", lose_the_response, times=1)
    desk.button("stretch").click()
    desk.button("done").click()
    expect(desk.fact("stretches")).to_have_text("1")
    expect(desk.page.locator(".connection")).to_be_empty()
    with desk.page.expect_response("**/frames/**") as response:
        pass
    assert response.value.json()["counts"]["stretches"] == 1


def test_unreadable_picture_does_not_end_the_session(visit: Visits, at_desk: AtDesk) -> None:
    visit.expect_error("400")
    desk = at_desk(blink_on=False)
    desk.page.route("**/frames/**", lambda route: route.continue_(post_data=b"no picture"), times=1)
    for status in (400, 200):
        with desk.page.expect_response("**/frames/**") as response:
            pass
        assert response.value.status == status


def test_pause_and_resume_are_not_lost_while_the_service_is_slow(visit: Visits, at_desk: AtDesk) -> None:
    visit.expect_error(CUT_OFF)
    desk = at_desk(blink_on=False)
    desk.page.route("**/pause/", lambda route: route.abort("connectionrefused"))
    desk.button("pause").dblclick()
    desk.expect_state("paused")
    assert not desk.is_camera_on()
    desk.button("resume").click()
    expect(desk.page.locator("#watch .watch-camera")).to_have_text("The camera is on.")
    desk.page.unroute_all(behavior="wait")
    desk.expect_tone("good")
