"""Real Chromium for tests of the page: what it is started with, and what nobody may find in its console."""

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

FLAGS = (
    "--no-sandbox",  # tests run as root in containers
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WIDE = (1280, 900)
NARROW = (360, 780)
# Each language, theme and size with each other; all eight where pictures of them are asked for.
IN_PAIRS = [("en", False, WIDE), ("ko", True, WIDE), ("en", True, NARROW), ("ko", False, NARROW)]
ALL_VARIANTS = list(product(("en", "ko"), (False, True), (WIDE, NARROW)))
VARIANTS = ALL_VARIANTS if os.environ.get("SCREENSHOTS") else IN_PAIRS
in_every_variant = pytest.mark.parametrize(("language", "dark", "size"), VARIANTS, ids=str)
LOCALES = {"en": "en-GB", "ko": "ko-KR"}
WAIT_MS = 30_000  # for what takes a second on a quiet machine
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def executable() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome")
    return next(filter(None, map(shutil.which, names)), None)


@contextmanager
def chromium(playwright: Playwright, *flags: str) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=executable(), headless=True, args=[*FLAGS, *flags])
    try:
        yield browser
    finally:
        browser.close()


@dataclass
class Visits:
    """The pages that a test opens, and what their consoles said."""

    browser: Browser
    address: str
    folder: Path
    close: list[Callable[[], None]] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def __call__(
        self,
        path: str = "/",
        *,
        language: str = "en",
        dark: bool = False,
        size: tuple[int, int] = WIDE,
        browser: Browser | None = None,
        **options: Any,
    ) -> Page:
        """A page of somebody who has never been here, with nothing of other visits."""
        width, height = size
        context = (browser or self.browser).new_context(
            locale=LOCALES[language],
            color_scheme="dark" if dark else "light",
            viewport={"width": width, "height": height},
            timezone_id="Asia/Seoul",
            **options,
        )
        self.close.append(context.close)
        context.set_default_timeout(WAIT_MS)
        page = context.new_page()
        self.listen_to(page)
        page.goto(self.address + path)
        return page

    def listen_to(self, page: Page) -> None:
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.told.append(f"page error: {error}"))

    def expect_error(self, pattern: str) -> None:
        """The console may say so: browsers tell there of every answer that is an error."""
        self.expected.append(pattern)

    def unexpected(self) -> list[str]:
        return [words for words in self.told if not any(re.search(pattern, words) for pattern in self.expected)]

    def shoot(self, page: Page, name: str) -> None:
        """A picture of the whole page, to be looked at: SCREENSHOTS names the folder."""
        page.screenshot(path=self.folder / f"{name}.png", full_page=True, animations="disabled")

    def _note(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.told.append(f"{message.type}: {message.text} ({message.location.get('url', '')})")


def violations(page: Page) -> list[str]:
    """What axe finds, each rule with the elements that break it."""
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{rule['id']}: {node['html'][:160]}" for rule in found for node in rule["nodes"]]


def screenshot_folder(otherwise: Path) -> Path:
    folder = Path(os.environ.get("SCREENSHOTS") or otherwise)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def overflow_px(page: Page) -> int:
    """How far the page can be scrolled sideways."""
    script = "Math.max(0, document.documentElement.scrollWidth - innerWidth)"
    width: int = page.evaluate(script)
    return width
