"""Chromium by its own protocol alone. Playwright keeps every tab visible, so its tests see nothing of hidden ones."""

import json
import re
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from websocket import WebSocket, create_connection

from tests.web.browser import FLAGS, executable

ANSWER_S = 120.0
STARTED = re.compile(r"DevTools listening on (ws://\S+)")


class ScriptError(Exception):
    """The page's script failed."""


class Tab:
    """A tab, on a connection of its own."""

    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket
        self._numbers = count(1)

    def call(self, method: str, **params: Any) -> Any:
        """The result of a command; events are passed over."""
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            answer = json.loads(self._socket.recv())
            if answer.get("id") == number:
                assert "error" not in answer, answer
                return answer["result"]

    def load(self, address: str) -> None:
        """Go to a page, and wait until it is loaded."""
        self.call("Page.enable")
        self.call("Page.navigate", url=address)
        while json.loads(self._socket.recv()).get("method") != "Page.loadEventFired":
            pass

    def run(self, script: str) -> Any:
        """The JSON value that an asynchronous function returns, given its body. Raises ScriptError."""
        found = self.call(
            "Runtime.evaluate",
            expression=f"(async () => {{{script}}})()",
            awaitPromise=True,
            returnByValue=True,
            userGesture=True,
        )
        if "exceptionDetails" in found:
            raise ScriptError(found["exceptionDetails"])
        return found["result"].get("value")


class Chromium:
    """A running Chromium, whose connections a stack closes."""

    def __init__(self, address: str, connections: ExitStack) -> None:
        self._host = urlsplit(address).netloc
        self._connections = connections
        self._browser = Tab(self._connect(address))

    def open(self, address: str) -> Tab:
        """Open a page in a new tab, in front of the others."""
        target = self._browser.call("Target.createTarget", url="about:blank")["targetId"]
        tab = Tab(self._connect(f"ws://{self._host}/devtools/page/{target}"))
        self._browser.call("Target.activateTarget", targetId=target)
        tab.load(address)
        return tab

    def _connect(self, address: str) -> WebSocket:
        return self._connections.enter_context(
            closing(create_connection(address, timeout=ANSWER_S, suppress_origin=True))
        )


@contextmanager
def chromium(folder: Path, flags: Sequence[str]) -> Iterator[Chromium]:
    """A headless Chromium with a new profile in a folder."""
    found = executable()
    assert found
    options = [*FLAGS, *flags, "--headless", "--remote-debugging-port=0", f"--user-data-dir={folder / 'profile'}"]
    with subprocess.Popen([found, *options, "about:blank"], stderr=subprocess.PIPE, text=True) as running:
        try:
            with ExitStack() as connections:
                yield Chromium(_address(running), connections)
        finally:
            running.kill()


def _address(running: "subprocess.Popen[str]") -> str:
    assert running.stderr
    for line in running.stderr:
        if found := STARTED.search(line):
            return found[1]
    raise AssertionError("Chromium ended before it listened.")
