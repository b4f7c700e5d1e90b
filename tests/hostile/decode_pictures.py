"""Decode broken pictures in a separate process: python -m tests.hostile.decode_pictures SEED CASES SECONDS FILE

One of CASES and SECONDS may be 0, for no limit. FILE holds the number of the current picture, so it is known after a
crash. Prints the outcome as JSON.
"""

import json
import os
import re
import sys
import time
from collections import Counter
from itertools import count
from pathlib import Path

import numpy as np

from ai_models.vision.frame import InvalidFrame, decode, read_frame
from tests.hostile.broken_pictures import cases

MAX_CPU_S = 3.0  # for a picture; the slowest accepted one takes about two
STATUS = Path("/proc/self/status")
MAX_MB = 700  # for the process: libraries, and a few copies of 4096 × 4096 pixels


def outcome(data: bytes) -> str:
    """The reason for a refusal, or `image`. Raises on anything else."""
    started_at = time.process_time()
    try:
        frame = read_frame(data)
        image = decode(frame)
    except InvalidFrame as error:
        result = str(error)
    else:
        assert image.dtype == np.uint8
        height, width, colours = image.shape
        assert colours == 3
        assert sorted((width, height)) == sorted((frame.width, frame.height))  # EXIF may have rotated it
        result = "image"
    took_s = time.process_time() - started_at
    assert took_s < MAX_CPU_S, f"{took_s:.1f} s"
    return result


def decode_all(seed: int, number: int, seconds: int, path: Path) -> dict[str, object]:
    outcomes: Counter[str] = Counter()
    until = time.monotonic() + seconds
    with path.open("wb") as file:
        for case, (name, data) in zip(count(), cases(seed), strict=False):
            if case == number > 0 or (seconds and time.monotonic() > until):
                break
            os.pwrite(file.fileno(), f"{case:12}".encode(), 0)
            try:
                outcomes[outcome(data)] += 1
                assert peak_mb() < MAX_MB, f"{peak_mb()} MB"
            except Exception as error:
                raise AssertionError(f"seed {seed}, picture {case}, {name}: {error!r}") from error
    return {"cases": outcomes.total(), "images": outcomes["image"], "reasons": len(outcomes) - 1, "peak_mb": peak_mb()}


def peak_mb() -> int:
    """This process's peak memory in MB, 0 without Linux's /proc; getrusage() would include its parent's."""
    found = re.search(r"VmHWM:\s+(\d+) kB", STATUS.read_text()) if STATUS.exists() else None
    return int(found[1]) // 1024 if found else 0


if __name__ == "__main__":
    seed, number, seconds = (int(argument) for argument in sys.argv[1:4])
    print(json.dumps(decode_all(seed, number, seconds, Path(sys.argv[4]))))  # noqa: T201
