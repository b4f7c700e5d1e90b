"""ai_models.scene: how far the surroundings moved between two pictures."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_models.landmarks import Box
from ai_models.scene import MAX_SHIFT, ROWS, Scene
from ai_models.vision.frame import Image
from ai_models.vision.picture_quality import scene_of
from tests import pictures

BOX = Box(245, 145, 395, 295)


def curve(seed: int, size: int = 3 * ROWS) -> list[int]:
    """A room's light from top to bottom: lamps, shelves, windows."""
    random = np.random.default_rng(seed)
    return [int(light) for light in np.repeat(random.integers(20, 230, size // 3 + 1), 3)[:size]]


def scene(left: list[int], right: list[int], down: int = 0) -> Scene:
    start = ROWS - down
    return Scene(tuple(left[start : start + ROWS]), tuple(right[start : start + ROWS]), height=0.75)


@given(st.integers(0, 1000), st.integers(-MAX_SHIFT // 2, MAX_SHIFT // 2))
def test_shift_is_found_whatever_the_room(seed: int, down: int) -> None:
    left, right = curve(seed), curve(seed + 5000)
    found = scene(left, right).shift_to(scene(left, right, down))
    assert found == pytest.approx(0.75 * down / ROWS, abs=0.01)


@given(st.integers(0, 1000), st.integers(-10, 10), st.floats(0.7, 1.3), st.integers(-15, 15))
def test_light_that_changes_meanwhile_moves_nothing(seed: int, down: int, gain: float, offset: int) -> None:
    left, right = curve(seed), curve(seed + 5000)
    later = scene(left, right, down)
    sides = [tuple(round(gain * light + offset) for light in side) for side in (later.left, later.right)]
    dimmed = Scene(sides[0], sides[1], height=0.75)
    assert scene(left, right).shift_to(dimmed) == pytest.approx(0.75 * down / ROWS, abs=0.01)


def test_plain_walls_and_other_rooms_tell_nothing() -> None:
    wall = Scene((120,) * ROWS, (119,) * ROWS, height=0.75)
    room, other = scene(curve(1), curve(2)), scene(curve(7), curve(8))
    assert [before.shift_to(after) for before, after in ((wall, wall), (room, wall), (room, other))] == [None] * 3


def test_another_shape_of_the_picture_tells_nothing() -> None:
    room = scene(curve(1), curve(2))
    assert room.shift_to(Scene(room.left, room.right, height=9 / 16)) is None


def shifted(image: Image, down_px: int) -> Image:
    return np.asarray(np.roll(image, down_px, axis=0), np.uint8)


@pytest.mark.parametrize("down_px", [-60, -30, 30, 60])
def test_shift_of_a_picture_is_found(down_px: int) -> None:
    image = pictures.framed(150, (320, 220))
    found = scene_of(image, BOX).shift_to(scene_of(shifted(image, down_px), BOX.moved(0, down_px)))
    assert found == pytest.approx(down_px / 640, abs=0.015)


def test_face_that_fills_the_picture_leaves_no_surroundings() -> None:
    found = scene_of(pictures.framed(150, (320, 220)), Box(100, 20, 540, 460))
    assert (found.left, found.right, found.shift_to(found)) == ((), (), None)
