"""A day in under a minute: what the page waits for is skipped, and a stand-in judges its pictures."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import BrowserContext, Page, Route

PACE_S = 30  # between two pictures; the service asks for more, which only takes a test longer
MINUTE_MS = 60_000
WAIT_MS = 120_000
# All tabs share a clock in localStorage: "awake" is what was skipped while the computer ran, "asleep" the rest. Nothing
# is skipped beyond "until", nor is a short wait: that is for the camera, which starts as slowly as ever. The service's
# clock agrees with the computer's, and each picture is a new one of the camera.
CLOCK = """
if (location.protocol.startsWith("http")) {
    const read = (name) => Number(localStorage.getItem(`day.${name}`) ?? 0);
    const [steady, system] = [performance.now.bind(performance), Date.now.bind(Date)];
    performance.now = () => steady() + read("awake");
    Date.now = () => system() + read("awake") + read("asleep");
    const { get } = Headers.prototype;
    Headers.prototype.get = function (name) {
        return name === "Date" ? new Date(Date.now()).toUTCString() : get.call(this, name);
    };
    let frames = 0;
    HTMLVideoElement.prototype.getVideoPlaybackQuality = () => ({ totalVideoFrames: (frames += 1) });
    const skip = async (ms) => {
        const dueAt = performance.now() + ms;
        for (let left = ms; left > 0; left = dueAt - performance.now()) {
            const free = read("until") - Date.now();
            if (free > 0 && ms >= 1000) localStorage.setItem("day.awake", read("awake") + Math.min(left, free));
            else await new Promise((resolve) => setTimeout(resolve, 20));
        }
    };
    const imported = import("/static/web/js/clock.js").then(({ clock }) => Object.assign(clock, { timer: skip }));
    // What the header shows, whenever it is drawn.
    window.shown = [];
    addEventListener("DOMContentLoaded", async () => {
        const watch = document.querySelector("#watch");
        const clock = await imported;
        new MutationObserver(() => {
            const time = watch.querySelector(".watch-time").textContent;
            window.shown.push([clock.now(), watch.dataset.tone, time]);
        }).observe(watch, { attributes: true, childList: true, subtree: true });
    });
}
"""
SLEEP = "ms => localStorage.setItem('day.asleep', ms + Number(localStorage.getItem('day.asleep') ?? 0))"


@dataclass(frozen=True, slots=True)
class Shown:
    """What the header showed at a moment."""

    at_ms: float
    tone: str
    active_s: int


@dataclass
class Service:
    """Judges each picture as good posture, and keeps the moments at which they were taken."""

    session: dict[str, Any]
    failure: str | None = None  # "503" or "silence" while it restarts
    seen_ms: list[float] = field(default_factory=list)

    def answer(self, route: Route) -> None:
        """Handle a call of the page; the real service takes those that are not about this session."""
        path = urlsplit(route.request.url).path
        if self.failure == "503":
            route.fulfill(status=503, json={"detail": "Starting."})
        elif self.failure == "silence":
            route.abort("connectionrefused")
        elif path.endswith("/frames/"):
            self._judge(captured_ms(route.request.url))
            route.fulfill(json=self.session)
        elif path.endswith(f"/sessions/{self.session['id']}/"):
            route.fulfill(json=self.session | {"next_after_ms": 1000})  # at once after a reload
        else:
            route.fallback()

    def _judge(self, at_ms: float) -> None:
        passed_s = (at_ms - self.seen_ms[-1]) / 1000 if self.seen_ms else 0
        if passed_s <= 2 * PACE_S:
            self.session["active_s"] += passed_s
        self.seen_ms.append(at_ms)


@dataclass
class Day:
    """A day of a browser whose first tab watches."""

    context: BrowserContext
    service: Service
    shown: list[list[Shown]] = field(default_factory=list)  # by each load of the page
    began_ms: float = 0
    gaps: list[tuple[int, int]] = field(default_factory=list)  # in minutes: asleep, or without the service

    def begin(self, page: Page) -> None:
        self.context.add_init_script(CLOCK)
        self.context.route("**/api/**", self.service.answer)
        page.reload()
        self.began_ms = page.evaluate("Date.now()")

    def until(self, page: Page, minute: int) -> None:
        """Let the day go on up to a minute of it."""
        until = self.began_ms + minute * MINUTE_MS
        page.evaluate("until => localStorage.setItem('day.until', until)", until)
        page.wait_for_function("until => Date.now() >= until", arg=until, polling=50, timeout=WAIT_MS)

    def sleep(self, page: Page, minute: int, minutes: int) -> None:
        self.until(page, minute)
        page.evaluate(SLEEP, minutes * MINUTE_MS)
        self.gaps.append((minute, minute + minutes))

    def keep_shown(self, page: Page) -> None:
        """To be called before a page is left, with what its header has shown."""
        self.shown.append([Shown(at, tone, seconds(text)) for at, tone, text in page.evaluate("shown")])

    def reload(self, page: Page) -> None:
        self.keep_shown(page)
        page.reload()

    def missing_minutes(self, minutes: int) -> list[int]:
        """The whole minutes without a picture, of those in which the computer and the service ran."""
        seen = {int((each - self.began_ms) // MINUTE_MS) for each in self.service.seen_ms}
        gone = {minute for start, end in self.gaps for minute in range(start, end)}
        return [minute for minute in range(minutes) if minute not in seen | gone]


def captured_ms(url: str) -> float:
    (moment,) = parse_qs(urlsplit(url).query)["captured_at"]
    return datetime.fromisoformat(moment).timestamp() * 1000


def seconds(clock: str) -> int:
    """The seconds of a time such as 07:59 or 1:07:59; an empty one is 0."""
    total = 0
    for part in clock.split(":"):
        total = 60 * total + int(part or 0)
    return total
