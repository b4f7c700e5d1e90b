"""Finds the user's face in an image, with dlib's filters and landmarks, by any backend.

dlib's full search covers every scale, in colour. It costs most at the scales of small faces. The largest face is the
user's, and large faces show at coarse scales, so the search starts there, in grey and with only the filter for upright
faces. If that finds a face, the complete detector searches just around it, at that scale and the next finer one. Falls
back to dlib's full search if no coarse scale finds a face. docs/performance.md says what each step costs and saves.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from ai_models.landmarks import Box, Face
from ai_models.vision.backend import DLIB, Backend, Detection
from ai_models.vision.detector import (
    FACE_PX,
    HALF_LEVEL,
    UPRIGHT_FILTER,
    Grey,
    Window,
    region_around,
    region_of_level,
    size_at,
    whole_level,
    window_of,
)
from ai_models.vision.frame import Image
from ai_models.vision.steady import steady_landmarks

COARSE_LEVELS = (16, 12, 8, HALF_LEVEL)  # from coarse to fine
COARSE_DEPTH = 5  # levels searched from each of them, so that these ranges overlap
# Measured at level 4: faces 125 pixels wide score 0.5 and more, those of 110 about 0, which is down to chance.
MIN_COARSE_SCORE = 0.1
COUNTED_LEVELS = 6  # from half size on: faces up to three times as wide as the smallest
MIN_COARSE_SIDE_PX = 160  # in a smaller level, only a face that fills half the picture could be found
REFINE_LEVELS = 2  # the next finer level than the candidate's, and the candidate's own
REFINE_MARGIN_PX = 8  # a candidate is off by one cell at most
NEAR_LEVELS = 3  # the next coarser one too: the face may have come closer
NEAR_MARGIN_PX = 32  # a face moves by less than half its width between two frames


def find_face(
    image: Image, *, near: Box | None = None, exact: bool = False, steady: bool = False, backend: Backend = DLIB
) -> Face | None:
    """The largest face in an (H, W, 3) RGB image with its 68 landmarks, or None. Raises WeightsMissing.

    Finds faces from about 80 pixels. The result is that of dlib's full search if no coarse scale shows a face, as with
    faces under about 110 pixels in 640 x 480, and mostly if one does; exact makes it so always, which takes several
    times as long. near: the face's last known box; if there still is a face, nothing else is searched. steady: its
    landmarks are those of steady_landmarks.
    """
    box = find_box(image, near=near, exact=exact, backend=backend)
    if box is None:
        return None
    if not steady:
        return Face(box, backend.landmarks(image, box))
    points = steady_landmarks(image, box, backend)
    return Face(box, np.rint(points).astype(np.int64), points)


def face_at(image: Image, box: Box, backend: Backend = DLIB) -> Face:
    """The face in a known box, with its landmarks, in an (H, W, 3) RGB image. Raises WeightsMissing."""
    return Face(box, backend.landmarks(image, box))


def find_box(image: Image, *, near: Box | None = None, exact: bool = False, backend: Backend = DLIB) -> Box | None:
    """The largest face's box, the first half of find_face."""
    return _exact_search(image, backend) if exact else _search(image, near, backend)


def count_faces(image: Image, backend: Backend = DLIB) -> int:
    """The number of upright faces in an (H, W, 3) RGB image; in 640 x 480, all those wider than about 125 pixels.

    Searches at half size, which is cheap; anyone farther away than a desk's depth is not someone behind.
    """
    level = whole_level(_grey(image), HALF_LEVEL)
    return len(backend.search(level, filters=UPRIGHT_FILTER, levels=COUNTED_LEVELS, threshold=MIN_COARSE_SCORE))


def preload(backend: Backend = DLIB) -> None:
    """Load what finding faces needs, so that the first frame does not wait for it. Raises WeightsMissing."""
    image = np.zeros((480, 640, 3), np.uint8)
    window = Window(HALF_LEVEL, 100, 80)
    find_face(image, backend=backend)  # the coarse and the full search
    count_faces(image, backend)
    for levels in (REFINE_LEVELS, NEAR_LEVELS):
        _refine(np.zeros((480, 640), np.uint8), window, NEAR_MARGIN_PX, levels, backend)
    backend.landmarks(image, window.box)


def _search(image: Image, near: Box | None, backend: Backend) -> Box | None:
    grey = _grey(image)
    if near is not None:
        box = _refine(grey, window_of(near), NEAR_MARGIN_PX, NEAR_LEVELS, backend)
        if box is not None:
            return box
    for window in _coarse_candidates(grey, backend):
        box = _refine(grey, window, REFINE_MARGIN_PX, REFINE_LEVELS, backend)
        if box is not None:
            return box
    return _exact_search(image, backend)


def _coarse_candidates(grey: Grey, backend: Backend) -> Iterator[Window]:
    """The windows where the largest face may be, most likely first."""
    for level in COARSE_LEVELS:
        if min(size_at(grey.shape, level)) >= MIN_COARSE_SIDE_PX:
            picture = whole_level(grey, level)
            found = backend.search(picture, filters=UPRIGHT_FILTER, levels=COARSE_DEPTH, threshold=MIN_COARSE_SCORE)
            largest = _largest(found)
            if largest is not None:
                yield window_of(largest, level)


def _exact_search(image: Image, backend: Backend) -> Box | None:
    """dlib's full search."""
    return _largest(backend.search(image))


def _refine(grey: Grey, window: Window, margin_px: int, levels: int, backend: Backend) -> Box | None:
    """The best box around a window. Searches `levels` levels, starting one finer than the window's."""
    level = max(0, window.level - 1)
    left, top, right, bottom = region = region_around(window, level, margin_px, grey.shape)
    if min(right - left, bottom - top) < FACE_PX:
        return None
    found = backend.search(region_of_level(grey, level, region), levels=levels)
    if not found:
        return None
    return window_of(found[0].box, level, (left, top)).box


def _grey(image: Image) -> Grey:
    import cv2

    return cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)  # type: ignore[return-value]


def _largest(found: Sequence[Detection]) -> Box | None:
    return max((each.box for each in found), key=_area) if found else None


def _area(box: Box) -> int:
    return (box.right - box.left + 1) * (box.bottom - box.top + 1)
