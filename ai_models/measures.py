"""Everything that a monitoring session measures in one face."""

import math
from dataclasses import dataclass

import numpy as np

from ai_models import posture
from ai_models.landmarks import LEFT_EYE, RIGHT_EYE, Box, Face, Points
from ai_models.quality import Quality

NOSE_TIP, CHIN, RIGHT_EYE_CORNER, LEFT_EYE_CORNER, RIGHT_MOUTH_CORNER, LEFT_MOUTH_CORNER = 30, 8, 36, 45, 48, 54
POSE_POINTS = (NOSE_TIP, CHIN, RIGHT_EYE_CORNER, LEFT_EYE_CORNER, RIGHT_MOUTH_CORNER, LEFT_MOUTH_CORNER)
# Where they are in a head that faces the camera, the nose's tip at the origin; x to the right of the picture, y down,
# z away from the camera. The unit is about a seventh of a millimetre and cancels out. The usual generic head of the
# literature on landmark-based pose: eyes 63 mm from corner to corner of a face 1.4 times as high.
HEAD = np.array(
    [
        (0.0, 0.0, 0.0),
        (0.0, 330.0, 65.0),
        (-225.0, -170.0, 135.0),
        (225.0, -170.0, 135.0),
        (-150.0, 150.0, 125.0),
        (150.0, 150.0, 125.0),
    ]
)
EYE_CORNER_SPAN = 450.0  # in HEAD's unit


@dataclass(frozen=True, slots=True)
class HeadPose:
    """Degrees, all 0 for a head that faces the camera.

    yaw: over 0 where the head is turned to its own right (to the left in the picture).
    pitch: over 0 where it is lowered. roll: over 0 where it is tilted clockwise in the picture.
    """

    yaw_deg: float
    pitch_deg: float
    roll_deg: float


def head_pose(points: Points, width: int, height: int) -> HeadPose:
    """The pose of the head with (68, 2) landmarks in a picture of width × height pixels.

    The camera is taken to be a usual webcam: its focal length is the picture's width, its axis the middle.
    """
    import cv2

    seen = points[list(POSE_POINTS)].astype(np.float64)
    camera = np.array([(width, 0.0, width / 2), (0.0, width, height / 2), (0.0, 0.0, 1.0)])
    turn, place = _first_guess(seen, width, height)
    # From a guess nearby: six points leave the solver a second, mirrored answer.
    _, turn, _ = cv2.solvePnP(
        HEAD, seen, camera, None, turn, place, useExtrinsicGuess=True, flags=cv2.SOLVEPNP_ITERATIVE
    )
    rotation = cv2.Rodrigues(turn)[0]
    return HeadPose(
        yaw_deg=math.degrees(math.asin(max(-1.0, min(1.0, -rotation[2, 0])))),
        pitch_deg=math.degrees(math.atan2(rotation[2, 1], rotation[2, 2])),
        roll_deg=math.degrees(math.atan2(rotation[1, 0], rotation[0, 0])),
    )


def _first_guess(seen: np.ndarray, width: int, height: int) -> tuple[np.ndarray, np.ndarray]:
    """A head that faces the camera, tilted as its eyes are, as far away as they are close together."""
    across_x, across_y = seen[3] - seen[2]
    span = max(1.0, math.hypot(across_x, across_y))
    distance = width * EYE_CORNER_SPAN / span
    nose_x, nose_y = seen[0] - (width / 2, height / 2)
    turn = np.array([[0.0], [0.0], [math.atan2(across_y, across_x)]])
    return turn, np.array([[nose_x * distance / width], [nose_y * distance / width], [distance]])


@dataclass(frozen=True, slots=True)
class FaceMeasures:
    """One face, its lengths in widths of the picture, so that a camera's resolution does not matter.

    width: between the ends of the jaw. x, y: where eyes and nose are, y growing downwards.
    width_px: the same width in pixels. roll_deg: that of the eyes' line, clockwise in the picture; yaw_deg and
    pitch_deg: head_pose's. eye_aspect_ratio: NaN where an eye has no width. quality: None where nobody asked.
    """

    box: Box
    width: float
    x: float
    y: float
    width_px: float
    roll_deg: float
    yaw_deg: float
    pitch_deg: float
    eye_aspect_ratio: float
    quality: Quality | None = None


def measure_face(face: Face, width: int, height: int, quality: Quality | None = None) -> FaceMeasures:
    """The measures of a face found in a picture of width × height pixels."""
    measures = posture.measure(face.points)
    pose = head_pose(face.points, width, height)
    return FaceMeasures(
        box=face.box,
        width=measures.face_x / width,
        x=float(face.points[27:48, 0].mean()) / width,
        y=measures.face_y / width,
        width_px=measures.face_x,
        roll_deg=measures.head_angle_deg - posture.UPRIGHT_HEAD_ANGLE_DEG,
        yaw_deg=pose.yaw_deg,
        pitch_deg=pose.pitch_deg,
        eye_aspect_ratio=eye_aspect_ratio(face.points),
        quality=quality,
    )


def eye_aspect_ratio(points: Points) -> float:
    """Opening over width of both eyes averaged, from (68, 2) landmarks; NaN where an eye has no width.

    About 0.3 open and under 0.2 closed; scaling, moving and turning the face leave it as it is.
    Source: Soukupová and Čech, Real-Time Eye Blink Detection using Facial Landmarks, 2016.
    """
    return (_one_eye(points[RIGHT_EYE]) + _one_eye(points[LEFT_EYE])) / 2


def _one_eye(eye: Points) -> float:
    corner, upper_1, upper_2, other_corner, lower_2, lower_1 = eye.tolist()
    width = math.dist(corner, other_corner)
    if not width:
        return math.nan
    return (math.dist(upper_1, lower_1) + math.dist(upper_2, lower_2)) / (2 * width)
