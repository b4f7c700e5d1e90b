"""A week on a sheet to print or to keep."""

from collections.abc import Callable
from pathlib import Path

import cv2
import pytest
from playwright.sync_api import Page, expect

from tests.web.browser import Visits, in_every_variant, overflow_px, violations

MEASURES = ["Good posture", "At the desk", "Blinks a minute", "Breaks", "Neck alarms an hour", "What it is not"]


@pytest.fixture
def open_week(open_history: Callable[..., Page]) -> Callable[..., Page]:
    def open_page(**options: object) -> Page:
        page = open_history(**options)
        page.locator(".history-charts a[href*='/week/']").click()
        expect(page.locator(".week-sheet")).to_be_visible()
        return page

    return open_page


@in_every_variant
def test_sheet_fits_and_is_accessible(
    visit: Visits, open_week: Callable[..., Page], language: str, dark: bool, size: tuple[int, int]
) -> None:
    page = open_week(language=language, dark=dark, size=size)
    visit.shoot(page, f"week-{language}-{'dark' if dark else 'light'}-{size[0]}")
    assert violations(page) == []
    assert overflow_px(page) == 0


def test_sheet_explains_its_measures_and_says_what_it_is_not(open_week: Callable[..., Page]) -> None:
    page = open_week()
    expect(page.locator(".measures dt")).to_have_text(MEASURES)
    expect(page.locator(".measures dd").last).to_contain_text("no medical device")
    expect(page.locator(".week-picture")).to_contain_text("No medical device, no diagnosis.")


def test_paper_has_the_sheet_and_nothing_of_the_page(open_week: Callable[..., Page]) -> None:
    page = open_week(dark=True)
    page.emulate_media(media="print")
    for part in (".top", ".foot", ".no-print"):
        expect(page.locator(part).first).to_be_hidden()
    expect(page.locator(".week-picture")).to_be_visible()
    expect(page.locator(".measures")).to_be_visible()
    assert (
        page.evaluate("getComputedStyle(document.body).color") == "rgb(26, 39, 38)"
    )  # dark ink, in the dark theme too


def test_print_button_opens_the_browsers_dialog(open_week: Callable[..., Page]) -> None:
    page = open_week()
    page.evaluate("window.print = () => { window.printed = true; }")
    page.get_by_role("button", name="Print or save as PDF").click()
    assert page.evaluate("window.printed")


def test_picture_is_saved_with_all_its_colours(open_week: Callable[..., Page], tmp_path: Path) -> None:
    page = open_week()
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as a picture").click()
    assert download.value.suggested_filename.startswith("pose-smart-")
    file = tmp_path / "week.png"
    download.value.save_as(file)
    picture = cv2.imread(str(file))
    assert picture is not None
    assert picture.shape == (1120, 1800, 3)
    green, white = (0x46, 0x70, 0x1D), (255, 255, 255)
    assert (picture == green).all(axis=2).sum() > 1000
    assert (picture == white).all(axis=2).mean() > 0.6


def test_sheet_leads_to_the_week_before_and_back(open_week: Callable[..., Page]) -> None:
    page = open_week()
    now = page.locator(".lead").last
    this_week = now.text_content()
    expect(page.get_by_role("link", name="Next week")).to_have_count(0)
    page.get_by_role("link", name="Previous week").click()
    expect(now).not_to_have_text(str(this_week))
    page.get_by_role("link", name="Next week").click()
    expect(now).to_have_text(str(this_week))


def test_week_without_a_session_says_so(open_week: Callable[..., Page]) -> None:
    page = open_week()
    page.evaluate("location.hash = '#/history/week/2020-02-29'")
    expect(page.get_by_text("No sessions in this week.")).to_be_visible()
    expect(page.get_by_role("button", name="Print or save as PDF")).to_have_count(0)


def test_date_that_is_none_is_refused(visit: Visits, open_week: Callable[..., Page]) -> None:
    visit.expect_error("status of 400")
    page = open_week()
    page.evaluate("location.hash = '#/history/week/%26x=1'")
    expect(page.get_by_role("alert").filter(has_text="Try again")).to_be_visible()
