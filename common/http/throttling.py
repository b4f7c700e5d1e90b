"""Rate limits.

Failed passwords are counted in a table of the database, for all workers and machines together: a Redis that restarts
would give a locked name fresh tries. Sign-ups and logins are counted in Redis, or without one in the same table; frames
in Redis, or by each worker for itself. Keys are hashes: they reveal no name or address.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import IPv6Address, ip_address
from typing import Any

from django.conf import settings
from django.core.cache import DEFAULT_CACHE_ALIAS, caches
from django.db import connection
from django.http import HttpRequest
from django.utils import timezone
from django.utils.connection import ConnectionProxy
from django.utils.crypto import salted_hmac
from rest_framework.exceptions import Throttled
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle, ScopedRateThrottle, SimpleRateThrottle

from common.errors import TooManyRequests

ATTEMPTS_ALIAS = "attempts"
FAILURES_ALIAS = "failures"
NETWORK_BITS = 64  # of an IPv6 address: a client that has one address of the network has them all

# Like Django's own `cache`: the connection of the current thread.
_attempts: Any = ConnectionProxy(caches, ATTEMPTS_ALIAS)
_failures: Any = ConnectionProxy(caches, FAILURES_ALIAS)
_frames: Any = ConnectionProxy(caches, DEFAULT_CACHE_ALIAS)


class TooManyAttempts(TooManyRequests):
    """Too many attempts failed; no further one is checked for a while."""


class AttemptThrottle(ScopedRateThrottle):
    """Counts the requests of a user, or of an address if nobody is logged in."""

    cache = _attempts

    def get_cache_key(self, request: Request, view: Any) -> str:
        return _key(str(self.scope), request.user.pk if request.user else address_of(request))


class FrameThrottle(AttemptThrottle):
    """Counts a user's frames: one for each request, and by count_more those of a burst, and what large ones cost."""

    cache = _frames

    def count_more(self, request: Request, view: Any, frames: int) -> None:
        """Count `frames` more than the one that the request was counted as. Raises Throttled if that is too many."""
        self.scope = view.throttle_scope
        rate: Any = self.parse_rate(self.THROTTLE_RATES[self.scope])
        limit, duration = rate
        key, now = self.get_cache_key(request, view), self.timer()
        history: list[float] = [timestamp for timestamp in self.cache.get(key, []) if timestamp > now - duration]
        surplus = len(history) + frames - limit
        if surplus > 0:
            raise Throttled(history[-surplus] + duration - now if surplus <= len(history) else duration)
        self.cache.set(key, [now] * frames + history, duration)


class WriteThrottle(AttemptThrottle):
    """Counts whatever a user changes, except where a view has a rate of its own."""

    cache = _frames

    def allow_request(self, request: Request, view: Any) -> bool:
        if request.method in SAFE_METHODS or not request.user:
            return True
        self.scope = "writes"
        self.rate = self.get_rate()
        self.num_requests, self.duration = self.parse_rate(self.rate)
        return SimpleRateThrottle.allow_request(self, request, view)


class FailureThrottle(SimpleRateThrottle):
    """Counts failed attempts for a name or from an address. Two in the same millisecond may count as one."""

    cache = _failures

    def __init__(self, scope: str, client: str) -> None:
        self.scope = scope
        self._cache_key = _key(scope, client)
        super().__init__()

    def get_cache_key(self, request: Any, view: Any) -> str:
        return self._cache_key

    def throttle_success(self) -> bool:
        return True  # allow_request would count the attempt here, before it has failed

    def wait_s(self) -> float:
        """Seconds until the next attempt is allowed; 0 if it is allowed now."""
        return 0.0 if self._has_room() else self.wait() or 0.0

    def count(self) -> None:
        if self._has_room():
            super().throttle_success()

    def reset(self) -> None:
        self.cache.delete(self._cache_key)

    def _has_room(self) -> bool:
        unused: Any = None  # the key needs neither request nor view
        return self.allow_request(unused, unused)


def password_failures(username: str) -> FailureThrottle:
    """The failures of one username from all addresses, whether the account exists or not."""
    return FailureThrottle("login_failure", username)


@contextmanager
def count_failures(*limits: FailureThrottle, failure: type[Exception]) -> Iterator[None]:
    """Count failures of a password check. Raises TooManyAttempts, before the check, if there were too many."""
    if wait_s := max(limit.wait_s() for limit in limits):
        raise TooManyAttempts(wait_s)
    try:
        yield
    except failure:
        for limit in limits:
            limit.count()
        raise


def address_of(request: HttpRequest | Request) -> str:
    """The client's address as the outermost of our own proxies saw it; for IPv6, its network of NETWORK_BITS."""
    try:
        address = ip_address(BaseThrottle().get_ident(request))  # type: ignore[arg-type]
    except ValueError:  # a proxy that passes on no addresses: its clients count as one
        return str(request.META.get("REMOTE_ADDR"))
    if isinstance(address, IPv6Address):
        host_bits = 128 - NETWORK_BITS
        return str(address.ipv4_mapped or IPv6Address(int(address) >> host_bits << host_bits))
    return str(address)


def delete_expired() -> None:
    """Delete expired counts from the database's table; Redis and memory drop theirs themselves."""
    table, expires = map(connection.ops.quote_name, (settings.ATTEMPTS_TABLE, "expires"))
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE {expires} < %s", [now])  # noqa: S608 - both names are our own


def _key(scope: str, client: object) -> str:
    return salted_hmac("common.http.throttling", f"{scope} {client}", algorithm="sha256").hexdigest()
