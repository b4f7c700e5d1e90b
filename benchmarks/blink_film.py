"""A made film of the astronaut blinking, in front of a noisy webcam: pictures that are shown again and again."""

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from ai_models.vision.frame import Image
from tests.pictures import BOUNDARY, EYE_CENTRES, EYE_REACH, EYE_SQUEEZE, FACE_CENTRE, FACE_PX, astronaut

LIDS = np.array([0.0, 0.15, 0.3, 0.5, 0.75, 1.0])  # closed by so much
PLACES = ((150, 320, 220, 0), (152, 326, 224, 2), (146, 312, 218, -3), (160, 322, 232, 1), (150, 330, 216, 5))
NOISES = 4  # pictures with the same lids at the same place
NOISE = (1.0, 5.0)  # of 255: the standard deviation of a camera's, from light to dark
FRAME_RATE, MINUTES = 30, 20
STAYS_S = (4.0, 30.0)  # at a place
# A blink: the pause before it, then how long the lids fall, stay shut and rise.
PAUSE_S, FALL_S, SHUT_S, RISE_S = (0.8, 7.0), (0.07, 0.13), (0.03, 0.12), (0.12, 0.28)
PARTIAL, PARTIAL_LIDS = 0.15, 0.6  # so many close no further
LOOK_DOWN, LOOK_DOWN_LIDS, LOOK_DOWN_S = 0.15, 0.35, (1.0, 2.5)  # so often, instead of a blink
MOVING = 0.05  # the lids count as moving from there on


def pictures() -> Iterator[Image]:
    """All pictures of the film: by lids, then by place, then by noise."""
    random = np.random.default_rng(1)
    for closed in LIDS:
        image = _with_lids(closed)
        for face_px, x, y, turn_deg in PLACES:
            matrix = cv2.getRotationMatrix2D(FACE_CENTRE, -turn_deg, face_px / FACE_PX)
            matrix[:, 2] += np.subtract((x, y), FACE_CENTRE)
            placed = cv2.warpAffine(image, matrix, (640, 480), flags=cv2.INTER_CUBIC, borderMode=BOUNDARY)
            for _ in range(NOISES):
                noise = random.standard_normal(placed.shape) * random.uniform(*NOISE)
                yield np.asarray(np.clip(placed + noise, 0, 255).round(), np.uint8)


def made() -> tuple[NDArray[np.int_], NDArray[np.bool_]]:
    """Twenty minutes of blinks, of which some are partial, of looks down, and of changes of place.

    Returns the number of each frame's picture, and whether lids blink in it.
    """
    random = np.random.default_rng(2)
    count = 60 * MINUTES * FRAME_RATE
    closed, is_blink = np.zeros(count), np.zeros(count, bool)
    at_s = 0.0
    while (at_s := at_s + random.uniform(*PAUSE_S)) < 60 * MINUTES - 5:
        looks_down = random.random() < LOOK_DOWN
        most = LOOK_DOWN_LIDS if looks_down else PARTIAL_LIDS if random.random() < PARTIAL else 1.0
        shut_s = random.uniform(*(LOOK_DOWN_S if looks_down else SHUT_S))
        edges = np.cumsum([at_s, random.uniform(*FALL_S), shut_s, random.uniform(*RISE_S)])
        frames = np.arange(round(edges[0] * FRAME_RATE), round(edges[3] * FRAME_RATE) + 1)
        closed[frames] = lids = np.interp(frames / FRAME_RATE, edges, [0.0, most, most, 0.0])
        is_blink[frames] = (lids > MOVING) & (not looks_down)
        at_s = float(edges[3])
    places: list[int] = []
    while len(places) < count:
        places += [int(random.integers(len(PLACES)))] * round(random.uniform(*STAYS_S) * FRAME_RATE)
    level = abs(closed[:, None] - LIDS).argmin(axis=1)
    noise = random.integers(0, NOISES, count)
    return (level * len(PLACES) + places[:count]) * NOISES + noise, is_blink


def _with_lids(closed: float) -> Image:
    """The astronaut with both lids closed by so much; 1: as in tests.pictures.eyes_closed."""
    height, width = astronaut().shape[:2]
    map_y, map_x = np.mgrid[0:height, 0:width].astype(np.float32)
    for x, y in EYE_CENTRES:
        distance = np.hypot((map_x - x) / EYE_REACH[0], (map_y - y) / EYE_REACH[1])
        map_y += (map_y - y) * EYE_SQUEEZE * closed * np.clip(1 - distance**2, 0, 1)
    return np.asarray(cv2.remap(astronaut(), map_x, map_y.astype(np.float32), cv2.INTER_LINEAR), np.uint8)
