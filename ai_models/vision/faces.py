"""Finds the user's face in an image: the only user of dlib's detector and predictor.

dlib's full search covers every scale, in colour. It costs most at the scales of small faces. The largest face is the
user's, and large faces show at coarse scales, so the search starts there, in grey and with only the filter for upright
faces. If that finds a face, the complete detector searches just around it, at that scale and the next finer one. Falls
back to dlib's full search if no coarse scale finds a face. docs/performance.md says what each step costs and saves.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from ai_models.landmarks import Box, Face, Points
from ai_models.vision import weights
from ai_models.vision.detector import (
    FACE_PX,
    HALF_LEVEL,
    UPRIGHT_FILTER,
    Grey,
    Window,
    detector,
    region_around,
    region_of_level,
    size_at,
    whole_level,
    window_of,
)
from ai_models.vision.frame import Image

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


def find_face(image: Image, *, near: Box | None = None, exact: bool = False) -> Face | None:
    """The largest face in an (H, W, 3) RGB image with its 68 landmarks, or None. Raises WeightsMissing.

    Finds faces from about 80 pixels. The result is that of dlib's full search if no coarse scale shows a face, as with
    faces under about 110 pixels in 640 x 480, and mostly if one does; exact makes it so always, in 24 ms instead of 3.
    near: the face's last known box; if there still is a face, nothing else is searched.
    """
    box = _exact_search(image) if exact else _search(image, near)
    return None if box is None else Face(box, _landmarks(image, box))


def face_at(image: Image, box: Box) -> Face:
    """The face in a known box, with its landmarks, in an (H, W, 3) RGB image. Raises WeightsMissing."""
    return Face(box, _landmarks(image, box))


def count_faces(image: Image) -> int:
    """The number of upright faces in an (H, W, 3) RGB image; in 640 x 480, all those wider than about 125 pixels.

    Searches at half size, which is cheap; anyone farther away than a desk's depth is not someone behind.
    """
    import cv2

    grey: Grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)  # type: ignore[assignment]
    coarse_detector = detector(filters=UPRIGHT_FILTER, levels=COUNTED_LEVELS)
    found, _, _ = coarse_detector.run(whole_level(grey, HALF_LEVEL), 0, MIN_COARSE_SCORE)
    return len(found)


def preload() -> None:
    """Load what finding faces needs, so that the first frame does not wait for it. Raises WeightsMissing."""
    image = np.zeros((480, 640, 3), np.uint8)
    window = Window(HALF_LEVEL, 100, 80)
    find_face(image)  # the coarse and the full search
    count_faces(image)
    for levels in (REFINE_LEVELS, NEAR_LEVELS):
        _refine(np.zeros((480, 640), np.uint8), window, NEAR_MARGIN_PX, levels)
    _landmarks(image, window.box)


def _search(image: Image, near: Box | None) -> Box | None:
    import cv2

    grey: Grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)  # type: ignore[assignment]
    if near is not None:
        box = _refine(grey, window_of(near), NEAR_MARGIN_PX, NEAR_LEVELS)
        if box is not None:
            return box
    for window in _coarse_candidates(grey):
        box = _refine(grey, window, REFINE_MARGIN_PX, REFINE_LEVELS)
        if box is not None:
            return box
    return _exact_search(image)


def _coarse_candidates(grey: Grey) -> Iterator[Window]:
    """The windows where the largest face may be, most likely first."""
    coarse_detector = detector(filters=UPRIGHT_FILTER, levels=COARSE_DEPTH)
    for level in COARSE_LEVELS:
        if min(size_at(grey.shape, level)) >= MIN_COARSE_SIDE_PX:
            found, _, _ = coarse_detector.run(whole_level(grey, level), 0, MIN_COARSE_SCORE)
            largest = _largest(found)
            if largest is not None:
                yield window_of(largest, level)


def _exact_search(image: Image) -> Box | None:
    """dlib's full search."""
    return _largest(detector()(image, 0))


def _refine(grey: Grey, window: Window, margin_px: int, levels: int) -> Box | None:
    """The best box around a window. Searches `levels` levels, starting one finer than the window's."""
    level = max(0, window.level - 1)
    left, top, right, bottom = region = region_around(window, level, margin_px, grey.shape)
    if min(right - left, bottom - top) < FACE_PX:
        return None
    found, scores, _ = detector(levels=levels).run(region_of_level(grey, level, region), 0, 0.0)
    if not found:
        return None
    _, best = max(zip(scores, found, strict=True), key=lambda scored: scored[0])
    return window_of(_box(best), level, (left, top)).box


def _landmarks(image: Image, box: Box) -> Points:
    import dlib

    rectangle = dlib.rectangle(box.left, box.top, box.right, box.bottom)
    shape = weights.shape_predictor()(image, rectangle)
    return np.array([(point.x, point.y) for point in shape.parts()])


def _largest(rectangles: Any) -> Box | None:
    return _box(max(rectangles, key=lambda rectangle: rectangle.area())) if rectangles else None


def _box(rectangle: Any) -> Box:
    return Box(rectangle.left(), rectangle.top(), rectangle.right(), rectangle.bottom())
