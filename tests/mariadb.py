"""A real MariaDB server for tests: on a free loopback port, with its own data folder."""

import getpass
import subprocess
from contextlib import AbstractContextManager, closing
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from tests import server_process
from tests.server_process import ServerProcess, program

PROGRAMS = ("mariadbd", "mariadb-install-db", "mariadb-admin", "mariadb-dump", "mariadb")


class MariaDB(ServerProcess):
    """A server with its own data folder; root has no password."""

    name = "mariadbd"

    def __init__(self, folder: Path, buffer_pool_mb: int = 32) -> None:
        super().__init__(folder)
        self._buffer_pool_mb = buffer_pool_mb
        with (folder / "mariadb-install-db.log").open("wb") as log:
            options = ["--auth-root-authentication-method=normal", "--skip-test-db"]
            command = [program("mariadb-install-db"), *self._options(), *options]
            subprocess.run(command, stdout=log, stderr=subprocess.STDOUT, check=True)

    def url(self, database: str) -> str:
        return f"mysql://root@127.0.0.1:{self.port}/{database}"

    def command(self) -> list[str]:
        # The socket is in the data folder, by a relative path: its full path may be too long for a socket.
        address = [f"--port={self.port}", "--bind-address=127.0.0.1", "--socket=socket", "--pid-file=pid"]
        options = ["--skip-name-resolve", "--character-set-server=utf8mb4"]
        options += [f"--innodb-buffer-pool-size={self._buffer_pool_mb}M"]
        return [program("mariadbd"), *self._options(), *address, *options]

    def responds(self) -> bool:
        return self._admin("ping") == 0

    def create_database(self, name: str) -> None:
        assert self._admin("create", name) == 0

    def copy_database(self, name: str, to: str) -> None:
        """A new database with the same tables and rows."""
        self.create_database(to)
        dumped = subprocess.run(self._client("mariadb-dump", name), stdout=subprocess.PIPE, check=True).stdout
        subprocess.run(self._client("mariadb", to), input=dumped, check=True)

    def empty(self, table: str) -> None:
        connect = import_module("MySQLdb").connect  # an optional dependency
        with closing(connect(host="127.0.0.1", port=self.port, user="root")) as connection:
            connection.query(f"TRUNCATE {table}")

    def _options(self) -> list[str]:
        # A server that starts deletes the temporary tables that it finds in /tmp, another's too.
        folders = [f"--datadir={self.folder / 'data'}", f"--tmpdir={self.folder}"]
        return ["--no-defaults", *folders, f"--user={getpass.getuser()}"]

    def _client(self, name: str, *arguments: str) -> list[str]:
        """A client's command, for this server."""
        address = ["--protocol=tcp", "--host=127.0.0.1", f"--port={self.port}", "--user=root"]
        return [program(name), "--no-defaults", *address, *arguments]

    def _admin(self, *arguments: str) -> int:
        command = self._client("mariadb-admin", "--connect-timeout=1", *arguments)
        return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode


def running(folder: Path, buffer_pool_mb: int = 32) -> AbstractContextManager[MariaDB]:
    return server_process.running(MariaDB(folder, buffer_pool_mb))


def missing() -> str:
    """The reason why no server can be started, or ""."""
    if absent := [name for name in PROGRAMS if not program(name)]:
        return f"no {' and no '.join(absent)}: install a MariaDB server (Debian and Ubuntu: apt install mariadb-server)"
    if find_spec("MySQLdb") is None:
        return "no mysqlclient: install requirements-mysql.txt"
    return ""
