"""Coming in where sign-up is not open: by invitation, and through a company's login at a real provider."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from tests import oidc_provider
from tests.environment import CHEAP_HASH, Template
from tests.oidc_provider import Provider
from tests.web.browser import Visits, in_every_variant, overflow_px, violations
from tests.web.conftest import PASSWORD, Site, serving_site, visiting

pytestmark = oidc_provider.QUIET

BAD_REQUEST = "status of 400"
INVITE = """
from accounts.invitations.services import Person, invite
print(invite(people=[Person({name!r})], invited_by=None)[0].token)
"""
LOCAL_USER = """
from accounts.services import user_create
user_create(username={name!r}, password={password!r})
"""


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with oidc_provider.running() as provider:
        yield provider


@pytest.fixture(scope="module")
def guarded(
    provider: Provider, template: Template, site_environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """A service for invited people and those of a company; site_environment has built the page."""
    environment = template.service_in(
        tmp_path_factory.mktemp("guarded"),
        SIGN_UP="invited",
        SUPPORT_CONTACT="Jun, extension 42",
        OIDC_ISSUER=provider.address,
        OIDC_CLIENT_ID="pose-smart",
        OIDC_CLIENT_SECRET="secret",
        OIDC_LABEL="Acme",
        **CHEAP_HASH,
    ).environment
    with serving_site(environment) as site:
        yield site


@pytest.fixture
def visit_guarded(chromium: Browser, guarded: Site, shots: Path) -> Iterator[Visits]:
    with visiting(chromium, guarded, shots) as visits:
        yield visits


def invite(site: Site, name: str = "") -> str:
    return site.run(INVITE.format(name=name)).strip().splitlines()[-1]


def join(page: Page, name: str = "") -> None:
    section = page.locator("[data-view=sign-up]")
    if name:
        section.locator("[name=username]").fill(name)
    section.locator("[name=password]").fill(PASSWORD)
    section.locator("[value=forgotten]").check()
    section.locator("[type=submit]").click()
    expect(page.locator("main > [data-view=desk]")).to_be_visible()


def log_in_at_the_company(page: Page, provider: Provider, subject: str, **claims: Any) -> None:
    assert requests.put(f"{provider.address}/users/{subject}", json=claims, timeout=10).status_code == 204
    page.get_by_role("link", name="Acme").click()
    page.locator("input[name=sub]").fill(subject)
    page.get_by_role("button", name="Authorize").click()


@in_every_variant
def test_door_fits_and_is_accessible(visit_guarded: Visits, language: str, dark: bool, size: tuple[int, int]) -> None:
    page = visit_guarded(language=language, dark=dark, size=size)
    for name in ("welcome", "log-in", "sign-up", "company-login/failed/unavailable"):
        page.goto(f"{visit_guarded.address}/#/{name}")
        expect(page.locator(f"main > [data-view={name.partition('/')[0]}]")).to_be_visible()
        shot = name.replace("/", "-")
        visit_guarded.shoot(page, f"door-{shot}-{language}-{'dark' if dark else 'light'}-{size[0]}")
        assert violations(page) == []
        assert overflow_px(page) == 0


def test_visitor_without_an_invitation_is_told_whom_to_ask(visit_guarded: Visits) -> None:
    page = visit_guarded("/#/log-in")
    page.get_by_role("link", name="No account yet?").click()
    expect(page.get_by_role("heading", name="You need an invitation")).to_be_visible()
    expect(page.locator("[data-view=sign-up]").get_by_text("ask for one: Jun, extension 42")).to_be_visible()
    expect(page.locator("[data-view=sign-up] [name=password]")).to_be_hidden()


def test_invited_person_finds_their_name_in_the_form(visit_guarded: Visits, guarded: Site, username: str) -> None:
    page = visit_guarded(f"/#/sign-up/{invite(guarded, username)}")
    name = page.locator("#sign-up-name")
    expect(name).to_have_value(username)
    expect(name).not_to_be_editable()
    expect(page.locator("#sign-up-password")).to_be_focused()
    expect(page.get_by_text("You have been invited.")).to_be_visible()
    visit_guarded.shoot(page, "door-invited")
    assert violations(page) == []
    join(page)
    expect(page.locator("#who")).to_have_text(username)


def test_invited_person_without_a_name_chooses_one(visit_guarded: Visits, guarded: Site, username: str) -> None:
    page = visit_guarded(f"/#/sign-up/{invite(guarded)}")
    join(page, username)
    expect(page.locator("#who")).to_have_text(username)


def test_used_invitation_says_so_and_shows_no_form(visit_guarded: Visits, guarded: Site, username: str) -> None:
    visit_guarded.expect_error(BAD_REQUEST)
    token = invite(guarded)
    join(visit_guarded(f"/#/sign-up/{token}"), username)
    page = visit_guarded(f"/#/sign-up/{token}")
    expect(page.get_by_text("This invitation has been used or withdrawn")).to_be_visible()
    expect(page.locator("[data-view=sign-up] [name=password]")).to_be_hidden()


def test_invited_colleague_comes_in_through_the_company(
    visit_guarded: Visits, guarded: Site, provider: Provider, username: str
) -> None:
    invite(guarded, username)
    page = visit_guarded("/#/log-in")
    log_in_at_the_company(page, provider, f"sub-{username}", email=username, email_verified=True)
    expect(page.get_by_role("heading", name="Welcome")).to_be_visible()
    expect(page.locator("[data-view=company-login] .new .name")).to_have_text(username)
    assert page.evaluate("location.hash") == "#/company-login/"
    visit_guarded.shoot(page, "door-company-new")
    assert violations(page) == []
    page.locator("[data-view=company-login] [value=forgotten]").check()
    page.get_by_role("button", name="Create an account").click()
    expect(page.locator("main > [data-view=desk]")).to_be_visible()
    expect(page.locator("#who")).to_have_text(username)
    page.get_by_role("button", name="Log out").click()
    expect(page.locator("main > [data-view=welcome]")).to_be_visible()
    page.goto(f"{visit_guarded.address}/#/log-in")
    log_in_at_the_company(page, provider, f"sub-{username}", email=username, email_verified=True)
    expect(page.locator("main > [data-view=desk]")).to_be_visible()


def test_colleague_without_a_password_can_leave(
    visit_guarded: Visits, guarded: Site, provider: Provider, username: str
) -> None:
    invite(guarded, username)
    page = visit_guarded("/#/log-in")
    log_in_at_the_company(page, provider, f"sub-{username}", email=username, email_verified=True)
    page.locator("[data-view=company-login] [value=forgotten]").check()
    page.get_by_role("button", name="Create an account").click()
    expect(page.locator("main > [data-view=desk]")).to_be_visible()
    page.goto(f"{visit_guarded.address}/#/settings")
    expect(page.get_by_role("heading", name="Delete account")).to_be_visible()
    expect(page.get_by_label("Current password")).to_have_count(0)
    page.get_by_label("Yes, delete everything about me").check()
    assert violations(page) == []
    page.get_by_role("button", name="Delete my account").click()
    expect(page.get_by_text("Your account and all its data have been deleted.")).to_be_visible()


def test_existing_account_is_connected_with_its_password(
    visit_guarded: Visits, guarded: Site, provider: Provider, username: str
) -> None:
    visit_guarded.expect_error(BAD_REQUEST)
    guarded.run(LOCAL_USER.format(name=username, password=PASSWORD))
    page = visit_guarded("/#/log-in")
    log_in_at_the_company(page, provider, f"sub-{username}", email=username, email_verified=True)
    expect(page.get_by_role("heading", name="This name has an account already")).to_be_visible()
    visit_guarded.shoot(page, "door-company-taken")
    assert violations(page) == []
    password = page.locator("#connect-password")
    password.fill("not the password")
    page.get_by_role("button", name="Connect the account").click()
    expect(page.locator("#connect-password-error")).to_be_visible()
    password.fill(PASSWORD)
    page.get_by_role("button", name="Connect the account").click()
    expect(page.locator("#who")).to_have_text(username)


def test_stranger_of_the_company_is_told_to_ask(visit_guarded: Visits, provider: Provider, username: str) -> None:
    visit_guarded.expect_error("status of 403")
    page = visit_guarded("/#/log-in")
    log_in_at_the_company(page, provider, f"sub-{username}", email=username, email_verified=True)
    expect(page.get_by_role("heading", name="The company login did not work")).to_be_visible()
    expect(page.get_by_text("You need an invitation to sign up here.")).to_be_visible()
    expect(page.locator("[data-view=company-login]").get_by_text("ask: Jun, extension 42")).to_be_visible()


def test_provider_that_is_down_is_told(visit_guarded: Visits, provider: Provider) -> None:
    provider.broken.add("/.well-known/openid-configuration")
    page = visit_guarded("/#/log-in")
    page.get_by_role("link", name="Acme").click()
    expect(page.get_by_text("The company’s login cannot be reached at the moment.")).to_be_visible()
    provider.broken.clear()
    page.get_by_role("link", name="Try again").click()
    expect(page.locator("input[name=sub]")).to_be_visible()
