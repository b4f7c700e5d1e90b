"""ai_models.measures, head_pose and quality, on the astronaut and on computed heads."""

from itertools import product

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from ai_models.landmarks import POINT_COUNT, Box, Points
from ai_models.measures import HEAD, POSE_POINTS, FaceMeasures, HeadPose, head_pose, measure_face
from ai_models.quality import Quality
from ai_models.vision.faces import faces_beside, find_face
from ai_models.vision.frame import Image
from ai_models.vision.picture_quality import quality_of
from tests import pictures

WIDTH, HEIGHT = 640, 480


def _rotation(axis: int, degrees: float) -> NDArray[np.float64]:
    vector = np.zeros((3, 1))
    vector[axis] = np.radians(degrees)
    return np.asarray(cv2.Rodrigues(vector)[0])


def projected(yaw: float, pitch: float, roll: float, *, right: float = 0.0, far: float = 2400.0) -> Points:
    """Landmarks of the generic head in front of a webcam, turned by these degrees."""
    turned = HEAD @ (_rotation(2, roll) @ _rotation(1, yaw) @ _rotation(0, pitch)).T + (right, 0.0, far)
    points = np.zeros((POINT_COUNT, 2), int)
    pixels = turned[:, :2] / turned[:, 2:] * WIDTH + (WIDTH / 2, HEIGHT / 2)
    points[list(POSE_POINTS)] = np.round(pixels)
    return points


@pytest.mark.parametrize("yaw", [-40, -20, 0, 20, 40])
@pytest.mark.parametrize("pitch", [-15, 0, 20])
@pytest.mark.parametrize("roll", [-25, 0, 25])
def test_pose_gives_the_heads_angles(yaw: float, pitch: float, roll: float) -> None:
    pose = head_pose(projected(yaw, pitch, roll), WIDTH, HEIGHT)
    # Landmarks are rounded to whole pixels.
    assert [pose.yaw_deg, pose.pitch_deg, pose.roll_deg] == pytest.approx([yaw, pitch, roll], abs=4)


def test_distance_does_not_change_the_pose() -> None:
    for far in (1500.0, 2400.0, 3500.0):
        assert head_pose(projected(25, 0, 0, far=far), WIDTH, HEIGHT).yaw_deg == pytest.approx(25, abs=4)


@pytest.mark.parametrize("far", [2400.0, 4000.0, 5000.0])
def test_small_face_is_never_seen_from_behind(far: float) -> None:
    """Landmarks in whole pixels have a second solution behind the camera, which the solver prefers without a guess."""
    for yaw, pitch in product(range(-20, 21, 8), repeat=2):
        pose = head_pose(projected(yaw, pitch, 0, far=far), WIDTH, HEIGHT)
        assert [pose.yaw_deg, pose.pitch_deg, pose.roll_deg] == pytest.approx([yaw, pitch, 0], abs=12)


def test_coincident_landmarks_still_give_a_pose() -> None:
    assert isinstance(head_pose(np.zeros((POINT_COUNT, 2), int), WIDTH, HEIGHT), HeadPose)


def measures_of(image: Image) -> FaceMeasures:
    face = find_face(image)
    assert face is not None
    return measure_face(face, image.shape[1], image.shape[0], quality=quality_of(image, face.box))


def test_astronaut_looks_ahead_with_open_eyes() -> None:
    measures = measures_of(pictures.at_desk())
    assert abs(measures.yaw_deg) < 10
    assert measures.width == pytest.approx(measures.width_px / 640)
    assert measures.eye_aspect_ratio > 0.3
    assert measures.quality is not None
    assert measures.quality.problem is None


def test_mirroring_reverses_yaw_and_roll() -> None:
    measures = measures_of(pictures.at_desk())
    mirrored = measures_of(np.ascontiguousarray(pictures.at_desk()[:, ::-1]))
    assert mirrored.yaw_deg == pytest.approx(-measures.yaw_deg, abs=4)
    assert mirrored.roll_deg == pytest.approx(-measures.roll_deg, abs=2)
    assert mirrored.x == pytest.approx(-measures.x, abs=0.01)


