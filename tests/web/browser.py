"""Chromium for the page's tests: its options, the pages a test opens, and their console messages."""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright

# Chromium gives each new window two pages of its own, for the address bar, which cost more than most tests' pages. The
# others are those of Playwright's list that could disturb a test: of two such flags, only the last counts.
DISABLED = (
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
    "WebUIOmniboxFullPopup",
    "PreloadTopChromeWebUI",
    "AimEnabled",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
)
FLAGS = (
    "--no-sandbox",  # tests run as root in containers
    f"--disable-features={','.join(DISABLED)}",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WIDE = (1280, 900)
NARROW = (360, 780)
# Every pair of a language, a theme and a size occurs; all eight combinations if screenshots are wanted.
PAIRWISE = [("en", False, WIDE), ("ko", True, WIDE), ("en", True, NARROW), ("ko", False, NARROW)]
ALL_VARIANTS = list(product(("en", "ko"), (False, True), (WIDE, NARROW)))
VARIANTS = ALL_VARIANTS if os.environ.get("SCREENSHOTS") else PAIRWISE
in_every_variant = pytest.mark.parametrize(("language", "dark", "size"), VARIANTS, ids=str)
LOCALES = {"en": "en-GB", "ko": "ko-KR"}
WAIT_MS = 30_000  # generous: a second is enough on a quiet machine
DRAWN = "() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))"
# Tests that answer requests themselves see none that a service worker answers: it is blocked unless a test wants it.
WORKER_BLOCKED = "Service Worker registration blocked by Playwright"
# Only what is found comes back from axe: its description of each element without a fault takes longer than all rules.
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
VIOLATIONS = """async (rules) => (await axe.run(rules)).violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`))"""


def executable() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome")
    return next(filter(None, map(shutil.which, names)), None)


def without_windows() -> str | None:
    """Chromium's headless shell, which needs three quarters of its processor time; Chromium if there is none."""
    return shutil.which("chromium-headless-shell") or executable()


@contextmanager
def chromium(playwright: Playwright, *flags: str, path: str | None = None) -> Iterator[Browser]:
    path = path or executable()
    browser = playwright.chromium.launch(executable_path=path, headless=True, args=[*FLAGS, *flags])
    try:
        yield browser
    finally:
        browser.close()


@dataclass
class Visits:
    """The pages that a test opens, and the messages of their consoles."""

    browser: Browser
    address: str
    folder: Path
    closers: list[Callable[[], None]] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    expected_patterns: list[str] = field(default_factory=list)

    def __call__(
        self,
        path: str = "/",
        *,
        language: str = "en",
        dark: bool = False,
        size: tuple[int, int] = WIDE,
        browser: Browser | None = None,
        before: Callable[[Page], object] = lambda page: None,
        **options: Any,
    ) -> Page:
        """Open the page in a new browser context, as a first visit.

        browser: another than usual, with a camera. before: what is done to the tab before. Nothing moves unless a test
        says so: without a graphics card, an alarm's glow takes more time than the rest of the page.
        """
        width, height = size
        options.setdefault("service_workers", "block")
        options.setdefault("reduced_motion", "reduce")
        if browser:  # the headless shell lets a page use the camera, but says that it would ask first
            options.setdefault("permissions", ["camera"])
        context = (browser or self.browser).new_context(
            locale=LOCALES[language],
            color_scheme="dark" if dark else "light",
            viewport={"width": width, "height": height},
            **{"timezone_id": "Asia/Seoul"} | options,
        )
        self.closers.append(context.close)
        context.set_default_timeout(WAIT_MS)
        page = context.new_page()
        self.listen_to(page)
        before(page)
        page.goto(self.address + path)
        return page

    def listen_to(self, page: Page) -> None:
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.messages.append(f"page error: {error}"))

    def expect_error(self, pattern: str) -> None:
        """Allow console messages that match: browsers log every error response."""
        self.expected_patterns.append(pattern)

    def unexpected(self) -> list[str]:
        return [
            message
            for message in self.messages
            if not any(re.search(pattern, message) for pattern in self.expected_patterns)
        ]

    def shoot(self, page: Page, name: str) -> None:
        """Save a screenshot of the whole page in the folder that SCREENSHOTS names."""
        page.screenshot(path=self.folder / f"{name}.png", full_page=True, animations="disabled")

    def _note(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and message.text != WORKER_BLOCKED:
            self.messages.append(f"{message.type}: {message.text} ({message.location.get('url', '')})")


def violations(page: Page) -> list[str]:
    """The accessibility violations that axe finds, as "rule: element"."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    found: list[str] = page.evaluate(VIOLATIONS, RULES)
    return found


def screenshot_folder(default: Path) -> Path:
    folder = Path(os.environ.get("SCREENSHOTS") or default)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def resize(page: Page, width: int, height: int) -> None:
    """Give the page another size, and wait until it is drawn in it: before, Chromium answers with an older layout."""
    page.set_viewport_size({"width": width, "height": height})
    page.evaluate(DRAWN)


def overflow_px(page: Page) -> int:
    """The distance that the page can be scrolled sideways."""
    script = "Math.max(0, document.documentElement.scrollWidth - innerWidth)"
    width: int = page.evaluate(script)
    return width


def watch_layout(page: Page) -> None:
    """Add up what moves from now on, also what follows an input: hadRecentInput excuses nothing here."""
    page.evaluate(DRAWN)
    page.evaluate(
        """() => {
            window.shift = 0;
            new PerformanceObserver((list) => {
                for (const { value } of list.getEntries()) window.shift += value;
            }).observe({ type: "layout-shift" });
        }"""
    )


def layout_shift(page: Page) -> float:
    """The sum of the layout shifts since watch_layout, once the page has been drawn."""
    page.evaluate(DRAWN)
    return float(page.evaluate("shift"))
