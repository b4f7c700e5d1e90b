"""The desk and other devices, other views, and logging out."""

import pytest
from playwright.sync_api import expect

from tests.web.browser import Visits
from tests.web.desk.conftest import AtDesk
from tests.web.desk.fake_camera import leaning_in

TEN_TIMES_AS_OFTEN = "const often = setInterval; window.setInterval = (act, ms) => often(act, ms / 10);"


def test_session_ended_elsewhere_shows_a_message(visit: Visits, at_desk: AtDesk) -> None:
    visit.expect_error("409")
    desk = at_desk()
    session = desk.call("GET", "detections/sessions/")["results"][0]["id"]
    desk.call("POST", f"detections/sessions/{session}/stop/")
    expect(desk.page.get_by_text("The session was ended in another tab")).to_be_visible()
    expect(desk.page.locator(".setup")).to_be_visible()
    assert not desk.is_camera_on()


def test_paused_session_that_was_ended_elsewhere_is_told_on_return(at_desk: AtDesk) -> None:
    desk = at_desk(blink_on=False)
    desk.button("pause").click()
    desk.expect_state("paused")
    desk.page.locator("nav a[href='#/history']").click()
    expect(desk.page.locator("main > [data-view=history] h1")).to_be_visible()
    session = desk.call("GET", "detections/sessions/")["results"][0]
    assert session["state"] == "paused"
    desk.call("POST", f"detections/sessions/{session['id']}/stop/")
    desk.page.evaluate("dispatchEvent(new Event('focus'))")
    expect(desk.page.locator("#watch .watch-words")).to_have_text("Ended elsewhere")
    desk.page.locator("nav a[href='#/desk']").click()
    expect(desk.page.get_by_text("The session was ended in another tab")).to_be_visible()


@pytest.mark.parametrize("command", ["stop", "resume"])
def test_paused_session_that_goes_on_elsewhere_is_noticed_without_a_return(at_desk: AtDesk, command: str) -> None:
    desk = at_desk(blink_on=False)
    desk.button("pause").click()
    desk.expect_state("paused")
    desk.page.locator("nav a[href='#/history']").click()
    desk.page.add_init_script(TEN_TIMES_AS_OFTEN)
    desk.page.reload()
    words = desk.page.locator("#watch .watch-words")
    expect(words).to_have_text("Paused")
    session = desk.call("GET", "detections/sessions/")["results"][0]
    desk.call("POST", f"detections/sessions/{session['id']}/{command}/")
    expect(words).to_have_text("Ended elsewhere")


def test_reload_resumes_the_session(at_desk: AtDesk) -> None:
    desk = at_desk()
    session = desk.call("GET", "detections/sessions/")["results"][0]["id"]
    desk.page.reload()
    desk.expect_tone("good")
    (only,) = desk.call("GET", "detections/sessions/")["results"]
    assert (only["id"], only["state"]) == (session, "monitoring")


def test_session_continues_in_other_views(at_desk: AtDesk) -> None:
    desk = at_desk(neck_time=5, steps=["banner"])
    desk.page.locator("nav a[href='#/history']").click()
    expect(desk.page.locator("main > [data-view=history] h1")).to_be_visible()
    desk.camera.show(leaning_in())
    expect(desk.alarm("neck")).to_be_visible()
    assert desk.page.title().startswith("⚠")


def test_logout_ends_the_camera_and_the_alarm(visit: Visits, at_desk: AtDesk) -> None:
    visit.expect_error("401")  # of what the desk was reading
    desk = at_desk(neck_time=5, steps=["banner"])
    desk.camera.show(leaning_in())
    expect(desk.alarm("neck")).to_be_visible()
    desk.page.locator("#log-out").click()
    expect(desk.alarm("neck")).to_have_count(0)
    expect(desk.page.get_by_text("You have been logged out.")).to_be_visible()
    assert not desk.is_camera_on()


def test_expired_login_turns_off_the_camera(visit: Visits, at_desk: AtDesk) -> None:
    visit.expect_error("401")
    desk = at_desk()
    desk.call("POST", "accounts/logout/", {"everywhere": True})
    expect(desk.page.locator("main > [data-view=log-in]")).to_be_visible()
    assert not desk.is_camera_on()
