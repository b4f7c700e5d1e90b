"""Firefox with a fake camera, driven by its own protocol: https://w3c.github.io/webdriver-bidi/."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any, Self

from websocket import WebSocket, create_connection

EXECUTABLE = "firefox-esr"
STARTED = "WebDriver BiDi listening on "
ANSWER_S = 60.0
PREFERENCES = {
    "media.navigator.streams.fake": True,  # a camera whose picture changes
    "media.navigator.permission.disabled": True,
    "media.getusermedia.insecure.enabled": True,
    # A click allows a window for five seconds, in which a busy machine may not come to opening it.
    "dom.user_activation.transient.timeout": 120_000,
    "datareporting.policy.dataSubmissionEnabled": False,
    "app.normandy.enabled": False,
    "network.captive-portal-service.enabled": False,
    "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False,
}


class ScriptError(Exception):
    """The page's script failed."""


class Firefox:
    """A running Firefox with one tab."""

    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket
        self._numbers = count(1)
        self.call("session.new", capabilities={})
        self.tab = self.call("browsingContext.getTree")["contexts"][0]["context"]

    def call(self, method: str, **params: Any) -> Any:
        """The result of a command."""
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            answer = json.loads(self._socket.recv())
            if answer.get("id") == number:
                assert answer["type"] == "success", answer
                return answer["result"]

    def open(self, address: str) -> Self:
        """Open a page in the tab."""
        self.call("browsingContext.navigate", context=self.tab, url=address, wait="complete")
        return self

    def hide(self) -> None:
        """Open another tab in front."""
        other = self.call("browsingContext.create", type="tab")["context"]
        self.call("browsingContext.activate", context=other)

    def run(self, script: str) -> Any:
        """The JSON value that an asynchronous function returns, given its body. Raises ScriptError."""
        result = self.call(
            "script.evaluate",
            expression=f"(async () => JSON.stringify(await (async () => {{{script}}})()))()",
            target={"context": self.tab},
            awaitPromise=True,
            userActivation=True,
        )
        if result["type"] == "exception":
            raise ScriptError(result["exceptionDetails"]["text"])
        return json.loads(result["result"]["value"])


@contextmanager
def firefox(folder: Path) -> Iterator[Firefox]:
    """Firefox with a new profile in a folder."""
    profile = folder / "profile"
    profile.mkdir()
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in PREFERENCES.items()]
    (profile / "user.js").write_text("\n".join(lines))
    options = ["--headless", "--no-remote", "--profile", str(profile), "--remote-debugging-port", "0"]
    executable = shutil.which(EXECUTABLE)
    assert executable
    with subprocess.Popen(
        [executable, *options], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    ) as running:
        try:
            socket = create_connection(f"{_address(running)}/session", timeout=ANSWER_S, suppress_origin=True)
            yield Firefox(socket)
            socket.close()
        finally:
            running.kill()


def _address(running: "subprocess.Popen[str]") -> str:
    assert running.stderr
    for line in running.stderr:
        if line.startswith(STARTED):
            return line.removeprefix(STARTED).strip()
    raise AssertionError("Firefox ended before it listened.")
