"""Finds the user's face in an image, with dlib's filters and landmarks, by any backend.

The user's is the largest face, of those that the detector is at least half as sure of as of its best: a patch of cloth
that scores 0.07 beside a face that scores 1.63 is none.

dlib's full search covers every scale, in colour. It costs most at the scales of small faces. Large faces show at coarse
scales, so the search starts there, in grey and with only the filter for upright faces. If that finds a face, the
complete detector searches just around it, at that scale and the next finer one. Falls back to dlib's full search if no
coarse scale finds a face, or only a doubtful one. docs/performance.md says what each step costs and saves.
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
USER_SCORE_SHARE = 0.5  # of the best score; the version-1 contract
# A face that scores less may be a patch of cloth, so the whole picture is searched. Measured on 36 webcam clips: one
# face in a hundred scores less than 1.08, half of them 2.4 and more; tilted by 12 degrees, a face may score 0.24.
SURE_SCORE = 0.2
COUNTED_SIDE_PX = 768  # the longer side of a picture that is searched for all faces: those of 60 pixels in 640 show
# Measured on 111 frames of webcam clips: nothing but faces scored 0 and more, 95 of 100 faces 1.3 and more.
MIN_COUNTED_SCORE = 0.3
MIN_COARSE_SIDE_PX = 160  # in a smaller level, only a face that fills half the picture could be found
REFINE_LEVELS = 2  # the next finer level than the candidate's, and the candidate's own
REFINE_MARGIN_PX = 8  # a candidate is off by one cell at most
NEAR_LEVELS = 3  # the next coarser one too: the face may have come closer
NEAR_MARGIN_PX = 32  # a face moves by less than half its width between two frames


def find_face(
    image: Image, *, near: Box | None = None, exact: bool = False, steady: bool = False, backend: Backend = DLIB
) -> Face | None:
    """The user's face in an (H, W, 3) RGB image with its 68 landmarks, or None. Raises WeightsMissing.

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
    """The user's face's box, the first half of find_face."""
    return _exact_search(image, backend) if exact else _search(image, near, backend)


def users_face(found: Sequence[Detection]) -> Box | None:
    """The largest face of those that score at least half of the best; of equally large ones, the best; None if none."""
    least = USER_SCORE_SHARE * max((each.score for each in found), default=0.0)
    return max((each.box for each in found if each.score >= least), key=_area, default=None)


def faces_beside(image: Image, user: Box, backend: Backend = DLIB) -> tuple[Box, ...]:
    """The boxes of the upright faces in an (H, W, 3) RGB image besides the user's; from 60 pixels on in 640 x 480.

    It costs about 10 ms in any resolution.
    """
    import cv2

    grey = _grey(image)
    scale = COUNTED_SIDE_PX / max(grey.shape)
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    searched: Grey = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=way)  # type: ignore[assignment]
    found = backend.search(searched, filters=UPRIGHT_FILTER, threshold=MIN_COUNTED_SCORE)
    boxes = (each.box.scaled(1 / scale) for each in found)
    return tuple(box for box in boxes if not _overlap(box, user))


def preload(backend: Backend = DLIB) -> None:
    """Load what finding faces needs, so that the first frame does not wait for it. Raises WeightsMissing."""
    image = np.zeros((480, 640, 3), np.uint8)
    window = Window(HALF_LEVEL, 100, 80)
    find_face(image, backend=backend)  # the coarse and the full search
    faces_beside(image, window.box, backend)
    for levels in (REFINE_LEVELS, NEAR_LEVELS):
        _refine(np.zeros((480, 640), np.uint8), window, NEAR_MARGIN_PX, levels, backend)
    backend.landmarks(image, window.box)


def _search(image: Image, near: Box | None, backend: Backend) -> Box | None:
    grey = _grey(image)
    if near is not None:
        found = _refine(grey, window_of(near), NEAR_MARGIN_PX, NEAR_LEVELS, backend)
        if found is not None:
            return found.box
    for window in _coarse_candidates(grey, backend):
        found = _refine(grey, window, REFINE_MARGIN_PX, REFINE_LEVELS, backend)
        if found is not None:
            return found.box if found.score >= SURE_SCORE else _confirm(image, found.box, backend)
    return _exact_search(image, backend)


def _confirm(image: Image, doubtful: Box, backend: Backend) -> Box:
    """The box of a doubtful face, or of the face that the full search takes for the user's where that is another."""
    user = _exact_search(image, backend)
    return doubtful if user is None or _overlap(user, doubtful) else user


def _coarse_candidates(grey: Grey, backend: Backend) -> Iterator[Window]:
    """The windows where the largest face may be, most likely first."""
    for level in COARSE_LEVELS:
        if min(size_at(grey.shape, level)) >= MIN_COARSE_SIDE_PX:
            picture = whole_level(grey, level)
            found = backend.search(picture, filters=UPRIGHT_FILTER, levels=COARSE_DEPTH, threshold=MIN_COARSE_SCORE)
            box = users_face(found)
            if box is not None:
                yield window_of(box, level)


def _exact_search(image: Image, backend: Backend) -> Box | None:
    """dlib's full search."""
    return users_face(backend.search(image))


def _refine(grey: Grey, window: Window, margin_px: int, levels: int, backend: Backend) -> Detection | None:
    """The best face around a window. Searches `levels` levels, starting one finer than the window's."""
    level = max(0, window.level - 1)
    left, top, right, bottom = region = region_around(window, level, margin_px, grey.shape)
    if min(right - left, bottom - top) < FACE_PX:
        return None
    found = backend.search(region_of_level(grey, level, region), levels=levels)
    if not found:
        return None
    return Detection(window_of(found[0].box, level, (left, top)).box, found[0].score)


def _grey(image: Image) -> Grey:
    import cv2

    return cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)  # type: ignore[return-value]


def _overlap(one: Box, other: Box) -> bool:
    """Whether two boxes overlap by more than half of the smaller one."""
    width = min(one.right, other.right) - max(one.left, other.left) + 1
    height = min(one.bottom, other.bottom) - max(one.top, other.top) + 1
    return width > 0 and height > 0 and 2 * width * height > min(_area(one), _area(other))


def _area(box: Box) -> int:
    return (box.right - box.left + 1) * (box.bottom - box.top + 1)
