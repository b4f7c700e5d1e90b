"""The quality of a picture of a face: its light and its sharpness."""

from dataclasses import dataclass
from typing import Literal

Hint = Literal[
    "no_face",
    "more_than_one_face",
    "face_too_small",
    "too_dark",
    "too_blurred",
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


@dataclass(frozen=True, slots=True)
class Quality:
    """light: the face's mean brightness, 0 to 255. sharpness: variance of its Laplacian at CROP_PX and MIDDLE_LIGHT."""

    light: float
    sharpness: float

    @property
    def score(self) -> float:
        """From 0, unusable, to 1, where better light or sharpness would not help."""
        return min(1.0, self.light / GOOD_LIGHT) * min(1.0, self.sharpness / GOOD_SHARPNESS)

    def hints(self) -> tuple[Hint, ...]:
        """The first problem to fix; empty if the quality is sufficient."""
        if self.light < MIN_LIGHT:
            return ("too_dark",)  # noise in the dark looks like sharpness
        return ("too_blurred",) if self.sharpness < MIN_SHARPNESS else ()
