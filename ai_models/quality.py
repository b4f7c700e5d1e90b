"""Whether a picture of a face is good enough to measure by: its light and its sharpness."""

from dataclasses import dataclass
from typing import Literal

from ai_models.frame import Image
from ai_models.landmarks import Box

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
]

CROP_PX = 64  # the face at this size tells light and sharpness alike for every camera
MIDDLE_LIGHT = 128.0
# Measured on 222 webcam clips of EyeBlink8: light 73 and more, sharpness 230 and more. A face of 150 pixels blurred by
# a Gaussian of 3 pixels has a sharpness of 41, and its eyes' outline moves.
MIN_LIGHT = 40.0
MIN_SHARPNESS = 60.0
GOOD_LIGHT = 70.0
GOOD_SHARPNESS = 200.0


@dataclass(frozen=True, slots=True)
class Quality:
    """light: the face's mean brightness, 0 to 255. sharpness: variance of its Laplacian at CROP_PX and middle light."""

    light: float
    sharpness: float

    @property
    def score(self) -> float:
        """0 where it cannot be used, 1 where more would not help."""
        return min(1.0, self.light / GOOD_LIGHT) * min(1.0, self.sharpness / GOOD_SHARPNESS)

    def hints(self) -> tuple[Hint, ...]:
        """What is to be mended first; nothing where it is good enough."""
        if self.light < MIN_LIGHT:
            return ("too_dark",)  # noise makes it look sharp
        return ("too_blurred",) if self.sharpness < MIN_SHARPNESS else ()


def quality_of(image: Image, box: Box) -> Quality | None:
    """The quality of an (H, W, 3) RGB image where its face is; None where the box lies outside of it."""
    import cv2

    height, width = image.shape[:2]
    crop = image[max(0, box.top) : min(height, box.bottom + 1), max(0, box.left) : min(width, box.right + 1)]
    if not crop.size:
        return None
    small = cv2.cvtColor(cv2.resize(crop, (CROP_PX, CROP_PX), interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY)
    light = float(small.mean())
    as_bright = MIDDLE_LIGHT / max(1.0, light)  # else the dark would look blurred
    return Quality(light, sharpness=float(cv2.Laplacian(small, cv2.CV_32F).var()) * as_bright**2)
