"""What is wrong with the picture, whether a face is found in it or not."""

from dataclasses import dataclass
from typing import Literal

from ai_models.measures import FaceMeasures
from ai_models.monitoring.calibration import MAX_YAW_DEG, MIN_FACE_PX, Baseline
from ai_models.monitoring.posture_filter import is_turned
from ai_models.quality import Hint, PictureProblem

Trouble = PictureProblem | Literal["head_turned"]

LIT: tuple[Trouble, ...] = ("too_dark", "too_blurred")
SEARCHED: tuple[Trouble, ...] = ("sideways", "face_too_small")


@dataclass(frozen=True, slots=True)
class PictureStatus:
    """What is wrong with the last picture; None if nothing is. explained_at_s: when all was last tried to find out."""

    trouble: Trouble | None = None
    explained_at_s: float | None = None

    @property
    def hint(self) -> Hint | None:
        """The trouble as a hint."""
        return "look_ahead" if self.trouble == "head_turned" else self.trouble

    def with_face(self, measures: FaceMeasures, baseline: Baseline | None) -> "PictureStatus":
        """The status after a frame with a face."""
        return PictureStatus(self._trouble_of(measures, baseline))

    def without_face(
        self, problem: PictureProblem | None, at_s: float, *, is_explained: bool, is_away: bool
    ) -> "PictureStatus":
        """The status after a frame without a face. problem: why, if the picture told.

        What was found by a long search holds until the next one; and who turned their head a moment ago may have turned
        it further, until they are away.
        """
        explained_at_s = at_s if is_explained else self.explained_at_s
        if problem is not None:
            return PictureStatus(problem, explained_at_s)
        is_kept = not is_away if self.trouble == "head_turned" else self.trouble in SEARCHED and not is_explained
        return PictureStatus(self.trouble if is_kept else None, explained_at_s)

    def _trouble_of(self, measures: FaceMeasures, baseline: Baseline | None) -> Trouble | None:
        if measures.quality and measures.quality.problem:
            return measures.quality.problem
        if measures.quality is None and self.trouble in LIT:  # not measured in each frame of a burst
            return self.trouble
        if measures.width_px < MIN_FACE_PX:
            return "face_too_small"
        turned = is_turned(measures, baseline) if baseline else abs(measures.yaw_deg) > MAX_YAW_DEG
        return "head_turned" if turned else None
