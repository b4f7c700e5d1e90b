"""Whether frames can be judged, and the state of whatever that needs: for /readyz and for administrators.

No host is named and no error quoted. A store that hangs delays it by a few seconds at most.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.cache import caches
from django.db import Error, connection, connections

from ai_models.vision.weights import WEIGHT_FILES, WeightsMissing, weight_path
from common.db import reserve
from common.disk import MIB, room_for
from detections import vision
from mongos import archive, guard, space
from personal_data import erasures

OK = "ok"
DEGRADED = "degraded"  # frames are judged, but an administrator should look into it
UNAVAILABLE = "unavailable"  # no frame can be judged

SPOOL_FILLING = 0.5  # of its limit
ERASURE_LATE_S = 3600
DROPPED_LATELY_S = 600
PATIENCE_S = 2  # timeout of a connection to the database, and of each query

Check = dict[str, Any]


def checks() -> dict[str, Check]:
    """The state of each dependency, by its name."""
    return {
        **_database(),
        "archive": _archive(),
        "weights": _weights(),
        "spool": _spool(),
        "disk": _disk(),
        **_redis(),
    }


def worst(states: dict[str, Check]) -> str:
    """The worst status among these."""
    statuses = {state["status"] for state in states.values()}
    return next((level for level in (UNAVAILABLE, DEGRADED) if level in statuses), OK)


def erasures_pending() -> tuple[int, float] | None:
    """The number of erasures that the archive has not carried out, and the age of the oldest in seconds (0 if none).

    None if the database cannot be reached.
    """
    try:
        with _database_with_timeout() as alias:
            pending, oldest = erasures.pending(using=alias)
    except Error:
        return None
    return pending, max(0.0, time.time() - oldest.timestamp()) if oldest else 0.0


def _database() -> dict[str, Check]:
    backlog = erasures_pending()
    if backlog is None:
        return {"database": {"status": UNAVAILABLE}}
    pending, oldest_s = backlog
    status = DEGRADED if oldest_s > ERASURE_LATE_S else OK
    return {"database": {"status": OK}, "erasures": {"status": status, "pending": pending}}


def _archive() -> Check:
    if not guard.is_remote():
        return {"status": OK, "place": "in the database"}
    # Not probed during an outage: housekeeping does that every second, and here it would only delay the response.
    is_up = guard.breaker.allows() and guard.probe()
    return {"status": OK if is_up else DEGRADED, "place": "MongoDB"}


def _weights() -> Check:
    try:
        for name in WEIGHT_FILES:
            weight_path(name)
    except WeightsMissing:
        return {"status": UNAVAILABLE}
    return {"status": OK, "precision": vision.precision_in_use()}


def _spool() -> Check:
    try:
        state = archive.spool().state()
    except OSError:
        return {"status": DEGRADED}
    share = state.bytes / max(1, settings.SPOOL_MAX_MB * 2**20)
    has_dropped = time.time() - state.dropped_at < DROPPED_LATELY_S
    return {
        "status": DEGRADED if share >= SPOOL_FILLING or has_dropped else OK,
        "waiting": state.waiting,
        "refused": state.refused,
        "dropped": state.dropped,
        "used_share": round(share, 3),
    }


def _disk() -> Check:
    rooms = [room_for(folder) for folder in space.places().values()]
    is_low = any(room.free < space.mark(room) for room in rooms) or not reserve.has_room_to_grow()
    free = {"free_mb": min(room.free for room in rooms) // MIB} if rooms else {}
    return {"status": DEGRADED if is_low else OK, **free}


def _redis() -> dict[str, Check]:
    if not settings.REDIS_URL:
        return {}
    from common.db import redis_cache

    caches["default"].get("readyz")  # never raises: without Redis each worker counts for itself
    return {"redis": {"status": DEGRADED if redis_cache.breaker.is_open else OK}}


@contextmanager
def _database_with_timeout() -> Iterator[str]:
    """An alias for `default` whose queries fail after PATIENCE_S if the server hangs."""
    if connection.vendor != "mysql":  # SQLite's file does not hang
        yield "default"
        return
    alias = "with_timeout"
    copy = connections["default"].copy(alias)
    copy.settings_dict["OPTIONS"] |= dict.fromkeys(("connect_timeout", "read_timeout", "write_timeout"), PATIENCE_S)
    connections[alias] = copy
    try:
        yield alias
    finally:
        copy.close()
        del connections[alias]
