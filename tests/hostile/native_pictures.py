"""Run the library in C, compiled with sanitizers, over hostile input: python -m tests.hostile.native_pictures FILE SEED

Pictures that the fuzzing tests broke, and noise of many sizes, all in arrays without a byte to spare; then damaged
weight files and trees of random numbers. A sanitizer ends the process at the first wrong access. Prints what was run.
"""

import json
import sys
from collections import Counter
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.random import Generator

from ai_models.landmarks import Box
from ai_models.vision import weights
from ai_models.vision.frame import InvalidFrame, decode, read_frame
from ai_models.vision.native import library
from ai_models.vision.native.backend import NativeBackend
from ai_models.vision.native.filters import filterbank
from ai_models.vision.native.tables import Tables
from tests.hostile.broken_pictures import cases

BROKEN, SIZES, FILES = 150, 150, 12
FURTHEST = 2**16  # of a box


def run(path: Path, seed: int) -> Counter[str]:
    library.library_path = lambda: path  # type: ignore[attr-defined]  # the sanitized one instead
    ffi, lib = library.load()
    done: Counter[str] = Counter()
    random = np.random.default_rng(seed)
    widths = ffi.new("int[4]")
    trees = read_trees(whole := weights.weight_path(weights.LANDMARKS_FILE).read_bytes())
    assert trees is not None
    for bits in widths[0 : lib.usable_widths(widths)]:
        backend = backend_of(trees, bits)
        for image in [*broken(seed), *noise(random)]:
            judge(backend, image, random)
            done[f"pictures, {bits} bits"] += 1
        judge(backend_of(nonsense(trees, random), bits), np.full((90, 90, 3), 9, np.uint8), random)
    for _ in range(FILES):
        done[f"weight files, {read_trees(damaged(whole, random)) is not None}"] += 1
    return done


def judge(backend: NativeBackend, image: Any, random: Generator) -> None:
    filters, levels = int(random.integers(1, 6)), int(random.integers(1, 30))
    for pixels in (image, image[:, :, 0].copy()):
        backend.search(pixels, filters=filters, levels=levels, threshold=-1.0)
    height, width = image.shape[:2]
    boxes = [random.integers(-50, 50 + max(height, width), 4), random.integers(-FURTHEST, FURTHEST, 4)]
    for edges in boxes:
        try:
            backend.landmarks(image, Box(*edges.tolist()))
        except ValueError:
            continue  # trees of random numbers lead nowhere


def broken(seed: int) -> list[Any]:
    images = []
    for _, data in islice(cases(seed), BROKEN):
        try:
            images.append(decode(read_frame(data)))
        except InvalidFrame:
            continue
    return [image for image in images if image.size < 3 * 10**6]


def noise(random: Generator) -> list[Any]:
    """Random pictures: every small side, then larger ones, some long and thin."""
    sides = [(int(side), int(other)) for side, other in random.integers(1, 30, (SIZES // 2, 2))]
    sides += [(int(side), int(other)) for side, other in random.integers(20, 260, (SIZES // 2, 2))]
    sides += [(1, 4096), (4096, 1), (90, 1500), (1500, 90)]
    return [random.integers(0, 256, (*side, 3), np.uint8) for side in sides]


def read_trees(file: bytes) -> bytes | None:
    ffi, lib = library.load()
    trees, data = bytearray(lib.trees_size()), np.frombuffer(file, np.uint8).copy()
    is_read = lib.trees_read(ffi.from_buffer("uint8_t[]", data), len(data), ffi.from_buffer("trees *", trees))
    return bytes(trees) if is_read else None


def damaged(file: bytes, random: Generator) -> bytes:
    start, length = int(random.integers(len(file) - 40)), int(random.integers(1, 40))
    if random.random() < 0.3:
        return file[:start]
    return file[:start] + random.bytes(length) + file[start + length :]


def nonsense(trees: bytes, random: Generator) -> bytes:
    """The trees with leaves of random bits: huge, not a number, infinite."""
    changed = 2**20
    return random.bytes(changed) + trees[changed:]


def backend_of(trees: bytes, bits: int) -> NativeBackend:
    sections = {"trees": memoryview(trees), "filters": memoryview(filterbank())}
    return NativeBackend(library.load(), Tables(sections, None), bits)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(run(Path(sys.argv[1]), int(sys.argv[2]))))
