"""A face's outline as numbers: jaw, brows and nose of its landmarks, which can be drawn where no picture is kept."""

from typing import TypedDict

import numpy as np

from ai_models.landmarks import FinePoints, Points

OUTLINE_POINTS = 36  # the first landmarks: 17 of the jaw, 10 of the brows, 9 of the nose
WIDTH = 640  # of the picture that they are in, whatever the camera's resolution
_TYPE = np.dtype("<i2")


class Outline(TypedDict):
    """An outline to draw, in pixels of a picture of this size; points: x and y of the first OUTLINE_POINTS landmarks.

    As in the picture, which is not mirrored: the right ear is on the left side.
    """

    width: int
    height: int
    points: list[list[int]]


def pack_outline(points: Points | FinePoints, width: int, height: int) -> bytes:
    """The outline of landmarks in a picture of width × height pixels, in 146 bytes; unpack_outline reads them."""
    numbers = np.concatenate(([height], points[:OUTLINE_POINTS].ravel())) * (WIDTH / width)
    limits = np.iinfo(_TYPE)
    return np.rint(np.clip(numbers, limits.min, limits.max)).astype(_TYPE).tobytes()


def unpack_outline(packed: bytes) -> Outline:
    """The outline of these bytes."""
    height, *_ = numbers = np.frombuffer(packed, _TYPE)
    return {"width": WIDTH, "height": int(height), "points": numbers[1:].reshape(-1, 2).tolist()}


def moved_outline(packed: bytes, down: float) -> bytes:
    """The outline farther down, by this share of the picture's longer side."""
    numbers = np.frombuffer(packed, _TYPE).astype(np.int64)
    numbers[2::2] += round(down * max(WIDTH, int(numbers[0])))
    limits = np.iinfo(_TYPE)
    return np.clip(numbers, limits.min, limits.max).astype(_TYPE).tobytes()


def reshaped_outline(packed: bytes, scale: float, shape: float) -> bytes:
    """The outline in a picture of another shape, this many times as large in its longer side, about the middle."""
    height, *places = np.frombuffer(packed, _TYPE).astype(np.float64)
    new_height = WIDTH / shape
    middle, new_middle = np.array([WIDTH, height]) / 2, np.array([WIDTH, new_height]) / 2
    scale *= max(WIDTH, new_height) / max(WIDTH, height)
    points = (np.reshape(places, (-1, 2)) - middle) * scale + new_middle
    return pack_outline(points, WIDTH, round(new_height))
