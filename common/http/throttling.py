"""Who may ask how often.

What is rare and matters for security is counted for all workers and machines: in Redis, or in a table of the database.
Frames are counted in Redis, or by each worker for itself. The keys are hashes: they tell no name and no address.
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
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle, ScopedRateThrottle, SimpleRateThrottle

from common.errors import TooManyRequests

ATTEMPTS_ALIAS = "attempts"
NETWORK_BITS = 64  # of an IPv6 address: whoever has one of the network has all of them

# As Django's own `cache`: of the thread that asks.
_attempts: Any = ConnectionProxy(caches, ATTEMPTS_ALIAS)
_frames: Any = ConnectionProxy(caches, DEFAULT_CACHE_ALIAS)


class TooManyAttempts(TooManyRequests):
    """So many attempts failed that no further one is checked for a while."""


class AttemptThrottle(ScopedRateThrottle):
    """Counts the requests of a user, or of an address where nobody is logged in."""

    cache = _attempts

    def get_cache_key(self, request: Request, view: Any) -> str:
        return _key(str(self.scope), request.user.pk if request.user else address_of(request))


class FrameThrottle(AttemptThrottle):
    """Counts a user's frames: a request is one, and count_more tells of those that came with it."""

    cache = _frames

    def count_more(self, request: Request, view: Any, frames: int) -> None:
        """So many frames besides the one that the request was counted as. Raises Throttled where that is too many."""
        self.scope = view.throttle_scope
        rate: Any = self.parse_rate(self.THROTTLE_RATES[self.scope])
        limit, duration = rate
        key, now = self.get_cache_key(request, view), self.timer()
        history: list[float] = [moment for moment in self.cache.get(key, []) if moment > now - duration]
        surplus = len(history) + frames - limit
        if surplus > 0:
            raise Throttled(history[-surplus] + duration - now if surplus <= len(history) else duration)
        self.cache.set(key, [now] * frames + history, duration)


class FailureThrottle(SimpleRateThrottle):
    """Counts the tries of a name, or from an address, that failed. Two in the same millisecond may count as one."""

    cache = _attempts

    def __init__(self, scope: str, who: str) -> None:
        self.scope = scope
        self._cache_key = _key(scope, who)
        super().__init__()

    def get_cache_key(self, request: Any, view: Any) -> str:
        return self._cache_key

    def throttle_success(self) -> bool:
        return True  # not to be counted: nothing has failed yet

    def wait_s(self) -> float:
        """How long to wait before the next try; 0 where there is room for it."""
        return 0.0 if self._has_room() else self.wait() or 0.0

    def count(self) -> None:
        if self._has_room():
            super().throttle_success()

    def forget(self) -> None:
        self.cache.delete(self._cache_key)

    def _has_room(self) -> bool:
        nothing: Any = None  # the key needs neither request nor view
        return self.allow_request(nothing, nothing)


def password_failures(username: str) -> FailureThrottle:
    """Of one account, whether it exists or not, wherever they come from."""
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
    """The client's address, as the outermost of our own proxies saw it; of IPv6 the network that it is from."""
    try:
        address = ip_address(BaseThrottle().get_ident(request))  # type: ignore[arg-type]
    except ValueError:  # a proxy that tells no addresses: its clients count as one
        return str(request.META.get("REMOTE_ADDR"))
    if isinstance(address, IPv6Address):
        host_bits = 128 - NETWORK_BITS
        return str(address.ipv4_mapped or IPv6Address(int(address) >> host_bits << host_bits))
    return str(address)


def forget_expired() -> None:
    """Delete counts that are over from the database's table; elsewhere they go by themselves."""
    table, expires = map(connection.ops.quote_name, (settings.ATTEMPTS_TABLE, "expires"))
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE {expires} < %s", [now])  # noqa: S608 - names of our own


def _key(scope: str, who: object) -> str:
    return salted_hmac("common.http.throttling", f"{scope} {who}", algorithm="sha256").hexdigest()
