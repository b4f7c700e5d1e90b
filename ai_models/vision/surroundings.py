"""The surroundings of a face, from its picture's pixels."""

import numpy as np

from ai_models.landmarks import Box
from ai_models.scene import ROWS, Curve, Scene
from ai_models.vision.frame import Image

REACH = 1.0  # of the face's width, on each side: shoulders are within it
MIN_STRIP = 0.03  # of the picture's width
STEP_PX = 4  # between the columns that are read


def scene_of(image: Image, box: Box) -> Scene:
    """The light beside the face in an (H, W, 3) RGB image; takes about 0.1 ms at 640 x 480."""
    height, width = image.shape[:2]
    reach = round(REACH * (box.right - box.left))
    return Scene(
        _curve(image, 0, box.left - reach), _curve(image, box.right + reach, width), height / max(height, width)
    )


def _curve(image: Image, start: int, end: int) -> Curve:
    import cv2

    width = image.shape[1]
    start, end = max(0, start), min(width, end)
    if end - start < MIN_STRIP * width:
        return ()
    strip = np.ascontiguousarray(image[:, start:end:STEP_PX, 1])  # green, most of a picture's light
    return tuple(cv2.resize(strip, (1, ROWS), interpolation=cv2.INTER_AREA)[:, 0].tolist())
