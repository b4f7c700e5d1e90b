"""What the camera shows: what is wrong with its picture, and whether the camera was moved.

When it is moved, as when a laptop's lid is tilted, everything in the picture moves at once.
"""

from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from ai_models.measures import FaceMeasures
from ai_models.monitoring.calibration import MAX_YAW_DEG, MIN_FACE_PX, Baseline
from ai_models.monitoring.posture_filter import is_turned
from ai_models.outlines import moved_outline
from ai_models.quality import Hint, PictureProblem
from ai_models.scene import Scene

Trouble = PictureProblem | Literal["head_turned"]

LIT: tuple[Trouble, ...] = ("too_dark", "too_blurred")
SEARCHED: tuple[Trouble, ...] = ("sideways", "face_too_small")
# Lengths in widths of the face.
MOVED_FROM = 0.1
# Without surroundings that tell, a person may have sunk by less. With them, less may still be both: it is asked, and
# posture is told as usual until the answer. From here on nobody sinks within a second and keeps distance and tilt.
LARGE = 0.3
AGREES_WITHIN = 0.25  # the surroundings' shift with the face's
STAYS_WITHIN = 0.08
SAME_WIDTH = 0.04
SAME_ROLL_DEG = 3.0
SUDDEN_S = 10.0
SEEN, UNSEEN = 2, 4  # frames that show it: with surroundings that moved, too, or without any that tell


class PictureStatus(Struct, frozen=True):
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


class CameraWatch(Struct, frozen=True):
    """The face and its surroundings in the last frame at its usual place, and what was seen since.

    Lengths are those of FaceMeasures. moved_y: how far everything moved down; frames: how many showed that;
    is_evident: the surroundings moved with the face. is_refused: the camera did not move, says its user.
    """

    scene: Scene | None = None
    y: float = 0.0
    width: float = 0.0
    roll_deg: float = 0.0
    at_s: float = 0.0
    moved_y: float = 0.0
    frames: int = 0
    is_evident: bool = False
    is_refused: bool = False

    @property
    def is_asking(self) -> bool:
        """True if the user should say whether the camera was moved."""
        return self.frames >= (SEEN if self.is_evident else UNSEEN)

    def judged_by(self, baseline: Baseline) -> Baseline:
        """The baseline to judge posture by: that of the camera's new place as long as there is little doubt."""
        is_certain = self.is_asking and self.is_evident and abs(self.moved_y) >= LARGE * self.width
        return self.moved(baseline) if is_certain else baseline

    def moved(self, baseline: Baseline) -> Baseline:
        """The baseline at the camera's new place. A turned camera moves everything alike, near or far."""
        outline = baseline.outline and moved_outline(baseline.outline, self.moved_y)
        return replace(baseline, y=baseline.y + self.moved_y, outline=outline)

    def refused(self) -> "CameraWatch":
        """Not asked again until the face has been at its usual place."""
        return replace(self, moved_y=0.0, frames=0, is_evident=False, is_refused=True)

    def with_frame(self, measures: FaceMeasures, scene: Scene | None, at_s: float, *, is_usual: bool) -> "CameraWatch":
        """The watch after a frame whose posture was judged. is_usual: the face is where the baseline has it."""
        if scene is None:
            return self
        if is_usual:
            return CameraWatch(scene, measures.y, measures.width, measures.roll_deg, at_s)
        if self.scene is None or self.is_refused:
            return self
        if self.is_asking:
            return self._moved_again(self.scene.shift_to(scene))
        moved_y, is_evident = self._shift(self.scene, measures, scene, at_s)
        if not moved_y:
            return replace(self, moved_y=0.0, frames=0, is_evident=False)
        stays = self.frames and abs(moved_y - self.moved_y) <= STAYS_WITHIN * self.width
        if not stays:
            return replace(self, moved_y=moved_y, frames=1, is_evident=is_evident)
        return replace(self, frames=self.frames + 1, is_evident=self.is_evident or is_evident)

    def _moved_again(self, around: float | None) -> "CameraWatch":
        """The watch while its user is asked: the surroundings alone count, since the person may move meanwhile."""
        if not around or abs(around - self.moved_y) <= AGREES_WITHIN * self.width:
            return self
        return replace(self, moved_y=around, is_evident=True)

    def _shift(self, before: Scene, measures: FaceMeasures, scene: Scene, at_s: float) -> tuple[float, bool]:
        """How far everything moved down, 0 if the face alone did; and whether the surroundings show it."""
        moved_y = measures.y - self.y
        if abs(moved_y) < MOVED_FROM * self.width:
            return 0.0, False
        around = before.shift_to(scene)
        is_sudden = at_s - self.at_s <= SUDDEN_S
        if around is not None:
            agrees = around != 0 and abs(around - moved_y) <= AGREES_WITHIN * self.width
            # Who comes back after a while may sit elsewhere: then the surroundings know better.
            return (0.0 if not agrees else moved_y if is_sudden else around), agrees
        is_alike = abs(measures.width / self.width - 1) <= SAME_WIDTH
        is_alike &= abs(measures.roll_deg - self.roll_deg) <= SAME_ROLL_DEG
        return moved_y if is_alike and is_sudden and abs(moved_y) >= LARGE * self.width else 0.0, False
