"""Engines that find, count and describe faces. All give dlib's results, at different cost."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ai_models.analysis import AnalysisPlan, FrameAnalysis
from ai_models.identity import FaceDescriptor
from ai_models.landmarks import Box, Face
from ai_models.measures import FaceMeasures, measure_face
from ai_models.vision import faces
from ai_models.vision.descriptor import PrecisionChoice, describe
from ai_models.vision.frame import Image
from ai_models.vision.picture_quality import quality_of


class Engine(Protocol):
    """Images are (H, W, 3) RGB. Each method raises WeightsMissing."""

    def find(self, image: Image, near: Box | None) -> Face | None:
        """The largest face with its landmarks; near: its last known box."""

    def count(self, image: Image) -> int:
        """The number of faces."""

    def describe(self, image: Image, face: Face, *, is_exact: bool) -> FaceDescriptor:
        """The descriptor of a face found in the image. is_exact: it will be enrolled, not only compared."""


@dataclass(frozen=True, slots=True)
class FastEngine:
    """Searches coarse scales first. model_cache: the folder of the exported descriptor network.

    precision: in which faces are compared, wherever that gives the same verdict as float32.
    """

    model_cache: Path
    precision: PrecisionChoice = "auto"

    def find(self, image: Image, near: Box | None) -> Face | None:
        return faces.find_face(image, near=near)

    def count(self, image: Image) -> int:
        return faces.count_faces(image)

    def describe(self, image: Image, face: Face, *, is_exact: bool) -> FaceDescriptor:
        return describe(image, face, self.model_cache, "fp32" if is_exact else self.precision)


class ExactEngine(FastEngine):
    """dlib's own search at full resolution, regardless of cost."""

    __slots__ = ()

    def find(self, image: Image, near: Box | None) -> Face | None:
        return faces.find_face(image, exact=True)


Timed = Callable[[str], AbstractContextManager[object]]  # the context manager around a stage, given its name


def untimed(stage: str) -> AbstractContextManager[object]:
    """A context manager that does nothing."""
    return nullcontext()


def analyze_image(image: Image, plan: AnalysisPlan, engine: Engine, timed: Timed = untimed) -> FrameAnalysis:
    """The analysis of an (H, W, 3) RGB image; computes what is planned, once. Raises WeightsMissing."""
    height, width = image.shape[:2]
    with timed("find"):
        face = engine.find(image, plan.near)
    if face is None:
        return FrameAnalysis(width, height)
    count = descriptor = None
    if plan.count:
        with timed("count"):
            count = engine.count(image)
    if plan.identity:
        with timed("describe"):
            descriptor = engine.describe(image, face, is_exact=plan.exact_identity)
    return FrameAnalysis(width, height, face, _measures(image, face, plan), count, descriptor)


def _measures(image: Image, face: Face, plan: AnalysisPlan) -> FaceMeasures | None:
    if not plan.measures:
        return None
    height, width = image.shape[:2]
    return measure_face(face, width, height, quality_of(image, face.box) if plan.quality else None)
