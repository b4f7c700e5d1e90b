"""One frame, analysed: the only place that finds a face, measures and describes it."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from ai_models.analysis import AnalysisPlan, FrameAnalysis
from ai_models.landmarks import Face
from ai_models.measures import FaceMeasures, measure_face
from ai_models.vision.engines import Engine
from ai_models.vision.frame import Image
from ai_models.vision.picture_quality import quality_of

Timed = Callable[[str], AbstractContextManager[object]]  # around a stage, by its name


def untimed(stage: str) -> AbstractContextManager[object]:
    return nullcontext()


def analyze_image(image: Image, plan: AnalysisPlan, engine: Engine, timed: Timed = untimed) -> FrameAnalysis:
    """The analysis of an (H, W, 3) RGB image, each planned thing once. Raises WeightsMissing."""
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
            descriptor = engine.describe(image, face)
    return FrameAnalysis(width, height, face, _measures(image, face, plan), count, descriptor)


def _measures(image: Image, face: Face, plan: AnalysisPlan) -> FaceMeasures | None:
    if not plan.measures:
        return None
    height, width = image.shape[:2]
    return measure_face(face, width, height, quality_of(image, face.box) if plan.quality else None)
