"""What a frame tells of a session: a face's measures, whose it is, who else is there."""

from msgspec import Struct

from ai_models.analysis import FrameAnalysis
from ai_models.landmarks import Box, Face
from ai_models.measures import FaceMeasures
from ai_models.monitoring.calibration import Baseline
from ai_models.monitoring.eyes import MAX_LOWERED_DEG, SHUT_BELOW, EyeReason
from ai_models.monitoring.identity_filter import Look
from ai_models.outlines import pack_outline
from ai_models.quality import MAX_GLARE, MIN_LIGHT, MIN_WATCHED_LIGHT, PictureProblem
from ai_models.scene import Scene
from ai_models.templates import Templates


class Observation(Struct, frozen=True):
    """One frame. measures: None if no face was found. others: the boxes of other faces; None if not searched for.

    look: None if identity was not requested. is_nobody_enrolled: True when it was and no face is enrolled.
    problem, is_explained: why no face was found; see FrameAnalysis. face: in a picture of picture_size, width and
    height in pixels.
    """

    at_s: float
    measures: FaceMeasures | None
    others: tuple[Box, ...] | None = None
    look: Look | None = None
    is_nobody_enrolled: bool = False
    problem: PictureProblem | None = None
    is_explained: bool = False
    scene: Scene | None = None
    face: Face | None = None
    picture_size: tuple[int, int] = (0, 0)

    def captured_at(self, at_s: float) -> "Observation":
        """The same at another time; `replace` takes three times as long, for each frame of a burst."""
        return Observation(
            at_s,
            self.measures,
            self.others,
            self.look,
            self.is_nobody_enrolled,
            self.problem,
            self.is_explained,
            self.scene,
            self.face,
            self.picture_size,
        )

    @property
    def outline(self) -> bytes | None:
        """The face's outline, packed; None if no face was found."""
        return pack_outline(self.face.points, *self.picture_size) if self.face else None

    @property
    def eyes_hidden_by(self) -> EyeReason | None:
        """Why the eyes of the face cannot be seen; None if they can."""
        light, glare = (self.measures.light, self.measures.glare) if self.measures else (None, None)
        if light is not None and light < MIN_WATCHED_LIGHT:
            return "too_dark"
        return "glare" if glare is not None and glare > MAX_GLARE else None

    @property
    def is_face_in_shadow(self) -> bool:
        """True if the face is too dark to be compared."""
        light = self.measures.light if self.measures else None
        return light is not None and light < MIN_LIGHT

    def shows_shut_eyes(self, openness: float, baseline: Baseline) -> bool:
        """True if eyes of this openness are shut, not lowered with the head."""
        lowered_deg = self.measures.pitch_deg - baseline.pitch_deg if self.measures else 0.0
        return openness < SHUT_BELOW and lowered_deg < MAX_LOWERED_DEG

    @classmethod
    def of(
        cls,
        analysis: FrameAnalysis,
        at_s: float,
        templates: Templates,
        *,
        is_nobody_enrolled: bool = False,
        counts_others: bool = True,
    ) -> "Observation":
        """A frame's analysis as it is judged, which may take a while: its face's exact descriptor is computed."""
        look = None if analysis.descriptor is None else Look(analysis.descriptor.exact, templates)
        return cls(
            at_s,
            analysis.measures,
            analysis.others if counts_others else None,
            look,
            is_nobody_enrolled,
            analysis.problem,
            analysis.is_explained,
            analysis.scene,
            analysis.face,
            (analysis.width, analysis.height),
        )
