"""One day of the history: its hours and its outlines."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

OUTLINES = ".day-outlines figure"


def test_strip_shows_each_hour(open_history: Callable[..., Page]) -> None:
    rows = open_history().locator(".day-strip tbody tr")
    expect(rows).to_have_text(
        [
            re.compile(r"^00:0095% of 1 hwithin limits12\s±\s21$"),
            re.compile(r"^01:0070% of 1 hToo low2\.2 × limit12\s±\s2–$"),
        ]
    )
    first, second = (rows.nth(number).locator(".strip-good") for number in (0, 1))
    assert (first.get_attribute("width"), second.get_attribute("width")) == ("950", "700")


def test_arrows_show_another_days_hours(open_history: Callable[..., Page]) -> None:
    page = open_history()
    page.get_by_role("button", name="Previous day").click()
    expect(page.locator(".day h2")).not_to_contain_text("Today")
    expect(page.locator(".day-strip tbody tr")).to_have_count(2)
    page.get_by_label("Day", exact=True).fill("2020-02-29")
    expect(page.locator(".day-strip, .day-outlines")).to_have_count(0)
    expect(page.get_by_text("No sessions on this day.")).to_be_visible()


def test_outlines_show_the_farthest_and_the_last_over_the_best(open_history: Callable[..., Page]) -> None:
    figures = open_history().locator(OUTLINES)
    expect(figures).to_have_text(
        [
            "Farthest from your best, 01:00lower by a third of your face, closer by 12%",
            "Most recent, 01:45lower by a third of your face, closer by 12%",
        ]
    )
    expect(figures.first.get_by_role("img")).to_have_accessible_name(
        "Farthest from your best, 01:00: lower by a third of your face, closer by 12%"
    )
    expect(figures.first.locator(".outline-best, .outline-now")).to_have_count(2)


def test_session_shows_its_longest_bad_posture(open_history: Callable[..., Page]) -> None:
    page = open_history()
    page.locator(".sessions a").first.click()
    expect(page.locator(".timeline")).to_be_visible()
    expect(page.locator(OUTLINES)).to_have_text(
        re.compile("^Your longest bad posture: 01:15, for 5 minlower by a third of your face, closer by 12%$")
    )


def test_row_of_a_session_has_its_share_and_alarms_an_hour(open_history: Callable[..., Page]) -> None:
    row = open_history().locator(".sessions a").first
    expect(row).to_contain_text(re.compile(r"93% good posture · \d\.\d neck alarms an hour"))
