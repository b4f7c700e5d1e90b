"""SQLite's write-ahead log, which keeps pages as they were before a deletion until others overwrite them."""

from pathlib import Path

from django.db import OperationalError, connection

WAIT_MS = 250  # for a writer or a reader that uses the log; housekeeping tries again


def truncate_log() -> bool:
    """Write the log of `default` into the database and cut it to no bytes; False if somebody else is using it.

    True as well if there is nothing in it, or the database is not SQLite. A transaction of the caller would keep the
    log in use, so inside one nothing is done.
    """
    log = _log_file()
    if log is None or not log.exists() or not log.stat().st_size:
        return True
    if connection.in_atomic_block:
        return False
    with connection.cursor() as cursor:
        patience_ms = cursor.execute("PRAGMA busy_timeout").fetchone()[0]
        cursor.execute(f"PRAGMA busy_timeout = {WAIT_MS}")
        try:
            is_busy, *_ = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except OperationalError:  # another connection is doing the same
            return False
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {patience_ms}")
    return not is_busy


def _log_file() -> Path | None:
    return Path(f"{connection.settings_dict['NAME']}-wal") if connection.vendor == "sqlite" else None
