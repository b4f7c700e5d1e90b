"""A real Redis server for tests: on a free loopback port, with a password, storing nothing on disk."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis

from tests.mongod import free_port

DEADLINE_S = 30.0
PASSWORD = "redis-password"


class RedisServer:
    """A server that can be stopped, killed and started again on the same port."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://:{PASSWORD}@127.0.0.1:{self.port}/0"

    @property
    def client(self) -> "redis.Redis":
        return redis.Redis.from_url(self.url)

    def start(self) -> None:
        """Start, and wait until it responds."""
        address = ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self._folder)]
        options = ["--save", "", "--appendonly", "no", "--requirepass", PASSWORD]
        with (self._folder / "redis.log").open("ab") as log:
            command = [_binary(), *address, *options]
            self._process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, cwd=self._folder)
        deadline = time.monotonic() + DEADLINE_S
        with self.client as client:
            while True:
                assert self._process.poll() is None, (self._folder / "redis.log").read_text()[-3000:]
                try:
                    client.ping()
                except redis.ConnectionError:
                    assert time.monotonic() < deadline, "redis-server does not respond"
                else:
                    return

    def hang(self) -> None:
        """Accept connections but respond to nothing, like a hung machine."""
        assert self._process
        self._process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, self._process.pid, os.WSTOPPED)

    def go_on(self) -> None:
        """Respond again, also to what came while it hung."""
        assert self._process
        self._process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """Kill it, as a crash does."""
        assert self._process
        self._process.kill()
        self._process.wait()


@contextmanager
def running(folder: Path) -> Iterator[RedisServer]:
    server = RedisServer(folder)
    server.start()
    try:
        yield server
    finally:
        server.kill()


def missing() -> str:
    """The reason why no server can be started, or ""."""
    return "" if _binary() else "no redis-server: install one (Debian and Ubuntu: apt install redis-server)"


def _binary() -> str:
    return shutil.which("redis-server") or ""
