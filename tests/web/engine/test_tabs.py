"""Several tabs of a browser: one watches, the others show its state and can take its place."""

import re

import pytest
from playwright.sync_api import Error, Page, expect

from tests.web.browser import Visits, violations
from tests.web.desk.conftest import AtDesk
from tests.web.desk.desk import Desk
from tests.web.desk.fake_camera import leaning_in, upright
from tests.web.engine.test_everywhere import expect_sent, sessions


@pytest.fixture
def tabs(visit: Visits, at_desk: AtDesk) -> tuple[Desk, Desk]:
    """A tab that watches, and one that was opened later."""
    first = at_desk(blink_on=False)
    page = first.page.context.new_page()
    visit.listen_to(page)
    page.goto(first.page.url)
    return first, Desk(page, first.camera)


def test_second_tab_shows_the_state_and_passes_commands_on(visit: Visits, tabs: tuple[Desk, Desk]) -> None:
    first, second = tabs
    second.expect_tone("good")
    expect(second.page.locator("#watch .watch-words")).to_have_text("Good posture")
    expect(second.page.get_by_text("Watching in another tab")).to_be_visible()
    assert violations(second.page) == []
    visit.shoot(second.page, "desk-in-another-tab")
    assert first.is_camera_on()
    assert not second.is_camera_on()
    second.button("pause").click()
    first.expect_state("paused")
    second.expect_state("paused")
    assert not first.is_camera_on()
    second.button("resume").click()
    first.expect_tone("good")
    second.button("stop").click()
    expect(first.page.locator(".report")).to_be_visible()
    expect(second.page.locator(".report")).to_be_visible()


def test_second_tab_takes_over_by_choice(tabs: tuple[Desk, Desk]) -> None:
    first, second = tabs
    running = sessions(first)
    second.page.get_by_role("button", name="Watch here").click()
    expect_sent(second.page)
    second.expect_tone("good")
    expect(first.page.get_by_text("Watching in another tab")).to_be_visible()
    first.expect_tone("good")
    assert not first.is_camera_on()
    assert second.is_camera_on()
    assert sessions(second) == running


def test_session_that_has_ended_is_not_taken_over(visit: Visits, tabs: tuple[Desk, Desk]) -> None:
    visit.expect_error("409")
    first, second = tabs
    expect(second.page.get_by_text("Watching in another tab")).to_be_visible()
    ended = r"**/detections/sessions/*/"
    second.page.route(ended, lambda route: route.fulfill(status=409, json={"detail": "The session has ended."}))
    second.page.get_by_role("button", name="Watch here").click()
    expect(second.page.get_by_text("The session was ended in another tab")).to_be_visible()
    expect(second.page.locator(".setup")).to_be_visible()
    assert not first.is_camera_on()
    assert not second.is_camera_on()
    second.page.unroute_all(behavior="wait")


def seconds(page: Page) -> int:
    minutes, rest = str(page.locator("#watch .watch-time").text_content()).split(":")
    return 60 * int(minutes) + int(rest)


def test_next_tab_goes_on_when_the_first_closes(tabs: tuple[Desk, Desk]) -> None:
    first, second = tabs
    second.page.locator("nav a[href='#/history']").click()
    expect(second.page.locator("#watch .watch-time")).to_have_text(re.compile(r"\d"))
    running, before = sessions(first), seconds(second.page)
    first.page.close()
    expect_sent(second.page)
    expect(second.page.locator("#watch")).to_have_attribute("data-tone", "good")
    assert sessions(second) == running
    assert seconds(second.page) >= before


def test_next_tab_goes_on_when_the_first_crashes(tabs: tuple[Desk, Desk]) -> None:
    first, second = tabs
    expect(second.page.get_by_text("Watching in another tab")).to_be_visible()
    running, before = sessions(first), seconds(second.page)
    with first.page.expect_event("crash"), pytest.raises(Error):
        first.page.goto("chrome://crash")
    expect_sent(second.page)
    second.expect_tone("good")
    expect(second.page.get_by_text("Watching in another tab")).to_be_hidden()
    assert second.is_camera_on()
    assert sessions(second) == running
    assert seconds(second.page) >= before


@pytest.mark.parametrize("answer", ["5 minutes", "This was wrong", "Dismiss"])
def test_alarm_shows_and_is_answered_in_a_tab_that_follows(visit: Visits, tabs: tuple[Desk, Desk], answer: str) -> None:
    first, second = tabs
    second.call("PUT", "accounts/alarms/", {"neck_time": 5})
    second.expect_tone("good")
    first.camera.show(leaning_in())
    expect(first.alarm("neck")).to_be_visible()
    alarm = second.alarm("neck")
    expect(alarm).to_be_visible()
    assert violations(second.page) == []
    visit.shoot(second.page, "alarm-in-another-tab")
    alarm.get_by_role("button", name=answer, exact=True).click()
    expect(alarm).to_have_count(0)
    expect(first.alarm("neck")).to_have_count(0)
    first.camera.show(upright())
