"""The quality of a picture, of a face or of the whole: its light, its sharpness, and what hides a face in it."""

from dataclasses import dataclass
from typing import Literal

PictureProblem = Literal["covered", "too_dark", "too_blurred", "sideways", "face_too_small"]

Hint = Literal[
    "no_face",
    "more_than_one_face",
    "face_too_small",
    "too_dark",
    "too_blurred",
    "covered",
    "sideways",
    "look_ahead",
    "open_your_eyes",
    "hold_still",
    "not_the_owner",
    "learn_your_face",
]

# Measured on 222 webcam clips of EyeBlink8: light 73 and more, sharpness 230 and more. A face of 150 pixels blurred by
# a Gaussian of 3 pixels has a sharpness of 41, and the outline of its eyes shifts.
MIN_LIGHT = 40.0
MIN_SHARPNESS = 60.0
GOOD_LIGHT = 70.0
# Measured on a face darkened to 6 % with a camera's noise: eyes can still be told apart once its levels are stretched.
MIN_WATCHED_LIGHT = 8.0
# Of an eye's surroundings that is white: 0 in all 2,021 frames of the clips, some with glasses. Reflections drawn over
# open eyes: from 9 % on the landmarks guess where the lids are, from 19 % on by a quarter too far apart.
MAX_GLARE = 0.12
GOOD_SHARPNESS = 200.0
# Limits of whole pictures in which no face was found, measured on every fourth of the same clips (57 pictures), as they
# are and changed. Contrast: 0.27 and more, in the dark and out of focus as well; 0.01 to 0.09 where one colour covers
# the lens, evenly or darker towards the corners. Light: from 12 on every face is found, at 9 a quarter in a noisy
# picture, at 4.5 hardly one. Detail: 0.51 and more; 0.10 to 0.14 blurred by a Gaussian of 6 pixels in 640, 0.10 at 10,
# where half of the faces are not found any more.
MIN_CONTRAST = 0.1
MIN_PICTURE_LIGHT = 12.0
MIN_DETAIL = 0.15


@dataclass(frozen=True, slots=True)
class Quality:
    """light: the face's mean brightness, 0 to 255. sharpness: variance of its Laplacian at CROP_PX and MIDDLE_LIGHT."""

    light: float
    sharpness: float

    @property
    def score(self) -> float:
        """From 0, unusable, to 1, where better light or sharpness would not help."""
        return min(1.0, self.light / GOOD_LIGHT) * min(1.0, self.sharpness / GOOD_SHARPNESS)

    @property
    def problem(self) -> Literal["too_dark", "too_blurred"] | None:
        """The first problem to fix; None if the quality is sufficient."""
        if self.light < MIN_LIGHT:
            return "too_dark"  # noise in the dark looks like sharpness
        return "too_blurred" if self.sharpness < MIN_SHARPNESS else None


@dataclass(frozen=True, slots=True)
class PictureQuality:
    """The quality of a whole picture, whatever it shows.

    light: its mean brightness, 0 to 255. contrast: the steepest edges between its coarse parts, over its light; 0 if it
    is of one colour. detail: the deviation of its Laplacian over its own; about 1, less the more it is blurred.
    """

    light: float
    contrast: float
    detail: float

    @property
    def problem(self) -> PictureProblem | None:
        """Why no face can be found in it; None if one could be."""
        if self.contrast < MIN_CONTRAST:
            return "covered"
        if self.light < MIN_PICTURE_LIGHT:
            return "too_dark"
        return "too_blurred" if self.detail < MIN_DETAIL else None
