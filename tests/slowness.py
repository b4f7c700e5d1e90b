"""How slow this machine is now: tests that limit a duration raise the limit in proportion."""

import time
from statistics import median

from benchmarks import plain
from tests import pictures

SEARCH_MS = 19.0  # dlib's plain search in a 640 × 480 picture, on the two quiet cores for which the limits were set
SEARCHES = 20


def is_within(limit: float, took: float) -> bool:
    """True if something took less than its limit; or would have, on the machine for which that was set."""
    return took < limit or took < limit * slowness()


def slowness() -> float:
    """How many times slower this machine is now, by dlib's plain search; at least 1."""
    image = plain.decode(pictures.jpeg(pictures.at_desk()))
    search = plain.frontal_detector()
    took_ms = []
    for _ in range(SEARCHES):
        start = time.perf_counter()
        search(image, 0)
        took_ms.append((time.perf_counter() - start) * 1000)
    return max(1.0, median(took_ms) / SEARCH_MS)
