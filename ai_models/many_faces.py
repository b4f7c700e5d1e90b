"""The measures of many faces at once, as measures.measure_face has them of one: each numpy call is for all of them."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ai_models.landmarks import JAW_LEFT_END, JAW_RIGHT_END, LEFT_EYE, NOSE_BASE, RIGHT_EYE

Vectors = NDArray[np.float64]  # (..., 2)
ManyPoints = NDArray[np.float64]  # (n, 68, 2)

# Both ends of three lines in either eye: from corner to corner, and twice from the upper lid to the lower.
ONE_END, OTHER_END = [36, 37, 38, 42, 43, 44], [39, 41, 40, 45, 47, 46]


class FaceNumbers(NamedTuple):
    """Of one face, in pixels and degrees; see FaceMeasures.

    width_px: across the picture. x: the mean of the landmarks of eyes and nose; y: of the middles of eyes and nose.
    """

    width_px: float
    x: float
    y: float
    roll_deg: float
    eye_aspect_ratio: float


def measure_many(points: ManyPoints) -> list[FaceNumbers]:
    """The measures of n faces; formulas and order of additions are those of posture.measure."""
    right_eye, left_eye, nose = (centres(points[:, part]) for part in (RIGHT_EYE, LEFT_EYE, NOSE_BASE))
    across, down = (left_eye - right_eye).T
    columns: Sequence[NDArray[np.float64]] = (
        centres(points[:, JAW_LEFT_END])[:, 0] - centres(points[:, JAW_RIGHT_END])[:, 0],
        points[:, 27:48, 0].mean(axis=1),
        (right_eye[:, 1] + left_eye[:, 1] + nose[:, 1]) / 3,
        np.degrees(np.arctan2(down, across)),
        _eye_aspect_ratios(points),
    )
    return [FaceNumbers(*row) for row in zip(*(column.tolist() for column in columns), strict=True)]


def edges_of(points: ManyPoints) -> NDArray[np.float64]:
    """(n, 4): left, top, right and bottom of each face's landmarks."""
    by_point = np.ascontiguousarray(points.swapaxes(0, 1))  # over the first axis, numpy is ten times as fast
    return np.hstack([by_point.min(axis=0), by_point.max(axis=0)])


def centres(points: ManyPoints) -> Vectors:
    """(n, 2): the mean of each face's points."""
    found: Vectors = points.sum(axis=1) / points.shape[1]
    return found


def lengths(vectors: Vectors) -> NDArray[np.float64]:
    found: NDArray[np.float64] = np.hypot(vectors[..., 0], vectors[..., 1])
    return found


def _eye_aspect_ratios(points: ManyPoints) -> NDArray[np.float64]:
    """(n,): as measures.eye_aspect_ratio."""
    lines = lengths(points[:, ONE_END] - points[:, OTHER_END])
    widths, openings = lines[:, [0, 3]], lines[:, [1, 4]] + lines[:, [2, 5]]
    eyes = openings / np.where(widths, 2 * widths, np.nan)
    return (eyes[:, 0] + eyes[:, 1]) / 2
