"""What throttles count in Redis, for all workers and machines together."""

import logging
from array import array
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

from common.db.breaker import Breaker

RETRY_AFTER_S = 5.0

_log = logging.getLogger(__name__)
breaker = Breaker(RETRY_AFTER_S)


class Moments:
    """Lists of numbers as bytes: what is read from Redis is never run, as a pickle would be."""

    def dumps(self, moments: list[float]) -> bytes:
        return array("d", moments).tobytes()

    def loads(self, data: bytes) -> list[float]:
        return array("d", data).tolist()


class RedisOrMemory(RedisCache):
    """Redis, and for as long as it is away this process's own memory. It never fails."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._memory = LocMemCache("while Redis is away", {"MAX_ENTRIES": 10_000})

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        return self._ask("get", key, default, version)

    def set(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        self._ask("set", key, value, timeout, version)

    def delete(self, key: str, version: int | None = None) -> bool:
        return bool(self._ask("delete", key, version))

    def clear(self) -> None:
        self._ask("clear")

    def _ask(self, name: str, *arguments: Any) -> Any:
        if breaker.allows():
            try:
                response = getattr(super(), name)(*arguments)
            except (RedisError, OSError, ValueError) as error:  # ValueError: not what we wrote there
                if breaker.failed():
                    # Not its text: it may quote the address, and with it the password.
                    _log.error("Redis is away (%s). Each worker counts for itself.", type(error).__name__)
            else:
                if breaker.succeeded():
                    _log.warning("Redis is back.")
                return response
        return getattr(self._memory, name)(*arguments)
