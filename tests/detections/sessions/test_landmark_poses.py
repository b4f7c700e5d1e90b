"""The head's pose in many landmarks: measured in every fifth picture, and in between taken from its neighbours."""

from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import pytest

from ai_models import measures
from ai_models.analysis import FrameAnalysis
from ai_models.landmarks import FinePoints
from detections.sessions.landmark_request import POSE_EVERY, LandmarksBody, PointsOfPicture, analyses_of
from tests.detections.sessions.desk import upright
from tests.detections.sessions.landmarks import points_of

AT = datetime(2026, 11, 25, 9, tzinfo=UTC)
PICTURES = 31


def analyses(every_s: float) -> tuple[list[FrameAnalysis], int]:
    """Of a head that turns slowly, and how many poses were measured for them."""
    pictures = [
        PointsOfPicture(AT + timedelta(seconds=every_s * number), 640, 480, _turned(number / PICTURES).tolist())
        for number in range(PICTURES)
    ]
    with patch.object(measures, "head_pose", wraps=measures.head_pose) as measured:
        found = analyses_of(LandmarksBody(pictures), "68:")
    return found, measured.call_count


def _turned(share: float) -> FinePoints:
    """The nose moves aside as if the head turned."""
    points = points_of(upright()).copy()
    points[27:36, 0] += 8 * share
    return points


def test_fast_pictures_share_poses() -> None:
    fast, measured = analyses(1 / 15)
    assert measured == 1 + (PICTURES - 1) // POSE_EVERY
    each, measured_each = analyses(1.0)
    assert measured_each == PICTURES
    for one, other in zip(fast, each, strict=True):
        assert one.measures
        assert other.measures
        assert one.measures.yaw_deg == pytest.approx(other.measures.yaw_deg, abs=0.5)
        assert one.measures.pitch_deg == pytest.approx(other.measures.pitch_deg, abs=0.5)
        assert one.measures.eye_aspect_ratio == other.measures.eye_aspect_ratio
    yaws = [found.measures.yaw_deg for found in each if found.measures]
    assert abs(yaws[-1] - yaws[0]) > 3


def test_a_picture_without_a_face_ends_what_is_shared() -> None:
    face = _turned(0).tolist()
    pictures = [
        PointsOfPicture(AT + timedelta(seconds=number / 15), 640, 480, None if number == 5 else face)
        for number in range(11)
    ]
    with patch.object(measures, "head_pose", wraps=measures.head_pose) as measured:
        found = analyses_of(LandmarksBody(pictures), "68:")
    assert measured.call_count == 10
    assert [number for number, each in enumerate(found) if each.measures is None] == [5]
