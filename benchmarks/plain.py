"""The plain pipeline's steps, which ours is measured against: version 1 taken literally, with dlib as it comes.

A picture is decoded once. For posture the face is searched for once (dlib's frontal detector at full resolution, in
colour, upsample 0; of several faces the largest that scores at least half of the best) and gets its 68 landmarks. For
identity it is searched for again, because code for descriptors does not know where code for posture found it: so
detection and landmarks count twice. Then dlib's own network computes the descriptor. A blink frame has one detection
and one set of landmarks.

The report shows every stage's time, so the second detection can be subtracted.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from ai_models.identity import Descriptor
from ai_models.landmarks import Box, Face
from ai_models.vision import weights
from ai_models.vision.frame import Image

Mark = Callable[[str], None]  # called at the end of a stage, with its name

DECODE, FIND, LANDMARKS = "decode", "find the face", "landmarks"
ALIGNMENT, DESCRIPTOR, VERDICT = "alignment", "descriptor", "verdict"
STAGES = (DECODE, FIND, LANDMARKS, ALIGNMENT, DESCRIPTOR, VERDICT)


def no_mark(_: str) -> None:
    """For callers that do not measure stages."""


def decode(data: bytes) -> Image:
    import cv2

    return np.asarray(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB), np.uint8)


def find_face(image: Image, mark: Mark = no_mark) -> Face | None:
    found = _find(image, mark)
    if found is None:
        return None
    rectangle, shape = found
    box = Box(rectangle.left(), rectangle.top(), rectangle.right(), rectangle.bottom())
    face = Face(box, np.array([(point.x, point.y) for point in shape.parts()]))
    mark(LANDMARKS)
    return face


def describe(image: Image, mark: Mark = no_mark) -> Descriptor | None:
    found = _find(image, mark)
    if found is None:
        return None
    descriptor = np.array(weights.descriptor_network().compute_face_descriptor(image, found[1]), np.float32)
    mark(DESCRIPTOR)  # with the alignment, which the network does itself
    return descriptor


@cache
def frontal_detector() -> Any:
    import dlib

    return dlib.get_frontal_face_detector()


def _find(image: Image, mark: Mark) -> tuple[Any, Any] | None:
    rectangles, scores, _ = frontal_detector().run(image, 0)
    mark(FIND)
    if not rectangles:
        return None
    sure = [rectangle for rectangle, score in zip(rectangles, scores, strict=True) if 2 * score >= max(scores)]
    users = max(sure, key=lambda rectangle: rectangle.area())
    shape = weights.shape_predictor()(image, users)
    mark(LANDMARKS)
    return users, shape
