"""A tab that is really hidden goes on watching."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.environment import PASSWORD
from tests.web import browser
from tests.web.conftest import Site
from tests.web.desk.fake_camera import FakeCamera, upright
from tests.web.engine.protocol import Tab, chromium

# Signs up, logs in, and starts a session once the page's modules are there.
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
        running.open("about:blank")
        yield watching


def test_hidden_tab_goes_on_at_its_pace(tab: Tab) -> None:
    found = tab.run(HIDDEN)
    assert found["isHidden"]
    assert found["sent"] >= 10
    assert found["activeS"] > 5
    assert found["last"] == 0
    assert found["title"].startswith("At the desk")
