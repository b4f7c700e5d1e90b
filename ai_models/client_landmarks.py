"""Faces of which a client sent the landmarks, without their pictures. All of a request are measured at once."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from ai_models.analysis import FrameAnalysis
from ai_models.face_mesh import MESH_COUNT, TO_68
from ai_models.landmarks import LEFT_EYE, POINT_COUNT, RIGHT_EYE, Box, Face
from ai_models.many_faces import FaceNumbers, ManyPoints, centres, edges_of, lengths, measure_many
from ai_models.measures import FaceMeasures, HeadPose
from ai_models.pose_track import poses_of
from ai_models.quality import GOOD_SHARPNESS, Quality

COUNTS = (POINT_COUNT, MESH_COUNT)
MOUTH = slice(48, 68)
MIN_JAW_PX = 16.0  # between its ends; no model finds a face as small
MAX_TURN_SHARE = 0.5  # of that distance across the picture: with less, the head lies on its side
MAX_OTHERS = 16
WHITE = 255.0


class InvalidLandmarks(ValueError):
    """Points that cannot be a face's; the text says why. number: as in Placed."""

    def __init__(self, reason: str, number: int) -> None:
        super().__init__(reason)
        self.number = number


@dataclass(frozen=True, slots=True)
class Placed:
    """What a client found in a picture of width × height pixels, captured at at_s. number: its name in errors.

    points: 68 or 478 pairs, None if there is no face. faces: all of them, that one included. brightness: the face's
    mean, 0 to 1. others: the boxes of other faces, left, top, right and bottom.
    """

    number: int
    at_s: float
    width: int
    height: int
    points: Sequence[tuple[float, float]] | None
    faces: int | None = None
    brightness: float | None = None
    others: Sequence[tuple[int, int, int, int]] = ()


def analyze_landmarks(pictures: Sequence[Placed], source: str) -> list[FrameAnalysis]:
    """The analyses of pictures from their landmarks alone: no scene, no descriptor. source: the landmarks' model.

    The pictures are in order of time, and so are their numbers. Raises InvalidLandmarks.
    """
    if wrong := next((picture for picture in pictures if picture.points is None and picture.faces), None):
        raise InvalidLandmarks("no_points", wrong.number)
    placed = [picture for picture in pictures if picture.points is not None]
    found = _faces_of(placed, source) if placed else {}
    return [_analysis(picture, found.get(picture.number)) for picture in pictures]


def _analysis(picture: Placed, found: tuple[Face, FaceMeasures] | None) -> FrameAnalysis:
    """found: the face, unless it lies on its side."""
    width, height = picture.width, picture.height
    if picture.points is None:
        return FrameAnalysis(width, height)
    others = _others(picture)
    if found is None:
        return FrameAnalysis(width, height, others=others, problem="sideways", is_explained=True)
    return FrameAnalysis(width, height, *found, others)


def _faces_of(placed: Sequence[Placed], source: str) -> dict[int, tuple[Face, FaceMeasures]]:
    """By the number of their picture, those of the faces that do not lie on their side. Raises InvalidLandmarks."""
    points = _points(placed)
    edges = edges_of(points)
    jaws_px = _checked_jaws(points, edges, placed)
    measured = measure_many(points)
    upright = [
        index
        for index, (numbers, jaw_px) in enumerate(zip(measured, jaws_px, strict=True))
        if numbers.width_px >= MAX_TURN_SHARE * jaw_px
    ]
    poses = _poses(points[upright], [placed[index] for index in upright])
    rounded, boxes = np.rint(points).astype(int), np.rint(edges).astype(int).tolist()
    faces = {}
    for index, pose in zip(upright, poses, strict=True):
        picture, face = placed[index], Face(Box(*boxes[index]), rounded[index], points[index])
        faces[picture.number] = (face, _measures(picture, measured[index], pose, face.box, source))
    return faces


