"""Scripts with Django set up, each in a fork of one process: Django is imported once, and no script sees another's."""

import json
import os
import subprocess
import sys
from types import TracebackType
from typing import Self

from tests.gunicorn_server import ROOT

ENDED = "Its process ended with"
# Reads a script from each line; writes a line with its output, and the error that ended it.
FORK_FOR_EACH = """
import django; django.setup()
import json, os, sys, traceback
from contextlib import redirect_stdout
from io import StringIO
from django.db import connections

def run(script):
    output, error = StringIO(), ""
    try:
        with redirect_stdout(output):
            exec(script, {"__name__": "__main__"})
    except BaseException:
        error = traceback.format_exc()
    connections.close_all()
    return [output.getvalue(), error]

exec(sys.argv[1])
for line in sys.stdin:
    child = os.fork()
    if not child:
        print(json.dumps(run(json.loads(line))), flush=True)
        os._exit(0)
    if status := os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]):
        print(json.dumps(["", f"{ENDED} {status}"]), flush=True)
"""


class Shell:
    """Runs scripts in an environment; the process starts with the first one.

    first: what all of them need, such as imports that take long.
    """

    def __init__(self, environment: dict[str, str], first: str = "") -> None:
        self._environment = environment
        self._first = first
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._process:
            with self._process as process:  # which closes its input: it ends
                process.kill()

    def run(self, script: str) -> str:
        """A script's output. Fails if the script does."""
        output, error = self._send(script)
        assert not error, error
        return output

    def exit_code(self, script: str) -> int:
        """That of a script that may end its process. Fails if it ends with an exception."""
        _, error = self._send(script)
        assert not error or error.startswith(ENDED), error
        return int(error.removeprefix(ENDED) or 0)

    def _send(self, script: str) -> tuple[str, str]:
        process = self._process = self._process or self._start()
        assert process.stdin
        assert process.stdout
        process.stdin.write(json.dumps(script) + "\n")
        process.stdin.flush()
        output, error = json.loads(process.stdout.readline())
        return output, error

    def _start(self) -> "subprocess.Popen[str]":
        base = {"PATH": os.environ["PATH"], "ENV_FILE": "/nonexistent", "DJANGO_SETTINGS_MODULE": "posesmart.settings"}
        pipe = subprocess.PIPE
        command = [sys.executable, "-c", FORK_FOR_EACH.replace("{ENDED}", ENDED), self._first]
        return subprocess.Popen(command, cwd=ROOT, env=base | self._environment, stdin=pipe, stdout=pipe, text=True)
