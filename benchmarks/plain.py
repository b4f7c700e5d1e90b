"""The plain pipeline, which ours is measured against: version 1 taken literally, with dlib as it comes.

For posture the face is searched for once (dlib's frontal detector at full resolution, in colour, upsample 0; of several
faces the largest that scores at least half of the best) and gets its 68 landmarks. For identity it is searched for
again, because code for descriptors does not know where code for posture found it: so detection and landmarks count
twice. Then dlib's own network computes the descriptor. A blink frame has one detection and one set of landmarks.

The report shows every stage's time, so the second detection can be subtracted.
"""

from functools import cache
from typing import Any

import numpy as np

from ai_models.analysis import AnalysisPlan
from ai_models.identity import FaceDescriptor
from ai_models.landmarks import Box, Face
from ai_models.quality import PictureProblem
from ai_models.vision import weights
from ai_models.vision.frame import Image, read_frame
from ai_models.vision.frame import decode as decode_frame
from benchmarks.turns import Mark, no_mark

FIND, LANDMARKS = "find the face", "landmarks"


class PlainEngine:
    """The plain pipeline in place of the service's engine. mark: called after each search and set of landmarks."""

    def __init__(self, mark: Mark = no_mark) -> None:
        self._mark = mark

    def find(self, image: Image, plan: AnalysisPlan) -> Face | None:
        found = find(image, self._mark)
        if found is None:
            return None
        rectangle, shape = found
        box = Box(rectangle.left(), rectangle.top(), rectangle.right(), rectangle.bottom())
        return Face(box, np.array([(point.x, point.y) for point in shape.parts()]))

    def beside(self, image: Image, user: Box) -> tuple[Box, ...]:
        raise NotImplementedError  # version 1 searches for no other faces

    def explain(self, original: Image, image: Image, *, thoroughly: bool) -> PictureProblem | None:
        raise NotImplementedError  # nor does it say why there is none

    def describe(self, image: Image, face: Face, *, is_exact: bool) -> FaceDescriptor:
        found = find(image, self._mark)
        if found is None:
            raise RuntimeError("The face that was found a moment ago is not found again.")
        descriptor = np.array(weights.descriptor_network().compute_face_descriptor(image, found[1]), np.float32)
        return FaceDescriptor(lambda: descriptor, known=descriptor)


@cache
def frontal_detector() -> Any:
    import dlib

    return dlib.get_frontal_face_detector()


def find(image: Image, mark: Mark = no_mark) -> tuple[Any, Any] | None:
    """The user's face's rectangle and shape, as dlib has them."""
    rectangles, scores, _ = frontal_detector().run(image, 0)
    mark(FIND)
    if not rectangles:
        return None
    sure = [rectangle for rectangle, score in zip(rectangles, scores, strict=True) if 2 * score >= max(scores)]
    users = max(sure, key=lambda rectangle: rectangle.area())
    shape = weights.shape_predictor()(image, users)
    mark(LANDMARKS)
    return users, shape


def decode(data: bytes) -> Image:
    return decode_frame(read_frame(data))
