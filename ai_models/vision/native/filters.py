"""dlib's face filters, taken apart as dlib does when it loads its detector, for the search in C (src/search.h)."""

import numpy as np
from numpy.typing import NDArray

from ai_models.vision.detector import ALL_FILTERS, HEADER_INTEGERS, whole_detector
from ai_models.vision.dlib_format import DlibFormatError, Reader

PLANES, SIDE = 31, 10  # of HOG features, and a filter's cells
MAX_SHARED_INDEX = 14  # of the header's integers: mantissa and exponent of two numbers
# dlib leaves out parts of a plane's filter whose singular value is below these.
MIN_SINGULAR, MIN_SINGULAR_SHARE = 1e-4, 0.001

MAX_EXPONENT = 1100  # a larger one stands for infinity, or for no number

HEADER = np.dtype([("threshold", "f8", ALL_FILTERS), ("max_shared", "f8"), ("max_covered", "f8"), ("count", "i8")])
TERM = np.dtype([("filter", "i4"), ("plane", "i4"), ("row", "f4", SIDE), ("column", "f4", SIDE)])


Term = tuple[int, int, NDArray[np.float64], NDArray[np.float64]]  # the fields of TERM


def filterbank() -> bytes:
    """The C struct of that name. Raises DlibFormatError."""
    reader = Reader(whole_detector())
    header = [reader.integer() for _ in range(HEADER_INTEGERS)]
    limits = header[MAX_SHARED_INDEX : MAX_SHARED_INDEX + 4]
    thresholds: list[float] = []
    terms: list[Term] = []
    for index in range(ALL_FILTERS):
        reader.integer(), reader.integer()  # its dimensions
        weights = np.array([_float(reader) for _ in range(PLANES * SIDE**2 + 1)])
        thresholds.append(weights[-1])
        planes = weights[:-1].astype(np.float32).reshape(PLANES, SIDE, SIDE)
        terms += [term for plane, cells in enumerate(planes) for term in _terms(index, plane, cells)]
    terms.sort(key=lambda term: term[1])  # stable: a plane's terms stay in dlib's order
    fields = (thresholds, _value(*limits[:2]), _value(*limits[2:]), len(terms))
    return np.array(fields, HEADER).tobytes() + np.array(terms, TERM).tobytes()


def _terms(index: int, plane: int, cells: NDArray[np.float32]) -> list[Term]:
    """A plane of a filter, (10, 10), as a sum of separable filters, strongest first."""
    columns, strengths, rows = np.linalg.svd(cells.astype(np.float64))
    kept = strengths >= max(MIN_SINGULAR, MIN_SINGULAR_SHARE * strengths.max())
    return [
        (index, plane, rows[i] * np.sqrt(strengths[i]), columns[:, i] * np.sqrt(strengths[i]))
        for i in np.flatnonzero(kept)
    ]


def _float(reader: Reader) -> float:
    return _value(reader.integer(), reader.integer())


def _value(mantissa: int, exponent: int) -> float:
    if abs(exponent) > MAX_EXPONENT:
        raise DlibFormatError("A number of the face detector is not finite.")
    return float(np.ldexp(mantissa, exponent))
