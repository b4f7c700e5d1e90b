"""The page's clock: monotonic, with the time that the computer slept, whatever happens to the system's clock."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.web.desk.conftest import AtDesk
from tests.web.desk.desk import captured_at

# The clocks of the computer and of the service, moved by seconds: [[steady, system, service], ...] between answers.
CLOCKS = """async (steps) => {
    const { Clock } = await import("/static/web/js/clock.js");
    const [steady, system] = [performance.now, Date.now];
    const at = { steady: performance.now(), system: Date.now(), service: Date.now() };
    performance.now = () => at.steady;
    Date.now = () => at.system;
    const clock = new Clock();
    const began = clock.now();
    const slept = [];
    const doubts = [];
    clock.addEventListener("slept", ({ detail }) => slept.push(Math.round(detail / 1000)));
    const answer = () => clock.note(new Response("", { headers: { Date: new Date(at.service).toUTCString() } }));
    answer();
    for (const [steady, system, service] of steps) {
        at.steady += 1000 * steady;
        at.system += 1000 * system;
        at.service += 1000 * service;
        doubts.push(clock.isInDoubt);
        answer();
    }
    const passed = Math.round((clock.now() - began) / 1000);
    Object.assign(performance, { now: steady });
    Object.assign(Date, { now: system });
    return { passed, slept, doubts };
}"""
HOUR_S = 3600
# Both the computer's clock and the service's are an hour ahead from now on, as after an hour's sleep.
SLEEP = """() => {
    const awake = Date.now;
    Date.now = () => awake() + 3_600_000;
    const get = Headers.prototype.get;
    Headers.prototype.get = function (name) {
        const value = get.call(this, name);
        return name === "Date" ? new Date(Date.parse(value) + 3_600_000).toUTCString() : value;
    };
}"""
STEP = "() => { const before = Date.now; Date.now = () => before() + %d; }"


@pytest.fixture
def page(shared_page: Page) -> Page:
    return shared_page


@pytest.mark.parametrize(
    ("steps", "passed", "slept"),
    [
        ([[2, 2, 2]] * 5, 10, []),
        ([[2, HOUR_S, 2], [2, 2, 2]], 4, []),
        ([[2, -HOUR_S, 2], [2, 2, 2]], 4, []),
        ([[2, 2, HOUR_S], [2, 2, 2]], 4, []),
        ([[2, 2, -HOUR_S], [2, 2, 2]], 4, []),
        ([[2, 2 + HOUR_S, 2 + HOUR_S], [2, 2, 2]], 4 + HOUR_S, [HOUR_S]),
        ([[2, 2 + HOUR_S, 2 + 900], [2, 2, 2]], 4 + 900, [900]),
        ([[90, 90, 90]], 90, []),
    ],
    ids=[
        "steady",
        "set forward",
        "set back",
        "service set forward",
        "service set back",
        "asleep",
        "asleep and set",
        "off",
    ],
)
def test_only_sleep_is_added_to_the_monotonic_clock(
    page: Page, steps: list[list[int]], passed: int, slept: list[int]
) -> None:
    found = page.evaluate(CLOCKS, steps)
    assert found["passed"] == pytest.approx(passed, abs=2)
    assert [round(each / 60) for each in found["slept"]] == [round(each / 60) for each in slept]
    assert found["doubts"][0] is (steps[0][1] > steps[0][0] + 5)


def test_time_asleep_does_not_count(at_desk: AtDesk) -> None:
    desk = at_desk(blink_on=False)
    desk.page.evaluate(SLEEP)
    # The service tells whole seconds.
    expect(desk.page.get_by_text(re.compile("Monitoring was interrupted for (59:5|1:00:0)"))).to_be_visible()
    desk.expect_tone("good")
    with desk.page.expect_response("**/frames/**") as response:
        pass
    assert response.value.json()["active_s"] < 300


@pytest.mark.parametrize("step_ms", [7_200_000, -7_200_000, 9_000])
def test_step_of_the_computers_clock_never_shows(at_desk: AtDesk, step_ms: int) -> None:
    desk = at_desk(blink_on=False)
    with desk.page.expect_request("**/frames/**") as before:
        pass
    desk.page.evaluate(STEP % step_ms)
    for _ in range(3):
        with desk.page.expect_response("**/frames/**") as response:
            pass
    times = [captured_at(request) for request in (before.value, response.value.request)]
    minutes = desk.page.evaluate("(times) => (Date.parse(times[1]) - Date.parse(times[0])) / 60_000", times)
    assert 0 < minutes < 1
    assert response.value.json()["active_s"] < 60
    expect(desk.page.get_by_text("Monitoring was interrupted")).to_have_count(0)
    assert str(desk.fact("time").text_content()).startswith("00:")
