"""Eyes from landmarks: the eye aspect ratio, the version-1 rule for a closed-eye sample, and the blinks in a trace."""

import math

from ai_models.blink_finder import Blink, find_blinks, frame_rate
from ai_models.landmarks import LEFT_EYE, RIGHT_EYE, Points

__all__ = ["CLOSED_BELOW", "Blink", "eye_aspect_ratio", "find_blinks", "frame_rate", "is_closed"]

CLOSED_BELOW = 0.27  # the version-1 contract's fixed threshold, for both eyes averaged


def eye_aspect_ratio(points: Points) -> float:
    """Opening over width of both eyes averaged, from (68, 2) landmarks; NaN where an eye has no width.

    About 0.3 open and under 0.2 closed; scaling, moving and turning the face leave it as it is.
    Source: Soukupová and Čech, Real-Time Eye Blink Detection using Facial Landmarks, 2016.
    """
    return (_one_eye(points[RIGHT_EYE]) + _one_eye(points[LEFT_EYE])) / 2


def is_closed(ratio: float) -> bool:
    """Whether an eye aspect ratio is a closed-eye sample."""
    return ratio < CLOSED_BELOW


def _one_eye(eye: Points) -> float:
    corner, upper_1, upper_2, other_corner, lower_2, lower_1 = eye.tolist()
    width = math.dist(corner, other_corner)
    if not width:
        return math.nan
    return (math.dist(upper_1, lower_1) + math.dist(upper_2, lower_2)) / (2 * width)
