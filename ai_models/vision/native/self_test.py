"""A test picture, in which the native backend must find what dlib found, each time it is opened."""

import time
from collections.abc import Sequence
from dataclasses import astuple
from itertools import chain
from typing import TypedDict, TypeVar

import numpy as np
from numpy.typing import NDArray

from ai_models.landmarks import Box
from ai_models.vision.backend import Backend
from ai_models.vision.frame import Image

Numbers = NDArray[np.float64]

HEIGHT, WIDTH = 203, 251  # odd, so that the ends of rows and vectors are tested too
DARK = ((90, 85, 14, 7), (140, 85, 14, 7), (115, 145, 24, 6), (115, 115, 9, 5))  # centre and reach of eyes, mouth, nose
THRESHOLD = -1.5  # the drawing is hardly a face
SAME_SCORE_WITHIN = 1e-4
BOX = Box(40, 30, 190, 180)
ROUNDS = 4  # of 3 ms for each width of vectors

AnyBackend = TypeVar("AnyBackend", bound=Backend)


class Results(TypedDict):
    """What a backend finds in the test picture. searches: boxes and scores, in colour and in grey."""

    landmarks: list[list[int]]
    searches: list[list[tuple[tuple[int, ...], float]]]


def results(backend: Backend) -> Results:
    image = picture()
    found = [backend.search(pixels, threshold=THRESHOLD) for pixels in (image, np.ascontiguousarray(image[:, :, 1]))]
    searches = [[(astuple(one.box), one.score) for one in each] for each in found]
    return {"landmarks": backend.landmarks(image, BOX).tolist(), "searches": searches}


def fastest(backends: Sequence[AnyBackend]) -> AnyBackend:
    """The one that searches the test picture soonest: the widest vectors are not so on every processor."""
    if len(backends) == 1:
        return backends[0]
    image = picture()
    taken_ns: list[list[int]] = [[] for _ in backends]
    for _ in range(ROUNDS):
        for backend, taken in zip(backends, taken_ns, strict=True):
            start = time.thread_time_ns()
            backend.search(image)
            taken.append(time.thread_time_ns() - start)
    # The least: whatever else runs on the machine can only add to it.
    return min(zip(backends, taken_ns, strict=True), key=lambda each: min(each[1]))[0]


def agrees(ours: Results, expected: Results) -> bool:
    """Whether points and boxes are the same, and scores except for the last digits."""
    pairs = list(zip(chain(*ours["searches"]), chain(*expected["searches"]), strict=False))
    return (
        ours["landmarks"] == expected["landmarks"]
        and [len(found) for found in ours["searches"]] == [len(found) for found in expected["searches"]]
        and all(tuple(box) == tuple(other) for (box, _), (other, _) in pairs)
        and all(abs(score - other) < SAME_SCORE_WITHIN for (_, score), (_, other) in pairs)
    )


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
