"""The worker process that requests run in."""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path


def _do_nothing() -> None:
    pass


# A long response calls this with each step: gunicorn ends a worker that does not report in (set in gunicorn.conf.py).
heartbeat: Callable[[], None] = _do_nothing

# The name that this process's metrics are stored under: a worker's number, reused once it has ended (gunicorn.conf.py).
slot = "main"

# How many workers there are (gunicorn.conf.py).
count = 1


def resident_bytes() -> int:
    """This process's resident memory in bytes, shared pages included; 0 if the system does not say."""
    with suppress(OSError):
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return 0
