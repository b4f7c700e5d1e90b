"""The first visit, signing up, logging in and staying logged in."""

from playwright.sync_api import Page, Route, expect

from tests.web.browser import Visits, in_every_variant, overflow_px, violations
from tests.web.conftest import PASSWORD, expect_expired, log_in, sign_up, sign_up_with_the_form

UNAUTHORIZED = "status of 401"
BAD_REQUEST = "status of 400"


def test_sign_up_leads_to_the_desk(visit: Visits, username: str) -> None:
    page = visit()
    page.locator(".hero").get_by_role("link", name="Create an account").click()
    sign_up_with_the_form(page, username)
    expect(page.locator("#who")).to_have_text(username)
    expect(page).to_have_title("At the desk · Pose Smart")


@in_every_variant
def test_first_screens_fit_and_are_accessible(visit: Visits, language: str, dark: bool, size: tuple[int, int]) -> None:
    page = visit(language=language, dark=dark, size=size)
    for name in ("welcome", "log-in", "sign-up"):
        page.goto(f"{visit.address}/#/{name}")
        expect(page.locator(f"main > [data-view={name}]")).to_be_visible()
        visit.shoot(page, f"{name}-{language}-{'dark' if dark else 'light'}-{size[0]}")
        assert violations(page) == []
        assert overflow_px(page) == 0


def test_first_screen_needs_no_script(visit: Visits) -> None:
    page = visit(java_script_enabled=False)
    expect(page.get_by_role("heading", name="Your pictures are yours")).to_be_visible()


def test_wrong_password_focuses_its_message(visit: Visits, username: str) -> None:
    visit.expect_error(UNAUTHORIZED)
    page = visit("/#/log-in")
    fill(page, username, "not the password")
    message = page.locator("[data-view=log-in] .form-message")
    expect(message).to_have_text("The name or the password is wrong. Please check both.")
    expect(message).to_be_focused()


def test_wrong_password_is_told_in_korean(visit: Visits, username: str) -> None:
    visit.expect_error(UNAUTHORIZED)
    page = visit("/#/log-in", language="ko")
    fill(page, username, "not the password")
    message = page.locator("[data-view=log-in] .form-message")
    expect(message).to_have_text("아이디나 비밀번호가 맞지 않아요. 다시 확인해 주세요.")


def test_forgotten_password_leads_to_those_who_can_help(visit: Visits) -> None:
    page = visit("/#/log-in")
    page.get_by_role("link", name="Forgot your password?").click()
    section = page.locator("[data-view=forgot]")
    expect(section.get_by_text("Ask the person who runs Pose Smart for you")).to_be_visible()
    assert violations(page) == []


def test_new_user_stretches_every_two_hours(visit: Visits, username: str) -> None:
    page = visit()
    with page.expect_response(lambda response: response.url.endswith("/api/accounts/alarms/")) as response:
        sign_up_with_the_form(page, username)
    assert response.value.json()["stretching_time"] == 7200


def test_api_error_is_shown_at_its_field(visit: Visits, username: str) -> None:
    visit.expect_error(BAD_REQUEST)
    page = visit("/#/sign-up", language="ko")
    fill(page, username, "short", view="sign-up")
    password = page.locator("#sign-up-password")
    expect(page.locator("#sign-up-password-error")).to_contain_text("8")
    expect(page.locator("#sign-up-password-error")).to_contain_text("비밀번호")
    expect(password).to_have_attribute("aria-invalid", "true")
    expect(password).to_be_focused()
    assert violations(page) == []


def test_taken_name_is_reported_at_its_field(visit: Visits, username: str) -> None:
    visit.expect_error(BAD_REQUEST)
    sign_up(visit(), username)
    page = visit("/#/sign-up")
    fill(page, username, PASSWORD, view="sign-up")
    expect(page.locator("#sign-up-name-error")).to_have_text("A user with that username already exists.")


def test_empty_field_error_is_in_korean(visit: Visits) -> None:
    page = visit("/#/log-in", language="ko")
    page.locator("[data-view=log-in] [type=submit]").click()
    expect(page.locator(".field-error").first).to_have_text("입력해 주세요.")


def test_login_survives_a_reload(visit: Visits, username: str) -> None:
    page = visit()
    sign_up(page, username)
    page.reload()
    expect(page.locator("main > [data-view=desk]")).to_be_visible()
    assert page.evaluate("fetch('/').then((response) => response.text())").count("data-signed-in") == 1


def test_login_returns_to_the_requested_view(visit: Visits, username: str) -> None:
    sign_up(visit(), username)
    page = visit("/#/settings")
    log_in(page, username)
    expect(page.get_by_role("heading", name="Settings", level=1)).to_be_visible()


