"""dlib's frontal face detector, whole or with less to do.

The detector is five filters, each over all scales. dlib offers no way to run some of them only, but its serialization
says how many filters and how many scales there are, one after the other: so a smaller detector is a shorter text.
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

ALL_FILTERS = 5  # upright, turned to one side and the other, tilted to one side and the other
UPRIGHT_FILTER = 1
ALL_LEVELS = 1000

# The header's integers up to the number of filters; 14 to 17 are two fractions. Then the filters follow.
HEADER_INTEGERS = 19
LEVELS_PLACE = 8
FILTERS_PLACE = 18
FILTER_INTEGERS = 2 + 2 * 3101  # its dimensions; then 31 planes of 10 x 10 cells and a threshold, as fractions

_of_this_thread = threading.local()


def detector(*, filters: int = ALL_FILTERS, levels: int = ALL_LEVELS) -> Any:
    """A dlib detector with only the first filters, looking only at a picture's finest levels; this thread's own."""
    # A dlib detector keeps its working memory inside: threads must not share one.
    if not hasattr(_of_this_thread, "detectors"):
        _of_this_thread.detectors = {}
    mine: dict[tuple[int, int], Any] = _of_this_thread.detectors
    if (filters, levels) not in mine:
        mine[filters, levels] = _from_bytes(_shortened(filters, levels))
    return mine[filters, levels]


@cache
def _whole() -> bytes:
    import dlib

    serialized: bytes = dlib.get_frontal_face_detector().__getstate__()[0]
    return serialized


@cache
def _shortened(filters: int, levels: int) -> bytes:
    whole = _whole()
    reader = Reader(whole)
    places = _next_places(reader, HEADER_INTEGERS)
    header = [whole[start:end] for start, end in pairwise([*places, reader.position])]
    if (header[LEVELS_PLACE], header[FILTERS_PLACE]) != (integer_bytes(ALL_LEVELS), integer_bytes(ALL_FILTERS)):
        raise DlibFormatError(
            "This release of dlib keeps its face detector in another form. Install requirements.txt's."
        )
    header[LEVELS_PLACE], header[FILTERS_PLACE] = integer_bytes(levels), integer_bytes(filters)
    first_filter = reader.position
    _next_places(reader, filters * FILTER_INTEGERS)
    return b"".join(header) + whole[first_filter : reader.position]


def _next_places(reader: Reader, count: int) -> list[int]:
    """Where each of the next integers begins."""
    places = []
    for _ in range(count):
        places.append(reader.position)
        reader.integer()
    return places


def _from_bytes(serialized: bytes) -> Any:
    import dlib

    made = dlib.fhog_object_detector.__new__(dlib.fhog_object_detector)
    made.__setstate__((serialized,))
    return made


Grey = NDArray[np.uint8]  # (H, W)
Region = tuple[int, int, int, int]  # left, top, right, bottom in a level's pixels; the last two do not belong to it

RATIO = 6 / 5
SHIFT_PX = 0.3  # by which dlib moves a point on its way to the next finer level
CELL_PX = 8
FIRST_WINDOW_PX = 5  # from a level's edge to the first window's
FACE_PX = 72  # a window's width and height, between its first and its last pixel
# A part of a level that begins at a multiple of this has its cells, and those of the next level, where the whole has.
ALIGNED_PX = 48
HALF_LEVEL = 4  # the level of about half the width: 0.48


@dataclass(frozen=True, slots=True)
class Window:
    """A place of the search: a level (0 is full resolution) and the top left corner in that level's pixels."""

    level: int
    x: float
    y: float

    @property
    def box(self) -> Box:
        """The face box that dlib reports for this window."""
        corners = (self.x, self.y, self.x + FACE_PX, self.y + FACE_PX)
        return Box(*(math.floor(_at_full_resolution(each, self.level) + 0.5) for each in corners))


def window_of(box: Box, level: int = 0, origin: tuple[int, int] = (0, 0)) -> Window:
    """The window behind a box that dlib reported in a picture of its own: a part of a level that begins at origin."""
    steps = max(0, round(math.log(max(1, box.right - box.left) / FACE_PX, RATIO)))
    x, y = (_on_grid(_shrunk(edge, steps)) for edge in (box.left, box.top))
    return Window(level + steps, x + origin[0] / RATIO**steps, y + origin[1] / RATIO**steps)


def region_around(window: Window, level: int, margin_px: int, shape: tuple[int, ...]) -> Region:
    """The part of a level, inside the picture, that holds this window and the level's own window around its centre."""
    width, height = size_at(shape, level)
    scale = RATIO ** (window.level - level)
    reach = FACE_PX / 2 * max(1.0, scale) + margin_px
    x, y = ((corner + FACE_PX / 2) * scale for corner in (window.x, window.y))
    left, top = (max(0, int(middle - reach)) // ALIGNED_PX * ALIGNED_PX for middle in (x, y))
    return left, top, min(width, math.ceil(x + reach)), min(height, math.ceil(y + reach))


def size_at(shape: tuple[int, ...], level: int) -> tuple[int, int]:
    """Width and height of a level of a picture with this (H, W, …) shape."""
    height, width = shape[:2]
    for _ in range(level):
        height, width = 5 * height // 6, 5 * width // 6
    return width, height


def whole_level(grey: Grey, level: int) -> Grey:
    """A level of a grey picture. Single pixels differ from dlib's a little: it interpolates level by level."""
    import cv2

    return cv2.resize(_halved(grey, level), size_at(grey.shape, level))  # type: ignore[return-value]


def region_of_level(grey: Grey, level: int, region: Region) -> Grey:
    """The pixels of one part of a level, without the rest, nearer to dlib's than whole_level's."""
    import cv2

    left, top, right, bottom = region
    width, height = size_at(grey.shape, level)
    source = _halved(grey, level)
    scale_x, scale_y = (source.shape[1] - 1) / (width - 1), (source.shape[0] - 1) / (height - 1)
    matrix = np.array([[scale_x, 0, left * scale_x], [0, scale_y, top * scale_y]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(source, matrix, (right - left, bottom - top), flags=flags)  # type: ignore[return-value]


def _halved(grey: Grey, level: int) -> Grey:
    """The picture for interpolating a level, which looks at two pixels only: more is averaged away before."""
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
