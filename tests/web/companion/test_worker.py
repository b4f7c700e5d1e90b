"""The service worker in Chromium: the page without a network, and what was pressed in a notification."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Worker, expect

from tests.web.browser import WAIT_MS, Visits
from tests.web.companion.stub import ONLY_BANNER, Companion, alarm, start

READY = "navigator.serviceWorker.ready.then(({ active }) => active.state)"
KEPT = """async () => {
    const names = await caches.keys();
    const requests = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
    return requests.flat().map(({ url }) => new URL(url).pathname);
}"""
# Headless browsers show no notifications that could be pressed.
PRESS = """([action, data]) => {
    const event = new ExtendableEvent("notificationclick");
    Object.assign(event, { action, notification: { data, close() {} } });
    self.dispatchEvent(event);
}"""

SHOW = """async () => {
    localStorage["posesmart.notify"] = "1";
    Object.defineProperty(Notification, "permission", { value: "granted" });
    document.hasFocus = () => false;
    window.shown = [];
    const { prototype } = ServiceWorkerRegistration;
    prototype.showNotification = async function (title, options) { shown.push({ title, ...options }); };
    prototype.getNotifications = async () => shown.map(() => ({ close: () => shown.pop() }));
}"""


@pytest.fixture
def page(visit: Visits) -> Page:
    return visit(service_workers="allow")


def worker(page: Page, companion: Companion) -> Worker:
    assert companion
    assert page.evaluate(READY) in ("activating", "activated")
    (running,) = page.context.service_workers
    return running


def test_page_opens_without_a_network(page: Page, visit: Visits) -> None:
    start(page)
    page.evaluate(READY)
    page.wait_for_function("() => navigator.serviceWorker.controller !== null")
    visit.expect_error("ERR_INTERNET_DISCONNECTED")
    page.context.set_offline(True)
    page.reload()
    expect(page.get_by_role("heading", name="Sit well.")).to_be_visible()
    page.evaluate("location.hash = '#/log-in'")  # a view whose script is loaded only now
    expect(page.locator("#log-in-name")).to_be_visible()


def test_nothing_of_a_user_is_kept(page: Page, visit: Visits) -> None:
    visit.expect_error("405")
    start(page)
    page.evaluate(READY)
    page.wait_for_function("() => navigator.serviceWorker.controller !== null")
    page.reload()
    page.evaluate("fetch('/api/accounts/login/')")
    kept = page.evaluate(KEPT)
    assert "/" in kept
    assert "/static/web/js/main.js" in kept
    assert [path for path in kept if path != "/" and not path.startswith("/static/web/")] == []


def test_buttons_of_a_notification_reach_the_page(page: Page) -> None:
    companion = start(page, ONLY_BANNER)
    running = worker(page, companion)
    companion.show(alarm=alarm("neck", 3))
    running.evaluate(PRESS, ["snooze", {"alarm": alarm("neck", 3)}])
    expect(companion.banner).to_have_count(0)
    assert companion.calls == [["snooze", {"kind": None, "seconds": 300}]]
    running.evaluate(PRESS, ["pause", {"alarm": alarm("neck", 3)}])
    page.wait_for_function("() => engine.calls.length === 2")
    assert companion.calls[1] == ["pause"]


def test_only_the_tab_that_leads_acts(page: Page) -> None:
    companion = start(page, role="following")
    page.evaluate("navigator.serviceWorker.addEventListener('message', () => { window.told = true; })")
    worker(page, companion).evaluate(PRESS, ["pause", {"alarm": alarm()}])
    page.wait_for_function("() => window.told")
    assert companion.calls == []


@pytest.fixture
def notified(page: Page) -> Callable[[], Companion]:
    def begin() -> Companion:
        page.evaluate(SHOW)
        companion = start(page, ONLY_BANNER)
        worker(page, companion)
        return companion

    return begin


def test_visible_page_that_has_no_focus_notifies_with_buttons(page: Page, notified: Callable[[], Companion]) -> None:
    companion = notified()
    companion.show(alarm=alarm())
    page.wait_for_function("() => shown.length === 1", timeout=WAIT_MS)
    (notice,) = page.evaluate("shown")
    assert notice["title"] == "Mind your neck"
    assert [each["title"] for each in notice["actions"]] == ["5 minutes", "Pause"]
    companion.show()
    companion.show(alarm=None)
    page.wait_for_function("() => shown.length === 0")


def test_page_in_use_does_not_notify(page: Page, notified: Callable[[], Companion]) -> None:
    companion = notified()
    page.evaluate("document.hasFocus = () => true")
    companion.show(alarm=alarm())
    expect(companion.banner).to_be_visible()
    assert page.evaluate("shown") == []
