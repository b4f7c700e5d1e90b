"""The history: today, a day's sessions, charts, one session's timeline."""

import csv
import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Page, Route, expect

from tests.web.browser import Visits, in_every_variant, overflow_px, resize, violations
from tests.web.conftest import PASSWORD, Site, log_in_by_the_api, sign_up
from tests.web.past import make_past

DAYS = 40
BOX = "(selector) => document.querySelector(selector).getBoundingClientRect().toJSON()"


@pytest.fixture(scope="module")
def reader(site: Site) -> str:
    """A user with forty days behind them; for tests that change nothing."""
    credentials = {"username": "reader@example.com", "password": PASSWORD}
    assert site.server.post("accounts/", credentials, access="").status == 201
    make_past(site, credentials["username"], DAYS)
    return credentials["username"]


def months_with_sessions() -> set[tuple[int, int]]:
    """Of the reader's days: two months, or three around a month's first days."""
    today = timezone.localdate(timezone=ZoneInfo(settings.TIME_ZONE))
    days = (today - timedelta(days=ago) for ago in range(DAYS) if ago % 7 not in (5, 6))
    return {(day.year, day.month) for day in days}


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
    expect(facts.locator("dd").first).to_have_text("93%")
    expect(facts).to_contain_text("11give or take 4")


def test_charts_show_days_weeks_and_months(open_history: Any) -> None:
    page = open_history()
    titles = page.locator(".chart-panel figcaption")
    expect(titles).to_have_text(
        ["Good posture", "Hours at the desk", "Blinks a minute", "Breaks", "Neck alarms an hour", "Stretches"]
    )
    expect(page.locator(".chart-good .bar")).to_have_count(5)  # of seven days, two without a session
    expect(page.locator(".chart-rest .whisker")).to_have_count(5)
    page.get_by_role("radio", name="12 weeks").check(force=True)
    expect(page.locator(".chart-good .bar").nth(5)).to_be_visible()
    page.locator(".as-table summary").first.click()
    rows = page.locator(".chart-panel").first.get_by_role("row")
    expect(rows).to_have_count(12 + 1)  # 84 days touch thirteen weeks, unless they end on a Sunday
    page.get_by_role("radio", name="12 months").check(force=True)
    expect(page.locator(".chart-good .bar")).to_have_count(len(months_with_sessions()))


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


def test_period_is_summed_up_and_compared(open_history: Any) -> None:
    period = open_history().locator(".period")
    expect(period).to_have_text(
        re.compile(
            r"^9\d% good posture on a usual day · (\d+ points? (more|less) than|the same as) before · "
            r"8 h 45 min at the desk$"
        )
    )


def test_bar_opens_its_day(open_history: Any) -> None:
    page = open_history()
    page.locator(".chart-good .column.clickable").first.click()
    expect(page.locator(".day h2")).to_be_focused()
    expect(page.locator(".day h2")).not_to_contain_text("Today")
    expect(page.locator(".sessions a")).to_have_count(1)


def test_table_behind_a_chart_opens_the_same_days(open_history: Any) -> None:
    page = open_history()
    page.locator(".as-table summary").first.press("Enter")
    opener = page.locator(".chart-panel").first.locator("table button").first
    expect(opener).to_be_visible()
    opener.press("Enter")
    expect(page.locator(".day h2")).to_be_focused()
    expect(page.locator(".day h2")).not_to_contain_text("Today")


def test_picked_day_lists_its_sessions(open_new_history: Any) -> None:
    page = open_new_history(days=2)
    expect(page.get_by_role("button", name="Next day")).to_be_disabled()
    page.get_by_role("button", name="Previous day").click()
    expect(page.locator(".sessions a")).to_contain_text("00:05 – 02:05")
    expect(page.locator(".sessions a")).to_contain_text("92% good posture")
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


def test_lane_names_stand_above_their_lanes_on_a_phone(open_history: Any) -> None:
    page = open_history(size=(390, 844))
    page.locator(".sessions a").first.click()
    timeline = page.locator(".timeline").bounding_box()
    assert timeline
    assert page.evaluate(BOX, ".lane")["width"] > 0.98 * timeline["width"] > 270
    assert page.evaluate(BOX, ".lane-name")["bottom"] <= page.evaluate(BOX, ".lane")["top"] + 2
    resize(page, 1280, 900)
    expect(page.locator(".timeline")).to_have_attribute("viewBox", re.compile("^0 0 720 "))


def test_morning_shows_the_last_day_worked_once(visit: Visits, site: Site, username: str) -> None:
    page = visit()
    sign_up(page, username)
    make_past(site, username, days=4, first=2)
    show_history(page)
    expect(page.get_by_role("heading", name="Your last day at the desk")).to_be_visible()
    expect(page.locator(".today .facts")).to_contain_text("1 h 45 min")
    two_days_ago = page.evaluate("new Date(Date.now() - 2 * 86400000).toLocaleDateString('en-GB', { weekday: 'long' })")
    expect(page.locator(".today h2")).to_contain_text(two_days_ago)
    expect(page.locator(".sessions a")).to_have_count(1)
    expect(page.get_by_text("No sessions")).to_have_count(0)
    assert violations(page) == []


def test_running_session_counts_today_and_is_refreshed(visit: Visits, username: str) -> None:
    page = visit()
    page.clock.install()
    sign_up(page, username)
    active_s = 600.0

    def with_running_session(route: Route) -> None:
        body = route.fetch().json()
        body["total"] |= {"sessions": 1, "active_s": active_s, "good_share": 0.9, "wrong_alarms_per_8_h": 1.5}
        route.fulfill(json=body)

    page.route("**/api/reports/summary/?bucket=day&**", with_running_session)
    started_at = page.evaluate("new Date().toISOString()")
    session = {"id": str(uuid4()), "state": "monitoring", "started_at": started_at}
    page.route("**/api/detections/sessions/?*", lambda route: route.fulfill(json={"results": [session]}))
    show_history(page)
    facts = page.locator(".today .facts")
    expect(facts).to_contain_text("10 min")
    expect(page.locator(".today .running-note")).to_contain_text("A session has been running since")
    expect(page.locator(".sessions a")).to_contain_text("Still running")
    expect(page.locator(".period")).to_contain_text("1.5 wrong alarms in 8 hours")
    assert violations(page) == []
    active_s = 1200.0
    page.clock.run_for(61_000)
    expect(facts).to_contain_text("20 min")
    page.evaluate("location.hash = '#/settings'")
    expect(page.locator(".settings")).to_be_visible()
    active_s = 1800.0
    page.clock.run_for(61_000)
    expect(facts).to_contain_text("20 min")


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