def _points(placed: Sequence[Placed]) -> ManyPoints:
    """(n, 68, 2). Raises InvalidLandmarks."""
    sent = [picture.points or () for picture in placed]
    _refuse("count", np.array([len(each) not in COUNTS for each in sent]), placed)
    mapped = TO_68.tolist()
    pairs = ([each[index] for index in mapped] if len(each) == MESH_COUNT else each for each in sent)
    numbers = chain.from_iterable(chain.from_iterable(pairs))  # numpy takes twice as long for nested lists
    return np.fromiter(numbers, np.float64, 2 * POINT_COUNT * len(sent)).reshape(-1, POINT_COUNT, 2)


def _checked_jaws(points: ManyPoints, edges: NDArray[np.float64], placed: Sequence[Placed]) -> list[float]:
    """The distances in pixels between the ends of the jaws. Raises InvalidLandmarks."""
    sizes = np.array([(picture.width, picture.height) for picture in placed])
    is_far = (edges[:, :2] < -sizes) | (edges[:, 2:] > 2 * sizes)
    _refuse("outside", np.any(is_far, axis=1), placed)
    jaws_px = lengths(points[:, 16] - points[:, 0])
    _refuse("no_face", jaws_px < MIN_JAW_PX, placed)
    right, left, mouth = (centres(points[:, part]) for part in (RIGHT_EYE, LEFT_EYE, MOUTH))
    eyes, down = left - right, mouth - (left + right) / 2
    _refuse("mirrored", eyes[:, 0] * down[:, 1] - eyes[:, 1] * down[:, 0] <= 0, placed)
    return [float(jaw_px) for jaw_px in jaws_px]


def _poses(points: ManyPoints, placed: Sequence[Placed]) -> list[HeadPose]:
    """Raises InvalidLandmarks."""
    if not placed:
        return []
    poses = poses_of(points, [picture.at_s for picture in placed], [(each.width, each.height) for each in placed])
    is_wrong = [not math.isfinite(pose.yaw_deg + pose.pitch_deg) for pose in poses]
    _refuse("no_face", np.array(is_wrong), placed)
    return poses


def _refuse(reason: str, is_wrong: NDArray[np.bool_], placed: Sequence[Placed]) -> None:
    if is_wrong.any():
        raise InvalidLandmarks(reason, placed[int(is_wrong.argmax())].number)


def _measures(picture: Placed, numbers: FaceNumbers, pose: HeadPose, box: Box, source: str) -> FaceMeasures:
    """The measures of a face as shares of its picture."""
    side = max(picture.width, picture.height)
    light = None if picture.brightness is None else WHITE * picture.brightness
    return FaceMeasures(
        box=box,
        width=numbers.width_px / side,
        x=(numbers.x - picture.width / 2) / side,
        y=(numbers.y - picture.height / 2) / side,
        width_px=numbers.width_px,
        roll_deg=numbers.roll_deg,
        yaw_deg=pose.yaw_deg,
        pitch_deg=pose.pitch_deg,
        eye_aspect_ratio=numbers.eye_aspect_ratio,
        shape=round(picture.width / picture.height, 3),
        # Landmarks say nothing of sharpness, and a model that placed them had enough of it.
        quality=None if light is None else Quality(light, GOOD_SHARPNESS),
        light=light,
        source=source,
    )


def _others(picture: Placed) -> tuple[Box, ...]:
    """The boxes of the other faces. Those that were only counted are taken to be at the picture's upper edge."""
    others = [Box(*edges) for edges in picture.others]
    limit = 2 * max(picture.width, picture.height)
    if any(not (-limit <= box.left < box.right <= limit and -limit <= box.top < box.bottom <= limit) for box in others):
        raise InvalidLandmarks("box", picture.number)
    if picture.faces is not None and picture.faces < 1 + len(others):
        raise InvalidLandmarks("faces", picture.number)
    unplaced = min(MAX_OTHERS, (picture.faces or 0) - 1 - len(others))
    side = max(1, picture.width // MAX_OTHERS)
    return (*others, *(Box(number * side, 0, (number + 1) * side, side) for number in range(unplaced)))
