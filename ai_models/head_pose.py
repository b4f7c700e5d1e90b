"""How a head is turned, from six of its landmarks, by the perspective of a head of usual shape."""

import math
from dataclasses import dataclass

import numpy as np

from ai_models.landmarks import Points

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
