"""The backend in C: landmarks from dlib's own trees, in a file that all processes map."""

import logging
from pathlib import Path

import numpy as np

from ai_models.landmarks import POINT_COUNT, Box, Points
from ai_models.vision import weights
from ai_models.vision.backend import DlibBackend
from ai_models.vision.dlib_format import DlibFormatError
from ai_models.vision.frame import Image
from ai_models.vision.native import self_test, tables
from ai_models.vision.native.library import AUTO, Library, NativeUnusable, load, width_of

_log = logging.getLogger(__name__)


class NativeBackend(DlibBackend):
    """The library, its tables and the width of vectors in bits."""

    __slots__ = ("_library", "_trees", "_vector_bits")

    def __init__(self, library: Library, opened: tables.Tables, vector_bits: int) -> None:
        ffi, lib = self._library = library
        self._vector_bits = vector_bits
        trees = opened.sections["trees"]
        self._trees = ffi.from_buffer("trees *", trees)
        if len(trees) != lib.trees_size() or not lib.trees_valid(self._trees):
            raise tables.TablesUnusable("the trees are not those of 68 landmarks")

    def landmarks(self, image: Image, box: Box) -> Points:
        ffi, lib = self._library
        if image.shape[2:] != (3,):
            raise ValueError(f"An image has the shape (height, width, 3), not {image.shape}.")
        pixels = np.ascontiguousarray(image, np.uint8)
        points = np.empty((POINT_COUNT, 2), np.int64)
        edges, out = (box.left, box.top, box.right, box.bottom), ffi.from_buffer("int64_t[]", points)
        if not lib.find_landmarks(
            self._trees, ffi.from_buffer("uint8_t[]", pixels), *pixels.shape[:2], edges, self._vector_bits, out
        ):
            raise ValueError(f"{box} is not the box of a face in a picture of {image.shape}.")
        return points


def open_native(cache_folder: Path, choice: str = AUTO) -> NativeBackend:
    """The tested backend. Its tables are made if missing or damaged. Raises NativeUnusable, WeightsMissing."""
    library, vector_bits = load(), width_of(choice)
    path = tables.path_in(cache_folder)
    try:
        opened = _open_or_make(library, path)
        backend = NativeBackend(library, opened, vector_bits)
    except OSError as error:
        fault = f"its tables cannot be stored in {cache_folder} ({error.strerror})"
        raise NativeUnusable(f"{fault}: set MODEL_CACHE_DIR to a writable folder") from error
    except (DlibFormatError, tables.TablesUnusable) as error:
        raise NativeUnusable(f"its tables cannot be used: {error}") from error
    if self_test.results(backend) != opened.expected:
        raise NativeUnusable(f"on this processor, with vectors of {vector_bits} bits, its results differ from dlib's")
    return backend


def _open_or_make(library: Library, path: Path) -> tables.Tables:
    try:
        return tables.open_tables(path)
    except FileNotFoundError:
        pass
    except tables.TablesUnusable as error:
        _log.warning("The native tables are made again: %s.", error)
    tables.write(path, {"trees": _read_trees(library)}, self_test.results(DlibBackend()))
    return tables.open_tables(path)


def _read_trees(library: Library) -> bytes:
    ffi, lib = library
    file = weights.weight_path(weights.LANDMARKS_FILE).read_bytes()
    trees = bytearray(lib.trees_size())
    if not lib.trees_read(ffi.from_buffer("uint8_t[]", file), len(file), ffi.from_buffer("trees *", trees)):
        raise DlibFormatError("the landmark weight file is not the expected one")
    return bytes(trees)
