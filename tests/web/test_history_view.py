"""The history: today, a day's sessions, charts, one session's timeline."""

import csv
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.web.browser import Visits, in_every_variant, overflow_px, violations
from tests.web.conftest import PASSWORD, Site, log_in_by_the_api, sign_up
from tests.web.past import make_past


@pytest.fixture(scope="module")
def reader(site: Site) -> str:
    """A user with forty days behind them; for tests that change nothing."""
    credentials = {"username": "reader@example.com", "password": PASSWORD}
    assert site.server.post("accounts/", credentials, access="").status == 201
    make_past(site, credentials["username"], 40)
    return credentials["username"]


@pytest.fixture
def open_history(visit: Visits, reader: str) -> Any:
    def open_page(**options: Any) -> Page:
        page = visit(**options)
        log_in_by_the_api(page, reader)
        return show_history(page)

    return open_page


@pytest.fixture
def open_new_history(visit: Visits, site: Site, username: str) -> Any:
    """The history of a new user, of a few days."""

    def open_page(days: int) -> Page:
        page = visit()
        sign_up(page, username)
        make_past(site, username, days)
        return show_history(page)

    return open_page


def show_history(page: Page) -> Page:
    page.evaluate("location.hash = '#/history'")
    expect(page.locator(".sessions a, .sessions .hint").first).to_be_visible()
    expect(page.locator(".chart, .history-charts .empty").first).to_be_visible()
    return page


@in_every_variant
def test_history_fits_and_is_accessible(
    visit: Visits, open_history: Any, language: str, dark: bool, size: tuple[int, int]
) -> None:
    page = open_history(language=language, dark=dark, size=size)
    name = f"{language}-{'dark' if dark else 'light'}-{size[0]}"
    visit.shoot(page, f"history-{name}")
    assert violations(page) == []
    assert overflow_px(page) == 0
    page.locator(".sessions a").first.click()
    expect(page.locator(".timeline")).to_be_visible()
    visit.shoot(page, f"session-{name}")
    assert violations(page) == []
    assert overflow_px(page) == 0


def test_empty_history_leads_to_the_desk(visit: Visits, username: str) -> None:
    page = visit()
    sign_up(page, username)
    page.evaluate("location.hash = '#/history'")
    expect(page.get_by_role("heading", name="Nothing here yet")).to_be_visible()
    visit.shoot(page, "history-empty")
    page.locator("main").get_by_role("link", name="Go to the desk").click()
    expect(page.locator("main > [data-view=desk]")).to_be_visible()


def test_today_shows_the_blink_rate_with_interval(open_history: Any) -> None:
    facts = open_history().locator(".facts").first
    expect(facts).to_contain_text("1 h 45 min")
    expect(facts).to_contain_text("93%")
    expect(facts).to_contain_text("10.9most likely 8 to 14")


def test_charts_show_days_weeks_and_months(open_history: Any) -> None:
    page = open_history()
    titles = page.locator(".chart-panel figcaption")
    expect(titles).to_have_text(["Good posture", "Blinks a minute", "Neck alarms", "Breaks and stretches"])
    expect(page.locator(".chart-good .bar")).to_have_count(5)  # of seven days, two without a session
    expect(page.locator(".chart-rest .whisker")).to_have_count(5)
    page.get_by_role("radio", name="12 weeks").check(force=True)
    expect(page.locator(".chart-good .bar").nth(5)).to_be_visible()
    page.locator(".as-table summary").click()
    expect(page.get_by_role("row")).to_have_count(
        1 + 12 + 1
    )  # 84 days touch thirteen weeks, unless they end on a Sunday
    page.get_by_role("radio", name="12 months").check(force=True)
    expect(page.locator(".chart-good .bar").nth(1)).to_be_visible()
    expect(page.locator(".chart-good .bar")).to_have_count(2)


def test_charts_move_back_and_forth(open_new_history: Any) -> None:
    page = open_new_history(days=5)
    span = page.locator(".span")
    now = span.text_content()
    later = page.get_by_role("button", name="Later")
    expect(later).to_be_disabled()
    page.get_by_role("button", name="Earlier").click()
    expect(page.get_by_text("No sessions in this period.")).to_be_visible()
    later.click()
    expect(page.locator(".chart").first).to_be_visible()
    expect(span).to_have_text(str(now))


def test_bar_opens_its_day(open_history: Any) -> None:
    page = open_history()
    page.locator(".chart-good .column.clickable").first.click()
    expect(page.locator(".day h2")).to_be_focused()
    expect(page.locator(".day h2")).not_to_contain_text("Today")
    expect(page.locator(".sessions a")).to_have_count(1)


def test_picked_day_lists_its_sessions(open_new_history: Any) -> None:
    page = open_new_history(days=2)
    expect(page.get_by_role("button", name="Next day")).to_be_disabled()
    page.get_by_role("button", name="Previous day").click()
    expect(page.locator(".sessions a")).to_contain_text("00:05 – 02:05")
    page.get_by_label("Day", exact=True).fill("2020-02-29")
    expect(page.get_by_text("No sessions on this day.")).to_be_visible()
    expect(page.locator(".day h2")).to_have_text("Saturday, 29 February 2020")


def test_session_has_a_timeline_and_a_list(open_history: Any) -> None:
    page = open_history()
    page.locator(".sessions a").first.click()
    expect(page.locator(".episode")).to_have_count(10)
    page.get_by_text("View as a list").click()
    expect(page.locator(".episodes li").nth(1)).to_have_text(re.compile(r"^00:16 Neck alarm, 1 min$"))
    page.reload()
    expect(page.locator(".episode")).to_have_count(10)


def test_report_is_deleted_after_confirmation(open_new_history: Any) -> None:
    page = open_new_history(days=1)
    page.locator(".sessions a").first.click()
    page.get_by_role("button", name="Delete report").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("heading", name="Nothing here yet")).to_be_visible()


def test_another_users_session_is_not_found(visit: Visits, open_new_history: Any) -> None:
    visit.expect_error("status of 404")
    owner = open_new_history(days=1)
    owner.locator(".sessions a").first.click()
    expect(owner.locator(".timeline")).to_be_visible()
    page = visit()
    sign_up(page, "somebody-else@example.com")
    page.goto(owner.url)
    expect(page.get_by_role("alert").filter(has_text="Try again")).to_be_visible()
    expect(page.locator(".timeline")).to_have_count(0)


def test_shown_period_is_downloaded_as_csv(open_history: Any, tmp_path: Path) -> None:
    page = open_history()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download as CSV").click()
    file = tmp_path / "reports.csv"
    download.value.save_as(file)
    assert len(list(csv.reader(file.read_text(encoding="utf-8-sig").splitlines()))) == 1 + 5
