"""The plain pipeline: the contract taken word by word, with dlib as it comes. What ours is measured against.

What it counts: a picture is decoded once. For posture the face is found once (dlib's frontal detector at full
resolution, in colour, upsample 0; of several the largest) and gets its 68 landmarks. For identity the face is found
once more, since code for descriptors does not know where code for posture found it: so detection and landmarks count
twice, and then dlib's own network computes the descriptor. A blink frame has one detection and one set of landmarks.

The report tells every stage's time, so who would rather count one detection for both can subtract the other.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from ai_models import blink as eyes
from ai_models import posture
from ai_models.identity import Descriptor
from ai_models.landmarks import Box, Face
from ai_models.measures import eye_aspect_ratio
from ai_models.posture import ContractBaseline, Verdict
from ai_models.vision import weights
from ai_models.vision.frame import Image

Mark = Callable[[str], None]  # says that the named stage ends here

DECODE, FIND, LANDMARKS, ALIGNMENT, DESCRIPTOR, VERDICT = STAGES = (
    "decode",
    "find the face",
    "landmarks",
    "alignment",
    "descriptor",
    "verdict",
)


@dataclass(frozen=True, slots=True)
class Neck:
    """What a neck frame tells of a face."""

    face: Face
    verdict: Verdict
    descriptor: Descriptor


def no_mark(_: str) -> None:
    """For who does not measure stages."""


def neck(data: bytes, baseline: ContractBaseline, mark: Mark = no_mark) -> Neck | None:
    """Posture and identity of a JPEG's or PNG's largest face, or None."""
    image = decode(data)
    mark(DECODE)
    face = find_face(image, mark)
    if face is None:
        return None
    verdict = posture.judge(posture.measure(face.points), baseline)
    mark(VERDICT)
    descriptor = describe(image, mark)
    return None if descriptor is None else Neck(face, verdict, descriptor)


def blink(data: bytes, mark: Mark = no_mark) -> bool | None:
    """Whether the eyes of a JPEG's or PNG's largest face are closed, or None."""
    image = decode(data)
    mark(DECODE)
    face = find_face(image, mark)
    if face is None:
        return None
    is_closed = eyes.is_closed(eye_aspect_ratio(face.points))
    mark(VERDICT)
    return is_closed


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
    _, shape = found
    descriptor = np.array(weights.descriptor_network().compute_face_descriptor(image, shape), np.float32)
    mark(DESCRIPTOR)  # the alignment is inside
    return descriptor


@cache
def frontal_detector() -> Any:
    import dlib

    return dlib.get_frontal_face_detector()


def _find(image: Image, mark: Mark) -> tuple[Any, Any] | None:
    rectangles = frontal_detector()(image, 0)
    mark(FIND)
    if not rectangles:
        return None
    largest = max(rectangles, key=lambda rectangle: rectangle.area())
    shape = weights.shape_predictor()(image, largest)
    mark(LANDMARKS)
    return largest, shape
