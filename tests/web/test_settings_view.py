"""The settings: each change is saved and shown again."""

import json
import zipfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, Route, expect

from tests.web.browser import Visits, in_every_variant, layout_shift, overflow_px, violations, watch_layout
from tests.web.conftest import PASSWORD, expect_expired, log_in, sign_up

TRANSITIONS = "document.getAnimations().filter((each) => each instanceof CSSTransition).length"


def open_settings(visit: Visits, username: str, **options: Any) -> Page:
    page = visit(**options)
    sign_up(page, username)
    page.evaluate("location.hash = '#/settings'")
    expect(page.locator(".settings")).to_be_visible()
    return page


def stored(page: Page, path: str) -> Any:
    """The service's response to a call made by the page."""
    return page.evaluate(f"import('/static/web/js/api.js').then(({{ call }}) => call('GET', '{path}'))")


def message(page: Page, panel: str) -> Any:
    return (
        page.locator(".settings-panel")
        .filter(has=page.get_by_role("heading", name=panel))
        .locator(".form-message")
        .first
    )


@in_every_variant
def test_settings_fit_and_are_accessible(
    visit: Visits, username: str, language: str, dark: bool, size: tuple[int, int]
) -> None:
    page = open_settings(visit, username, language=language, dark=dark, size=size)
    visit.shoot(page, f"settings-{language}-{'dark' if dark else 'light'}-{size[0]}")
    assert violations(page) == []
    assert overflow_px(page) == 0


def test_alarm_settings_are_saved(visit: Visits, username: str) -> None:
    page = open_settings(visit, username)
    alarms_message = message(page, "Alarms")
    page.locator("[data-time=neck_time]").select_option(label="5 s")
    expect(alarms_message).to_have_text("Saved.")
    assert stored(page, "accounts/alarms/")["neck_time"] == 5
    page.locator("[data-time=stretching_time]").select_option(label="30 min")
    page.get_by_role("switch", name="Blinking").uncheck()
    page.get_by_label("Who speaks").select_option(label="Girl")
    page.get_by_role("radio", name="High").check(force=True)
    page.reload()
    expect(page.locator("[data-time=neck_time]")).to_have_value("5")
    expect(page.locator("[data-time=stretching_time]")).to_have_value("1800")
    expect(page.get_by_role("switch", name="Blinking")).not_to_be_checked()
    expect(page.get_by_label("Who speaks")).to_have_value("4")
    expect(page.get_by_role("radio", name="High")).to_be_checked()


def test_custom_time_is_saved_in_its_unit(visit: Visits, username: str) -> None:
    page = open_settings(visit, username)
    page.locator("[data-time=rest_time]").select_option(label="Custom…")
    custom = page.get_by_label("Breaks: minutes")
    expect(custom).to_be_focused()
    custom.fill("42")
    custom.press("Enter")
    expect(message(page, "Alarms")).to_have_text("Saved.")
    assert stored(page, "accounts/alarms/")["rest_time"] == 42 * 60
    page.reload()
    expect(page.locator("[data-time=rest_time] option")).to_have_text(
        ["25 min", "42 min", "45 min", "50 min", "1 h", "Custom…"]
    )
    expect(page.locator("[data-time=rest_time]")).to_have_value(str(42 * 60))


def test_custom_time_has_bounds(visit: Visits, username: str) -> None:
    page = open_settings(visit, username)
    page.locator("[data-time=neck_time]").select_option(label="Custom…")
    custom = page.get_by_label("Neck: seconds")
    custom.fill("999999999")
    custom.press("Enter")
    expect(message(page, "Alarms")).to_have_text("Neck: enter 3 to 600 seconds.")
    expect(custom).to_have_attribute("aria-invalid", "true")
    assert violations(page) == []
    assert stored(page, "accounts/alarms/")["neck_time"] == 20
    custom.fill("8")
    custom.press("Enter")
    expect(message(page, "Alarms")).to_have_text("Saved.")
    assert stored(page, "accounts/alarms/")["neck_time"] == 8


