"""A face of which a client sent the landmarks, without the picture."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ai_models import posture
from ai_models.analysis import FrameAnalysis
from ai_models.face_mesh import MESH_COUNT, TO_68
from ai_models.landmarks import LEFT_EYE, POINT_COUNT, RIGHT_EYE, Box, Face, FinePoints
from ai_models.measures import HeadPose, measure_face
from ai_models.quality import GOOD_SHARPNESS, Quality

COUNTS = (POINT_COUNT, MESH_COUNT)
MOUTH = slice(48, 68)
MIN_JAW_PX = 16.0  # between its ends; no model finds a face as small
MAX_TURN_SHARE = 0.5  # of that distance across the picture: with less, the head lies on its side
MAX_OTHERS = 16
WHITE = 255.0


class InvalidLandmarks(ValueError):
    """Points that cannot be a face's; the text says why."""


@dataclass(frozen=True, slots=True)
class Placed:
    """What a client found in a picture of width × height pixels.

    points: 68 or 478 pairs, None if there is no face. faces: all of them, that one included. brightness: the face's
    mean, 0 to 1. others: the boxes of other faces, left, top, right and bottom.
    """

    width: int
    height: int
    points: Sequence[tuple[float, float]] | None
    faces: int | None = None
    brightness: float | None = None
    others: Sequence[tuple[int, int, int, int]] = ()


def analyze_landmarks(placed: Placed, source: str, pose: HeadPose | None = None) -> FrameAnalysis:
    """The analysis of a picture from its landmarks alone: no scene, no descriptor. source: their model. pose: of the
    head, if it is known already; it takes as long as all other measures.

    Raises InvalidLandmarks.
    """
    width, height = placed.width, placed.height
    if placed.points is None:
        if placed.faces:
            raise InvalidLandmarks("no_points")
        return FrameAnalysis(width, height)
    points = _points(placed.points)
    across_px = _check(points, width, height)
    others = _others(placed)
    if across_px is None:
        return FrameAnalysis(width, height, others=others, problem="sideways", is_explained=True)
    face = Face(_box(points), np.rint(points).astype(int), points)
    light = None if placed.brightness is None else WHITE * placed.brightness
    # Landmarks say nothing of sharpness, and a model that placed them had enough of it.
    quality = None if light is None else Quality(light, GOOD_SHARPNESS)
    measures = measure_face(face, width, height, pose=pose, quality=quality, light=light, source=source)
    if not math.isfinite(measures.yaw_deg + measures.pitch_deg):
        raise InvalidLandmarks("no_face")
    return FrameAnalysis(width, height, face, measures, others)


def _points(sent: Sequence[tuple[float, float]]) -> FinePoints:
    if len(sent) == MESH_COUNT:
        return np.array([sent[index] for index in TO_68], np.float64)
    if len(sent) == POINT_COUNT:
        return np.array(sent, np.float64)
    raise InvalidLandmarks("count")


def _check(points: FinePoints, width: int, height: int) -> float | None:
    """The face's width in pixels, None if it lies on its side. Raises InvalidLandmarks."""
    lowest, highest = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    is_near = lowest[0] >= -width and highest[0] <= 2 * width and lowest[1] >= -height and highest[1] <= 2 * height
    if not is_near:
        raise InvalidLandmarks("outside")
    if math.dist(points[0], points[16]) < MIN_JAW_PX:
        raise InvalidLandmarks("no_face")
    right, left, mouth = (points[part].mean(axis=0).tolist() for part in (RIGHT_EYE, LEFT_EYE, MOUTH))
    eyes_x, eyes_y = left[0] - right[0], left[1] - right[1]
    down_x, down_y = mouth[0] - (left[0] + right[0]) / 2, mouth[1] - (left[1] + right[1]) / 2
    if eyes_x * down_y - eyes_y * down_x <= 0:
        raise InvalidLandmarks("mirrored")
    across_px = posture.measure(points).face_x
    return across_px if across_px >= MAX_TURN_SHARE * math.dist(points[0], points[16]) else None


def _box(points: FinePoints) -> Box:
    (left, top), (right, bottom) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    return Box(round(left), round(top), round(right), round(bottom))


def _others(placed: Placed) -> tuple[Box, ...]:
    """The boxes of the other faces. Those that were only counted are taken to be at the picture's upper edge."""
    others = [Box(*edges) for edges in placed.others]
    limit = 2 * max(placed.width, placed.height)
    if any(not (-limit <= box.left < box.right <= limit and -limit <= box.top < box.bottom <= limit) for box in others):
        raise InvalidLandmarks("box")
    if placed.faces is not None and placed.faces < 1 + len(others):
        raise InvalidLandmarks("faces")
    unplaced = min(MAX_OTHERS, (placed.faces or 0) - 1 - len(others))
    side = max(1, placed.width // MAX_OTHERS)
    return (*others, *(Box(number * side, 0, (number + 1) * side, side) for number in range(unplaced)))
