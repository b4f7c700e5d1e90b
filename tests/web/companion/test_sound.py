"""The sound of alarms: off until chosen, after all other steps, and only from the tab that leads."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.web.browser import Visits
from tests.web.companion.stub import SETTINGS, Companion, alarm, session, start

TONES = {**SETTINGS, "sound": "tones", "steps": ["banner"]}
# Whether a browser lets a page play is up to the test; each tone is noted with its loudest gain.
FAKE_AUDIO = """
window.tones = [];
window.blocked = false;
window.AudioContext = class extends EventTarget {
  currentTime = 0;
  state = window.blocked ? "suspended" : "running";
  async resume() { this.state = "running"; }
};
window.OscillatorNode = class { connect(node) { return node; } start() {} stop() {} };
window.GainNode = class {
  gain = {
    setValueAtTime() {},
    linearRampToValueAtTime: (peak) => tones.push(peak),
    exponentialRampToValueAtTime() {},
  };
  connect(node) { return node; }
};
"""
COUNT_CONTEXTS = """() => {
    window.made = 0;
    window.AudioContext = class extends AudioContext { number = (window.made += 1); };
}"""


@pytest.fixture
def page(visit: Visits) -> Page:
    def before(page: Page) -> None:
        page.clock.install()
        page.add_init_script(FAKE_AUDIO)

    return visit(before=before)


def tones(page: Page) -> list[float]:
    heard: list[float] = page.evaluate("tones")
    return heard


def with_alarm(page: Page, settings: dict[str, Any], **changes: Any) -> Companion:
    companion = start(page, settings, **changes)
    companion.show(alarm=alarm())
    return companion


def test_sound_is_the_last_step_and_repeats(page: Page) -> None:
    companion = with_alarm(page, TONES)
    assert tones(page) == []
    companion.wait(5)
    first = len(tones(page))
    assert first > 0
    companion.wait(16)
    assert len(tones(page)) == 2 * first


def test_sound_is_off_until_it_is_chosen(page: Page) -> None:
    companion = with_alarm(page, SETTINGS)
    companion.wait(40)
    assert tones(page) == []
    expect(page.get_by_role("button", name="Click once for sound")).to_be_hidden()


@pytest.mark.parametrize(("volume", "peak"), [(100, 0.25), (20, 0.05)])
def test_volume_is_the_users(page: Page, volume: int, peak: float) -> None:
    with_alarm(page, {**TONES, "volume": volume}).wait(5)
    assert max(tones(page)) == pytest.approx(peak)


def test_only_the_tab_that_leads_sounds(page: Page) -> None:
    companion = with_alarm(page, TONES, role="following")
    companion.wait(20)
    expect(companion.banner).to_be_visible()
    assert tones(page) == []


def test_page_that_may_not_play_asks_for_a_click(page: Page) -> None:
    page.evaluate("window.blocked = true")
    companion = with_alarm(page, TONES)
    companion.wait(2)  # at first, every browser says that it does not play yet
    ask = page.get_by_role("button", name="Click once for sound")
    expect(ask).to_be_visible()
    ask.click()
    expect(ask).to_be_hidden()
    companion.wait(5)
    assert tones(page)


def test_sound_is_made_ready_only_while_the_camera_lives(page: Page) -> None:
    page.evaluate(COUNT_CONTEXTS)
    companion = start(page, TONES, camera={"isOn": False, "reason": None}, session=session())
    companion.wait(3)
    assert page.evaluate("made") == 0
    companion.show(camera={"isOn": True, "reason": None})
    assert page.evaluate("made") == 1
