"""The server process that requests run in."""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path


def _nobody_waits() -> None:
    pass


# A long answer calls this with each step: gunicorn ends a worker that shows no sign of life (gunicorn.conf.py sets it).
heartbeat: Callable[[], None] = _nobody_waits

# What this process counts under: a worker's number, which the next one takes over when it ends (gunicorn.conf.py).
slot = "main"


def resident_bytes() -> int:
    """How much memory this process has in use, what it shares included; 0 where the system does not say."""
    with suppress(OSError):
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return 0
