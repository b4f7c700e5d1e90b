"""Whether a picture would do for a session: is there one face, at a good distance, in good light? Before the start."""

from typing import Literal

from msgspec import Struct

from ai_models.analysis import AnalysisPlan, FrameAnalysis
from ai_models.measures import FaceMeasures
from ai_models.monitoring.calibration import MIN_FACE_PX, hints_of
from ai_models.quality import MIN_LIGHT, Hint

Distance = Literal["near", "good", "far"]
Light = Literal["dark", "good"]

# Of the picture's longer side. At 640 x 480 such a face is 288 pixels wide: the head with its hair and chin is as high
# as the picture, and who leans in by a fifth is cut off at the top or the bottom.
NEAR_WIDTH = 0.45
PLAN = AnalysisPlan(measures=True, quality=True, others=True, explain=True)


class CameraCheck(Struct, frozen=True):
    """A picture as a session's first one. hint: what to change; distance, light: None if they are not known."""

    faces: int
    hint: Hint | None
    distance: Distance | None
    light: Light | None


def check_of(analysis: FrameAnalysis) -> CameraCheck:
    """The check of a picture that was analysed by PLAN."""
    measures = analysis.measures
    if measures is None:
        is_dark = analysis.problem == "too_dark"
        distance: Distance | None = "far" if analysis.problem == "face_too_small" else None
        return CameraCheck(0, analysis.problem or "no_face", distance, "dark" if is_dark else None)
    hints = hints_of(measures, has_company=bool(analysis.others))
    return CameraCheck(
        faces=1 + len(analysis.others or ()),
        hint=hints[0] if hints else None,
        distance=_distance(measures),
        light=_light(measures),
    )


def _distance(measures: FaceMeasures) -> Distance:
    if measures.width_px < MIN_FACE_PX:
        return "far"
    return "near" if measures.width > NEAR_WIDTH else "good"


def _light(measures: FaceMeasures) -> Light | None:
    if measures.quality is None:
        return None
    return "dark" if measures.quality.light < MIN_LIGHT else "good"
