"""The cache in which throttles count, in Redis for all workers and machines together."""

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


class Timestamps:
    """Stores lists of timestamps as plain bytes. Unpickling, the default, could run code that is stored in Redis."""

    def dumps(self, timestamps: list[float]) -> bytes:
        return array("d", timestamps).tobytes()

    def loads(self, data: bytes) -> list[float]:
        return array("d", data).tolist()


class RedisOrMemory(RedisCache):
    """Redis; this process's own memory while Redis is unavailable. It never raises."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._memory = LocMemCache("while Redis is unavailable", {"MAX_ENTRIES": 10_000})

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        return self._call("get", key, default, version)

    def set(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        self._call("set", key, value, timeout, version)

    def delete(self, key: str, version: int | None = None) -> bool:
        return bool(self._call("delete", key, version))

    def clear(self) -> None:
        self._call("clear")

    def _call(self, name: str, *arguments: Any) -> Any:
        if breaker.allows():
            try:
                response = getattr(super(), name)(*arguments)
            except (RedisError, OSError, ValueError) as error:  # ValueError: not an entry of ours
                if breaker.failed():
                    # Without the error's text, which may quote the address and its password.
                    _log.error("Redis is unavailable (%s). Each worker counts for itself.", type(error).__name__)
            else:
                if breaker.succeeded():
                    _log.warning("Redis is available again.")
                return response
        return getattr(self._memory, name)(*arguments)
