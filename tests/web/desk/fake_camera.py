"""A fake camera for Chromium whose pictures a test can change: Chromium reads its file again for each frame."""

import os
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Self

import cv2
import numpy as np

from ai_models.vision.frame import Image
from tests.pictures import BOUNDARY, FACE_CENTRE, FACE_PX, astronaut, coffee, eyes_closed

WIDTH, HEIGHT, FRAMES_A_SECOND = 640, 480, 20
SLOWER = 2  # each picture is drawn without a graphics card, and most tests see as much in half of them
HEADER = "YUV4MPEG2 W{} H{} F{}:1 Ip A1:1 C420jpeg\n"
FRAME = b"FRAME\n"
# The film repeats: one blink every three seconds, for a fifth of a second.
FRAMES, FRAMES_CLOSED = 60, 4
FACE_AT = (320, 220)

Film = Sequence[Image]


def upright() -> Film:
    return sitting(150)


def leaning_in() -> Film:
    """A third closer than upright: over the limit at every sensitivity."""
    return sitting(200)


def tilted() -> Film:
    return sitting(150, turn_deg=20)


@cache
def sitting(face_px: float, *, turn_deg: float = 0.0, closed: int = FRAMES_CLOSED, down_px: float = 0.0) -> Film:
    """The astronaut at a desk, with closed eyes in `closed` of the film's frames."""
    eyes_open, shut = (_placed(image, face_px, turn_deg, down_px) for image in (astronaut(), eyes_closed()))
    return [eyes_open] * (FRAMES - closed) + [shut] * closed


@cache
def with_glasses() -> Film:
    """The astronaut in thick frames, which the service takes for somebody else."""
    worn = []
    for image in (astronaut(), eyes_closed()):
        image = image.copy()
        for eye in ((203, 102), (247, 105)):
            cv2.ellipse(image, eye, (19, 15), 0, 0, 360, (60, 50, 45), 2, cv2.LINE_AA)
        cv2.line(image, (221, 100), (229, 101), (60, 50, 45), 2, cv2.LINE_AA)
        worn.append(_placed(image, 150, 0.0, 0.0))
    return [worn[0]] * (FRAMES - FRAMES_CLOSED) + [worn[1]] * FRAMES_CLOSED


@cache
def empty_room() -> Film:
    return [np.asarray(cv2.resize(coffee(), (WIDTH, HEIGHT)), np.uint8)] * FRAMES


class FakeCamera:
    """A film in a file that Chromium uses as a camera.

    every: only so many of the film's frames are shown; Chromium learns of it when it opens the camera.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.every = SLOWER
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT)
        self.show(upright())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        os.close(self._file)

    @property
    def options(self) -> list[str]:
        """Command-line options for Chromium; they also allow the camera without asking."""
        return [
            "--use-fake-device-for-media-stream",
            "--use-fake-ui-for-media-stream",
            f"--use-file-for-fake-video-capture={self.path}",
        ]

    def show(self, film: Film) -> None:
        """Show another film from the next frame on."""
        planes = {id(image): _planes(image) for image in film}
        header = HEADER.format(WIDTH, HEIGHT, FRAMES_A_SECOND // self.every).encode()
        frames = b"".join(FRAME + planes[id(image)] for image in film[:: self.every])
        os.pwrite(self._file, header + frames, 0)
        os.truncate(self._file, len(header + frames))


def _placed(image: Image, face_px: float, turn_deg: float, down_px: float) -> Image:
    """The image as the camera sees it, with a face box about `face_px` wide."""
    matrix = cv2.getRotationMatrix2D(FACE_CENTRE, -turn_deg, face_px / FACE_PX)
    matrix[:, 2] += np.add(np.subtract(FACE_AT, FACE_CENTRE), (0, down_px))
    return np.asarray(cv2.warpAffine(image, matrix, (WIDTH, HEIGHT), borderMode=BOUNDARY), np.uint8)


def _planes(image: Image) -> bytes:
    """A (480, 640, 3) RGB image as the three planes of a y4m frame."""
    assert image.shape == (HEIGHT, WIDTH, 3)
    return cv2.cvtColor(image, cv2.COLOR_RGB2YUV_I420).tobytes()
