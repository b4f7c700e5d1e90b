"""What happens to pictures: chosen at sign-up, changed in the settings; and what others can see."""

import hashlib
import re
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Page, Route, expect
from pytest_django import Settings

from tests.web.browser import Visits, in_every_variant, overflow_px, violations
from tests.web.conftest import PASSWORD, Site, sign_up, sign_up_with_the_form
from tests.web.stored import store_pictures
from web import privacy_choices

# Of the words of each version in which the choice was offered. Who changes the words adds a version.
WORDINGS = {"2026-11-30": "578c22130b9a92b7"}
LOOKS = """
from datetime import timedelta
from django.utils import timezone
from accounts.models import DataAccess, User

user = User.objects.get(username={username!r})
boss = User.objects.create_superuser({boss!r}, password="a long password")
moment = timezone.now()
DataAccess.objects.bulk_create(
    DataAccess(user=user, staff=boss if number else None, action=("viewed", "changed", "deleted")[number % 3],
        what=("user", "session", "report")[number % 3], at=moment - timedelta(minutes=number))
    for number in range({count})
)
"""
ENROLLED = {"enrolled": True, "frame_count": 8, "updated_at": "2026-11-29T03:00:00Z"}


def open_settings(page: Page) -> Any:
    page.evaluate("location.hash = '#/settings'")
    form = page.locator(".choice-form")
    expect(form).to_be_visible()
    return form


def stored(page: Page, path: str) -> Any:
    return page.evaluate("path => import('/static/web/js/api.js').then(({ call }) => call('GET', path))", path)


def toast(page: Page) -> Any:
    return page.locator(".settings-panel").filter(has=page.get_by_role("heading", name="Privacy")).locator(".toast")


# --- At sign-up ---


def test_sign_up_needs_a_choice(visit: Visits, username: str) -> None:
    page = visit("/#/sign-up")
    form = page.locator("[data-view=sign-up]")
    expect(form.get_by_role("radio")).to_have_count(3)
    expect(form.locator("[type=radio]:checked")).to_have_count(0)
    form.locator("[name=username]").fill(username)
    form.locator("[name=password]").fill(PASSWORD)
    form.locator("[type=submit]").click()
    expect(form.locator(".field-error")).to_have_text("Please choose one of these.")
    expect(form.locator("[type=radio]:enabled").first).to_be_focused()  # "in the browser" where that is installed
    visit.shoot(page, "sign-up-without-choice")
    assert violations(page) == []
    form.locator("[value=forgotten]").check()
    form.locator("[type=submit]").click()
    expect(page.locator("main > [data-view=desk]")).to_be_visible()


@pytest.mark.parametrize(("privacy", "days"), [("forgotten", None), ("kept", 7)])
def test_choice_at_sign_up_is_stored_with_its_wording(
    visit: Visits, username: str, privacy: str, days: int | None
) -> None:
    page = visit()
    sign_up_with_the_form(page, username, privacy)
    choice = stored(page, "accounts/privacy/")
    assert (choice["privacy"], choice["keep_days"]) == (privacy, days)
    assert choice["wording"] == privacy_choices.WORDING
    expect(page.locator(".ask-choice")).to_have_count(0)


def test_days_are_asked_only_of_who_keeps_pictures(visit: Visits, username: str) -> None:
    page = visit("/#/sign-up")
    days = page.get_by_label("Keep them for")
    expect(days).to_be_hidden()
    page.get_by_role("radio", name="They are sent and kept").check()
    days.select_option(label="3 days")
    sign_up_with_the_form(page, username, "kept")
    assert stored(page, "accounts/privacy/")["keep_days"] == 3


