"""A test picture, in which the native backend must find what dlib found, each time it is opened."""

import numpy as np
from numpy.typing import NDArray

from ai_models.landmarks import Box
from ai_models.vision.backend import Backend
from ai_models.vision.frame import Image

Numbers = NDArray[np.float64]

HEIGHT, WIDTH = 203, 251  # odd, so that the ends of rows and vectors are tested too
DARK = ((90, 85, 14, 7), (140, 85, 14, 7), (115, 145, 24, 6), (115, 115, 9, 5))  # centre and reach of eyes, mouth, nose
BOX = Box(40, 30, 190, 180)


def results(backend: Backend) -> dict[str, object]:
    """What a backend finds in the test picture, as JSON has it."""
    image = picture()
    return {"landmarks": backend.landmarks(image, BOX).tolist()}


def picture() -> Image:
    """A drawing that resembles a face as far as dlib is concerned, with light and texture; (HEIGHT, WIDTH, 3) RGB."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float64)
    light = 90 + 0.3 * x + 12 * np.sin(x / 3.1 + y / 5.3) + 9 * np.cos(x / 2.3 - y / 1.9)
    light += 70 * _blob(x, y, 115, 105, 55, 72)
    for centre_x, centre_y, reach_x, reach_y in (
        (90, 85, 14, 7),
        (140, 85, 14, 7),
        (115, 145, 24, 6),
        (115, 115, 9, 5),
    ):
        light -= 90 * _blob(x, y, centre_x, centre_y, reach_x, reach_y)
    channels = [light, 0.8 * light + 8 * np.sin(y / 4.7), 0.7 * light + 11 * np.cos(x / 6.1)]
    return np.ascontiguousarray(np.clip(np.dstack(channels), 0, 255).astype(np.uint8))


def _blob(x: Numbers, y: Numbers, centre_x: float, centre_y: float, reach_x: float, reach_y: float) -> Numbers:
    return np.exp(-((((x - centre_x) / reach_x) ** 2 + ((y - centre_y) / reach_y) ** 2) ** 2))
