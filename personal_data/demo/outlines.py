"""The outlines of a made face."""

import math

import numpy as np

from ai_models.monitoring.posture_filter import Sample
from ai_models.outlines import OUTLINE_POINTS, WIDTH, pack_outline

HEIGHT = 480
CENTRE = (320.0, 230.0)
HALF_WIDTH = 75.0


def _face() -> np.ndarray:
    """(36, 2): jaw, brows and nose around the origin, in halves of the face's width."""
    jaw = [(-math.cos(angle), 0.15 + 1.15 * math.sin(angle)) for angle in np.linspace(0.0, math.pi, 17)]
    brow = [(-0.8 + 0.15 * step, -0.32 - 0.12 * math.sin(math.pi * step / 4)) for step in range(5)]
    brows = [*brow, *((-x, y) for x, y in reversed(brow))]
    nose = [(0.0, -0.1 + 0.15 * step) for step in range(4)]
    base = [(-0.2 + 0.1 * step, 0.48 + 0.05 * math.sin(math.pi * step / 4)) for step in range(5)]
    return np.array([*jaw, *brows, *nose, *base])


FACE = _face()
assert FACE.shape == (OUTLINE_POINTS, 2)  # noqa: S101 - what is drawn must be what is kept


def made_outline(moved: Sample) -> bytes:
    """The outline of a face that has moved from its best place; units as in Sample."""
    angle = math.radians(moved.tilted)
    turned = FACE @ np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    place = np.array(CENTRE) + (0.0, moved.lower * 2 * HALF_WIDTH)
    return pack_outline(place + turned * HALF_WIDTH * moved.closer, WIDTH, HEIGHT)


BEST = made_outline(Sample(1.0, 0.0, 0.0))
