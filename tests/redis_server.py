"""A real Redis server for tests: on a free loopback port, with a password, storing nothing on disk."""

from contextlib import AbstractContextManager
from pathlib import Path

import redis

from tests import server_process
from tests.server_process import ServerProcess, program

NAME = "redis-server"
PASSWORD = "redis-password"


class RedisServer(ServerProcess):
    name = NAME

    @property
    def url(self) -> str:
        return f"redis://:{PASSWORD}@127.0.0.1:{self.port}/0"

    @property
    def client(self) -> "redis.Redis":
        return redis.Redis.from_url(self.url)

    def command(self) -> list[str]:
        address = ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder)]
        return [program(NAME), *address, "--save", "", "--appendonly", "no", "--requirepass", PASSWORD]

    def responds(self) -> bool:
        with self.client as client:
            try:
                client.ping()
            except redis.ConnectionError:
                return False
        return True


def running(folder: Path) -> AbstractContextManager[RedisServer]:
    return server_process.running(RedisServer(folder))


def missing() -> str:
    """The reason why no server can be started, or ""."""
    return "" if program(NAME) else "no redis-server: install one (Debian and Ubuntu: apt install redis-server)"