def rendered_choices(client: Client, language: str) -> str:
    html = client.get("/", headers={"Accept-Language": language}).content.decode()
    [fields] = re.findall(r'<fieldset class="field choices".*?</fieldset>', html, re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", fields)).strip()


def test_version_of_the_wording_changes_with_the_words(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(privacy_choices, "is_browser_mode_installed", lambda: True)
    words = "\n".join(rendered_choices(client, language) for language in ("en", "ko"))
    assert hashlib.sha256(words.encode()).hexdigest()[:16] == WORDINGS[privacy_choices.WORDING]


@pytest.mark.parametrize("is_installed", [True, False])
def test_browser_mode_can_be_chosen_only_where_it_is_installed(
    client: Client, monkeypatch: pytest.MonkeyPatch, is_installed: bool
) -> None:
    monkeypatch.setattr(privacy_choices, "is_browser_mode_installed", lambda: is_installed)
    html = client.get("/", headers={"Accept-Language": "en"}).content.decode()
    [radio] = re.findall(r'<input[^>]*value="browser"[^>]*>', html)
    assert ("disabled" in radio) is not is_installed
    assert ("this service does not have it installed" in html) is not is_installed
    assert ("they never leave your browser" in html) is is_installed


@pytest.mark.parametrize(
    ("limit", "offered"),
    [(30, [1, 3, 7, 14, 30]), (5, [1, 3, 5]), (1, [1]), (0, [1, 3, 7, 14, 30, 90, 365, 0])],
)
def test_days_offered_are_no_more_than_the_service_keeps(settings: Settings, limit: int, offered: list[int]) -> None:
    settings.FRAME_RETENTION_DAYS = limit
    assert privacy_choices.keep_days_offered() == offered


# --- On the desk, of those who have never chosen ---


def test_who_never_chose_is_asked_until_they_say_not_now(visit: Visits, username: str) -> None:
    page = visit()
    sign_up(page, username)
    question = page.locator(".ask-choice")
    expect(question).to_contain_text("They are stored for 30 days now.")
    visit.shoot(page, "desk-asked")
    assert violations(page) == []
    page.reload()
    question.get_by_role("button", name="Not now").click()
    expect(question).to_have_count(0)
    page.reload()
    expect(page.get_by_role("button", name="Start")).to_be_visible()
    expect(question).to_have_count(0)


def test_question_is_gone_once_answered(visit: Visits, username: str) -> None:
    page = visit()
    sign_up(page, username)
    page.locator(".ask-choice").get_by_role("link", name="Choose").click()
    form = page.locator(".choice-form")
    expect(form.locator("[type=radio]:checked")).to_have_count(0)
    expect(form).to_contain_text("Until you do, pictures are stored for 30 days.")
    form.get_by_role("button", name="Save this choice").click()
    expect(form.locator(".field-error")).to_have_text("Please choose one of these.")
    form.get_by_role("radio", name="They are sent and forgotten").check()
    form.get_by_role("button", name="Save this choice").click()
    expect(toast(page)).to_have_text("Saved.")
    expect(form).to_contain_text("You chose this on ")
    page.evaluate("location.hash = '#/desk'")
    expect(page.get_by_role("button", name="Start")).to_be_visible()
    expect(page.locator(".ask-choice")).to_have_count(0)


# --- In the settings ---


def test_change_says_what_it_deletes_before_it_does(visit: Visits, site: Site, username: str) -> None:
    page = visit()
    sign_up(page, username)
    store_pictures(site, username, {1: 2, 20: 3})
    form = open_settings(page)
    save = form.get_by_role("button", name="Save this choice")
    form.get_by_role("radio", name="They are sent and kept").check()
    form.get_by_label("Keep them for").select_option(label="7 days")
    save.click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(re.compile(r"3 stored pictures \(\d+ kB\) are older than 7 days and are deleted\."))
    expect(dialog).to_contain_text("This cannot be undone.")
    visit.shoot(page, "choice-losses")
    assert violations(page) == []
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_have_count(0)
    assert stored(page, "accounts/frames/days/")["total"]["frames"] == 5
    assert stored(page, "accounts/privacy/")["privacy"] is None
    save.click()
    dialog.get_by_role("button", name="Change and delete").click()
    expect(toast(page)).to_have_text("Saved. 3 pictures were deleted.")
    form.get_by_role("radio", name="They are sent and forgotten").check()
    save.click()
    expect(dialog).to_contain_text(re.compile(r"All 2 stored pictures \(\d+ kB\) are deleted\."))
    dialog.get_by_role("button", name="Change and delete").click()
    expect(toast(page)).to_have_text("Saved. 2 pictures were deleted.")
    assert stored(page, "accounts/frames/days/")["total"]["frames"] == 0
    page.reload()
    expect(form.get_by_role("radio", name="They are sent and forgotten")).to_be_checked()


def test_change_to_the_browser_says_that_the_face_is_deleted(visit: Visits, site: Site, username: str) -> None:
    page = visit()
    sign_up(page, username)
    page.route("**/api/accounts/face/", lambda route: route.fulfill(json=ENROLLED))
    form = open_settings(page)
    browser = form.locator("[value=browser]")
    browser.evaluate("radio => { radio.disabled = false }")  # as where it is installed
    browser.check()
    form.get_by_role("button", name="Save this choice").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("The face data that was learned is deleted, too.")
    dialog.get_by_role("button", name="Change and delete").click()
    expect(toast(page)).to_have_text("Saved.")
    expect(page.get_by_text("No face has been learned yet.")).to_be_visible()
    assert stored(page, "accounts/privacy/")["privacy"] == "browser"


def test_deletion_that_goes_on_says_how_far_it_is(visit: Visits, site: Site, username: str) -> None:
    page = visit()
    sign_up(page, username)
    store_pictures(site, username, {1: 2})
    form = open_settings(page)

    def later(route: Route) -> None:
        if route.request.method != "PUT":
            return route.fallback()
        choice = {"privacy": "forgotten", "chosen_at": "2026-11-29T03:00:00Z", "keep_days": None, "max_keep_days": 30}
        return route.fulfill(status=202, json=choice | {"wording": "", "deleted": 0, "pending": True})

    page.route("**/api/accounts/privacy/", later)
    form.get_by_role("radio", name="They are sent and forgotten").check()
    form.get_by_role("button", name="Save this choice").click()
    page.get_by_role("dialog").get_by_role("button", name="Change and delete").click()
    expect(toast(page)).to_have_text("Saved. Deleting… 2 pictures are still stored.")
    page.evaluate("import('/static/web/js/api.js').then(({ call }) => call('DELETE', 'accounts/frames/'))")
    expect(toast(page)).to_have_text("Saved. All of these pictures were deleted.")


def test_change_without_the_archive_says_that_it_comes_later(visit: Visits, username: str) -> None:
    visit.expect_error("status of 503")
    page = visit()
    sign_up(page, username)
    form = open_settings(page)
    page.route("**/api/accounts/frames/**", lambda route: route.fulfill(status=503, json={"detail": "Down."}))
    form.get_by_role("radio", name="They are sent and forgotten").check()
    form.get_by_role("button", name="Save this choice").click()
    expect(page.get_by_role("dialog")).to_contain_text("are deleted once the archive is available again.")


# --- What others can see ---


@in_every_variant
def test_privacy_page_fits_and_is_accessible(
    visit: Visits, site: Site, username: str, language: str, dark: bool, size: tuple[int, int]
) -> None:
    page = visit(language=language, dark=dark, size=size)
    sign_up(page, username)
    site.run(LOOKS.format(username=username, boss=f"boss-{username}", count=4))
    page.evaluate("location.hash = '#/privacy'")
    expect(page.locator(".looks li")).to_have_count(4)
    visit.shoot(page, f"privacy-{language}-{'dark' if dark else 'light'}-{size[0]}")
    assert violations(page) == []
    assert overflow_px(page) == 0


def test_person_shares_until_a_day_and_takes_it_back(visit: Visits, username: str) -> None:
    page = visit()
    sign_up(page, username)
    page.evaluate("location.hash = '#/privacy'")
    panel = page.locator(".sharing")
    expect(panel).to_contain_text("You share nothing now.")
    panel.get_by_label("my reports").check()
    panel.get_by_role("button", name="Save what I share").click()
    expect(panel).to_contain_text("Shared until ")
    visit.shoot(page, "privacy-shared")
    assert violations(page) == []
    assert stored(page, "accounts/sharing/")["what"] == ["reports"]
    page.reload()
    expect(panel.get_by_label("my reports")).to_be_checked()
    expect(page.locator(".looks li")).to_contain_text(["Changed: what you share"])
    panel.get_by_label("my reports").uncheck()
    panel.get_by_role("button", name="Save what I share").click()
    expect(panel).to_contain_text("You share nothing now.")
    assert stored(page, "accounts/sharing/")["what"] == []


def test_sharing_without_a_day_says_what_is_missing(visit: Visits, username: str) -> None:
    visit.expect_error("status of 400")
    page = visit()
    sign_up(page, username)
    page.evaluate("location.hash = '#/privacy'")
    panel = page.locator(".sharing")
    panel.get_by_label("my sessions").check()
    panel.get_by_label("Until the end of").fill("")
    panel.get_by_role("button", name="Save what I share").click()
    expect(panel.locator(".field-error")).to_have_text("Say until when: a time that is still to come.")
    expect(panel.get_by_label("Until the end of")).to_be_focused()
    assert violations(page) == []


def test_person_leaves_the_teams_sums_without_sharing_more_or_less(visit: Visits, username: str) -> None:
    page = visit()
    sign_up(page, username)
    page.evaluate("location.hash = '#/privacy'")
    panel = page.locator(".sharing")
    panel.get_by_role("switch", name="Count me in the team’s weekly sums").uncheck()
    expect(panel.locator(".toast")).to_have_text("Saved.")
    assert stored(page, "accounts/sharing/") == {"with": "staff", "what": [], "until": None, "in_team_sums": False}


def test_looks_say_who_did_what_page_by_page(visit: Visits, site: Site, username: str) -> None:
    page = visit()
    sign_up(page, username)
    boss = f"boss-{username}"
    site.run(LOOKS.format(username=username, boss=boss, count=60))
    open_settings(page)
    page.get_by_role("link", name="What others can see of you").click()
    rows = page.locator(".looks li")
    expect(rows).to_have_count(50)
    expect(rows.nth(0)).to_contain_text("somebody whose account no longer exists")
    expect(rows.nth(0)).to_contain_text("Opened: your account and settings")
    expect(rows.nth(1)).to_contain_text(boss)
    expect(rows.nth(1)).to_contain_text("Changed: a session")
    expect(rows.nth(2)).to_contain_text("Deleted: a report")
    page.get_by_role("button", name="Show earlier ones").click()
    expect(rows).to_have_count(60)
    expect(rows.nth(50)).to_be_focused()
    expect(page.get_by_role("button", name="Show earlier ones")).to_have_count(0)


def test_nobody_has_looked(visit: Visits, username: str) -> None:
    page = visit()
    sign_up(page, username)
    page.evaluate("location.hash = '#/privacy'")
    expect(page.get_by_text("Nobody has looked at your data so far.")).to_be_visible()
    assert violations(page) == []
