"""dlib's frontal face detector, complete or reduced.

The detector consists of five filters, each applied at every scale. dlib cannot run only some of its filters, but the
serialized detector states how many filters and scales there are, followed by one filter after another: truncating it
makes a smaller detector.
"""

import math
import threading
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ai_models.landmarks import Box
from ai_models.vision.dlib_format import DlibFormatError, Reader, integer_bytes

ALL_FILTERS = 5  # upright; turned to one side, to the other; tilted to one side, to the other
UPRIGHT_FILTER = 1
ALL_LEVELS = 1000

# The header's integers up to the number of filters; 14 to 17 are two floats. The filters follow.
HEADER_INTEGERS = 19
LEVELS_INDEX = 8
FILTERS_INDEX = 18
FILTER_INTEGERS = 2 + 2 * 3101  # its dimensions; then 31 planes of 10 x 10 cells and a threshold, as floats

_of_this_thread = threading.local()


def detector(*, filters: int = ALL_FILTERS, levels: int = ALL_LEVELS) -> Any:
    """A dlib detector with only the first filters, for only the finest levels of a picture; one per thread."""
    # A dlib detector holds its working memory: threads must not share one.
    if not hasattr(_of_this_thread, "detectors"):
        _of_this_thread.detectors = {}
    detectors: dict[tuple[int, int], Any] = _of_this_thread.detectors
    if (filters, levels) not in detectors:
        detectors[filters, levels] = _from_bytes(_truncated(filters, levels))
    return detectors[filters, levels]


@cache
def whole_detector() -> bytes:
    """dlib's frontal face detector, serialized."""
    import dlib

    serialized: bytes = dlib.get_frontal_face_detector().__getstate__()[0]
    return serialized


@cache
def _truncated(filters: int, levels: int) -> bytes:
    whole = whole_detector()
    reader = Reader(whole)
    positions = _read_positions(reader, HEADER_INTEGERS)
    header = [whole[start:end] for start, end in pairwise([*positions, reader.position])]
    if (header[LEVELS_INDEX], header[FILTERS_INDEX]) != (integer_bytes(ALL_LEVELS), integer_bytes(ALL_FILTERS)):
        raise DlibFormatError(
            "This version of dlib serializes its face detector differently. Install the one in requirements.txt."
        )
    header[LEVELS_INDEX], header[FILTERS_INDEX] = integer_bytes(levels), integer_bytes(filters)
    first_filter = reader.position
    _read_positions(reader, filters * FILTER_INTEGERS)
    return b"".join(header) + whole[first_filter : reader.position]


def _read_positions(reader: Reader, count: int) -> list[int]:
    """The positions of the next integers, which are read."""
    positions = []
    for _ in range(count):
        positions.append(reader.position)
        reader.integer()
    return positions


def _from_bytes(serialized: bytes) -> Any:
    import dlib

    instance = dlib.fhog_object_detector.__new__(dlib.fhog_object_detector)
    instance.__setstate__((serialized,))
    return instance


Grey = NDArray[np.uint8]  # (H, W)
Region = tuple[int, int, int, int]  # left, top, right, bottom in a level's pixels; right and bottom are exclusive

RATIO = 6 / 5
SHIFT_PX = 0.3  # by which dlib moves a point when it maps it to the next finer level
CELL_PX = 8
FIRST_WINDOW_PX = 5  # from a level's edge to the first window's
FACE_PX = 72  # a window's width and height, from its first to its last pixel
# If a region starts at a multiple of this, its cells coincide with its level's, and with the next level's.
ALIGNED_PX = 48
HALF_LEVEL = 4  # the level with about half the width: 0.48


@dataclass(frozen=True, slots=True)
class Window:
    """A search position: a level (0 is full resolution) and the top left corner in that level's pixels."""

    level: int
    x: float
    y: float

    @property
    def box(self) -> Box:
        """The face box that dlib reports for this window."""
        corners = (self.x, self.y, self.x + FACE_PX, self.y + FACE_PX)
        return Box(*(math.floor(_at_full_resolution(corner, self.level) + 0.5) for corner in corners))


def window_of(box: Box, level: int = 0, origin: tuple[int, int] = (0, 0)) -> Window:
    """The window behind a box that dlib reported for a region of a level; origin is the region's top left corner."""
    steps = max(0, round(math.log(max(1, box.right - box.left) / FACE_PX, RATIO)))
    x, y = (_on_grid(_shrunk(edge, steps)) for edge in (box.left, box.top))
    return Window(level + steps, x + origin[0] / RATIO**steps, y + origin[1] / RATIO**steps)


def region_around(window: Window, level: int, margin_px: int, shape: tuple[int, ...]) -> Region:
    """The region of a level, clipped to the picture, with this window and the level's own window at its centre."""
    width, height = size_at(shape, level)
    scale = RATIO ** (window.level - level)
    reach = FACE_PX / 2 * max(1.0, scale) + margin_px
    x, y = ((corner + FACE_PX / 2) * scale for corner in (window.x, window.y))
    left, top = (max(0, int(middle - reach)) // ALIGNED_PX * ALIGNED_PX for middle in (x, y))
    return left, top, min(width, math.ceil(x + reach)), min(height, math.ceil(y + reach))


def size_at(shape: tuple[int, ...], level: int) -> tuple[int, int]:
    """The width and height of a level of a picture with this (H, W, …) shape."""
    height, width = shape[:2]
    for _ in range(level):
        height, width = 5 * height // 6, 5 * width // 6
    return width, height


def whole_level(grey: Grey, level: int) -> Grey:
    """A level of a grey picture. Pixels differ slightly from dlib's, which interpolates level by level."""
    import cv2

    return cv2.resize(_halved(grey, level), size_at(grey.shape, level))  # type: ignore[return-value]


def region_of_level(grey: Grey, level: int, region: Region) -> Grey:
    """The pixels of one region of a level, computed without the rest; closer to dlib's than whole_level's."""
    import cv2

    left, top, right, bottom = region
    width, height = size_at(grey.shape, level)
    source = _halved(grey, level)
    scale_x, scale_y = (source.shape[1] - 1) / (width - 1), (source.shape[0] - 1) / (height - 1)
    matrix = np.array([[scale_x, 0, left * scale_x], [0, scale_y, top * scale_y]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(source, matrix, (right - left, bottom - top), flags=flags)  # type: ignore[return-value]


def _halved(grey: Grey, level: int) -> Grey:
    """The picture to interpolate a level from, halved as often as needed: interpolation reads only two pixels."""
    import cv2

    while RATIO**level >= 2:
        height, width = grey.shape
        grey = cv2.resize(grey, (width // 2, height // 2), interpolation=cv2.INTER_AREA)  # type: ignore[assignment]
        level -= HALF_LEVEL
    return grey


def _at_full_resolution(value: float, level: int) -> float:
    for _ in range(level):
        value = value * RATIO + SHIFT_PX
    return value


def _shrunk(value: float, levels: int) -> float:
    for _ in range(levels):
        value = (value - SHIFT_PX) / RATIO
    return value


def _on_grid(value: float) -> int:
    return round((value - FIRST_WINDOW_PX) / CELL_PX) * CELL_PX + FIRST_WINDOW_PX
