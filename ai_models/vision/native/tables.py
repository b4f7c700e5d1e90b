"""The native backend's tables: dlib's weights laid out for the C, in a file that all workers map.

The file is made from dlib on first use. It holds what dlib found in a test picture, too: the library must find the same
each time it is opened. Layout: MAGIC, a checksum of what follows, the directory's length; the directory, JSON, with the
offset and size of each section; the sections, on pages of their own.
"""

import hashlib
import json
import mmap
import struct
import zlib
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple

from ai_models.vision import weights
from ai_models.vision.cache_files import write_atomically

FORMAT = 1  # increase it when a section changes
MAGIC = b"PSNATIVE"
HEADER = struct.Struct("<8sIQ")
PAGE = 4096
FINGERPRINT_BYTES = 2**20  # of the weight file's start and end; all of it would take as long as loading it


class TablesUnusable(ValueError):
    """The file is not whole."""


class Tables(NamedTuple):
    """A mapped file: its sections, and what dlib found in the test picture."""

    sections: dict[str, memoryview]
    expected: Any


def path_in(cache_folder: Path) -> Path:
    """Where the tables of the installed weights are cached. Raises WeightsMissing."""
    return cache_folder / f"native-{_fingerprint()}-{FORMAT}.bin"


def write(path: Path, sections: Mapping[str, bytes], expected: Any) -> None:
    """Write the file in one step. Raises OSError."""
    directory, parts, end = {}, [], PAGE
    for name, data in sections.items():
        directory[name] = (end, len(data))
        parts += [data, bytes(-len(data) % PAGE)]
        end += len(data) + -len(data) % PAGE
    listed = json.dumps({"sections": directory, "expected": expected}).encode().ljust(PAGE - HEADER.size)
    if HEADER.size + len(listed) > PAGE:
        raise ValueError("The directory is longer than its page.")
    checksum = 0
    for part in (listed, *parts):
        checksum = zlib.crc32(part, checksum)
    write_atomically(path, [HEADER.pack(MAGIC, checksum, len(listed)), listed, *parts])


def open_tables(path: Path) -> Tables:
    """Map a file. Raises OSError, and TablesUnusable if it is not what `write` wrote."""
    with path.open("rb") as file:
        size = path.stat().st_size
        if size < PAGE:
            raise TablesUnusable(f"{path} is cut off")
        data = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    magic, checksum, listed = HEADER.unpack_from(data)
    if magic != MAGIC or checksum != zlib.crc32(data[HEADER.size :]):
        raise TablesUnusable(f"{path} is damaged")
    directory = json.loads(bytes(data[HEADER.size : HEADER.size + listed]))
    sections = {name: data[start : start + length] for name, (start, length) in directory["sections"].items()}
    return Tables(sections, directory["expected"])


def _fingerprint() -> str:
    path = weights.weight_path(weights.LANDMARKS_FILE)
    with path.open("rb") as file:
        content = hashlib.sha256(file.read(FINGERPRINT_BYTES))
        content.update(str(file.seek(0, 2)).encode())
        file.seek(-min(file.tell(), FINGERPRINT_BYTES), 2)
        content.update(file.read())
    content.update(_dlib_version().encode())  # the detector's filters are part of dlib
    return content.hexdigest()[:32]


def _dlib_version() -> str:
    for package in ("dlib-bin", "dlib"):
        try:
            return metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return "unknown"
