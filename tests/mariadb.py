"""A real MariaDB server for tests: on a free loopback port, with its own data folder."""

import getpass
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from tests.mongod import free_port

DEADLINE_S = 60.0
PROGRAMS = ("mariadbd", "mariadb-install-db", "mariadb-admin")
ELSEWHERE = ("/usr/sbin", "/usr/local/sbin", "/usr/libexec")  # folders that a user's PATH may lack


class MariaDB:
    """A server that can be killed and started again on the same files and port; root has no password."""

    def __init__(self, folder: Path, buffer_pool_mb: int = 32) -> None:
        self._buffer_pool_mb = buffer_pool_mb
        self._data = folder / "data"
        self._log = folder / "mariadbd.log"
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        with self._log.open("wb") as log:
            options = ["--auth-root-authentication-method=normal", "--skip-test-db"]
            command = [_program("mariadb-install-db"), *self._options(), *options]
            subprocess.run(command, stdout=log, stderr=subprocess.STDOUT, check=True)

    def url(self, database: str) -> str:
        return f"mysql://root@127.0.0.1:{self.port}/{database}"

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start, and wait until it responds."""
        # The socket is in the data folder, by a relative path: its full path may be too long for a socket.
        address = [f"--port={self.port}", "--bind-address=127.0.0.1", "--socket=socket", "--pid-file=pid"]
        options = ["--skip-name-resolve", "--character-set-server=utf8mb4"]
        options += [f"--innodb-buffer-pool-size={self._buffer_pool_mb}M"]
        with self._log.open("ab") as log:
            command = [_program("mariadbd"), *self._options(), *address, *options]
            self._process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        deadline = time.monotonic() + DEADLINE_S
        while self._admin("ping"):
            assert self.is_running, self._log.read_text()[-3000:]
            assert time.monotonic() < deadline, "mariadbd does not respond"

    def kill(self) -> None:
        """Kill it, as a crash does."""
        assert self._process
        self._process.kill()
        self._process.wait()

    def send(self, number: signal.Signals) -> None:
        """Send SIGSTOP or SIGCONT; after SIGSTOP, return only when all threads have stopped."""
        assert self._process
        self._process.send_signal(number)
        if number == signal.SIGSTOP:
            os.waitid(os.P_PID, self._process.pid, os.WSTOPPED)

    def create_database(self, name: str) -> None:
        assert self._admin("create", name) == 0

    def empty(self, table: str) -> None:
        connect = import_module("MySQLdb").connect  # an optional dependency
        with closing(connect(host="127.0.0.1", port=self.port, user="root")) as connection:
            connection.query(f"TRUNCATE {table}")

    def _options(self) -> list[str]:
        return ["--no-defaults", f"--datadir={self._data}", f"--user={getpass.getuser()}"]

    def _admin(self, *arguments: str) -> int:
        address = ["--protocol=tcp", "--host=127.0.0.1", f"--port={self.port}", "--user=root", "--connect-timeout=1"]
        command = [_program("mariadb-admin"), "--no-defaults", *address, *arguments]
        return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode


@contextmanager
def running(folder: Path, buffer_pool_mb: int = 32) -> Iterator[MariaDB]:
    server = MariaDB(folder, buffer_pool_mb)
    server.start()
    try:
        yield server
    finally:
        server.kill()


def missing() -> str:
    """The reason why no server can be started, or ""."""
    if absent := [name for name in PROGRAMS if not _program(name)]:
        return f"no {' and no '.join(absent)}: install a MariaDB server (Debian and Ubuntu: apt install mariadb-server)"
    if find_spec("MySQLdb") is None:
        return "no mysqlclient: install requirements-mysql.txt"
    return ""


def _program(name: str) -> str:
    return shutil.which(name, path=os.pathsep.join([os.environ["PATH"], *ELSEWHERE])) or ""
