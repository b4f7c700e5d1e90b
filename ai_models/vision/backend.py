"""The two computations behind every face: the search with dlib's filters, and dlib's landmarks.

All backends give the same boxes, scores and points. dlib itself is always available; native/ is faster.
"""

from typing import NamedTuple, Protocol

import numpy as np

from ai_models.landmarks import Box, Points
from ai_models.vision import weights
from ai_models.vision.detector import ALL_FILTERS, ALL_LEVELS, Grey, detector
from ai_models.vision.frame import Image


class Detection(NamedTuple):
    """A face box and its score: by how much it exceeds the detector's own threshold."""

    box: Box
    score: float


class Backend(Protocol):
    """Images are (H, W, 3) RGB, or (H, W) grey where a search takes them."""

    def search(
        self, image: Image | Grey, *, filters: int = ALL_FILTERS, levels: int = ALL_LEVELS, threshold: float = 0.0
    ) -> list[Detection]:
        """The faces with at least this score, highest score first, by the first filters at the finest levels."""

    def landmarks(self, image: Image, box: Box) -> Points:
        """The 68 landmarks of the face in a box, (68, 2). Raises WeightsMissing."""


class DlibBackend:
    """dlib as it is installed."""

    __slots__ = ()

    def search(
        self, image: Image | Grey, *, filters: int = ALL_FILTERS, levels: int = ALL_LEVELS, threshold: float = 0.0
    ) -> list[Detection]:
        # dlib's detector reads a view (a crop, a flip) as if its rows followed each other, and finds nothing.
        pixels = np.ascontiguousarray(image)
        found, scores, _ = detector(filters=filters, levels=levels).run(pixels, 0, threshold)
        boxes = (Box(each.left(), each.top(), each.right(), each.bottom()) for each in found)
        return [Detection(box, score) for box, score in zip(boxes, scores, strict=True)]

    def landmarks(self, image: Image, box: Box) -> Points:
        import dlib

        rectangle = dlib.rectangle(box.left, box.top, box.right, box.bottom)
        shape = weights.shape_predictor()(image, rectangle)
        return np.array([(point.x, point.y) for point in shape.parts()])


DLIB = DlibBackend()
