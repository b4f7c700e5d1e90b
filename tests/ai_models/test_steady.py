"""ai_models.vision.steady: landmarks with half the noise."""

import numpy as np
import pytest

from ai_models.landmarks import Box
from ai_models.measures import eye_aspect_ratio
from ai_models.posture import measure
from ai_models.vision.backend import DLIB
from ai_models.vision.faces import find_face
from ai_models.vision.frame import Image
from ai_models.vision.steady import steady_landmarks
from detections.vision import engine
from tests import pictures

MOVES_PX = [0.35 * step for step in range(24)]  # slow enough that only the landmarks' rounding makes them jump


def moving(face_px: float) -> list[Image]:
    """Pictures of one face that moves by parts of a pixel."""
    return [pictures.framed(face_px, (300 + move, 220 + move / 2)) for move in MOVES_PX]


def spread(values: list[float]) -> float:
    return float(np.std(values) / np.mean(values))


def test_steady_landmarks_halve_the_noise() -> None:
    plain_eyes, steady_eyes, plain_widths, steady_widths = [], [], [], []
    for image in moving(130):
        face = find_face(image, steady=True)
        assert face is not None
        assert face.steady_points is not None
        plain, steady = DLIB.landmarks(image, face.box), face.steady_points
        plain_eyes.append(eye_aspect_ratio(plain))
        steady_eyes.append(eye_aspect_ratio(steady))
        plain_widths.append(measure(plain).face_x)
        steady_widths.append(measure(steady).face_x)
    assert spread(steady_eyes) < 0.6 * spread(plain_eyes)
    assert spread(steady_widths) < 0.8 * spread(plain_widths)
    assert np.mean(steady_eyes) == pytest.approx(np.mean(plain_eyes), rel=0.04)
    assert np.mean(steady_widths) == pytest.approx(np.mean(plain_widths), rel=0.01)


@pytest.mark.parametrize("face_px", [100, 150, 260, 330])
def test_steady_landmarks_lie_where_dlibs_do(face_px: float) -> None:
    image = pictures.framed(face_px, (320, 240))
    face = find_face(image)
    assert face is not None
    away = np.linalg.norm(steady_landmarks(image, face.box, DLIB) - face.points, axis=1)
    assert away.max() < 0.06 * (face.box.right - face.box.left)
    assert away.mean() < 0.015 * (face.box.right - face.box.left)


def test_points_of_a_steady_face_are_its_steady_points_rounded() -> None:
    face = find_face(pictures.framed(150, (320, 240)), steady=True)
    assert face is not None
    assert face.steady_points is not None
    assert np.issubdtype(face.points.dtype, np.integer)
    assert np.array_equal(face.points, np.rint(face.steady_points))


def test_backends_give_the_same_steady_landmarks() -> None:
    image = pictures.framed(140, (320, 240))
    face = find_face(image)
    assert face is not None
    by_service = steady_landmarks(image, face.box, engine().backend)  # type: ignore[attr-defined]
    assert np.array_equal(by_service, steady_landmarks(image, face.box, DLIB))


@pytest.mark.parametrize("box", [Box(-60, -60, 90, 90), Box(590, 430, 700, 540), Box(-500, -500, -400, -400)])
def test_face_at_the_edge_or_beyond_has_landmarks(box: Box) -> None:
    points = steady_landmarks(pictures.framed(150, (320, 240)), box, DLIB)
    assert points.shape == (68, 2)
    assert np.isfinite(points).all()
