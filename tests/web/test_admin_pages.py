"""The admin's pages in Chromium: nothing that the policy refuses, accessible, and no wider than the window."""

import pytest
from playwright.sync_api import Page, expect

from tests.web.browser import Visits, in_every_variant, overflow_px, violations
from tests.web.conftest import PASSWORD, Site

ADMIN = "/api/admin/"
USERS = f"{ADMIN}accounts/user/"
# It tries styles on fields; what a page itself has would be told with the page's address.
OF_AXE = r"(?s)(Applying inline style|load preload assets).*\(\)$"
MAKE_PEOPLE = f"""
from accounts.models import User
from office import figures, history
if not User.objects.filter(username="boss").exists():
    User.objects.create_superuser("boss", password={PASSWORD!r})
    from personal_data.models import ArchivedDay
    user = User.objects.create_user("colleague", first_name="A", last_name="Colleague")
    ArchivedDay.objects.create(user=user, day=user.date_joined.date(), bytes=9_000_000_000, frames=270_000)
    history.sample_take()
    figures.seen_recount()
    history.days_fill()
"""


@pytest.fixture
def people(site: Site) -> Site:
    site.run(MAKE_PEOPLE)
    return site


def log_in(page: Page) -> None:
    page.locator("[name=username]").fill("boss")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[type=submit]").click()
    expect(page.locator(".office-verdict")).to_be_visible()


@in_every_variant
def test_pages_keep_to_the_policy_and_are_accessible(
    visit: Visits, people: Site, language: str, dark: bool, size: tuple[int, int]
) -> None:
    page = visit(ADMIN, language=language, dark=dark, size=size)
    visit.expect_error(OF_AXE)
    log_in(page)
    variant = f"{language}-{'dark' if dark else 'light'}-{size[0]}"
    for name, path in {"overview": ADMIN, "people": USERS, "sessions": f"{ADMIN}detections/session/"}.items():
        page.goto(people.address + path)
        visit.shoot(page, f"admin-{name}-{variant}")
        assert "\n".join(violations(page)) == "", name
        assert overflow_px(page) == 0, name


@in_every_variant
def test_erasing_is_confirmed_in_numbers(
    visit: Visits, people: Site, language: str, dark: bool, size: tuple[int, int]
) -> None:
    page = visit(ADMIN, language=language, dark=dark, size=size)
    visit.expect_error(OF_AXE)
    log_in(page)
    page.goto(f"{people.address}{USERS}?q=colleague")
    page.locator("[name=_selected_action]").check()
    page.locator("[name=action]").select_option("delete_selected")
    page.locator("[name=index]").first.click()
    expect(page.locator(".office-losses")).to_contain_text("270000")
    visit.shoot(page, f"admin-erase-{language}-{'dark' if dark else 'light'}-{size[0]}")
    assert "\n".join(violations(page)) == ""
    assert overflow_px(page) == 0
