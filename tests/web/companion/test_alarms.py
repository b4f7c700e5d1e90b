"""Alarms in the page: one at a time, step by step, out of the way, and each with a way out."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.web.browser import NARROW, WIDE, Visits, in_every_variant, overflow_px, violations
from tests.web.companion.stub import KINDS, LEANING, ONLY_BANNER, SETTINGS, alarm, posture, session, start

SHIFT = """() => new Promise((resolve) => {
    let total = 0;
    const add = (entries) => entries.forEach((entry) => { total += entry.value; });
    const observer = new PerformanceObserver((list) => add(list.getEntries()));
    observer.observe({ type: "layout-shift" });
    window.shifted = () => { add(observer.takeRecords()); return total; };
    resolve();
})"""
REFUSE_POSTPONING = """async () => {
    const { ApiError } = await import("/static/web/js/http.js");
    const { postpone } = engine;
    engine.postpone = (id) => postpone.call(engine, id).then(() => { throw new ApiError(409); });
}"""
UPCOMING = {"id": 0, "kind": "rest", "in_s": 27.4, "postponements_left": 2}
SNOOZED = [{"kind": None, "until": "2026-03-02T03:30:00Z", "reason": "snooze"}]
MORNING = "2026-03-02T01:30:00Z"  # half past ten in Seoul


@pytest.fixture
def page(visit: Visits) -> Page:
    return visit(before=lambda page: page.clock.install(time="2026-03-02T01:00:00Z"))


def test_alarm_gets_louder_only_if_it_lasts(page: Page) -> None:
    companion = start(page)
    companion.show(alarm=alarm())
    expect(page.locator(".companion .sitter")).to_have_attribute("data-tone", "bad")
    edge = page.locator(".alarm-edge")
    expect(edge).to_be_hidden()
    companion.wait(5)
    expect(edge).to_be_visible()
    expect(companion.banner).to_have_count(0)
    companion.wait(5)
    expect(companion.banner).to_contain_text("Ends when you sit well again.")
    companion.show(alarm=None)
    expect(companion.banner).to_have_count(0)
    expect(edge).to_be_hidden()


def test_steps_that_the_user_does_not_want_are_left_out(page: Page) -> None:
    companion = start(page, {**SETTINGS, "steps": ["figure"]})
    companion.show(alarm=alarm())
    companion.wait(30)
    expect(page.locator(".alarm-edge")).to_be_hidden()
    expect(companion.banner).to_have_count(0)
    companion.press("Show the alarm")  # there is a way out all the same
    expect(companion.banner).to_be_visible()


def test_only_one_alarm_is_shown(page: Page) -> None:
    companion = start(page, ONLY_BANNER)
    companion.show(alarm=alarm("blink"))
    companion.show(alarm=alarm("neck", 2))
    expect(companion.banner).to_have_count(1)
    expect(companion.banner).to_have_attribute("data-alarm", "neck")
    companion.show(alarm=alarm("blink"))
    expect(companion.banner).to_have_attribute("data-alarm", "blink")


@pytest.mark.parametrize("kind", KINDS)
def test_every_alarm_has_ways_out(page: Page, kind: str) -> None:
    companion = start(page, ONLY_BANNER)
    companion.show(alarm=alarm(kind))
    for name in ("5 minutes", "Until lunch", "This was wrong", "Silence this kind", "Dismiss"):
        expect(companion.banner.get_by_role("button", name=name, exact=True)).to_be_visible()
    expect(companion.banner.locator(".alarm-text span")).not_to_be_empty()


@pytest.mark.parametrize(
    ("button", "call"),
    [
        ("5 minutes", ["snooze", {"kind": None, "seconds": 300}]),
        ("Until lunch", ["snooze", {"kind": None, "seconds": 2 * 3600}]),
        ("Silence this kind", ["snooze", {"kind": "neck", "seconds": 13.5 * 3600}]),
        ("This was wrong", ["reportWrong", 1]),
        ("Dismiss", ["dismiss", 1]),
    ],
)
def test_answer_reaches_the_engine_and_ends_the_alarm(page: Page, button: str, call: list[Any]) -> None:
    companion = start(page, ONLY_BANNER)
    page.clock.pause_at(MORNING)
    companion.show(alarm=alarm())
    companion.press(button)
    expect(companion.banner).to_have_count(0)
    ((name, argument),) = companion.calls
    if isinstance(argument, dict):  # the seconds are rounded up
        argument["seconds"] -= argument["seconds"] % 60
    assert [name, argument] == call
    companion.show()  # the service has not ended it yet
    expect(companion.banner).to_have_count(0)
    companion.show(alarm=alarm("neck", 2))
    expect(companion.banner).to_be_visible()


def test_silence_can_be_taken_back(page: Page) -> None:
    companion = start(page, ONLY_BANNER)
    companion.show(alarm=alarm())
    companion.press("Silence this kind")
    expect(companion.toast).to_contain_text("“Mind your neck” is silent until midnight")
    companion.press("Undo")
    assert companion.calls[-1] == ["snooze", {"kind": "neck", "seconds": 0}]
    expect(companion.toast).to_be_empty()


def test_wrong_can_be_taken_back(page: Page) -> None:
    companion = start(page, ONLY_BANNER)
    companion.show(alarm=alarm("blink", 7))
    companion.press("This was wrong")
    expect(companion.toast).to_contain_text("a little more patient")
    companion.press("Undo")
    assert companion.calls == [["reportWrong", 7], ["takeBackWrong", 7]]


def test_break_that_cannot_be_postponed_again_is_silenced(page: Page) -> None:
    companion = start(page, ONLY_BANNER)
    companion.show(alarm=alarm("rest"))
    page.evaluate(REFUSE_POSTPONING)
    companion.press("5 minutes")
    expect(companion.toast).to_contain_text("The break comes in 5 minutes.")
    assert companion.calls == [["postpone", 1], ["snooze", {"kind": "rest", "seconds": 300}]]


def test_answer_that_fails_shows_the_alarm_again(page: Page) -> None:
    companion = start(page, ONLY_BANNER)
    companion.show(alarm=alarm())
    page.evaluate("async () => engine.failure = new (await import('/static/web/js/http.js')).ApiError(0)")
    companion.press("5 minutes")
    expect(companion.toast).to_contain_text("The service cannot be reached.")
    expect(companion.banner).to_be_visible()


def test_break_is_announced_and_can_be_postponed(page: Page) -> None:
    companion = start(page, session=session(upcoming=UPCOMING))
    notice = page.locator(".notice")
    expect(notice).to_contain_text("Break in 30 seconds")
    companion.press("In 5 minutes")
    assert companion.calls == [["postpone", 0]]
    companion.show(session=session(upcoming={**UPCOMING, "postponements_left": 0}))
    expect(notice.get_by_role("button", name="In 5 minutes")).to_be_hidden()
    companion.press("Take the break")
    assert companion.calls[-1] == ["pause"]
    companion.show(session=session())
    expect(notice).to_be_hidden()


def test_meeting_switch_silences_alarms(page: Page) -> None:
    companion = start(page)
    companion.press("In a meeting")
    assert companion.calls == [["snooze", {"meeting": True}]]
    companion.show(session=session(snoozed=[{"kind": None, "until": None, "reason": "meeting"}]))
    expect(page.get_by_role("button", name="In a meeting")).to_have_attribute("aria-pressed", "true")
    companion.press("In a meeting")
    assert companion.calls[-1] == ["snooze", {"meeting": False}]


def test_camera_in_use_elsewhere_is_a_meeting_while_it_lasts(page: Page) -> None:
    companion = start(page)
    companion.show(camera={"isOn": False, "reason": "in_use"})
    companion.show(camera={"isOn": False, "reason": "in_use"})
    assert companion.calls == [["snooze", {"meeting": True}]]
    companion.show(camera={"isOn": True, "reason": None})
    assert companion.calls[1:] == [["snooze", {"meeting": False}]]


def test_followers_leave_the_meeting_to_the_tab_that_leads(page: Page) -> None:
    companion = start(page, role="following")
    companion.show(camera={"isOn": False, "reason": "in_use"})
    assert companion.calls == []


def test_silence_is_shown_and_can_be_ended(page: Page) -> None:
    companion = start(page, session=session(snoozed=SNOOZED))
    chip = page.get_by_role("button", name="Alarms are silent until 12:30")
    expect(chip).to_contain_text("12:30")
    chip.click()
    assert companion.calls == [["snooze", {"kind": None, "seconds": 0}]]


def test_tab_shows_the_alarm_in_title_and_icon(page: Page) -> None:
    companion = start(page)
    companion.show(alarm=alarm())
    expect(page).to_have_title("⚠ Mind your neck")
    expect(page.locator("#icon")).to_have_attribute("href", "/static/web/icon-alarm.svg")
    companion.show(alarm=None)
    expect(page).to_have_title("Pose Smart")
    expect(page.locator("#icon")).to_have_attribute("href", "/static/web/icon.svg")


def test_what_is_not_seen_is_never_good(page: Page) -> None:
    companion = start(page, unseenS=40)
    figure = page.locator(".companion .sitter")
    expect(figure).to_have_attribute("data-tone", "unsure")
    expect(page.get_by_role("button", name="Not seen for 40 s")).to_be_disabled()
    companion.show(unseenS=0, isConnected=False)
    expect(figure).to_have_attribute("data-tone", "unsure")
    companion.show(isConnected=True)
    expect(figure).to_have_attribute("data-tone", "good")


def test_reduced_motion_keeps_the_edge_still(visit: Visits) -> None:
    page = visit(reduced_motion="reduce")
    companion = start(page, {**SETTINGS, "steps": ["edge"]})
    companion.show(alarm=alarm())
    edge = page.locator(".alarm-edge")
    expect(edge).to_be_visible()
    page.wait_for_function("edge => edge.getAnimations().length === 0", arg=edge.element_handle())


@in_every_variant
@pytest.mark.parametrize("state", ["neck", "stretching", "upcoming", "toast"])
def test_every_state_fits_and_is_accessible(
    visit: Visits, language: str, dark: bool, size: tuple[int, int], state: str
) -> None:
    page = visit(language=language, dark=dark, size=size)
    companion = start(page, {**SETTINGS, "steps": ["edge", "banner"]})
    if state == "upcoming":
        companion.show(session=session(upcoming=UPCOMING, snoozed=SNOOZED))
    else:
        companion.show(alarm=alarm("neck" if state == "toast" else state), session=bad_posture())
        page.locator(".figure-button").click()
        expect(companion.banner).to_be_visible()
    if state == "toast":
        companion.banner.locator("[data-answer=silence]").click()
        expect(companion.toast).not_to_be_empty()
    visit.shoot(page, f"companion-{state}-{language}-{'dark' if dark else 'light'}-{size[0]}")
    assert violations(page) == []
    assert overflow_px(page) == 0


@pytest.mark.parametrize("size", [WIDE, NARROW, (390, 844)], ids=str)
def test_bar_moves_nothing_and_the_page_ends_above_it(visit: Visits, size: tuple[int, int]) -> None:
    page = visit(size=size, reduced_motion="no-preference")
    companion = start(page, ONLY_BANNER)
    page.evaluate(SHIFT)
    companion.show(alarm=alarm())
    expect(companion.banner).to_be_visible()
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    bar, foot = page.locator(".alarm-bar").bounding_box(), page.locator(".foot").bounding_box()
    assert bar
    assert foot
    page.wait_for_function(
        "() => document.querySelector('.foot').getBoundingClientRect().bottom"
        " <= document.querySelector('.alarm-bar').getBoundingClientRect().top + 1"
    )
    assert page.evaluate("shifted()") < 0.05


def bad_posture() -> dict[str, Any]:
    return session(posture=posture("bad", LEANING, ("closer",)))
