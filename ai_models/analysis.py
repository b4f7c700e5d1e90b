"""What one frame shows, and what of it to compute. Data only: ai_models/vision/ computes it."""

from dataclasses import dataclass

from ai_models.identity import Descriptor
from ai_models.landmarks import Box, Face
from ai_models.measures import FaceMeasures


@dataclass(frozen=True, slots=True)
class AnalysisPlan:
    """What to compute besides the face and its landmarks. near: where the face was a moment ago.

    measures: those of monitoring sessions, with the picture's quality if that is planned, too. identity: the face's
    descriptor. count: how many faces there are.
    """

    near: Box | None = None
    measures: bool = False
    quality: bool = False
    identity: bool = False
    count: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class FrameAnalysis:
    """What one frame shows; width and height in pixels. None: no face was found, or it was not planned."""

    width: int
    height: int
    face: Face | None = None
    measures: FaceMeasures | None = None
    face_count: int | None = None
    descriptor: Descriptor | None = None
