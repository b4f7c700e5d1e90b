"""dlib's frontal face detector, whole or with less to do.

The detector is five filters, each over all scales. dlib offers no way to run some of them only, but its serialization
says how many filters and how many scales there are, one after the other: so a smaller detector is a shorter text.
"""

import threading
from functools import cache
from itertools import pairwise
from typing import Any

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
