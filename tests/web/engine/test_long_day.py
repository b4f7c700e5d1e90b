"""Eight hours at the desk, with what happens in them: not a minute that could be watched is lost."""

from playwright.sync_api import Page, expect

from tests.web.browser import Visits
from tests.web.desk.conftest import AtDesk
from tests.web.engine.made_day import PACE_S, Day, Service

HOURS = 8
UNSEEN_AFTER_S = 6  # besides the pace, as in watching.js
MINUTES_UNSURE = 5  # at most, at both ends of each gap, where the service does not count
LANGUAGE = "[data-set-language]"


def go_to(page: Page, view: str) -> None:
    page.locator(f"nav a[href='#/{view}']").click()
    expect(page.locator(f"main > [data-view={view}] h1").first).to_be_attached()


def expect_good(page: Page) -> None:
    expect(page.locator("#watch")).to_have_attribute("data-tone", "good")


def restart_the_service(day: Day, page: Page, minute: int) -> None:
    """Ten minutes: it refuses, then does not answer at all. The page is reloaded meanwhile."""
    day.until(page, minute)
    day.service.failure = "503"
    day.until(page, minute + 4)
    expect(page.locator("#watch")).to_have_attribute("data-tone", "unsure")
    day.service.failure = "silence"
    day.reload(page)
    expect(page.locator("#watch .watch-words")).to_contain_text("Not seen for 4 min")
    expect(page.locator("#watch .watch-time")).not_to_be_empty()
    day.until(page, minute + 10)
    day.service.failure = None
    day.gaps.append((minute, minute + 10))


def sleep(day: Day, page: Page, minute: int, minutes: int) -> None:
    day.sleep(page, minute, minutes)
    day.until(page, minute + minutes + 1)
    expect_good(page)


def test_no_minute_is_lost_in_eight_hours(visit: Visits, at_desk: AtDesk) -> None:
    visit.expect_error("503|ERR_CONNECTION_REFUSED|did not respond|responded with 503")
    desk = at_desk(blink_on=False)
    first = desk.page
    session = desk.call("GET", "detections/sessions/")["results"][0]
    answer = desk.call("GET", f"detections/sessions/{session['id']}/")
    day = Day(first.context, Service(answer | {"next": "frame", "next_after_ms": 1000 * PACE_S}))
    day.begin(first)

    day.until(first, 60)
    go_to(first, "history")
    day.until(first, 75)
    day.reload(first)
    day.until(first, 120)
    go_to(first, "settings")
    sleep(day, first, 130, 40)
    day.until(first, 180)
    go_to(first, "desk")
    restart_the_service(day, first, 195)
    day.until(first, 240)
    go_to(first, "settings")
    day.until(first, 255)
    day.keep_shown(first)
    first.locator(LANGUAGE).click()
    expect(first.locator("html")).to_have_attribute("lang", "ko")
    sleep(day, first, 270, 55)
    day.until(first, 330)
    go_to(first, "history")

    second = first.context.new_page()
    visit.listen_to(second)
    second.goto(first.url)
    day.until(first, 360)
    go_to(second, "desk")
    day.until(first, 380)
    day.keep_shown(first)
    first.close()
    day.until(second, 420)
    go_to(second, "history")
    day.until(second, 440)
    day.reload(second)
    day.until(second, 60 * HOURS)
    day.keep_shown(second)

    assert day.missing_minutes(60 * HOURS) == []
    expect_never_back(day)
    expect_never_good_unseen(day)
    watched_s = 60 * (60 * HOURS - sum(end - start for start, end in day.gaps))
    assert max(each.active_s for each in day.shown[-1]) >= watched_s - 60 * MINUTES_UNSURE
    second.context.unroute_all(behavior="wait")


def expect_never_back(day: Day) -> None:
    """The time at the desk, also from one load of the page or tab to the next."""
    longest = 0
    last_ms = 0.0
    for shown in day.shown:
        times = [each.active_s for each in shown if each.tone != "rest"]
        assert times == sorted(times)
        later = [each.active_s for each in shown if each.tone != "rest" and each.at_ms > last_ms]
        assert min(later) >= longest
        longest, last_ms = later[-1], shown[-1].at_ms


def expect_never_good_unseen(day: Day) -> None:
    for each in [each for shown in day.shown for each in shown if each.tone == "good"]:
        last = max((seen for seen in day.service.seen_ms if seen <= each.at_ms), default=day.began_ms)
        assert each.at_ms - last <= 1000 * (PACE_S + UNSEEN_AFTER_S + 1), each
