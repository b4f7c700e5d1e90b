"""ai_models.outlines: what is kept of a face."""

import numpy as np
import pytest

from ai_models.landmarks import POINT_COUNT
from ai_models.outlines import OUTLINE_POINTS, WIDTH, moved_outline, pack_outline, unpack_outline

POINTS = np.arange(2 * POINT_COUNT).reshape(POINT_COUNT, 2) * 7


def test_outline_is_jaw_brows_and_nose() -> None:
    assert unpack_outline(pack_outline(POINTS, WIDTH, 480)) == {
        "width": 640,
        "height": 480,
        "points": POINTS[:OUTLINE_POINTS].tolist(),
    }


def test_outline_takes_a_few_hundred_bytes_at_most() -> None:
    assert len(pack_outline(POINTS, 1280, 720)) == 2 * (1 + 2 * OUTLINE_POINTS) <= 300


@pytest.mark.parametrize("scale", [0.5, 2, 3])
def test_resolution_leaves_it_as_it_is(scale: float) -> None:
    packed = pack_outline((POINTS * scale).astype(np.float64), round(640 * scale), round(480 * scale))
    assert unpack_outline(packed) == unpack_outline(pack_outline(POINTS, 640, 480))


def test_points_far_outside_of_the_picture_are_kept_in_range() -> None:
    points = unpack_outline(pack_outline(POINTS - 10_000, 100, 100))["points"]
    assert min(min(point) for point in points) == -(2**15)


@pytest.mark.parametrize(("width", "height"), [(640, 480), (480, 640)])
def test_outline_moves_down_by_a_share_of_the_longer_side(width: int, height: int) -> None:
    packed = pack_outline(POINTS, width, height)
    before, after = unpack_outline(packed), unpack_outline(moved_outline(packed, 0.1))
    side = max(before["width"], before["height"])
    assert (after["width"], after["height"]) == (before["width"], before["height"])
    assert np.array(after["points"]) - before["points"] == pytest.approx(np.tile([0, round(0.1 * side)], (36, 1)))
