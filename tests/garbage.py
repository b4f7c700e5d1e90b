"""Garbage collection in a test process, in which tens of thousands of objects live to the end."""

import gc

AFTER = 10_000  # new objects; after every 700, as by default, it takes a twentieth of all the time


def pytest_collection_finish() -> None:
    """What is there before the first test is not searched for garbage again and again."""
    gc.freeze()
    gc.set_threshold(AFTER)
