"""Landmarks of many pictures at once: the measures of each are those that it has alone."""

from collections.abc import Sequence
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ai_models import measures
from ai_models.analysis import FrameAnalysis
from ai_models.client_landmarks import InvalidLandmarks, Placed, analyze_landmarks
from ai_models.landmarks import Box, Face, FinePoints
from ai_models.many_faces import measure_many
from ai_models.measures import measure_face
from tests.detections.sessions.desk import upright
from tests.detections.sessions.landmarks import points_of

WIDTH, HEIGHT = 640, 480
PICTURES = 31
NOISE = arrays(np.float64, (4, 68, 2), elements=st.floats(-3, 3))


def placed(faces: Sequence[FinePoints | None], every_s: float = 1 / 15) -> list[Placed]:
    return [
        Placed(number, every_s * number, WIDTH, HEIGHT, None if points is None else points.tolist())
        for number, points in enumerate(faces)
    ]


def turned(share: float) -> FinePoints:
    """The nose moves aside as if the head turned."""
    points = points_of(upright()).copy()
    points[27:36, 0] += 8 * share
    return points


def poses_measured(faces: Sequence[FinePoints | None], every_s: float = 1 / 15) -> tuple[list[FrameAnalysis], int]:
    with patch.object(measures, "head_pose", wraps=measures.head_pose) as measured:
        found = analyze_landmarks(placed(faces, every_s), "68:")
    return found, measured.call_count


def yaws(found: Sequence[FrameAnalysis]) -> list[float]:
    return [each.measures.yaw_deg for each in found if each.measures]


@given(noise=NOISE)
@settings(deadline=None)
def test_measures_are_those_of_each_face_alone(noise: FinePoints) -> None:
    faces = points_of(upright()) + noise
    for points, found in zip(faces, analyze_landmarks(placed(list(faces), every_s=1.0), "68:"), strict=True):
        (left, top), (right, bottom) = np.rint(points.min(axis=0)), np.rint(points.max(axis=0))
        box = Box(int(left), int(top), int(right), int(bottom))
        alone = measure_face(Face(box, points.astype(int), points), WIDTH, HEIGHT, source="68:")
        assert found.measures
        assert (found.measures.box, found.measures.shape, found.measures.source) == (box, alone.shape, "68:")
        for name in ("width", "x", "y", "width_px", "roll_deg", "yaw_deg", "pitch_deg", "eye_aspect_ratio"):
            assert getattr(found.measures, name) == pytest.approx(getattr(alone, name), rel=1e-12, abs=1e-12)


def test_an_eye_without_a_width_has_no_aspect_ratio() -> None:
    points = points_of(upright()).copy()
    points[36:42] = points[36]
    (found,) = measure_many(points[None])
    assert np.isnan(found.eye_aspect_ratio)


def test_head_that_rests_is_measured_once() -> None:
    found, measured = poses_measured([turned(0)] * PICTURES)
    assert measured == 1
    assert len(set(yaws(found))) == 1


def test_head_that_turns_steadily_is_on_its_way_in_between() -> None:
    faces = [turned(number / PICTURES) for number in range(PICTURES)]
    fast, measured = poses_measured(faces)
    each, measured_each = poses_measured(faces, every_s=1.0)
    assert measured < measured_each == PICTURES
    assert yaws(fast) == pytest.approx(yaws(each), abs=0.5)
    assert yaws(each)[-1] - yaws(each)[0] < -3


def test_glance_aside_is_measured_where_it_begins_and_ends() -> None:
    faces = [turned(2.0 * (10 <= number < 14)) for number in range(PICTURES)]
    found, measured = poses_measured(faces)
    assert measured < PICTURES / 2
    each, _ = poses_measured(faces, every_s=1.0)
    assert yaws(found) == pytest.approx(yaws(each), abs=0.5)


def test_nod_is_measured_too() -> None:
    faces = []
    for number in range(PICTURES):
        points = points_of(upright()).copy()
        points[27:36, 1] += 12.0 * (number == 20)
        faces.append(points)
    found, _ = poses_measured(faces)
    pitches = [each.measures.pitch_deg for each in found if each.measures]
    assert abs(pitches[20] - pitches[19]) > 3
    assert pitches[19] == pytest.approx(pitches[0])


def test_a_gap_ends_what_is_shared() -> None:
    pictures = placed([turned(0)] * 6)
    late = [Placed(6 + each.number, 10 + each.at_s, WIDTH, HEIGHT, each.points) for each in placed([turned(1.0)] * 6)]
    with patch.object(measures, "head_pose", wraps=measures.head_pose) as measured:
        found = analyze_landmarks([*pictures, *late], "68:")
    assert measured.call_count == 2
    assert len(set(yaws(found)[:6])) == 1


def test_pictures_without_a_face_keep_their_place() -> None:
    found, _ = poses_measured([None, turned(0), None, turned(0)])
    assert [each.face is None for each in found] == [True, False, True, False]
    assert analyze_landmarks(placed([None, None]), "")[1].measures is None


def test_head_on_its_side_is_told_among_others() -> None:
    points = points_of(upright())
    on_its_side = (points - points.mean(axis=0)) @ np.array([[0.0, 1.0], [-1.0, 0.0]]) + points.mean(axis=0)
    found = analyze_landmarks(placed([points, on_its_side, points]), "68:")
    assert [each.problem for each in found] == [None, "sideways", None]
    assert [each.problem for each in analyze_landmarks(placed([on_its_side]), "68:")] == ["sideways"]


def test_wrong_picture_is_named() -> None:
    points = points_of(upright())
    with pytest.raises(InvalidLandmarks, match="no_face") as refused:
        analyze_landmarks(placed([points, None, points * 0]), "68:")
    assert refused.value.number == 2