def test_logout_reaches_all_tabs(visit: Visits, username: str) -> None:
    visit.expect_error(UNAUTHORIZED)  # to what the other tab is loading when its login ends
    page = visit()
    sign_up(page, username)
    other = page.context.new_page()
    visit.listen_to(other)
    other.goto(visit.address)
    expect(other.locator("main > [data-view=desk]")).to_be_visible()
    page.get_by_role("button", name="Log out").click()
    for tab in (page, other):
        expect(tab.locator("main > [data-view=welcome]")).to_be_visible()
        expect(tab.get_by_role("status").filter(has_text="You have been logged out.")).to_be_visible()
    assert page.evaluate("localStorage.getItem('posesmart.login')") is None


def test_expired_login_asks_to_log_in(visit: Visits, username: str) -> None:
    visit.expect_error(UNAUTHORIZED)
    page = visit()
    sign_up(page, username)
    page.evaluate(
        """async () => {
            const { access } = JSON.parse(localStorage.getItem("posesmart.login"));
            const headers = { Authorization: `Bearer ${access}`, "Content-Type": "application/json" };
            await fetch("/api/accounts/logout/", { method: "POST", headers, body: '{"everywhere": true}' });
        }"""
    )
    expect_expired(page)
    expect(page.locator("main > [data-view=log-in]")).to_be_visible()


def test_two_tabs_renew_the_token_once(visit: Visits, username: str) -> None:
    page = visit()
    sign_up(page, username)
    other = page.context.new_page()
    visit.listen_to(other)
    other.goto(visit.address)
    expect(other.locator("#who")).to_have_text(username)
    renewals: list[str] = []

    def count(route: Route) -> None:
        renewals.append(route.request.url)
        route.continue_()

    page.context.route("**/api/token/refresh/", count)
    page.evaluate(
        """() => {
            const login = JSON.parse(localStorage.getItem("posesmart.login"));
            localStorage.setItem("posesmart.login", JSON.stringify({ ...login, renewAt: 0 }));
        }"""
    )
    for tab in (page, other):
        tab.evaluate("location.hash = '#/history'")
    for tab in (page, other):
        expect(tab.get_by_role("heading", name="Nothing here yet")).to_be_visible()
    assert len(renewals) == 1


def test_lost_network_shows_a_message(visit: Visits, username: str) -> None:
    visit.expect_error("ERR_INTERNET_DISCONNECTED|ERR_FAILED")
    page = visit()
    sign_up(page, username)
    page.evaluate("location.hash = '#/history'")
    expect(page.get_by_role("heading", name="Nothing here yet")).to_be_visible()
    page.context.set_offline(True)
    page.evaluate("location.hash = '#/history/session/1'")
    expect(page.get_by_text("The service cannot be reached.")).to_be_visible()
    page.context.set_offline(False)
    page.evaluate("location.hash = '#/history'")
    expect(page.get_by_role("heading", name="Nothing here yet")).to_be_visible()


def test_chosen_language_survives_a_reload(visit: Visits) -> None:
    page = visit()
    page.get_by_role("button", name="한국어").click()
    expect(page.get_by_role("heading", name="내 사진은 내 것이에요")).to_be_visible()
    page.reload()
    expect(page.locator("html")).to_have_attribute("lang", "ko")
    expect(page.get_by_role("button", name="English")).to_be_visible()


def test_keyboard_alone_signs_up(visit: Visits, username: str) -> None:
    page = visit()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.goto(f"{visit.address}/#/sign-up")
    expect(page.locator("#sign-up-name")).to_be_focused()
    page.keyboard.type(username)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    for _key in range(2):
        page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(page.locator("[data-view=sign-up] [type=radio]:enabled").first).to_be_checked()
    page.keyboard.press("Enter")
    expect(page.locator("main > [data-view=desk]")).to_be_visible()


def test_new_user_has_the_time_zone_of_the_browser(visit: Visits, username: str) -> None:
    page = visit(timezone_id="Europe/London")
    sign_up_with_the_form(page, username)
    page.evaluate("location.hash = '#/settings'")
    expect(page.locator("#settings-zone")).to_have_value("Europe/London")


def fill(page: Page, username: str, password: str, view: str = "log-in") -> None:
    section = page.locator(f"[data-view={view}]")
    section.locator("[name=username]").fill(username)
    section.locator("[name=password]").fill(password)
    if view == "sign-up":
        section.locator("[value=forgotten]").check()
    section.locator("[type=submit]").click()
