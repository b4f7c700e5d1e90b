"""A forgotten password, by mail: from the link on the login to the login with a new one."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.web.browser import Visits, in_every_variant, overflow_px, violations
from tests.web.conftest import Site, expect_expired, log_in, serving_site, sign_up

NEW = "another password"


@pytest.fixture(scope="module")
def mailing(site_environment: dict[str, str]) -> Iterator[Site]:
    """The service, which writes its mails to its log."""
    environment = site_environment | {"EMAIL_URL": "consolemail://"}
    with serving_site(environment) as site:
        yield site


@pytest.fixture
def visit_mailing(visit: Visits, mailing: Site) -> Visits:
    visit.address = mailing.address
    return visit


@in_every_variant
def test_screens_fit_and_are_accessible(
    visit_mailing: Visits, language: str, dark: bool, size: tuple[int, int]
) -> None:
    page = visit_mailing(language=language, dark=dark, size=size)
    for name in ("forgot", "reset"):
        page.goto(f"{visit_mailing.address}/#/{name}/a/b")
        expect(page.locator(f"main > [data-view={name}]")).to_be_visible()
        visit_mailing.shoot(page, f"{name}-{language}-{'dark' if dark else 'light'}-{size[0]}")
        assert violations(page) == []
        assert overflow_px(page) == 0


def test_mailed_link_leads_to_a_new_password(visit_mailing: Visits, mailing: Site, username: str) -> None:
    visit_mailing.expect_error("status of 401|status of 400")
    owner = visit_mailing()
    sign_up(owner, username)
    page = visit_mailing("/#/log-in")
    page.get_by_role("link", name="Forgot your password?").click()
    form = page.locator("[data-view=forgot]")
    form.get_by_label("Name or e-mail address").fill(username)
    form.get_by_role("button").click()
    expect(form.get_by_role("status")).to_contain_text("a link is on its way")
    (link,) = mailing.server.wait_for_log(r"#/reset/\S+")
    page.goto(f"{visit_mailing.address}/{link}")
    form = page.locator("[data-view=reset]")
    form.get_by_label("New password").fill("short")
    form.get_by_role("button").click()
    expect(form.locator(".field-error")).to_contain_text("too short")
    form.get_by_label("New password").fill(NEW)
    form.get_by_role("button").click()
    expect(page.get_by_text("Your new password is saved.")).to_be_visible()
    log_in(page, username, NEW)
    expect_expired(owner)
    used = visit_mailing(f"/{link}")
    form = used.locator("[data-view=reset]")
    form.get_by_label("New password").fill(NEW)
    form.get_by_role("button").click()
    expect(form.get_by_role("alert")).to_contain_text("This link has been used or is too old.")
