"""A whole session at the desk, up to the report and the deletion of the account."""

import re
from zipfile import ZipFile

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.browser import VARIANTS, Visits, overflow_px, resize, violations
from tests.web.conftest import PASSWORD, Site
from tests.web.desk.desk import Desk
from tests.web.desk.fake_camera import FakeCamera, empty_room, leaning_in, tilted, upright

WITHOUT_PICTURES = re.compile("^(Without pictures|사진 제외)$")


def check_page(visit: Visits, page: Page, language: str, name: str) -> None:
    """The page fits and is accessible in each theme and size; saves screenshots."""
    for dark, size in [(dark, size) for code, dark, size in VARIANTS if code == language]:
        resize(page, *size)
        page.emulate_media(color_scheme="dark" if dark else "light")
        visit.shoot(page, f"desk-{language}-{name}-{'dark' if dark else 'light'}-{size[0]}")
        assert overflow_px(page) == 0
        assert violations(page) == []


@pytest.mark.parametrize("language", ["en", "ko"])
def test_whole_session_up_to_the_report(
    visit: Visits, site: Site, with_camera: Browser, camera: FakeCamera, username: str, language: str
) -> None:
    page = visit(browser=with_camera, language=language, reduced_motion="no-preference")
    desk = Desk(page, camera, language)

    def check_state(name: str) -> None:
        check_page(visit, page, language, name)

    desk.sit_down(username, neck_time=5)
    assert not desk.is_camera_on()
    check_state("01-setup")
    desk.button("camera on").click()
    expect(page.locator("#desk-camera")).to_be_visible()
    check_state("02-camera")

    desk.button("start").click()
    expect(page.locator(".ring-count")).to_have_text("3 / 8")
    camera.show(empty_room())
    expect(page.locator(".calibrating .hint:not(.is-good)")).to_be_visible()
    check_state("03-calibrating")
    camera.show(upright())
    desk.expect_tone("good")
    check_state("04-good")

    title, icon = page.title(), page.locator("#icon").get_attribute("href")
    camera.show(leaning_in())
    desk.expect_tone("bad")
    expect(desk.alarm("neck")).to_be_visible()
    assert page.title() != title
    assert page.locator("#icon").get_attribute("href") != icon
    check_state("05-alarm")
    camera.show(upright())
    expect(desk.alarm("neck")).to_have_count(0)
    expect(page).to_have_title(title)
    expect(page.locator("#icon")).to_have_attribute("href", str(icon))
    desk.expect_tone("good")
    expect(desk.fact("neck")).to_have_text("1")

    camera.show(tilted())
    desk.expect_tone("bad")
    check_state("06-tilted")
    camera.show(empty_room())
    desk.expect_tone("unsure")
    visit.shoot(page, f"desk-{language}-07-not-seen")
    desk.expect_state("away")
    check_state("08-away")
    camera.show(upright())
    desk.expect_state("monitoring")

    desk.button("stretch").click()
    expect(page.locator("dialog.guide")).to_be_visible()
    check_state("09-stretch")
    desk.button("done").click()
    expect(desk.fact("stretches")).to_have_text("1")

    desk.button("pause").click()
    desk.expect_state("paused")
    assert not desk.is_camera_on()
    check_state("10-paused")
    desk.button("resume").click()
    desk.expect_state("monitoring")

    desk.button("stop").click()
    expect(page.locator(".report")).to_be_visible()
    assert not desk.is_camera_on()
    check_state("11-report")
    (report,) = desk.call("GET", "reports/")
    assert report["neck_cnt"] >= 1
    assert report["stretching_cnt"] == 1

    page.locator(".report a").click()
    expect(page.locator(".timeline")).to_be_visible()
    page.locator("nav a[href='#/history']").click()
    expect(page.locator(".chart").first).to_be_visible()
    page.locator("[data-set-language]").click()
    expect(page.locator("html")).to_have_attribute("lang", "en" if language == "ko" else "ko")
    page.locator("nav a[href='#/settings']").click()
    with page.expect_download() as download:
        page.get_by_role("button", name=WITHOUT_PICTURES).click()
    with ZipFile(download.value.path()) as export:
        assert username in export.read("account.json").decode()
    page.locator("#withdraw").fill(PASSWORD)
    page.locator("form:has(#withdraw) [type=submit]").click()
    expect(page.locator("main > [data-view=welcome]")).to_be_visible()
    assert (
        site.run(f"from accounts.models import User; print(User.objects.filter(username='{username}').count())")
        == "0\n"
    )
