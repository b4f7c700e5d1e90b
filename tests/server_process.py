"""A server of another project for tests: a process on a free loopback port."""

import os
import shutil
import signal
import socket
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar, TypeVar

DEADLINE_S = 120.0
ELSEWHERE = ("/usr/sbin", "/usr/local/sbin", "/usr/libexec", "/sbin")  # folders that a user's PATH may lack
POLL_INTERVAL_S = 0.02


class ServerProcess(ABC):
    """Can be hung, killed, and started again on the same files and port."""

    name: ClassVar[str]

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @abstractmethod
    def command(self) -> list[str]:
        """Program and arguments."""

    @abstractmethod
    def responds(self) -> bool:
        """True if the server can be used."""

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start, and wait until it responds."""
        log_file = self.folder / f"{self.name}.log"
        with log_file.open("ab") as log:
            self._process = subprocess.Popen(self.command(), stdout=log, stderr=subprocess.STDOUT)
        deadline = time.monotonic() + DEADLINE_S
        while not self.responds():
            assert self.is_running, log_file.read_text()[-3000:]
            assert time.monotonic() < deadline, f"{self.name} does not respond"
            time.sleep(POLL_INTERVAL_S)

    def hang(self) -> None:
        """Accept connections but respond to nothing, like a hung machine; all threads have stopped on return."""
        assert self._process
        self._process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, self._process.pid, os.WSTOPPED)

    def go_on(self) -> None:
        """Respond again, also to what came while it hung."""
        assert self._process
        self._process.send_signal(signal.SIGCONT)

    def recover(self) -> None:
        """Respond, even if an earlier test left it hung or killed."""
        self.go_on() if self.is_running else self.start()

    def kill(self) -> None:
        """Kill it, as a crash does."""
        assert self._process
        self._process.kill()
        self._process.wait()


S = TypeVar("S", bound=ServerProcess)


@contextmanager
def running(server: S) -> Iterator[S]:
    """The server, started; killed at the end."""
    server.start()
    try:
        yield server
    finally:
        server.kill()


def program(name: str) -> str:
    """The path of an installed program, or ""."""
    return shutil.which(name, path=os.pathsep.join([os.environ["PATH"], *ELSEWHERE])) or ""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
