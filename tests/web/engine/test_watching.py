"""What is said of a session at a moment, worked out by hand: the time that is not seen, the clock, the alarm."""

from typing import Any

import pytest
from playwright.sync_api import Page

UNSEEN = """async ([state, passedMs]) => {
    const { unseenSeconds } = await import("/static/web/js/engine/watching.js");
    const watched = {
        session: { state: "monitoring", next_after_ms: 1000 }, isConnected: true, camera: { isOn: true, reason: null },
        lastSeenAt: 50_000,
    };
    return unseenSeconds({ ...watched, ...state }, 50_000 + passedMs);
}"""
CLOCK = """async (steps) => {
    const { ActiveTime } = await import("/static/web/js/engine/watching.js");
    const time = new ActiveTime("", 90);
    return steps.map(([activeS, state, at]) => {
        if (state) time.note({ active_s: activeS, state }, 1000 * at);
        return time.at(1000 * at);
    });
}"""
HEAVIEST = """async ([alarms, snoozed]) => {
    const { heaviestAlarm } = await import("/static/web/js/engine/watching.js");
    return heaviestAlarm({ alarms, snoozed }, Date.parse("2026-11-30T12:00:00Z"))?.kind ?? null;
}"""


@pytest.fixture
def page(shared_page: Page) -> Page:
    return shared_page


@pytest.mark.parametrize(
    ("state", "passed_ms", "seconds"),
    [
        ({}, 6900, 0),
        ({}, 7100, 7.1),
        ({"isConnected": False}, 0, 1),
        ({"camera": {"isOn": False, "reason": None}}, 3000, 3),
        ({"camera": {"isOn": True, "reason": "still"}}, 500, 1),
        ({"session": {"state": "away", "next_after_ms": 5000}}, 10_900, 0),
        ({"session": {"state": "paused", "next_after_ms": 1000}}, 60_000, 0),
        ({"session": None}, 60_000, 0),
    ],
)
def test_what_is_not_watched_is_unseen(page: Page, state: Any, passed_ms: int, seconds: float) -> None:
    assert page.evaluate(UNSEEN, [state, passed_ms]) == pytest.approx(seconds)


def test_clock_waits_for_the_service_but_never_goes_back(page: Page) -> None:
    steps = [(0, "", 0), (100, "monitoring", 0), (0, "", 3), (0, "", 60), (101, "monitoring", 61), (110, "paused", 62)]
    assert page.evaluate(CLOCK, [*steps, (0, "", 70)]) == [90, 100, 103, 104, 104, 110, 110]


def alarm(kind: str, ended_at: str | None = None) -> dict[str, str | None]:
    return {"kind": kind, "ended_at": ended_at}


@pytest.mark.parametrize(
    ("alarms", "snoozed", "kind"),
    [
        ([], [], None),
        ([alarm("stretching"), alarm("blink"), alarm("neck")], [], "neck"),
        ([alarm("neck", "2026-11-30T11:59:00Z"), alarm("rest")], [], "rest"),
        ([alarm("someone_behind"), alarm("stranger")], None, "stranger"),
        ([alarm("neck"), alarm("blink")], [{"kind": "neck", "until": "2026-11-30T12:05:00Z"}], "blink"),
        ([alarm("neck")], [{"kind": "neck", "until": "2026-11-30T11:55:00Z"}], "neck"),
        ([alarm("neck")], [{"kind": None, "until": None}], None),
        ([alarm("unheard of"), alarm("stretching")], [], "stretching"),
    ],
)
def test_alarm_of_most_weight_that_is_not_snoozed(page: Page, alarms: Any, snoozed: Any, kind: str | None) -> None:
    assert page.evaluate(HEAVIEST, [alarms, snoozed]) == kind
