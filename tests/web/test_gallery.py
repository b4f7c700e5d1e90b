"""The gallery: exactly the stored pictures, by day; they can be seen and deleted."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.web.browser import Visits, in_every_variant, overflow_px, violations
from tests.web.conftest import Site, sign_up
from tests.web.past import make_past
from tests.web.stored import store_pictures

# How many blobs the page holds, in an attribute that can be waited for: counted where they are made and let go.
COUNT_BLOBS = """
const held = new Set();
const { createObjectURL, revokeObjectURL } = URL;
const show = () => (document.documentElement.dataset.blobs = held.size);
URL.createObjectURL = (blob) => {
    const url = createObjectURL.call(URL, blob);
    held.add(url);
    show();
    return url;
};
URL.revokeObjectURL = (url) => {
    held.delete(url);
    show();
    revokeObjectURL.call(URL, url);
};
"""
# As the erasure in the background does.
DELETE_ALL = """
from accounts.models import User
from mongos import archive

archive.delete_all(user_id=User.objects.get(username={username!r}).pk)
"""


def open_gallery(visit: Visits, site: Site, username: str, days: dict[int, int], **options: Any) -> Page:
    every_s = options.pop("every_s", 10)
    page = visit(before=lambda page: page.add_init_script(COUNT_BLOBS), **options)
    sign_up(page, username)
    if days:
        store_pictures(site, username, days, every_s=every_s)
    page.evaluate("location.hash = '#/pictures'")
    expect(page.locator("[data-view=pictures] h1")).to_be_visible()
    return page


def choose(page: Page, privacy: str) -> None:
    page.evaluate(
        "async (privacy) => (await import('/static/web/js/api.js')).call('PUT', 'accounts/privacy/', { privacy })",
        privacy,
    )


def thumbs(page: Page) -> Locator:
    return page.locator(".strip li button")


def stored_count(page: Page) -> int:
    script = "import('/static/web/js/pictures/stored.js').then(({ readTotal }) => readTotal())"
    return int(page.evaluate(script)["frames"])


def confirm(page: Page, *texts: str) -> None:
    """Confirm a deletion whose dialog says all these texts, that it cannot be undone among them."""
    dialog = page.get_by_role("dialog").last
    for text in (*texts, "cannot be restored"):
        expect(dialog).to_contain_text(text)
    expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
    dialog.get_by_role("button", name="Delete").click()


@in_every_variant
def test_gallery_fits_and_is_accessible(
    visit: Visits, site: Site, username: str, language: str, dark: bool, size: tuple[int, int]
) -> None:
    page = open_gallery(visit, site, username, {1: 5, 2: 1}, language=language, dark=dark, size=size)
    expect(thumbs(page)).to_have_count(5)
    expect(page.locator(".strip img[src]")).to_have_count(5)
    visit.shoot(page, f"pictures-{language}-{'dark' if dark else 'light'}-{size[0]}")
    assert violations(page) == []
    assert overflow_px(page) == 0
    thumbs(page).first.click()
    expect(page.locator(".viewer img[src]")).to_be_visible()
    visit.shoot(page, f"picture-{language}-{'dark' if dark else 'light'}-{size[0]}")
    assert violations(page) == []


def test_days_show_number_size_time_and_verdict(visit: Visits, site: Site, username: str) -> None:
    page = open_gallery(visit, site, username, {1: 3, 2: 1})
    days = page.locator(".stored-day")
    expect(days).to_have_count(2)
    expect(page.locator("[data-view=pictures] .lead")).to_contain_text("4 pictures, ")
    expect(days.first.locator(".totals")).to_contain_text("3 pictures, ")
    expect(thumbs(page)).to_have_count(3)
    labels = [button.get_attribute("aria-label") for button in thumbs(page).all()]
    assert labels == ["12:00:20, Nothing noted", "12:00:10, No face", "12:00:00, Bad posture"]
    expect(days.nth(1).locator(".totals")).to_contain_text("1 picture, ")
    expect(days.nth(1).locator(".strip")).to_have_count(0)  # read once it is opened
    days.nth(1).locator("summary").click()
    expect(days.nth(1).locator(".strip li")).to_have_count(1)


def test_small_pictures_load_as_they_are_seen_and_are_let_go(visit: Visits, site: Site, username: str) -> None:
    requested: list[str] = []
    page = open_gallery(visit, site, username, {1: 100}, size=(400, 700))
    page.on("request", lambda request: requested.append(request.url))
    expect(thumbs(page)).to_have_count(60)
    expect(page.locator(".strip img").first).to_have_js_property("naturalWidth", 160)
    assert 0 < page.locator(".strip img[src]").count() < 60
    page.get_by_role("button", name="Show earlier pictures").click()
    expect(thumbs(page)).to_have_count(100)
    expect(thumbs(page).nth(60)).to_be_focused()
    expect(page.locator(".strip img").nth(61)).to_have_js_property("naturalWidth", 160)
    assert any("size=thumb" in url for url in requested)
    assert all("access" not in url for url in requested)
    assert int(page.locator("html").get_attribute("data-blobs") or 0) > 0
    page.evaluate("location.hash = '#/settings'")
    expect(page.locator("html")).to_have_attribute("data-blobs", "0")


def test_picture_is_viewed_and_deleted_by_keyboard(visit: Visits, site: Site, username: str) -> None:
    page = open_gallery(visit, site, username, {1: 3})
    thumbs(page).first.focus()
    page.keyboard.press("Enter")
    viewer = page.locator(".viewer")
    expect(viewer.get_by_role("heading")).to_have_text("12:00:20, Nothing noted")
    expect(viewer.locator("img")).to_have_js_property("naturalWidth", 640)
    page.keyboard.press("ArrowLeft")
    expect(viewer.get_by_role("heading")).to_have_text("12:00:10, No face")
    viewer.get_by_role("button", name="Delete").press("Enter")
    confirm(page)
    expect(viewer.get_by_role("heading")).to_have_text("12:00:00, Bad posture")
    expect(viewer.get_by_role("button", name="Earlier")).to_have_attribute("aria-disabled", "true")
    page.keyboard.press("Escape")
    expect(viewer).to_have_count(0)
    expect(thumbs(page)).to_have_count(2)
    expect(thumbs(page).last).to_be_focused()
    expect(page.locator("[data-view=pictures] .lead")).to_contain_text("2 pictures, ")
    assert stored_count(page) == 2


def test_an_hour_a_day_and_all_are_deleted(visit: Visits, site: Site, username: str) -> None:
    page = open_gallery(visit, site, username, {1: 4, 2: 2, 3: 1}, every_s=1800)
    expect(page.locator(".stored-hour")).to_have_count(2)
    page.get_by_role("button", name="Delete the pictures of 12:00 – 13:00").click()
    confirm(page, "2 pictures are deleted.")
    message = page.locator("[data-view=pictures] .form-message")
    expect(message).to_have_text("2 pictures were deleted.")
    expect(message).to_be_focused()
    expect(page.locator(".stored-hour")).to_have_count(1)
    assert stored_count(page) == 5
    day = page.locator(".stored-day").nth(1)
    day.locator("summary").click()
    day.get_by_role("button", name="Delete this day").click()
    confirm(page, "2 pictures are deleted.")
    expect(page.locator(".stored-day")).to_have_count(2)
    assert stored_count(page) == 3
    page.get_by_role("button", name="Delete all pictures").click()
    confirm(page, "3 pictures are deleted.")
    expect(page.get_by_role("heading", name="No picture is stored")).to_be_visible()
    assert stored_count(page) == 0


def test_cancelled_deletion_deletes_nothing(visit: Visits, site: Site, username: str) -> None:
    page = open_gallery(visit, site, username, {1: 1})
    page.get_by_role("button", name="Delete all pictures").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert stored_count(page) == 1


def test_deletion_that_goes_on_says_how_far_it_is(visit: Visits, site: Site, username: str) -> None:
    page = open_gallery(visit, site, username, {1: 2})
    page.route(
        "**/api/accounts/frames/?",
        lambda route: (
            route.fulfill(status=202, json={"deleted": 0, "pending": True})
            if route.request.method == "DELETE"
            else route.fallback()
        ),
    )
    page.get_by_role("button", name="Delete all pictures").click()
    confirm(page, "2 pictures are deleted.")
    message = page.locator("[data-view=pictures] .form-message")
    expect(message).to_have_text("Deleting… 2 pictures are still stored.")
    page.unroute("**/api/accounts/frames/?")
    site.run(DELETE_ALL.format(username=username))
    expect(message).to_have_text("All of these pictures were deleted.")
    expect(page.get_by_role("heading", name="No picture is stored")).to_be_visible()


@pytest.mark.parametrize(
    ("privacy", "text"),
    [
        (None, "The pictures of your next session appear here."),
        ("kept", "The pictures of your next session appear here."),
        ("forgotten", "Each picture is analysed and forgotten, so there are none here."),
        ("browser", "Your pictures stay in the browser, so there are none here."),
    ],
)
def test_empty_gallery_says_why(visit: Visits, site: Site, username: str, privacy: str | None, text: str) -> None:
    page = visit()
    sign_up(page, username)
    if privacy:
        choose(page, privacy)
    page.evaluate("location.hash = '#/pictures'")
    expect(page.get_by_text(text)).to_be_visible()
    expect(page.get_by_role("button", name="Delete all pictures")).to_be_hidden()
    visit.shoot(page, f"pictures-empty-{privacy}")
    assert violations(page) == []


def test_many_days_come_page_by_page(visit: Visits, site: Site, username: str) -> None:
    page = open_gallery(visit, site, username, dict.fromkeys(range(1, 10), 1))
    expect(page.locator(".stored-day")).to_have_count(7)
    page.get_by_role("button", name="Show earlier days").click()
    expect(page.locator(".stored-day")).to_have_count(9)
    expect(page.locator(".stored-day summary").nth(7)).to_be_focused()
    expect(page.get_by_role("button", name="Show earlier days")).to_have_count(0)


def test_history_leads_to_the_pictures_of_a_day(visit: Visits, site: Site, username: str) -> None:
    page = open_gallery(visit, site, username, {1: 1, 2: 3})
    make_past(site, username, 3, first=1)
    page.evaluate("location.hash = '#/history'")
    page.get_by_role("button", name="Previous day").click()
    page.get_by_role("link", name="Pictures of this day").click()
    expect(page.locator(".stored-day")).to_have_count(1)
    expect(thumbs(page)).to_have_count(3)
    page.get_by_role("link", name="Show all days").click()
    expect(page.locator(".stored-day")).to_have_count(2)


def test_history_offers_no_pictures_where_none_are_kept(visit: Visits, site: Site, username: str) -> None:
    page = visit()
    sign_up(page, username)
    choose(page, "forgotten")
    make_past(site, username, 2, first=1)
    with page.expect_response("**/api/accounts/privacy/"):
        page.evaluate("location.hash = '#/history'")
    expect(page.locator(".sessions a")).to_have_count(1)
    expect(page.get_by_text("Pictures of this day")).to_be_hidden()


def test_day_without_pictures_says_so(visit: Visits, site: Site, username: str) -> None:
    page = open_gallery(visit, site, username, {2: 1})
    page.evaluate("import('/static/web/js/i18n.js').then(({ today }) => { location.hash = `#/pictures/${today()}` })")
    expect(page.get_by_text(re.compile("^No picture of .* is stored.$"))).to_be_visible()
    expect(page.locator(".stored-day")).to_have_count(1)


def test_archive_that_is_down_is_told(visit: Visits, site: Site, username: str) -> None:
    visit.expect_error("status of 503")
    page = visit()
    sign_up(page, username)

    def refuse(route: Route) -> None:
        route.fulfill(status=503, json={"detail": "The archive is unavailable."})

    page.route("**/api/accounts/frames/days/**", refuse)
    page.evaluate("location.hash = '#/pictures'")
    expect(page.get_by_role("alert")).to_contain_text("The archive is unavailable.")
    page.unroute("**/api/accounts/frames/days/**")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("The pictures of your next session appear here.")).to_be_visible()
