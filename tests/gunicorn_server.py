"""A real gunicorn of this project for tests: on a free loopback port, with its own database and settings."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

ROOT = Path(__file__).resolve().parent.parent
DEADLINE_S = 120.0  # for steps that take a second or two on a quiet machine: only what hangs takes as long
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
# As systemd does: the socket is file descriptor 3 of the process itself.
WITH_SOCKET = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ |= {"LISTEN_FDS": "1", "LISTEN_PID": str(os.getpid())}
os.execv(sys.executable, [sys.executable, *sys.argv[2:]])
"""


@dataclass(frozen=True, slots=True)
class Response:
    status: int
    json: Any


class Held:
    """A request that a worker has accepted; the worker waits for its body."""

    def __init__(self, port: int, path: str, body: Any, access: str) -> None:
        self._body = json.dumps(body).encode()
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=DEADLINE_S)
        self._connection.putrequest("POST", f"/api/{path}")
        headers = {"Content-Type": "application/json", "Content-Length": str(len(self._body)), "Expect": "100-continue"}
        for name, value in _with_token(headers, access).items():
            self._connection.putheader(name, value)
        self._connection.endheaders()
        received = b""
        while len(received) < len(CONTINUE):
            part = self._connection.sock.recv(len(CONTINUE) - len(received))
            assert part, "the connection was closed"
            received += part
        assert received == CONTINUE

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._connection.close()

    def send_body(self) -> None:
        self._connection.send(self._body)

    def response(self) -> Response:
        return _read(self._connection)


class Server:
    """A running gunicorn, and its log as it grows."""

    def __init__(self, process: subprocess.Popen[str], access: str) -> None:
        self._process = process
        self._access = access
        self._lines: list[str] = []
        self._log_changed = threading.Condition()
        self.reader = threading.Thread(target=self._read_log, args=(process.stdout,))
        self.reader.start()
        self.address = self.wait_for_log(r"Listening at: (?:http://)?(\S+)")[0]  # host:port, or unix: and a path

    @property
    def port(self) -> int:
        return int(self.address.rpartition(":")[2])

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def log(self) -> str:
        with self._log_changed:
            return "".join(self._lines)

    def wait_for_log(self, pattern: str, count: int = 1) -> list[str]:
        """The pattern's matches in the log, as soon as there are `count`."""
        with self._log_changed:
            ready = self._log_changed.wait_for(
                lambda: len(re.findall(pattern, "".join(self._lines))) >= count, DEADLINE_S
            )
        found: list[str] = re.findall(pattern, self.log)
        assert ready, f"{count} of {pattern!r} were expected, {len(found)} were found:\n{self.log}"
        return found

    def started_workers(self, count: int = 1) -> list[int]:
        """The process ids of all workers so far, once there are `count`."""
        return [int(pid) for pid in self.wait_for_log(r"Booting worker with pid: (\d+)", count)]

    def post(self, path: str, body: Any, *, access: str | None = None, within_s: float = DEADLINE_S) -> Response:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=within_s)
        headers = _with_token({"Content-Type": "application/json"}, self._access if access is None else access)
        try:
            connection.request("POST", f"/api/{path}", json.dumps(body), headers)
            return _read(connection)
        finally:
            connection.close()

    def hold(self, path: str, body: Any) -> Held:
        return Held(self.port, path, body, self._access)

    def post_to_every_worker(self, workers: int, path: str, body: Any) -> list[Response]:
        """One response from each worker; a worker handles one request at a time."""
        with ExitStack() as stack:
            held = [stack.enter_context(self.hold(path, body)) for _ in range(workers)]
            for request in held:
                request.send_body()
            return [request.response() for request in held]

    def terminate(self) -> None:
        self._process.terminate()
        self.wait_for_log("Handling signal: term")

    def kill(self) -> None:
        """Kill it and its workers together, as a power cut does."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def exit_code(self, within_s: float = DEADLINE_S) -> int:
        return self._process.wait(within_s)

    def _read_log(self, stream: IO[str]) -> None:
        for line in stream:
            with self._log_changed:
                self._lines.append(line)
                self._log_changed.notify_all()


def serving(
    access: str, *options: str, app: str = "posesmart.wsgi", **environment: str
) -> AbstractContextManager[Server]:
    """A gunicorn with only this environment; it and its workers are killed afterwards."""
    return _serving(None, access, (app, *options), environment)


def serving_on(listener: socket.socket, access: str, /, **environment: str) -> AbstractContextManager[Server]:
    """The same on a socket that stays open in this process, like that of a systemd socket unit."""
    return _serving(listener, access, ("posesmart.wsgi",), environment)


@contextmanager
def _serving(
    listener: socket.socket | None, access: str, options: tuple[str, ...], environment: dict[str, str]
) -> Iterator[Server]:
    passed = [listener.fileno()] if listener else []
    first = ["-c", WITH_SOCKET, *map(str, passed)] if passed else []
    process = subprocess.Popen(
        [sys.executable, *first, "-m", "gunicorn", *options],
        pass_fds=passed,
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "BIND": "127.0.0.1:0", "ENV_FILE": "/nonexistent"} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    with process:
        server = None
        try:
            server = Server(process, access)
            yield server
        finally:
            with suppress(ProcessLookupError):  # it may have ended on its own
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            if server:
                server.reader.join()


def _with_token(headers: dict[str, str], access: str) -> dict[str, str]:
    return headers | {"Authorization": f"Bearer {access}"} if access else headers


def _read(connection: http.client.HTTPConnection) -> Response:
    response = connection.getresponse()
    return Response(response.status, json.loads(response.read()))
