"""The surroundings of a face as curves of light, and how far they moved: so the camera did, not the person."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ROWS = 48
MAX_SHIFT = ROWS // 2
MIN_DEVIATION = 4.0  # of a curve's light, 0 to 255: a plain wall shows no movement
# Measured on every third clip of EyeBlink8: of 724 pairs of one person's pictures, this finds a shift of 0.05 to 0.2
# widths of the face in a quarter, and there the face moved alike: the camera did. With one picture of each pair shifted
# by 0.1 to 0.6 widths, it finds that in 80 %, off by 0.01 to 0.04 in the median; in nearly all others it cannot tell.
MIN_CORRELATION = 0.7
MIN_GAIN = 0.15  # of the correlation, over that without a shift

Curve = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Scene:
    """The light beside a face, on the picture's left and right: ROWS means, from the top; empty if there is no room.

    height: the picture's, over its longer side.
    """

    left: Curve
    right: Curve
    height: float

    def shift_to(self, later: "Scene") -> float | None:
        """How far the surroundings moved down, over the picture's longer side; None if that cannot be told."""
        if self.height != later.height:
            return None
        pairs = [(self.left, later.left), (self.right, later.right)]
        curves = [(_edges(a), _edges(b)) for a, b in pairs if _is_telling(a) and _is_telling(b)]
        if not curves:
            return None
        shifts = range(-MAX_SHIFT, MAX_SHIFT + 1)
        correlations = [sum(_correlation(a, b, rows) for a, b in curves) / len(curves) for rows in shifts]
        best = int(np.argmax(correlations))
        if correlations[best] < MIN_CORRELATION:
            return None
        if correlations[best] - correlations[MAX_SHIFT] < MIN_GAIN:
            return 0.0
        return self.height * _peak(correlations, best) / ROWS


def _is_telling(curve: Curve) -> bool:
    return len(curve) == ROWS and float(np.std(curve)) >= MIN_DEVIATION


def _edges(curve: Curve) -> NDArray[np.float64]:
    """How the light changes from row to row: slow changes, of a lamp or towards the corners, tell no place."""
    return np.diff(np.array(curve, float))


def _correlation(before: NDArray[np.float64], after: NDArray[np.float64], rows: int) -> float:
    """The correlation of two curves, the second of which is `rows` further down."""
    size = len(before) - abs(rows)
    first, second = before[max(0, -rows) :][:size], after[max(0, rows) :][:size]
    power = float(np.sqrt((first**2).sum() * (second**2).sum()))
    return float((first * second).sum()) / power if power else 0.0


def _peak(values: list[float], best: int) -> float:
    """The shift at a parabola's top through the best value and its neighbours."""
    if not 0 < best < len(values) - 1:
        return best - MAX_SHIFT
    before, top, after = values[best - 1 : best + 2]
    bend = before - 2 * top + after
    return best - MAX_SHIFT + (0.5 * (before - after) / bend if bend else 0.0)
