"""A tab that is really hidden goes on watching."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.environment import PASSWORD
from tests.web import browser
from tests.web.conftest import Site
from tests.web.desk.fake_camera import FakeCamera, upright
from tests.web.engine.protocol import Tab, chromium
from tests.web.firefox import EXECUTABLE, Firefox, firefox

# Signs up, logs in, and starts a session.
START = """
    const credentials = { username: "%s", password: "%s" };
    const post = async (path) =>
        (await fetch(`/api/accounts/${path}`, {
            method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(credentials),
        })).json();
    await post("");
    const { logins, saveLogin } = await import("/static/web/js/login.js");
    saveLogin(credentials.username, await post("login/"));
    logins.dispatchEvent(new Event("started"));
    location.hash = "#/desk";
    const { engine } = await import("/static/web/js/engine/engine.js");
    engine.begin();
    await engine.ready;
    await engine.start(null);
    return true;
"""
# Notes the pictures that are sent, and waits until the posture is good.
CALIBRATE = """
    const { engine } = await import("/static/web/js/engine/engine.js");
    const send = window.fetch;
    window.sent = [];
    window.fetch = async (address, options) => {
        const response = await send(address, options);
        if (String(address).includes("/frames/")) window.sent.push({ at: performance.now(), hidden: document.hidden });
        return response;
    };
    await new Promise((resolve) => {
        engine.addEventListener("changed", ({ detail }) => detail.session?.posture.state === "good" && resolve());
    });
"""
HIDDEN = """
    const { engine } = await import("/static/web/js/engine/engine.js");
    const hidden = () => window.sent.filter((each) => each.hidden);
    await new Promise((resolve) => {
        engine.addEventListener("changed", ({ detail }) => {
            if (hidden().length >= 10) resolve();
        });
    });
    return { sent: hidden().length, isHidden: document.hidden, title: document.title,
        activeS: engine.snapshot.activeS, last: engine.snapshot.unseenS };
"""


@pytest.fixture
def tab(site: Site, camera: FakeCamera, tmp_path: Path, username: str) -> Iterator[Tab]:
    """A tab that watches, behind another one."""
    if not browser.executable():
        pytest.skip("Chromium is not installed (Debian and Ubuntu: apt install chromium)")
    camera.show(upright())
    with chromium(tmp_path, camera.options) as running:
        watching = running.open(site.address)
        watching.run(START % (username, PASSWORD))
        watching.run(CALIBRATE)
        running.open("about:blank")
        yield watching


def test_hidden_tab_goes_on_at_its_pace(tab: Tab) -> None:
    found = tab.run(HIDDEN)
    assert found["isHidden"]
    assert found["sent"] >= 10
    assert found["activeS"] > 5
    assert found["last"] == 0
    assert found["title"].startswith("At the desk")


# Firefox's own camera shows no face, so its session calibrates for as long as it is watched.
JUDGED = """
    const { engine } = await import("/static/web/js/engine/engine.js");
    for (let seen = 0; seen < 5; seen += 1) {
        await new Promise((resolve) => engine.runner.addEventListener("seen", resolve, { once: true }));
    }
    const { role, unseenS, camera } = engine.snapshot;
    return { isHidden: document.hidden, role, unseenS, camera };
"""
HEADER = """
    const text = (selector) => document.querySelector(`#watch ${selector}`).textContent;
    return [text(".watch-words"), text(".watch-camera")];
"""
# Its button is pressed, and what its document shows is compared with the header of the page.
SMALL_WINDOW = """
    const { engine } = await import("/static/web/js/engine/engine.js");
    const { companion } = await import("/static/web/js/companion/companion.js");
    const small = companion(engine).window;
    await small.toggle();
    await new Promise((resolve) => engine.addEventListener("changed", resolve, { once: true }));
    const { document: shown } = small.opened;
    const found = {
        isPictureInPicture: small.opened === globalThis.documentPictureInPicture?.window,
        exists: "documentPictureInPicture" in globalThis,
        title: shown.querySelector(".mini-text h1").textContent,
        buttons: [...shown.querySelectorAll("button")].filter((each) => !each.hidden).map((each) => each.textContent),
    };
    shown.querySelector(".mini-actions button").click();
    await new Promise((resolve) => {
        const look = () => engine.snapshot.session.state === "paused" && !engine.snapshot.camera.isOn && resolve();
        engine.addEventListener("changed", look);
        look();
    });
    return found;
"""


@pytest.fixture
def in_firefox(site: Site, tmp_path: Path, username: str) -> Iterator[Firefox]:
    """Firefox with a session that has just started."""
    if not shutil.which(EXECUTABLE):
        pytest.skip("Firefox is not installed (Debian: apt install firefox-esr)")
    with firefox(tmp_path) as running:
        running.open(site.address)
        running.run(START % (username, PASSWORD))
        yield running


def test_hidden_tab_of_firefox_goes_on(in_firefox: Firefox) -> None:
    in_firefox.hide()
    found = in_firefox.run(JUDGED)
    assert found == {"isHidden": True, "role": "leading", "unseenS": 0, "camera": {"isOn": True, "reason": None}}


def test_header_and_small_window_of_firefox(in_firefox: Firefox) -> None:
    in_firefox.run(JUDGED)
    words, camera = in_firefox.run(HEADER)
    assert camera == "The camera is on."
    found = in_firefox.run(SMALL_WINDOW)
    assert found["isPictureInPicture"] == found["exists"]
    assert found["title"] == words
    assert found["buttons"] == ["Pause"]
    assert in_firefox.run(HEADER) == ["Paused", "The camera is off."]
