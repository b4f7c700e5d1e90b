"""Everything that a monitoring session measures in one face."""

from dataclasses import dataclass

from ai_models import posture
from ai_models.blink import eye_aspect_ratio
from ai_models.head_pose import head_pose
from ai_models.landmarks import Box, Face
from ai_models.quality import Quality


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
