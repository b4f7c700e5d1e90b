"""A real MongoDB server for tests: on a free loopback port, with its own folder."""

import os
from contextlib import AbstractContextManager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pymongo
from pymongo.errors import PyMongoError

from tests import server_process
from tests.server_process import ServerProcess


class Mongod(ServerProcess):
    """A server with its files in a folder."""

    name = "mongod"

    def __init__(self, folder: Path, *options: str) -> None:
        super().__init__(folder)
        self._options = options

    @property
    def uri(self) -> str:
        return f"mongodb://127.0.0.1:{self.port}"

    def client(self) -> "pymongo.MongoClient[dict[str, Any]]":
        """Of this server, even if it is a member of a set."""
        return pymongo.MongoClient(self.uri, directConnection=True, serverSelectionTimeoutMS=1000)

    def command(self) -> list[str]:
        address = ["--dbpath", str(self.folder), "--port", str(self.port), "--bind_ip", "127.0.0.1"]
        options = ["--nounixsocket", "--wiredTigerCacheSizeGB", "0.25", "--setParameter", "ttlMonitorSleepSecs=1"]
        return [_binary(), *address, *options, *self._options]

    def responds(self) -> bool:
        with self.client() as client:
            try:
                client.admin.command("ping")
            except PyMongoError:
                return False
        return True


def running(folder: Path) -> AbstractContextManager[Mongod]:
    return server_process.running(Mongod(folder))


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
