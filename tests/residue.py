"""Waiting for what the service does in the background."""

import time
from collections.abc import Callable

DEADLINE_S = 120.0  # housekeeping needs ten


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.2)
