"""The 68 face landmarks of iBUG 300-W, by name (numbered from 0, as in dlib).

Left and right are the subject's own: in a picture that is not mirrored the right eye is on the left side.
Source of the numbering: Sagonas et al., 300 Faces in-the-Wild Challenge, 2013.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.int_]  # (68, 2): x and y in pixels

POINT_COUNT = 68
JAW_RIGHT_END = slice(0, 4)
JAW_LEFT_END = slice(13, 17)
NOSE_BASE = slice(31, 36)
RIGHT_EYE = slice(36, 42)
LEFT_EYE = slice(42, 48)


@dataclass(frozen=True, slots=True)
class Box:
    """A face's rectangle in pixels; all four edges are inclusive, as in dlib. It may extend beyond the picture."""

    left: int
    top: int
    right: int
    bottom: int

    def moved(self, right_px: int, down_px: int) -> "Box":
        return Box(self.left + right_px, self.top + down_px, self.right + right_px, self.bottom + down_px)

    def scaled(self, factor: float) -> "Box":
        return Box(*(round(factor * edge) for edge in (self.left, self.top, self.right, self.bottom)))


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """A face found in an image: its box and its landmarks, (68, 2) integers in pixels."""

    box: Box
    points: Points

    def moved(self, right_px: int, down_px: int) -> "Face":
        return Face(self.box.moved(right_px, down_px), self.points + (right_px, down_px))
