"""Posture from landmarks: measures, and the version-1 verdict against a calibrated baseline."""

import math
from dataclasses import dataclass

from ai_models.landmarks import JAW_LEFT_END, JAW_RIGHT_END, LEFT_EYE, NOSE_BASE, RIGHT_EYE, FinePoints, Points

# The version-1 contract's limits.
UPRIGHT_HEAD_ANGLE_DEG = 90
MIN_HEAD_ANGLE_DEG = 80
MAX_HEAD_ANGLE_DEG = 100
CLOSE_FACE_WIDTH_RATIO = 1.05
FAR_FACE_WIDTH_RATIO = 0.85
DOWN_RATIO = 1.02


@dataclass(frozen=True, slots=True)
class ContractMeasures:
    """The posture measures of one face, under the version-1 API's names; in pixels and degrees.

    face_x: width of the face, between the ends of the jaw.
    face_y: vertical position of the eyes and nose in the picture, growing downwards.
    nose_to_center: vertical distance of the nose's base from face_y.
    head_angle_deg: 90 upright; over 90 if the subject's left eye is the lower one.
    """

    face_x: float
    face_y: float
    nose_to_center: float
    head_angle_deg: float


@dataclass(frozen=True, slots=True)
class ContractBaseline:
    """A version-1 calibration's result: the mean measures of good posture, in pixels."""

    face_x: float
    face_y: float
    nose_to_center: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """The verdict on one face; True means good posture."""

    is_level: bool
    is_at_distance: bool

    @property
    def is_good(self) -> bool:
        return self.is_level and self.is_at_distance


def measure(points: Points | FinePoints) -> ContractMeasures:
    """The measures of (68, 2) landmarks, unrounded; the version-1 contract fixes the formulas and their order."""
    right_eye_x, right_eye_y = _centre(points[RIGHT_EYE])
    left_eye_x, left_eye_y = _centre(points[LEFT_EYE])
    _, nose_y = _centre(points[NOSE_BASE])
    jaw_left_x, _ = _centre(points[JAW_LEFT_END])
    jaw_right_x, _ = _centre(points[JAW_RIGHT_END])
    face_y = (right_eye_y + left_eye_y + nose_y) / 3
    eye_line_deg = math.degrees(math.atan2(left_eye_y - right_eye_y, left_eye_x - right_eye_x))
    return ContractMeasures(
        face_x=jaw_left_x - jaw_right_x,
        face_y=face_y,
        nose_to_center=abs(nose_y - face_y),
        head_angle_deg=UPRIGHT_HEAD_ANGLE_DEG + eye_line_deg,
    )


def judge(measures: ContractMeasures, baseline: ContractBaseline) -> Verdict:
    """The version-1 verdict on one frame's measures.

    A face that is lower because the person moved back from the screen is good posture.
    """
    is_level = MIN_HEAD_ANGLE_DEG <= measures.head_angle_deg <= MAX_HEAD_ANGLE_DEG
    is_close = measures.face_x >= CLOSE_FACE_WIDTH_RATIO * baseline.face_x
    is_down = measures.face_y > DOWN_RATIO * (baseline.face_y + baseline.nose_to_center)
    is_far = measures.face_x < FAR_FACE_WIDTH_RATIO * baseline.face_x
    return Verdict(is_level=is_level, is_at_distance=not (is_close or is_down) or (is_down and is_far))


def _centre(points: Points | FinePoints) -> tuple[float, float]:
    # In Python: for a few points, numpy takes eight times as long. Sums of whole numbers are exact either way.
    across, down = zip(*points.tolist(), strict=True)
    return sum(across) / len(across), sum(down) / len(down)
