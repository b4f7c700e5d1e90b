"""The weekly goal that a user sets."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.web.browser import violations
from tests.web.history.conftest import NO_GOAL, change_answer, show_history


@pytest.fixture
def page(open_own_history: Callable[..., Page]) -> Page:
    return open_own_history(days=2)


def test_goal_is_set_changed_and_removed(page: Page) -> None:
    goal = page.locator(".goal")
    expect(goal.get_by_role("button", name="Remove goal")).to_be_hidden()
    goal.get_by_label("Share of good posture in a week").fill("90")
    goal.get_by_role("button", name="Set goal").click()
    expect(goal.locator(".goal-state")).to_contain_text("90%")
    page.reload()
    expect(goal.get_by_label("Share of good posture in a week")).to_have_value("90")
    goal.get_by_role("button", name="Remove goal").click()
    expect(goal.locator(".goal-state")).to_have_count(0)
    expect(goal.get_by_role("status")).to_contain_text("The goal was removed.")
    assert violations(page) == []


def test_removal_can_be_undone(page: Page) -> None:
    goal = page.locator(".goal")
    goal.get_by_label("Share of good posture in a week").fill("85")
    goal.get_by_role("button", name="Set goal").click()
    goal.get_by_role("button", name="Remove goal").click()
    goal.get_by_role("button", name="Undo").click()
    expect(goal.locator(".goal-state")).to_contain_text("85%")
    expect(goal.get_by_label("Share of good posture in a week")).to_be_focused()
    expect(goal.get_by_role("button", name="Undo")).to_have_count(0)


def test_goal_that_no_week_can_have_is_not_sent(page: Page) -> None:
    goal = page.locator(".goal")
    goal.get_by_label("Share of good posture in a week").fill("101")
    goal.get_by_role("button", name="Set goal").click()
    expect(goal.locator(".goal-state")).to_have_count(0)


def test_offer_is_a_step_above_the_users_own_weeks(page: Page) -> None:
    change_answer(page, "**/api/reports/insights/", lambda answer: answer | {"goal": NO_GOAL})
    page.evaluate("location.hash = '#/desk'")
    show_history(page)
    expect(page.locator(".goal")).to_contain_text("In a usual week you reach 79%.")
    expect(page.get_by_label("Share of good posture in a week")).to_have_value("80")


def test_streak_is_told_in_words(page: Page) -> None:
    reached = NO_GOAL | {
        "good_share": 0.75,
        "this_week": {"good_share": 0.83, "is_reached": True},
        "streak_weeks": 3,
    }
    change_answer(page, "**/api/reports/insights/", lambda answer: answer | {"goal": reached})
    page.evaluate("location.hash = '#/desk'")
    show_history(page)
    expect(page.locator(".goal-state")).to_have_text("83% this week: your goal of 75% is reached so far.")
    expect(page.locator(".goal")).to_contain_text("Reached 3 weeks in a row.")
