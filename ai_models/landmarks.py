"""The 68 face landmarks of iBUG 300-W, by name (numbered from 0, as in dlib).

Left and right are the subject's own: in a picture that is not mirrored the right eye is on the left side.
Source of the numbering: Sagonas et al., 300 Faces in-the-Wild Challenge, 2013.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.int_]  # (68, 2): x and y in pixels
FinePoints = NDArray[np.float64]  # the same, with parts of a pixel

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

    def towards(self, other: "Box", share: float) -> "Box":
        """The box on the way from this one, at 0, to the other, at 1."""
        return Box(
            round(self.left + share * (other.left - self.left)),
            round(self.top + share * (other.top - self.top)),
            round(self.right + share * (other.right - self.right)),
            round(self.bottom + share * (other.bottom - self.bottom)),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """A face found in an image: its box and its landmarks, (68, 2) integers in pixels.

    steady_points: the landmarks before they were rounded, if they were located so; steady_landmarks says how.
    """

    box: Box
    points: Points
    steady_points: FinePoints | None = None

    def moved(self, right_px: int, down_px: int) -> "Face":
        by = (right_px, down_px)
        steady = None if self.steady_points is None else self.steady_points + by
        return Face(self.box.moved(*by), self.points + by, steady)
