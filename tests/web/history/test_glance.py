"""The five questions at the top of the history."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.web.browser import Visits, in_every_variant, layout_shift, overflow_px, violations, watch_layout
from tests.web.conftest import log_in_by_the_api

QUESTIONS = [
    "When did I sit worst?",
    "How much?",
    "What helped?",
    "Am I better than last month?",
    "What should I try?",
]
SINKS = {"kind": "sinks_after", "hour": 16}
BREAKS = {"kind": "breaks_help", "hour": 14, "breaks": 2, "effect": 0.25, "low": 0.19, "high": 0.31}
MOSTLY = {"kind": "mostly", "fault": "closer", "effect": 0.87, "low": 0.86, "high": 0.88}
BLINKS = {"kind": "blinks_fall_after", "hour": 15, "effect": -4.2, "low": -4.8, "high": -3.6}
BETTER = {"kind": "better_than_before", "effect": 0.06, "low": 0.02, "high": 0.1}
WORSE = {"kind": "worse_than_before", "effect": -0.06, "low": -0.1, "high": -0.02}


def answer(page: Page, question: str) -> Any:
    return page.locator(".answers > div").filter(has_text=question).locator("dd")


@in_every_variant
def test_history_of_hours_fits_and_is_accessible(
    visit: Visits, open_history: Callable[..., Page], language: str, dark: bool, size: tuple[int, int]
) -> None:
    page = open_history(insights=[SINKS, MOSTLY], language=language, dark=dark, size=size)
    expect(page.locator(".answers dt")).to_have_count(5)
    visit.shoot(page, f"history-hours-{language}-{'dark' if dark else 'light'}-{size[0]}")
    assert violations(page) == []
    assert overflow_px(page) == 0


def test_all_five_questions_are_answered_on_a_phones_first_screens(open_history: Callable[..., Page]) -> None:
    page = open_history(size=(390, 844))
    expect(page.locator(".answers dt")).to_have_text(QUESTIONS)
    last = page.locator(".answers > div").last.bounding_box()
    assert last
    assert last["y"] + last["height"] < 844


@pytest.mark.parametrize("size", [(1280, 900), (390, 844)], ids=["wide", "phone"])
def test_history_does_not_jump_while_it_loads(visit: Visits, sitter: str, size: tuple[int, int]) -> None:
    page = visit(size=size)
    log_in_by_the_api(page, sitter)
    page.evaluate("location.hash = '#/settings'")
    expect(page.locator(".settings-panel").first).to_be_visible()
    watch_layout(page)
    page.evaluate("location.hash = '#/history'")
    expect(page.locator(".chart").last).to_be_visible()
    assert layout_shift(page) < 0.05


def test_days_without_a_finding_are_told_from_their_own_hours(open_history: Callable[..., Page]) -> None:
    page = open_history(insights=[])
    expect(answer(page, "When did I sit worst?")).to_contain_text("Today, 01:00 – 02:00")
    expect(answer(page, "When did I sit worst?")).to_contain_text("70% good posture")
    expect(answer(page, "How much?")).to_contain_text("21 min of 1 h 45 min in bad posture")
    expect(answer(page, "What helped?")).to_contain_text("Nothing certain yet")
    expect(answer(page, "What should I try?")).to_contain_text("Raise the screen")
    expect(answer(page, "What should I try?")).to_contain_text("sitting too low (100%)")
    expect(page.locator(".insight")).to_be_hidden()


@pytest.mark.parametrize(
    ("found", "question", "told", "sentence"),
    [
        (
            SINKS,
            "When did I sit worst?",
            "On most days: after 16:00",
            "After 16:00 your posture gets worse: 20 points less",
        ),
        (SINKS, "What should I try?", "Get up for a few minutes at 16:00", "very likely 17 to 22"),
        (BREAKS, "What helped?", "2 breaks before 14:00", "by 25 points less on days with 2 breaks before it"),
        (BREAKS, "What should I try?", "Take 2 breaks before 14:00", "very likely 19 to 31"),
        (MOSTLY, "What should I try?", "Bring the screen closer", "87% of your bad posture is this: leaning in"),
        (BLINKS, "What should I try?", "From 15:00 on, look into the distance", "by 4 a minute"),
        (BETTER, "Am I better than last month?", "Yes, by 6 points", "you sat better than in the four before"),
        (WORSE, "Am I better than last month?", "No: 6 points less", "you sat worse than in the four before"),
    ],
)
def test_finding_answers_its_question(
    open_history: Callable[..., Page], found: dict[str, Any], question: str, told: str, sentence: str
) -> None:
    page = open_history(insights=[found])
    expect(answer(page, question)).to_contain_text(told)
    expect(page.locator(".insight")).to_contain_text(sentence)


def test_change_that_may_be_chance_is_called_no_clear_change(open_history: Callable[..., Page]) -> None:
    page = open_history(insights=[])
    expect(answer(page, "Am I better than last month?")).to_contain_text("No clear change")


def test_first_day_says_what_is_not_known_yet(visit: Visits, open_own_history: Callable[..., Page]) -> None:
    page = open_own_history(days=1)
    expect(answer(page, "Am I better than last month?")).to_contain_text("Not known yet")
    visit.shoot(page, "history-first-day")
    assert violations(page) == []


def test_sessions_of_earlier_releases_have_no_hours_but_a_share(open_own_history: Callable[..., Page]) -> None:
    page = open_own_history(days=3, has_quarters=False)
    expect(answer(page, "When did I sit worst?")).to_contain_text("Too short a day to tell")
    expect(answer(page, "How much?")).to_contain_text("93% good posture")
    expect(page.locator(".day-strip, .day-outlines")).to_have_count(0)
    expect(page.locator(".sessions a")).to_have_count(1)


def test_day_before_today_is_named_by_its_weekday(open_own_history: Callable[..., Page]) -> None:
    page = open_own_history(days=4, first=2)
    weekday = page.evaluate("new Date(Date.now() - 2 * 86400000).toLocaleDateString('en-GB', { weekday: 'long' })")
    expect(answer(page, "When did I sit worst?")).to_contain_text(f"{weekday}, 01:00 – 02:00")
