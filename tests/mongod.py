"""A real MongoDB server for tests: on a free loopback port, with its own folder."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pymongo
from pymongo.errors import PyMongoError

DEADLINE_S = 60.0


class Mongod:
    """A server that can be stopped, killed and started again on the same files and port."""

    def __init__(self, folder: Path, *options: str) -> None:
        self._folder = folder
        self._options = options
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def uri(self) -> str:
        return f"mongodb://127.0.0.1:{self.port}"

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def client(self) -> "pymongo.MongoClient[dict[str, Any]]":
        """Of this server, even if it is a member of a set."""
        return pymongo.MongoClient(self.uri, directConnection=True, serverSelectionTimeoutMS=1000)

    def start(self) -> None:
        """Start, and wait until it responds."""
        with (self._folder / "mongod.log").open("ab") as log:
            address = ["--dbpath", str(self._folder), "--port", str(self.port), "--bind_ip", "127.0.0.1"]
            options = ["--nounixsocket", "--wiredTigerCacheSizeGB", "0.25", "--setParameter", "ttlMonitorSleepSecs=1"]
            command = [_binary(), *address, *options, *self._options]
            self._process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        deadline = time.monotonic() + DEADLINE_S
        with self.client() as client:
            while True:
                assert self._process.poll() is None, (self._folder / "mongod.log").read_text()[-3000:]
                try:
                    client.admin.command("ping")
                except PyMongoError:
                    assert time.monotonic() < deadline, "mongod does not respond"
                else:
                    return

    def send(self, number: signal.Signals) -> None:
        """Send SIGSTOP or SIGCONT; after SIGSTOP, return only when all threads have stopped."""
        assert self._process
        self._process.send_signal(number)
        if number == signal.SIGSTOP:
            os.waitid(os.P_PID, self._process.pid, os.WSTOPPED)

    def kill(self) -> None:
        """Kill it, as a crash does."""
        assert self._process
        self._process.kill()
        self._process.wait()


@contextmanager
def running(folder: Path) -> Iterator[Mongod]:
    server = Mongod(folder)
    server.start()
    try:
        yield server
    finally:
        server.kill()


def missing() -> str:
    """The reason why no server can be started, or ""."""
    if _binary():
        return ""
    return "no mongod: install requirements-dev.txt on Linux x86-64, or set MONGOD_BIN to the path of one"


def _binary() -> str:
    if given := os.environ.get("MONGOD_BIN"):
        return given
    package = find_spec("fiftyone")
    folders = package.submodule_search_locations if package else None
    found = [path for folder in folders or [] if (path := Path(folder) / "db" / "bin" / "mongod").is_file()]
    return str(found[0]) if found else ""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
