"""Alarms at the desk: how they look and sound, and how they end. Also saved profiles and the keyboard."""

import json
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.browser import WAIT_MS, Visits, violations
from tests.web.companion.test_alarms import SHIFT
from tests.web.conftest import Site
from tests.web.desk.desk import Desk
from tests.web.desk.fake_camera import FakeCamera, leaning_in, sitting, upright

LISTEN = """
window.heard = [];
const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (...when) {
  heard.push(this.frequency.value);
  return start.apply(this, when);
};
"""
SPEAK = """
window.spoken = [];
speechSynthesis.getVoices = () => VOICES;
window.SpeechSynthesisUtterance = class extends EventTarget { constructor(text) { super(); this.text = text; } };
speechSynthesis.speak = (utterance) => {
  spoken.push([utterance.voice.name, utterance.text, utterance.pitch]);
  utterance.dispatchEvent(new Event("start"));
};
"""
UNCOVERED = """(names) => {
    const bar = document.querySelector(".alarm-bar").getBoundingClientRect();
    const boxes = names.map((name) => document.querySelector(name).getBoundingClientRect());
    return boxes.every(({ bottom, height }) => height > 0 && bottom <= bar.top + 1);
}"""
VOICES = [
    {"name": "Google US English", "lang": "en-US", "default": True},
    {"name": "Microsoft Zira", "lang": "en-US"},
    {"name": "Microsoft David", "lang": "en-US"},
    {"name": "Yuna", "lang": "ko-KR"},
]
BANNER = ["banner"]  # at once, instead of ten seconds after the figure
PAST_SOUND_MS = 8000  # sound follows the banner after five seconds
NEVER_BLINKING = sitting(150, closed=0)


@pytest.fixture
def desk(visit: Visits, with_camera: Browser, camera: FakeCamera) -> Desk:
    return Desk(visit(browser=with_camera, before=lambda page: page.add_init_script(LISTEN)), camera)


def set_time(site: Site, username: str, **times: int) -> None:
    """Alarm times shorter than a user may set."""
    changed = ", ".join(f"{name}={value}" for name, value in times.items())
    site.run(f"from accounts.models import User\nUser.objects.filter(username={username!r}).update({changed})")


def heard(page: Page) -> Any:
    return page.evaluate("heard")


def test_neck_alarm_repeats_until_posture_is_corrected(desk: Desk, returning: str) -> None:
    desk.come_back(returning, steps=BANNER, neck_time=5, alarm_sound=4, blink_on=False, sound="tones")
    desk.start()
    assert heard(desk.page) == []
    desk.camera.show(leaning_in())
    expect(desk.alarm("neck")).to_be_visible()
    desk.page.wait_for_function("() => heard.length > 0")  # the last of its steps
    first = len(heard(desk.page))
    desk.page.wait_for_function("count => heard.length >= 2 * count", arg=first, timeout=2 * WAIT_MS)
    desk.camera.show(upright())
    expect(desk.alarm("neck")).to_have_count(0)
    desk.expect_tone("good")


def test_muted_alarm_is_only_shown(desk: Desk, returning: str) -> None:
    desk.come_back(returning, steps=BANNER, neck_time=5, blink_on=False, sound="tones")
    desk.start()
    expect(desk.button("sound")).to_have_attribute("aria-pressed", "true")
    desk.button("sound").click()
    expect(desk.button("sound")).to_have_attribute("aria-pressed", "false")
    desk.camera.show(leaning_in())
    expect(desk.alarm("neck")).to_be_visible()
    desk.page.wait_for_timeout(PAST_SOUND_MS)
    assert heard(desk.page) == []


@pytest.mark.parametrize(
    ("alarm_sound", "name"),
    [(1, "Microsoft David"), (2, "Microsoft Zira"), (3, "Microsoft David"), (4, "Microsoft Zira")],
)
def test_alarm_speaks_in_the_chosen_voice(shared_page: Page, alarm_sound: int, name: str) -> None:
    page = shared_page
    page.evaluate(f"() => {{{SPEAK.replace('VOICES', json.dumps(VOICES))}}}")
    page.evaluate(
        "async number => (await import('/static/web/js/desk/voices.js')).playSample(number, 'Hello')", alarm_sound
    )
    ((voice, text, pitch),) = page.evaluate("spoken")
    assert (voice, text) == (name, "Hello")
    assert (pitch > 1.5) == (alarm_sound >= 3)


@pytest.mark.usefixtures("fast_camera")
def test_blink_alarm_ends_with_a_blink(visit: Visits, desk: Desk, returning: str) -> None:
    desk.come_back(returning, steps=BANNER, blink_time=5)
    desk.camera.show(NEVER_BLINKING)
    desk.start()
    expect(desk.alarm("blink")).to_be_visible()
    visit.shoot(desk.page, "desk-blink-alarm")
    desk.camera.show(upright())
    expect(desk.alarm("blink")).to_have_count(0)
    expect(desk.fact("blinks")).not_to_have_text("0")