def test_changes_move_nothing(visit: Visits, username: str) -> None:
    page = open_settings(visit, username)
    watch_layout(page)
    rows = page.locator(".alarm-row")
    before = [rows.nth(number).bounding_box() for number in range(6)]
    page.get_by_role("switch", name="Neck").uncheck()
    expect(message(page, "Alarms")).to_have_text("Saved.")
    page.locator("[data-time=rest_time]").select_option(label="Custom…")
    expect(page.get_by_label("Breaks: minutes")).to_be_visible()
    assert [rows.nth(number).bounding_box() for number in range(6)] == before
    assert layout_shift(page) < 0.05


OFFERED = {
    "sound": "off",
    "volume": 60,
    "steps": ["figure", "edge", "banner"],
    "break_notice_s": 30,
    "quiet_from": None,
    "quiet_to": None,
}


def test_what_the_service_offers_can_be_set(visit: Visits, username: str) -> None:
    page = visit()
    sent: list[Any] = []
    stored_alarms: dict[str, Any] = {}

    def serve(route: Route) -> None:
        if route.request.method == "GET":
            stored_alarms.update(route.fetch().json() | OFFERED)
        else:
            sent.append(route.request.post_data_json)
            stored_alarms.update(sent[-1])
        route.fulfill(json=stored_alarms)

    page.route("**/api/accounts/alarms/", serve)
    sign_up(page, username)
    page.evaluate("location.hash = '#/settings'")
    page.get_by_role("radio", name="Tones").check(force=True)
    expect(message(page, "Alarms")).to_have_text("Saved.")
    page.get_by_label("Volume").fill("30")
    page.get_by_label("The window's edge glows").uncheck()
    page.get_by_label("Announce breaks").select_option(label="1 min before")
    expect(page.get_by_label("From", exact=True)).to_be_disabled()
    page.get_by_role("switch", name="Quiet hours").check()
    expect(page.get_by_label("From", exact=True)).to_be_enabled()
    page.get_by_label("To", exact=True).fill("06:30")
    expect(page.get_by_label("To", exact=True)).to_have_value("06:30")
    visit.shoot(page, "settings-all")
    assert violations(page) == []
    assert sent == [
        {"sound": "tones"},
        {"volume": 30},
        {"steps": ["figure", "banner"]},
        {"break_notice_s": 60},
        {"quiet_from": "22:00", "quiet_to": "07:00"},
        {"quiet_to": "06:30"},
    ]


def test_what_the_service_does_not_offer_is_hidden(visit: Visits, username: str) -> None:
    page = visit()

    def serve(route: Route) -> None:
        route.fulfill(json={name: value for name, value in route.fetch().json().items() if name not in OFFERED})

    page.route("**/api/accounts/alarms/", serve)
    sign_up(page, username)
    page.evaluate("location.hash = '#/settings'")
    expect(page.get_by_label("Who speaks")).to_be_visible()
    for label in ("Volume", "Announce breaks", "Quiet hours"):
        expect(page.get_by_label(label)).to_have_count(0)


NO_NOTIFICATIONS = """
window.Notification = class { static permission = 'denied'; static requestPermission = async () => 'denied' }
"""


def test_refused_notifications_say_why(visit: Visits, username: str) -> None:
    page = visit(before=lambda page: page.add_init_script(NO_NOTIFICATIONS))
    sign_up(page, username)
    page.evaluate("location.hash = '#/settings'")
    switch = page.get_by_role("switch", name="Notify me")
    expect(switch).to_be_disabled()
    expect(page.get_by_text("Your browser blocks them.")).to_be_visible()
    assert violations(page) == []


def test_failed_change_resets_the_switch(visit: Visits, username: str) -> None:
    visit.expect_error("ERR_INTERNET_DISCONNECTED")
    page = open_settings(visit, username)
    page.context.set_offline(True)
    page.get_by_role("switch", name="Neck").click()
    expect(message(page, "Alarms")).to_contain_text("The service cannot be reached.")
    expect(page.get_by_role("switch", name="Neck")).to_be_checked()


def test_voice_sample_plays_without_an_alarm(visit: Visits, username: str) -> None:
    page = open_settings(visit, username)
    page.get_by_role("button", name="Listen").click()  # an error in the console would fail the test


