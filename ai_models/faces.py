"""Finding the user's face in an image: the only user of dlib's detector and predictor."""

import threading
from typing import Any

import numpy as np

from ai_models import weights
from ai_models.frame import Image
from ai_models.landmarks import Box, Face

_of_this_thread = threading.local()


def find_face(image: Image) -> Face | None:
    """The largest face in an (H, W, 3) RGB image with its 68 landmarks, or None. Raises WeightsMissing.

    dlib's frontal HOG detector at full resolution, without upsampling: it sees faces from about 80 pixels on.
    """
    rectangles = _detector()(image, 0)
    if not rectangles:
        return None
    rectangle = max(rectangles, key=lambda found: found.area())
    shape = weights.shape_predictor()(image, rectangle)
    box = Box(rectangle.left(), rectangle.top(), rectangle.right(), rectangle.bottom())
    return Face(box, np.array([(point.x, point.y) for point in shape.parts()]))


def _detector() -> Any:
    # A dlib detector keeps its working memory inside: threads must not share one.
    if not hasattr(_of_this_thread, "detector"):
        import dlib

        _of_this_thread.detector = dlib.get_frontal_face_detector()
    return _of_this_thread.detector
