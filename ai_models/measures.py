"""The measures of one face that a monitoring session uses."""

import math

import numpy as np
from msgspec import Struct

from ai_models import posture
from ai_models.landmarks import LEFT_EYE, RIGHT_EYE, Box, Face, FinePoints, Points
from ai_models.quality import Quality

NOSE_TIP, CHIN, RIGHT_EYE_CORNER, LEFT_EYE_CORNER, RIGHT_MOUTH_CORNER, LEFT_MOUTH_CORNER = 30, 8, 36, 45, 48, 54
POSE_POINTS = (NOSE_TIP, CHIN, RIGHT_EYE_CORNER, LEFT_EYE_CORNER, RIGHT_MOUTH_CORNER, LEFT_MOUTH_CORNER)
# Their positions in a head that faces the camera, with the tip of the nose at the origin; x points to the right of the
# picture, y down, z away from the camera. The unit is about a seventh of a millimetre and cancels out. This is the
# generic head commonly used for landmark-based pose: eyes 63 mm from corner to corner, in a face 1.4 times as high.
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


class HeadPose(Struct, frozen=True):
    """Degrees, all 0 for a head that faces the camera.

    yaw: positive if the head is turned to its own right (to the left in the picture).
    pitch: positive if it is lowered. roll: positive if it is tilted clockwise in the picture.
    """

    yaw_deg: float
    pitch_deg: float
    roll_deg: float

    def towards(self, other: "HeadPose", share: float) -> "HeadPose":
        """The pose on the way from this one, at 0, to the other, at 1."""
        return HeadPose(
            self.yaw_deg + share * (other.yaw_deg - self.yaw_deg),
            self.pitch_deg + share * (other.pitch_deg - self.pitch_deg),
            self.roll_deg + share * (other.roll_deg - self.roll_deg),
        )


def head_pose(points: Points | FinePoints, width: int, height: int) -> HeadPose:
    """The pose of a head from its (68, 2) landmarks in a picture of width × height pixels.

    Assumes a typical webcam: the focal length is the picture's width, and the optical axis goes through its centre.
    """
    import cv2

    image_points = points[list(POSE_POINTS)].astype(np.float64)
    camera = np.array([(width, 0.0, width / 2), (0.0, width, height / 2), (0.0, 0.0, 1.0)])
    rotation_vector, translation = _first_guess(image_points, width, height)
    # Six points have a second, mirrored solution: a close first guess avoids it.
    _, rotation_vector, _ = cv2.solvePnP(
        HEAD,
        image_points,
        camera,
        None,
        rotation_vector,
        translation,
        useExtrinsicGuess=True,
        flags=cv2.SOLVEPNP_ITERATIVE,
    )
    rotation = cv2.Rodrigues(rotation_vector)[0]
    return HeadPose(
        yaw_deg=math.degrees(math.asin(max(-1.0, min(1.0, -rotation[2, 0])))),
        pitch_deg=math.degrees(math.atan2(rotation[2, 1], rotation[2, 2])),
        roll_deg=math.degrees(math.atan2(rotation[1, 0], rotation[0, 0])),
    )


def _first_guess(image_points: np.ndarray, width: int, height: int) -> tuple[np.ndarray, np.ndarray]:
    """Rotation and translation of a head that faces the camera, from the tilt and the span of its eyes."""
    eyes_x, eyes_y = image_points[3] - image_points[2]
    span = max(1.0, math.hypot(eyes_x, eyes_y))
    distance = width * EYE_CORNER_SPAN / span
    nose_x, nose_y = image_points[0] - (width / 2, height / 2)
    rotation_vector = np.array([[0.0], [0.0], [math.atan2(eyes_y, eyes_x)]])
    return rotation_vector, np.array([[nose_x * distance / width], [nose_y * distance / width], [distance]])


class FaceMeasures(Struct, frozen=True):
    """The measures of one face. Lengths are in the picture's longer side, and places count from its middle: so neither
    a camera's resolution matters, nor whether it is turned upright or crops its picture to another shape.

    width: between the ends of the jaw. x, y: the position of the eyes and nose, y growing downwards. width_px: the
    width in pixels. roll_deg: of the line through the eyes, clockwise in the picture; yaw_deg and pitch_deg: those of
    head_pose. eye_aspect_ratio: NaN if an eye has no width. shape: the picture's width over its height. quality: None
    if it was not planned. light: the face's mean brightness, 0 to 255, in the picture as it was captured. glare: the
    white share of an eye's surroundings, 0 to 1. source: the landmarks' model, as its client names it; empty: our own.
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
    shape: float | None = None
    quality: Quality | None = None
    light: float | None = None
    glare: float | None = None
    source: str = ""

    @property
    def pose(self) -> HeadPose:
        """The head's pose, with the roll of the eyes."""
        return HeadPose(self.yaw_deg, self.pitch_deg, self.roll_deg)


def measure_face(
    face: Face,
    width: int,
    height: int,
    *,
    pose: HeadPose | None = None,
    quality: Quality | None = None,
    light: float | None = None,
    glare: float | None = None,
    source: str = "",
) -> FaceMeasures:
    """The measures of a face found in a picture of width × height pixels; the options are kept as given."""
    points = face.points if face.steady_points is None else face.steady_points
    measures = posture.measure(points)
    pose = pose or head_pose(points, width, height)
    side = max(width, height)
    return FaceMeasures(
        box=face.box,
        width=measures.face_x / side,
        x=(float(points[27:48, 0].mean()) - width / 2) / side,
        y=(measures.face_y - height / 2) / side,
        width_px=measures.face_x,
        roll_deg=measures.head_angle_deg - posture.UPRIGHT_HEAD_ANGLE_DEG,
        yaw_deg=pose.yaw_deg,
        pitch_deg=pose.pitch_deg,
        eye_aspect_ratio=eye_aspect_ratio(points),
        shape=round(width / height, 3),
        quality=quality,
        light=light,
        glare=glare,
        source=source,
    )


def eye_aspect_ratio(points: Points | FinePoints) -> float:
    """Opening over width, averaged over both eyes, from (68, 2) landmarks; NaN if an eye has no width.

    About 0.3 for open eyes and under 0.2 for closed ones; scaling, moving and turning the face do not change it.
    Source: Soukupová and Čech, Real-Time Eye Blink Detection using Facial Landmarks, 2016.
    """
    return (_one_eye(points[RIGHT_EYE]) + _one_eye(points[LEFT_EYE])) / 2


def _one_eye(eye: Points | FinePoints) -> float:
    corner, upper_1, upper_2, other_corner, lower_2, lower_1 = eye.tolist()
    width = math.dist(corner, other_corner)
    if not width:
        return math.nan
    return (math.dist(upper_1, lower_1) + math.dist(upper_2, lower_2)) / (2 * width)
