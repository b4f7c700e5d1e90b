"""detections.vision.analyze_frames: a tracked face is searched for in every fifth frame of a burst."""

from typing import Any

import pytest

from ai_models import measures
from ai_models.analysis import AnalysisPlan
from ai_models.measures import HeadPose, head_pose
from ai_models.vision import faces
from ai_models.vision.frame import Frame, read_frame
from detections import vision
from tests import pictures
from tests.detections.sessions.desk import nobody

PLAN = AnalysisPlan(measures=True)


def frame(right_px: float) -> Frame:
    return read_frame(pictures.jpeg(pictures.framed(150, (300 + right_px, 220)), 85))


@pytest.fixture
def searches(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The calls of the search for a face."""
    calls: list[Any] = []
    find_face = faces.find_face

    def counted(*args: Any, **options: Any) -> Any:
        calls.append(options)
        return find_face(*args, **options)

    monkeypatch.setattr(faces, "find_face", counted)
    return calls


def test_moving_face_is_searched_in_every_fifth_frame(searches: list[Any]) -> None:
    frames = [frame(2 * number) for number in range(31)]
    tracked = list(vision.analyze_frames(frames, PLAN))
    assert len(searches) == 7
    alone = [vision.analyze(each, PLAN) for each in frames]
    for found, expected in zip(tracked, alone, strict=True):
        assert found.measures
        assert expected.measures
        assert found.measures.x == pytest.approx(expected.measures.x, abs=0.006)
        assert found.measures.width == pytest.approx(expected.measures.width, rel=0.04)
        assert found.measures.eye_aspect_ratio == pytest.approx(expected.measures.eye_aspect_ratio, rel=0.15)


def test_pose_is_computed_where_the_face_is_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    poses: list[HeadPose] = []

    def counted(*args: Any) -> HeadPose:
        poses.append(head_pose(*args))
        return poses[-1]

    monkeypatch.setattr(measures, "head_pose", counted)
    frames = [frame(2 * number) for number in range(11)]
    tracked = list(vision.analyze_frames(frames, PLAN))
    assert len(poses) == 3
    alone = [vision.analyze(each, PLAN) for each in frames]
    for found, expected in zip(tracked, alone, strict=True):
        assert found.measures
        assert expected.measures
        assert found.measures.yaw_deg == pytest.approx(expected.measures.yaw_deg, abs=4)
        assert found.measures.pitch_deg == pytest.approx(expected.measures.pitch_deg, abs=4)


def test_frames_before_the_face_is_lost_are_searched(searches: list[Any]) -> None:
    gone = read_frame(nobody())
    analyses = list(vision.analyze_frames([*[frame(0)] * 3, *[gone] * 3], PLAN))
    assert [analysis.face is not None for analysis in analyses] == [True, True, True, False, False, False]
    assert len(searches) == 6


def test_rest_of_a_burst_is_tracked_up_to_its_last_frame(searches: list[Any]) -> None:
    assert all(analysis.face for analysis in vision.analyze_frames([frame(0)] * 8, PLAN))
    assert len(searches) == 3
