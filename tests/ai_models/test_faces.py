from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from ai_models.descriptor import describe_face
from ai_models.faces import find_face
from ai_models.frame import Image
from ai_models.identity import SAME_PERSON_WITHIN, distance
from ai_models.landmarks import Box, Face
from tests import pictures

ASTRONAUT_BOX = Box(left=179, top=83, right=266, bottom=170)
THREADS = 8


def found(image: Image) -> Face:
    face = find_face(image)
    assert face is not None
    return face


def test_face_is_found_with_its_box_and_68_whole_points() -> None:
    face = found(pictures.astronaut())
    assert face.box == ASTRONAUT_BOX
    assert face.points.shape == (68, 2)
    assert np.issubdtype(face.points.dtype, np.integer)


def test_landmarks_lie_about_the_face() -> None:
    points = found(pictures.astronaut()).points
    assert points.min(axis=0) == pytest.approx((ASTRONAUT_BOX.left, ASTRONAUT_BOX.top), abs=25)
    assert points.max(axis=0) == pytest.approx((ASTRONAUT_BOX.right, ASTRONAUT_BOX.bottom), abs=25)


def test_right_eye_is_on_the_left_side_of_the_picture() -> None:
    points = found(pictures.astronaut()).points
    assert points[36:42, 0].max() < points[42:48, 0].min()


def test_picture_without_a_face_gives_none() -> None:
    assert find_face(pictures.coffee()) is None


def test_plain_picture_of_one_pixel_gives_none() -> None:
    assert find_face(np.zeros((1, 1, 3), np.uint8)) is None


@pytest.mark.parametrize("smaller_is_left", [True, False])
def test_largest_of_two_faces_wins(smaller_is_left: bool) -> None:
    whole = pictures.astronaut()
    less = pictures.smaller(whole[20:300, 80:380], 0.8)
    assert found(less).box.right - found(less).box.left < 87
    image = pictures.beside(less, whole) if smaller_is_left else pictures.beside(whole, less)
    offset = less.shape[1] if smaller_is_left else 0
    box = found(image).box
    # The detector's grid starts elsewhere: a pixel or two.
    expected = (ASTRONAUT_BOX.left + offset, ASTRONAUT_BOX.top, ASTRONAUT_BOX.right + offset, ASTRONAUT_BOX.bottom)
    assert (box.left, box.top, box.right, box.bottom) == pytest.approx(expected, abs=12)


def test_eight_threads_give_the_same_answer_as_one() -> None:
    image = pictures.astronaut()
    alone = found(image)
    alone_descriptor = describe_face(image, alone)

    def judge(_: int) -> tuple[Face, list[float]]:
        face = found(image)
        return face, describe_face(image, face).tolist()

    with ThreadPoolExecutor(THREADS) as pool:
        together = list(pool.map(judge, range(THREADS * 2)))
    assert {face.box for face, _ in together} == {ASTRONAUT_BOX}
    assert all(np.array_equal(face.points, alone.points) for face, _ in together)
    assert all(descriptor == alone_descriptor.tolist() for _, descriptor in together)


def test_descriptor_is_128_numbers_and_the_same_for_the_same_picture() -> None:
    image = pictures.astronaut()
    first, second = (describe_face(image, found(image)) for _ in range(2))
    assert (first.shape, first.dtype.name) == ((128,), "float32")
    assert first.tolist() == second.tolist()


def test_one_person_a_little_nearer_is_still_the_same_person() -> None:
    upright, nearer = pictures.astronaut(), pictures.warped(scale=1.04)
    apart = distance(describe_face(upright, found(upright)), describe_face(nearer, found(nearer)))
    assert 0 < apart < 0.3 < SAME_PERSON_WITHIN
