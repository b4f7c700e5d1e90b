"""The plan of what to compute from a frame, and the result. Data only: ai_models/vision/ computes it."""

from msgspec import Struct

from ai_models.identity import FaceDescriptor
from ai_models.landmarks import Box, Face
from ai_models.measures import FaceMeasures, HeadPose
from ai_models.quality import PictureProblem
from ai_models.scene import Scene


class Crop(Struct, frozen=True):
    """A picture that is part of a larger one: its upper left corner, and the whole's size, in its own pixels."""

    left: int
    top: int
    width: int
    height: int


class AnalysisPlan(Struct, frozen=True):
    """What to compute besides the face and its landmarks.

    near: the face's last known box. at: the face's box, if it is known so well that it is not searched for.
    near_width: the width of the whole picture that these boxes are in; None if it is that of the frame. measures: those
    of a monitoring session. steady: from landmarks with half the noise. pose: the head's, if it is known for them.
    quality: the picture's quality, as part of the measures. identity: the face's descriptor. exact_identity: as it is
    enrolled. others: the faces besides the user's. scene: the face's surroundings. explain: if no face is found, search
    for one that lies on its side or is too small, which takes as long again.
    """

    near: Box | None = None
    at: Box | None = None
    near_width: int | None = None
    measures: bool = False
    steady: bool = False
    pose: HeadPose | None = None
    quality: bool = False
    identity: bool = False
    exact_identity: bool = False
    others: bool = False
    scene: bool = False
    explain: bool = False


class FrameAnalysis(Struct, frozen=True, eq=False):
    """The result for one frame, in pixels of the whole picture, whose size is width and height.

    None: no face was found, or it was not planned. problem: why no face was found, if the picture tells; is_explained:
    all was tried to find out.
    """

    width: int
    height: int
    face: Face | None = None
    measures: FaceMeasures | None = None
    others: tuple[Box, ...] | None = None
    descriptor: FaceDescriptor | None = None
    scene: Scene | None = None
    problem: PictureProblem | None = None
    is_explained: bool = False
