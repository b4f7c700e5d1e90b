"""Why no face was found in a picture."""

import numpy as np

from ai_models.quality import PictureProblem
from ai_models.vision.backend import Backend
from ai_models.vision.detector import HALF_LEVEL, UPRIGHT_FILTER, Grey, whole_level
from ai_models.vision.faces import COARSE_DEPTH
from ai_models.vision.frame import Image
from ai_models.vision.picture_quality import picture_quality_of

QUARTER_TURNS = (1, 3, 2)
# The detector's window is 80 pixels: enlarged by half, a picture shows faces from 53 pixels on. Two levels reach from
# there to those that were searched for before.
ENLARGED = 1.5
ENLARGED_LEVELS = 3
MAX_ENLARGED_SIDE_PX = 960  # larger pictures show faces that are small enough as they are
# Measured on every eighth clip of EyeBlink8, turned: no upright face scores as much, and each turned one 1.2 or more.
MIN_SCORE = 0.5


def explain(original: Image, image: Image, backend: Backend, *, thoroughly: bool) -> PictureProblem | None:
    """Why no face was found in an (H, W, 3) RGB image; None if the picture does not tell: nobody is there.

    original: as it was captured; image: with its levels stretched if it was dark. thoroughly: search for faces that lie
    on their side or are too small as well, which takes 25 ms at 640 x 480.
    """
    problem = picture_quality_of(original).problem
    if problem or not thoroughly:
        return problem
    import cv2

    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    if _is_sideways(grey, backend):  # type: ignore[arg-type]
        return "sideways"
    return "face_too_small" if _has_small_face(grey, backend) else None  # type: ignore[arg-type]


def _is_sideways(grey: Grey, backend: Backend) -> bool:
    half = whole_level(grey, HALF_LEVEL)
    return any(_has_face(np.ascontiguousarray(np.rot90(half, turns)), COARSE_DEPTH, backend) for turns in QUARTER_TURNS)


def _has_small_face(grey: Grey, backend: Backend) -> bool:
    import cv2

    if max(grey.shape) > MAX_ENLARGED_SIDE_PX:
        return False
    enlarged = cv2.resize(grey, None, fx=ENLARGED, fy=ENLARGED, interpolation=cv2.INTER_LINEAR)
    return _has_face(enlarged, ENLARGED_LEVELS, backend)  # type: ignore[arg-type]


def _has_face(grey: Grey, levels: int, backend: Backend) -> bool:
    return bool(backend.search(grey, filters=UPRIGHT_FILTER, levels=levels, threshold=MIN_SCORE))
