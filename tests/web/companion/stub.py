"""A companion with an engine and settings that a test controls, on a page without a session."""

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Locator, Page

START = """async ({ snapshot, settings }) => {
    document.documentElement.toggleAttribute("data-signed-in", true);  // as for a user, without a session of their own
    const { companion } = await import("/static/web/js/companion/companion.js");
    class Engine extends EventTarget {
        snapshot = snapshot;
        calls = [];
        failure = null;
        show(changes) {
            Object.assign(this.snapshot, changes);
            this.dispatchEvent(new CustomEvent("changed", { detail: this.snapshot }));
        }
        async note(...call) {
            this.calls.push(call);
            if (this.failure) throw this.failure;
        }
    }
    const answers = ["snooze", "dismiss", "reportWrong", "takeBackWrong", "postpone"];
    for (const name of [...answers, "pause", "resume", "countStretch"]) {
        Engine.prototype[name] = function (...values) { return this.note(name, ...values); };
    }
    class Settings extends EventTarget {
        current = settings;
        async load() {}
    }
    window.engine = new Engine();
    companion(window.engine, new Settings());
}"""
UPRIGHT = {
    "closer": {"value": 1.0, "limit": 1.1},
    "lower": {"value": 0.0, "limit": 0.15},
    "tilted": {"value": 0.0, "limit": 10.0},
}
LEANING = {
    "closer": {"value": 1.15, "limit": 1.1},
    "lower": {"value": 0.15, "limit": 0.15},
    "tilted": {"value": 10.0, "limit": 10.0},
}
SETTINGS = {"sound": "off", "volume": 100, "voice": 1, "steps": ["figure", "edge", "banner"]}
ONLY_BANNER = {**SETTINGS, "steps": ["banner"]}
KINDS = ("neck", "blink", "rest", "stretching", "stranger", "someone_behind")


def posture(state: str, margins: Any = UPRIGHT, faults: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"state": state, "faults": list(faults), "reason": None, "margins": margins}


def session(**changes: Any) -> dict[str, Any]:
    usual: dict[str, Any] = {
        "id": "11111111-1111-4111-8111-111111111111",
        "state": "monitoring",
        "posture": posture("good"),
        "alarms": [],
        "snoozed": [],
        "upcoming": None,
    }
    return usual | changes


def alarm(kind: str = "neck", number: int = 1) -> dict[str, Any]:
    return {"id": number, "kind": kind, "started_at": "2026-03-02T01:00:00Z", "ended_at": None}


def snapshot(**changes: Any) -> dict[str, Any]:
    usual = {
        "role": "leading",
        "session": session(),
        "isConnected": True,
        "camera": {"isOn": True, "reason": None},
        "lastSeenAt": 0,
        "unseenS": 0,
        "activeS": 3720,
        "alarm": None,
    }
    return usual | changes


@dataclass(frozen=True, slots=True)
class Companion:
    page: Page

    def show(self, **changes: Any) -> None:
        """Let the engine have changed."""
        self.page.evaluate("changes => engine.show(changes)", changes)

    def wait(self, seconds: float) -> None:
        """Let time pass on the page's faked clock, and the engine tell what it tells every second."""
        for _second in range(round(seconds)):
            self.page.clock.run_for(1000)
            self.show()

    @property
    def calls(self) -> list[Any]:
        """What was asked of the engine, in order."""
        calls: list[Any] = self.page.evaluate("engine.calls")
        return calls

    @property
    def banner(self) -> Locator:
        return self.page.locator(".alarm[data-alarm]")

    @property
    def toast(self) -> Locator:
        return self.page.locator(".alarm-bar .toast")

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()


def start(page: Page, settings: dict[str, Any] | None = None, **changes: Any) -> Companion:
    """Start a companion on an open page."""
    page.evaluate(START, {"snapshot": snapshot(**changes), "settings": settings or SETTINGS})
    return Companion(page)
