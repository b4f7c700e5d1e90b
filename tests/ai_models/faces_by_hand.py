"""Landmarks made by hand: 68 points of a level face whose measures can be computed on paper."""

import numpy as np

from ai_models.landmarks import POINT_COUNT, Points

# From the contract's worked example: the y values of the right eye add up to 588, of the left to 589,
# of the nose's base to 633.
RIGHT_EYE = [(140, 98), (146, 95), (152, 95), (158, 100), (152, 101), (146, 99)]
LEFT_EYE = [(176, 98), (182, 95), (188, 95), (194, 100), (188, 101), (182, 100)]
NOSE_BASE = [(160, 125), (164, 127), (168, 128), (172, 127), (176, 126)]
JAW_RIGHT_END = [(128, 100), (129, 110), (130, 120), (132, 130)]
JAW_LEFT_END = [(204, 130), (206, 120), (207, 110), (207, 100)]


def portrait() -> Points:
    """The worked example: face_x 76.25, face_y 107.58888888888889, nose_to_center 19.011111111111106."""
    points = np.zeros((POINT_COUNT, 2), int)
    points[0:4] = JAW_RIGHT_END
    points[13:17] = JAW_LEFT_END
    points[31:36] = NOSE_BASE
    points[36:42] = RIGHT_EYE
    points[42:48] = LEFT_EYE
    return points
