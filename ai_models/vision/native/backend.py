"""The backend in C, with dlib's own numbers in a file that all processes map."""

import logging
from pathlib import Path

import numpy as np

from ai_models.landmarks import POINT_COUNT, Box, Points
from ai_models.vision import weights
from ai_models.vision.backend import Detection, DlibBackend
from ai_models.vision.detector import ALL_FILTERS, ALL_LEVELS, Grey
from ai_models.vision.dlib_format import DlibFormatError
from ai_models.vision.frame import Image
from ai_models.vision.native import self_test, tables
from ai_models.vision.native.filters import filterbank
from ai_models.vision.native.library import AUTO, Library, NativeUnusable, load, widths_of

MAX_FOUND = 1024  # faces; boxes that do not overlap, so even noise has fewer

_log = logging.getLogger(__name__)


class NativeBackend:
    """dlib's landmarks and face search in C. vector_bits: the width of the processor's vectors that it uses."""

    __slots__ = ("_filters", "_library", "_trees", "vector_bits")

    def __init__(self, library: Library, opened: tables.Tables, vector_bits: int) -> None:
        ffi, lib = self._library = library
        self.vector_bits = vector_bits
        trees, filters = opened.sections["trees"], opened.sections["filters"]
        self._trees = ffi.from_buffer("trees *", trees)
        self._filters = ffi.from_buffer("filterbank *", filters)
        if len(trees) != lib.trees_size() or not lib.trees_valid(self._trees):
            raise tables.TablesUnusable("the trees are not those of 68 landmarks")
        if not lib.filterbank_valid(self._filters, len(filters)):
            raise tables.TablesUnusable("the filters are not those of the face detector")

    def search(
        self, image: Image | Grey, *, filters: int = ALL_FILTERS, levels: int = ALL_LEVELS, threshold: float = 0.0
    ) -> list[Detection]:
        ffi, lib = self._library
        pixels = np.ascontiguousarray(image, np.uint8)
        height, width, channels = pixels.shape if pixels.ndim == 3 else (*pixels.shape, 1)
        found = ffi.new("detection[]", MAX_FOUND)
        picture, options = ffi.from_buffer("uint8_t[]", pixels), (filters, levels, threshold, self.vector_bits)
        count = lib.search_faces(self._filters, picture, height, width, channels, *options, found, MAX_FOUND)
        if count == lib.NO_MEMORY:
            raise MemoryError(f"There is not enough memory to search a picture of {width} x {height} pixels.")
        if count < 0:
            raise ValueError(f"No faces can be searched for in a picture of {image.shape} with {filters}, {levels}.")
        return [Detection(Box(*one.box), one.score) for one in found[0:count]]

    def landmarks(self, image: Image, box: Box) -> Points:
        ffi, lib = self._library
        if image.shape[2:] != (3,):
            raise ValueError(f"An image has the shape (height, width, 3), not {image.shape}.")
        pixels = np.ascontiguousarray(image, np.uint8)
        points = np.empty((POINT_COUNT, 2), np.int64)
        picture, out = ffi.from_buffer("uint8_t[]", pixels), ffi.from_buffer("int64_t[]", points)
        edges = (box.left, box.top, box.right, box.bottom)
        if not lib.find_landmarks(self._trees, picture, *pixels.shape[:2], edges, self.vector_bits, out):
            raise ValueError(f"{box} is not the box of a face in a picture of {image.shape}.")
        return points


def open_native(cache_folder: Path, choice: str = AUTO) -> NativeBackend:
    """The tested backend, with the vectors of a choice that are fastest here. Raises NativeUnusable, WeightsMissing.

    Its tables are made if missing or damaged.
    """
    library, widths = load(), widths_of(choice)
    path = tables.path_in(cache_folder)
    try:
        opened = _open_or_make(library, path)
        backend = self_test.fastest([NativeBackend(library, opened, vector_bits) for vector_bits in widths])
    except OSError as error:
        fault = f"its tables cannot be stored in {cache_folder} ({error.strerror})"
        raise NativeUnusable(f"{fault}: set MODEL_CACHE_DIR to a writable folder") from error
    except (DlibFormatError, tables.TablesUnusable) as error:
        raise NativeUnusable(f"its tables cannot be used: {error}") from error
    if not self_test.agrees(self_test.results(backend), opened.expected):
        vectors = f"vectors of {backend.vector_bits} bits"
        raise NativeUnusable(f"on this processor, with {vectors}, its results differ from dlib's")
    return backend


def _open_or_make(library: Library, path: Path) -> tables.Tables:
    try:
        return tables.open_tables(path)
    except FileNotFoundError:
        pass
    except tables.TablesUnusable as error:
        _log.warning("The native tables are made again: %s.", error)
    sections = {"filters": filterbank(), "trees": _read_trees(library)}
    tables.write(path, sections, self_test.results(DlibBackend()))
    return tables.open_tables(path)


def _read_trees(library: Library) -> bytes:
    ffi, lib = library
    file = weights.weight_path(weights.LANDMARKS_FILE).read_bytes()
    trees = bytearray(lib.trees_size())
    if not lib.trees_read(ffi.from_buffer("uint8_t[]", file), len(file), ffi.from_buffer("trees *", trees)):
        raise DlibFormatError("the landmark weight file is not the expected one")
    return bytes(trees)