def test_stretching_alarm_ends_after_the_stretch(visit: Visits, site: Site, desk: Desk, returning: str) -> None:
    desk.come_back(returning, steps=BANNER, blink_on=False)
    set_time(site, returning, stretching_time=3)
    desk.start()
    alarm = desk.alarm("stretching")
    expect(alarm.locator(".figure")).to_be_visible()
    desk.page.emulate_media(reduced_motion="no-preference")
    assert alarm.locator(".figure").evaluate("figure => figure.getAnimations({subtree: true}).length") > 0
    desk.page.emulate_media(reduced_motion="reduce")
    visit.shoot(desk.page, "desk-stretching-alarm")
    assert violations(desk.page) == []
    alarm.get_by_role("button", name="Start").click()
    guide = desk.page.locator("dialog.guide")
    expect(guide.get_by_role("heading", name="Chin tuck")).to_be_visible()
    guide.get_by_role("button", name="Start").click()
    expect(guide.locator(".guide-remaining")).to_contain_text("19 s")
    guide.get_by_role("button", name="Done").click()
    expect(guide).to_be_hidden()
    expect(desk.fact("stretches")).to_have_text("1")


def test_rest_alarm_ends_with_a_pause(site: Site, desk: Desk, returning: str) -> None:
    desk.come_back(returning, steps=BANNER, blink_on=False)
    set_time(site, returning, rest_time=3)
    desk.start()
    expect(desk.alarm("rest")).to_be_visible()
    desk.alarm("rest").get_by_role("button", name="Take the break").click()
    expect(desk.alarm("rest")).to_have_count(0)
    desk.expect_state("paused")


@pytest.mark.parametrize("size", [(390, 844), (768, 1024), (1280, 900), (1920, 1080)], ids=str)
def test_alarm_covers_neither_navigation_nor_verdict_nor_counts(
    visit: Visits, with_camera: Browser, camera: FakeCamera, returning: str, size: tuple[int, int]
) -> None:
    desk = Desk(visit(browser=with_camera, size=size), camera)
    desk.come_back(returning, steps=BANNER, neck_time=5, blink_on=False)
    desk.start()
    desk.page.evaluate("scrollTo(0, 0)")
    desk.page.evaluate(SHIFT)
    camera.show(leaning_in())
    expect(desk.alarm("neck")).to_be_visible()
    desk.page.wait_for_function(UNCOVERED, arg=[".top nav", ".state"])
    assert desk.page.evaluate("shifted()") < 0.05  # before the screenshot, which makes the window as high as the page
    # Where there is no room for all of it, the counts can be scrolled to.
    desk.page.evaluate("document.querySelector('.facts').scrollIntoView({ block: 'end' })")
    desk.page.wait_for_function(UNCOVERED, arg=[".facts"])
    visit.shoot(desk.page, f"desk-alarm-{size[0]}")
    assert violations(desk.page) == []
    camera.show(upright())


def test_saved_profile_skips_calibration(desk: Desk, username: str) -> None:
    desk.sit_down(username)
    desk.start()
    desk.page.locator("details.more summary").click()
    desk.page.locator("#profile-name").fill("desk")
    desk.button("save").click()
    expect(desk.page.get_by_text("Saved.", exact=True)).to_be_visible()
    desk.expect_tone("good")
    desk.button("stop").click()
    desk.button("again").click()
    expect(desk.page.get_by_role("radio", name="desk")).to_be_checked()
    with desk.page.expect_response("**/sessions/") as response:
        desk.button("start").click()
    assert response.value.json()["state"] == "monitoring"
    desk.button("stop").click()  # before anything is counted: there is no report, but the camera's view again
    desk.page.get_by_role("button", name="Delete desk").click()
    desk.page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(desk.page.locator(".profiles")).to_be_hidden()


def test_keyboard_alone_controls_a_session(desk: Desk, returning: str) -> None:
    desk.come_back(returning)
    press_on(desk, "Start")
    desk.expect_tone("good")
    press_on(desk, "Pause")
    desk.expect_state("paused")
    press_on(desk, "Resume")
    desk.expect_state("monitoring")
    press_on(desk, "Stretch")
    expect(desk.page.locator("dialog.guide")).to_be_visible()
    desk.page.keyboard.press("Escape")
    expect(desk.page.locator("dialog.guide")).to_be_hidden()
    press_on(desk, "Stop")
    expect(desk.page.locator(".report")).to_be_visible()
    press_on(desk, "Start again")
    expect(desk.page.locator(".setup")).to_be_visible()


def press_on(desk: Desk, name: str) -> None:
    """Tab to a button and press it."""
    expect(desk.page.get_by_role("button", name=name, exact=True)).to_be_visible()
    for _step in range(40):
        desk.page.keyboard.press("Tab")
        if desk.page.evaluate("document.activeElement.textContent") == name:
            desk.page.keyboard.press("Enter")
            return
    raise AssertionError(f"{name} is not reached by Tab")