def test_theme_is_saved_on_this_computer(visit: Visits, username: str) -> None:
    page = open_settings(visit, username)
    page.get_by_role("radio", name="Dark").check(force=True)
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.get_by_role("radio", name="Dark")).to_be_checked()
    page.get_by_role("radio", name="System").check(force=True)
    page.reload()
    assert page.locator("html").get_attribute("data-theme") is None


def test_theme_changes_at_once_for_who_wants_no_motion(visit: Visits) -> None:
    page = visit(reduced_motion="reduce")
    page.emulate_media(color_scheme="dark")
    assert page.evaluate(TRANSITIONS) == 0
    page.emulate_media(reduced_motion="no-preference")
    page.emulate_media(color_scheme="light")
    assert page.evaluate(TRANSITIONS) > 0, "nothing is looked at"


def test_settings_switch_the_language(visit: Visits, username: str) -> None:
    page = open_settings(visit, username)
    page.get_by_role("radio", name="한국어").check(force=True)
    expect(page.get_by_role("heading", name="설정", level=1)).to_be_visible()


def test_time_zone_is_saved(visit: Visits, username: str) -> None:
    page = open_settings(visit, username)
    page.get_by_label("Time zone").select_option("America/New_York")
    expect(message(page, "General")).to_have_text("Saved.")
    assert stored(page, "accounts/time-zone/") == {"time_zone": "America/New_York"}


def test_export_is_downloaded(visit: Visits, username: str, tmp_path: Path) -> None:
    page = open_settings(visit, username)
    with page.expect_download() as download:
        page.get_by_role("button", name="Without pictures").click()
    file = tmp_path / "export.zip"
    download.value.save_as(file)
    assert download.value.suggested_filename == "pose-smart.zip"
    assert "access" not in page.url
    with zipfile.ZipFile(file) as archive:
        text = "".join(archive.read(name).decode() for name in archive.namelist() if name.endswith(".json"))
    assert username in text


def test_new_password_ends_all_other_logins(visit: Visits, username: str) -> None:
    visit.expect_error("status of 400|status of 401")
    page = open_settings(visit, username)
    other = visit("/#/log-in")
    log_in(other, username)
    form = page.locator("[data-view=settings] form").filter(has=page.get_by_label("New password"))
    form.get_by_label("Current password").fill("not the password")
    form.get_by_label("New password").fill("another password")
    form.get_by_role("button").click()
    expect(form.locator(".field-error")).to_have_text("This is not the account's password.")
    form.get_by_label("Current password").fill(PASSWORD)
    form.get_by_role("button").click()
    expect(form.locator(".form-message")).to_contain_text("Password changed.")
    page.reload()
    expect(page.get_by_role("heading", name="Settings", level=1)).to_be_visible()
    expect_expired(other)
    log_in(other, username, "another password")


def test_logging_out_everywhere_ends_all_logins(visit: Visits, username: str) -> None:
    visit.expect_error("status of 401")
    page = open_settings(visit, username)
    other = visit("/#/log-in")
    log_in(other, username)
    page.get_by_role("button", name="Log out everywhere").click()
    expect(page.get_by_text("You have been logged out.")).to_be_visible()
    expect_expired(other)


def test_account_is_deleted_after_the_password(visit: Visits, username: str) -> None:
    visit.expect_error("status of 400|status of 401")
    page = open_settings(visit, username)
    form = page.locator("form").filter(has=page.get_by_role("button", name="Delete my account"))
    form.get_by_role("button").click()
    expect(form.locator(".field-error")).to_be_visible()
    form.get_by_label("Your password").fill("not the password")
    form.get_by_role("button").click()
    expect(form.locator(".field-error")).to_have_text("This is not the account's password.")
    form.get_by_label("Your password").fill(PASSWORD)
    form.get_by_role("button").click()
    expect(page.get_by_text("Your account and all its data have been deleted.")).to_be_visible()
    credentials = json.dumps({"username": username, "password": PASSWORD})
    headers = {"Content-Type": "application/json"}
    assert page.request.post(f"{visit.address}/api/accounts/login/", data=credentials, headers=headers).status == 401
