"""What the frames of a session show, each thing computed once."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ai_models.analysis import AnalysisPlan, FrameAnalysis
from ai_models.identity import Enrolment, distance
from ai_models.monitoring.session_state import Observation
from ai_models.vision.frame import Frame
from detections import vision


def analyze_frames(frames: Sequence[Frame], plan: AnalysisPlan) -> Iterator[FrameAnalysis]:
    """The analysis of a frame, or of each frame of a burst.

    In a burst identity, face count and quality are computed once, for the first frame that has a face. An absent
    person is not searched for in every frame, which would take eight times as long as finding somebody: after the
    second frame in a row without a face one is skipped, after the third two, and so on. Raises InvalidFrame,
    WeightsMissing.
    """
    misses = skips = 0
    for frame in frames:
        if skips:
            skips -= 1
            yield FrameAnalysis(frame.width, frame.height)
            continue
        analysis = vision.analyze(frame, plan)
        if analysis.face:
            plan = AnalysisPlan(near=analysis.face.box, measures=True)
            misses = 0
        else:
            plan = replace(plan, near=None)
            misses += 1
        skips = max(0, misses - 1)
        yield analysis


def observation(
    analysis: FrameAnalysis, at_s: float, enrolment: Enrolment | None, *, is_nobody_enrolled: bool
) -> Observation:
    """What the state machine takes of a frame's analysis."""
    away = None
    if analysis.descriptor is not None and enrolment is not None:
        away = distance(analysis.descriptor, enrolment.mean)
    return Observation(at_s, analysis.measures, analysis.face_count, away, is_nobody_enrolled)
