"""The small window: a picture-in-picture document where there is one, a popup elsewhere."""

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from tests.web.browser import Visits, violations
from tests.web.companion.stub import LEANING, SETTINGS, Companion, alarm, posture, session, start
from tests.web.shared_browsers import browsers

SIZE = {"width": 340, "height": 96}
WITHOUT_PICTURE_IN_PICTURE = "delete window.documentPictureInPicture"


@pytest.fixture(scope="module")
def chromium(playwright: Playwright) -> Browser:
    return browsers.chromium(has_windows=True)


@pytest.fixture
def page(visit: Visits) -> Page:
    return visit()


def open_window(visit: Visits, companion: Companion) -> Page:
    with companion.page.context.expect_page() as opened:
        companion.press("Small window")
    window = opened.value
    visit.listen_to(window)
    window.set_viewport_size(SIZE)  # type: ignore[arg-type]
    companion.show()
    return window


@pytest.mark.parametrize("is_popup", [False, True], ids=["picture in picture", "popup"])
def test_window_shows_the_session_and_follows_it(visit: Visits, page: Page, is_popup: bool) -> None:
    if is_popup:
        page.evaluate(WITHOUT_PICTURE_IN_PICTURE)
    companion = start(page)
    window = open_window(visit, companion)
    text = window.locator(".mini-text")
    expect(text).to_have_text("Good posture1 h 2 min")
    expect(page.get_by_role("button", name="Small window")).to_have_attribute("aria-pressed", "true")
    companion.show(session=session(posture=posture("bad", LEANING, ("closer",))), activeS=3780)
    expect(text).to_have_text("Leaning in1 h 3 min")
    figure = window.locator(".sitter")
    expect(figure).to_have_attribute("data-tone", "bad")
    assert figure.evaluate("figure => figure.style.getPropertyValue('--closer')") == "1.5"
    assert window.evaluate("getComputedStyle(document.querySelector('.mini')).display") == "grid"  # it has its styles


def test_window_pauses_and_resumes(visit: Visits, page: Page) -> None:
    companion = start(page)
    window = open_window(visit, companion)
    window.get_by_role("button", name="Pause").click()
    companion.show(session=session(state="paused"))
    expect(window.locator(".mini-text h1")).to_have_text("Paused")
    window.get_by_role("button", name="Resume").click()
    assert companion.calls == [["pause"], ["resume"]]


@pytest.mark.parametrize(
    ("kind", "buttons"),
    [
        ("neck", ["5 minutes", "This was wrong"]),
        ("rest", ["Take the break", "5 minutes"]),
        ("stretching", ["Start", "Done", "5 minutes"]),
    ],
)
def test_window_shows_the_alarm_with_its_ways_out(visit: Visits, page: Page, kind: str, buttons: list[str]) -> None:
    companion = start(page)
    window = open_window(visit, companion)
    companion.show(alarm=alarm(kind))
    expect(window.get_by_role("button")).to_have_text(buttons)
    visit.shoot(window, f"small-window-{kind}")
    for button in window.get_by_role("button").all():
        box = button.bounding_box()
        assert box
        assert box["y"] >= 0
        assert box["x"] + box["width"] <= SIZE["width"]
        assert box["y"] + box["height"] <= SIZE["height"]
    window.get_by_role("button", name="5 minutes").click()
    assert companion.calls[0][0] == ("postpone" if kind == "rest" else "snooze")
    expect(window.get_by_role("button", name="Pause")).to_be_visible()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_window_is_accessible(visit: Visits, dark: bool) -> None:
    page = visit(dark=dark, language="ko")
    companion = start(page)
    with page.context.expect_page() as opened:
        page.get_by_role("button", name="작은 창").click()
    window = opened.value
    companion.show(alarm=alarm())
    expect(window.get_by_role("button")).to_have_count(2)
    assert window.evaluate("document.documentElement.lang") == "ko"
    assert violations(window) == []


def test_window_closes_and_opens_again(visit: Visits, page: Page) -> None:
    companion = start(page)
    window = open_window(visit, companion)
    companion.press("Small window")
    expect(page.get_by_role("button", name="Small window")).to_have_attribute("aria-pressed", "false")
    assert window.is_closed()
    expect(open_window(visit, companion).locator(".mini-text")).to_have_text("Good posture1 h 2 min")


def test_window_closes_with_its_page(visit: Visits, page: Page) -> None:
    page.evaluate(WITHOUT_PICTURE_IN_PICTURE)  # the browser itself closes the other kind
    window = open_window(visit, start(page))
    with window.expect_event("close"):
        page.reload()


def test_window_says_that_nothing_is_seen(visit: Visits, page: Page) -> None:
    companion = start(page, SETTINGS)
    window = open_window(visit, companion)
    companion.show(unseenS=40)
    expect(window.locator(".mini-text h1")).to_have_text("Not seen for 40 s")
    expect(window.locator(".sitter")).to_have_attribute("data-tone", "unsure")
