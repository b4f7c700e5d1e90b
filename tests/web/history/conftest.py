"""Fixtures: the history of somebody whose hours are known, and answers that a test sets."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.web.browser import Visits
from tests.web.conftest import PASSWORD, Site, log_in_by_the_api, sign_up
from tests.web.past import make_past, make_quarters

NO_GOAL = {
    "good_share": None,
    "this_week": {"good_share": 0.83, "is_reached": False},
    "median_good_share": 0.79,
    "streak_weeks": 0,
}
FOUND: dict[str, Any] = {
    "effect": -0.2,
    "low": -0.22,
    "high": -0.17,
    "days": 19,
    "hour": None,
    "breaks": None,
    "fault": None,
}


@pytest.fixture(scope="module")
def sitter(site: Site) -> str:
    """A user with forty days behind them, hour by hour; for tests that change nothing."""
    credentials = {"username": "sitter@example.com", "password": PASSWORD}
    if site.server.post("accounts/", credentials, access="").status == 201:  # else another file's tests made them
        make_past(site, credentials["username"], 40)
        make_quarters(site, credentials["username"])
    return credentials["username"]


@pytest.fixture
def open_history(visit: Visits, sitter: str) -> Callable[..., Page]:
    def open_page(*, insights: list[dict[str, Any]] | None = None, **options: Any) -> Page:
        page = visit(**options)
        log_in_by_the_api(page, sitter)
        if insights is not None:
            answer = {
                "first_day": "",
                "last_day": "",
                "insights": [FOUND | found for found in insights],
                "goal": NO_GOAL,
            }
            page.route("**/api/reports/insights/", lambda route: route.fulfill(json=answer))
        return show_history(page)

    return open_page


@pytest.fixture
def open_own_history(visit: Visits, site: Site, username: str) -> Callable[..., Page]:
    """The history of a new user, of a few days; the tests may change it."""

    def open_page(days: int, *, has_quarters: bool = True, first: int = 0, **options: Any) -> Page:
        page = visit(**options)
        sign_up(page, username)
        make_past(site, username, days, first=first)
        if has_quarters:
            make_quarters(site, username)
        return show_history(page)

    return open_page


def show_history(page: Page) -> Page:
    page.evaluate("location.hash = '#/history'")
    expect(page.locator(".at-a-glance .answers")).to_be_visible()
    return page


def change_answer(page: Page, path: str, change: Callable[[Any], Any]) -> None:
    """Let the service's answers be changed on their way."""

    def fulfill(route: Route) -> None:
        route.fulfill(json=change(route.fetch().json()))

    page.route(path, fulfill)
