"""From pictures to what a session observes in them, each thing once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ai_models.identity import Descriptor, Enrolment, distance
from ai_models.landmarks import Box, Face
from ai_models.measures import FaceMeasures, measure_face
from ai_models.monitoring.session_state import Observation
from ai_models.monitoring.status import AnalysisPlan
from ai_models.vision.frame import Frame, decode
from ai_models.vision.picture_quality import quality_of
from common.telemetry import metrics
from detections import vision


@dataclass(frozen=True, slots=True)
class FrameAnalysis:
    """What one frame shows; width and height in pixels."""

    width: int
    height: int
    face: Face | None = None
    measures: FaceMeasures | None = None
    face_count: int | None = None
    descriptor: Descriptor | None = None

    def observation(self, at_s: float, enrolment: Enrolment | None, *, is_nobody_enrolled: bool) -> Observation:
        is_known = self.descriptor is not None and enrolment is not None
        away = distance(self.descriptor, enrolment.mean) if is_known else None  # type: ignore[arg-type, union-attr]
        return Observation(at_s, self.measures, self.face_count, away, is_nobody_enrolled)


def analyze_frames(frames: Sequence[Frame], plan: AnalysisPlan) -> Iterator[FrameAnalysis]:
    """What each frame shows. In a burst identity, number and quality are asked once, of the first that has a face.

    Where nobody is there it is not searched frame by frame, which takes eight times as long as finding somebody: the
    second frame in a row without a face lets one pass, the third two, and so on. Raises InvalidFrame, WeightsMissing.
    """
    near, is_planned = plan.near, True
    misses = passes = 0
    for frame in frames:
        if passes:
            passes -= 1
            yield FrameAnalysis(frame.width, frame.height)
            continue
        analysis = _analyze(frame, plan if is_planned else None, near)
        is_planned = is_planned and analysis.face is None
        near = analysis.face.box if analysis.face else None
        misses = 0 if analysis.face else misses + 1
        passes = max(0, misses - 1)
        yield analysis


def _analyze(frame: Frame, plan: AnalysisPlan | None, near: Box | None) -> FrameAnalysis:
    with metrics.timed("decode"):
        image = decode(frame)
    height, width = image.shape[:2]
    face = vision.find(image, near=near)
    (metrics.frames_detected if face else metrics.frames_without_face).inc()
    if face is None:
        return FrameAnalysis(width, height)
    quality = quality_of(image, face.box) if plan and plan.quality else None
    return FrameAnalysis(
        width,
        height,
        face,
        measure_face(face, width, height, quality),
        face_count=vision.count(image) if plan and plan.count else None,
        descriptor=vision.describe(image, face) if plan and plan.identity else None,
    )