def test_resolution_does_not_change_lengths() -> None:
    image = pictures.at_desk()
    larger = np.asarray(cv2.resize(image, (1280, 960), interpolation=cv2.INTER_CUBIC), np.uint8)
    small, large = measures_of(image), measures_of(larger)
    assert large.width == pytest.approx(small.width, rel=0.02)
    assert [large.x, large.y] == pytest.approx([small.x, small.y], abs=0.01)


def lengths(measures: FaceMeasures) -> list[float]:
    return [measures.width, measures.x, measures.y]


def test_cropping_to_another_shape_changes_nothing() -> None:
    """A camera's 16:9 picture is its 4:3 picture without what is at the top and at the bottom."""
    tall = pictures.at_desk()
    height, width = tall.shape[:2]
    cut = (height - width * 9 // 16) // 2
    wide = np.ascontiguousarray(tall[cut : height - cut])
    assert lengths(measures_of(wide)) == pytest.approx(lengths(measures_of(tall)), abs=0.004)


def test_picture_with_longer_sides_upright_has_the_same_width() -> None:
    """A phone that is turned keeps the scale of its lens; the person stays in the middle."""
    image = pictures.at_desk()
    height, width = image.shape[:2]
    upright = np.full((width, height, 3), 127, np.uint8)
    top, left = (width - height) // 2, (width - height) // 2
    upright[top : top + height] = image[:, left : left + height]
    assert lengths(measures_of(upright)) == pytest.approx(lengths(measures_of(image)), abs=0.004)


def test_dark_and_blurred_pictures_get_different_hints() -> None:
    image = pictures.at_desk()
    box = measures_of(image).box
    dark = (image * 0.2).astype(np.uint8)
    blurred = np.asarray(cv2.GaussianBlur(image, (0, 0), 4), np.uint8)
    qualities = [quality_of(picture, box) for picture in (image, dark, blurred)]
    assert [quality and quality.problem for quality in qualities] == [None, "too_dark", "too_blurred"]


def test_dim_light_gives_no_hint() -> None:
    image = pictures.at_desk()
    quality = quality_of((image * 0.3).astype(np.uint8), measures_of(image).box)
    assert quality is not None
    assert quality.problem is None
    assert quality.score < 1


def test_face_outside_the_picture_has_no_quality() -> None:
    assert quality_of(pictures.at_desk(), Box(700, 500, 800, 600)) is None


def test_score_is_between_zero_and_one() -> None:
    assert Quality(0, 0).score == 0
    assert Quality(255, 5000).score == 1


@pytest.mark.parametrize("scale", [1.0, 2.0])
@pytest.mark.parametrize("face_px", [60, 77, 105, 140])
def test_faces_beside_the_users_are_found_from_60_pixels_on(face_px: float, scale: float) -> None:
    user = pictures.framed(150, (160, 240), size=(320, 480))
    other = pictures.framed(face_px, (160, 180), size=(320, 480), noise=4, quality=70)
    image = np.asarray(cv2.resize(pictures.beside(user, other), None, fx=scale, fy=scale), np.uint8)
    (box,) = faces_beside(image, Box(85, 165, 235, 315).scaled(scale))
    assert box.right - box.left == pytest.approx(face_px * scale, rel=0.25)
    assert (box.left + box.right) / 2 == pytest.approx(480 * scale, abs=0.15 * face_px * scale)


def test_nobody_is_beside_the_user() -> None:
    assert faces_beside(pictures.framed(150, (160, 240)), Box(85, 165, 235, 315)) == ()
    assert faces_beside(np.ascontiguousarray(pictures.coffee()[:, :600]), Box(0, 0, 80, 80)) == ()
