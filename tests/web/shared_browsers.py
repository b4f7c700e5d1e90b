"""The browsers of this process, which files of tests that follow each other share: a start takes seconds.

They do not run as long as the process: while Playwright's event loop runs, Django refuses database access, which the
tests of other files need.
"""

from contextlib import ExitStack

from playwright.sync_api import Browser, Playwright, sync_playwright

from tests.web import browser


class Browsers:
    """Each is started when it is first needed."""

    def __init__(self) -> None:
        self.are_needed_next = False  # by the test that follows the current one
        self._stack = ExitStack()
        self._playwright: Playwright | None = None
        self._running: dict[tuple[str | None, ...], Browser] = {}

    def playwright(self) -> Playwright:
        if not self._playwright:
            self._playwright = self._stack.enter_context(sync_playwright())
        return self._playwright

    def chromium(self, *flags: str, has_windows: bool = False) -> Browser:
        """A browser with these flags; another one, if the last crashed."""
        path = browser.executable() if has_windows else browser.without_windows()
        running = self._running.get((path, *flags))
        if not running or not running.is_connected():
            running = self._stack.enter_context(browser.chromium(self.playwright(), *flags, path=path))
            self._running[path, *flags] = running
        return running

    def stop(self) -> None:
        self._running.clear()
        self._playwright = None
        self._stack.close()


browsers = Browsers()
