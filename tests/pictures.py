"""Test pictures: the astronaut (NASA, public domain) has a face, the coffee cup none; the others are made from them."""

import base64
import zlib
from functools import cache
from importlib.resources import files

import cv2
import numpy as np
from numpy.typing import NDArray

from ai_models.vision.frame import Image, decode, read_frame

FACE_CENTRE = (222.0, 127.0)  # of the astronaut's face
FACE_PX = 88  # its box's width
EYE_CENTRES = ((203.5, 101.5), (246.5, 104.5))
EYE_REACH = (14.0, 12.0)  # pixels around an eye that its closing moves
EYE_SQUEEZE = 2.0  # the astronaut's eye aspect ratio goes from 0.34 to 0.12
BOUNDARY = cv2.BORDER_REPLICATE


@cache
def astronaut() -> Image:
    return _of_skimage("astronaut")


@cache
def coffee() -> Image:
    return _of_skimage("coffee")


def _of_skimage(name: str) -> Image:
    """A picture that no test can draw into: others would get it, too. skimage itself would import scipy for it."""
    bgr = np.asarray(cv2.imread(str(files("skimage") / "data" / f"{name}.png")))
    image = np.ascontiguousarray(bgr[:, :, ::-1], np.uint8)
    image.setflags(write=False)
    return image


def warped(*, scale: float = 1.0, turn_deg: float = 0.0, down_px: float = 0.0) -> Image:
    """The astronaut scaled and turned (clockwise) about the face's centre, then moved down."""
    matrix = cv2.getRotationMatrix2D(FACE_CENTRE, -turn_deg, scale)
    matrix[1, 2] += down_px
    height, width = astronaut().shape[:2]
    return np.asarray(cv2.warpAffine(astronaut(), matrix, (width, height), borderMode=BOUNDARY), np.uint8)


def at_desk(*, right_px: float = 0.0, down_px: float = 0.0) -> Image:
    """The astronaut as a webcam shows a person at a desk: 640 × 480, the face 150 pixels wide and near the middle."""
    scale = 1.75
    shift_x, shift_y = 320 + right_px - scale * FACE_CENTRE[0], 220 + down_px - scale * FACE_CENTRE[1]
    matrix = np.array([[scale, 0, shift_x], [0, scale, shift_y]])
    return np.asarray(cv2.warpAffine(astronaut(), matrix, (640, 480), borderMode=BOUNDARY), np.uint8)


def beside(left: Image, right: Image) -> Image:
    """Two pictures in one, side by side."""
    height = max(left.shape[0], right.shape[0])
    padded = [np.pad(image, ((0, height - image.shape[0]), (0, 0), (0, 0))) for image in (left, right)]
    return np.ascontiguousarray(np.hstack(padded))


def smaller(image: Image, scale: float) -> Image:
    return np.asarray(cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)


def png(image: Image) -> bytes:
    return cv2.imencode(".png", image[:, :, ::-1])[1].tobytes()


def jpeg(image: Image, quality: int = 92) -> bytes:
    return cv2.imencode(".jpg", image[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()


def data_url(data: bytes, content_type: str = "image/png") -> str:
    return f"data:{content_type};base64,{base64.b64encode(data).decode()}"


def eyes_closed() -> Image:
    """The astronaut with both eyes squeezed to a slit: the lids are moved towards the line of the eye."""
    height, width = astronaut().shape[:2]
    map_y, map_x = np.mgrid[0:height, 0:width].astype(np.float32)
    for centre_x, centre_y in EYE_CENTRES:
        distance = np.hypot((map_x - centre_x) / EYE_REACH[0], (map_y - centre_y) / EYE_REACH[1])
        strength = np.clip(1 - distance**2, 0, 1)
        map_y += (map_y - centre_y) * EYE_SQUEEZE * strength
    return np.asarray(cv2.remap(astronaut(), map_x, map_y.astype(np.float32), cv2.INTER_LINEAR), np.uint8)


def exif_orientation(data: bytes, orientation: int) -> bytes:
    """A JPEG with an EXIF segment for the camera's orientation (6: rotate a quarter clockwise to see it upright)."""
    tag = b"\x01\x12\x00\x03\x00\x00\x00\x01" + orientation.to_bytes(2, "big") + b"\x00\x00"
    tiff = b"MM\x00\x2a\x00\x00\x00\x08" + b"\x00\x01" + tag + b"\x00\x00\x00\x00"
    body = b"Exif\x00\x00" + tiff
    return data[:2] + b"\xff\xe1" + (len(body) + 2).to_bytes(2, "big") + body + data[2:]


def png_announcing(width: int, height: int) -> bytes:
    """A PNG that is only a header, with a correct checksum."""
    body = b"IHDR" + width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\x02\x00\x00\x00"
    return b"\x89PNG\r\n\x1a\n" + b"\x00\x00\x00\x0d" + body + zlib.crc32(body).to_bytes(4, "big")


def small() -> Image:
    """The astronaut's face at 64 by 48 pixels: quick to decode, too small to be found."""
    return np.asarray(cv2.resize(astronaut()[60:200, 130:310], (64, 48), interpolation=cv2.INTER_AREA), np.uint8)


@cache
def _head() -> Image:
    """The astronaut without the lower part of the suit, in which some versions of dlib find a larger face."""
    return np.ascontiguousarray(astronaut()[:300])


def framed(
    face_px: float,
    centre: tuple[float, float],
    *,
    size: tuple[int, int] = (640, 480),
    turn_deg: float = 0.0,
    noise: float = 0.0,
    quality: int | None = None,
) -> Image:
    """A camera's frame (width, height) with the astronaut's face at `centre`, its box about face_px wide.

    noise: standard deviation, the same pixels each time. quality: of a JPEG that the frame is encoded to first.
    """
    matrix = cv2.getRotationMatrix2D(FACE_CENTRE, -turn_deg, face_px / FACE_PX)
    matrix[:, 2] += np.subtract(centre, FACE_CENTRE)
    image = np.asarray(cv2.warpAffine(_head(), matrix, size, borderMode=BOUNDARY), np.uint8)
    if noise:
        image = noisy(image, noise)
    return image if quality is None else decode(read_frame(jpeg(image, quality)))


def noisy(image: Image, deviation: float) -> Image:
    return np.clip(image + deviation * _noise(image.shape), 0, 255).astype(np.uint8)


@cache
def _noise(shape: tuple[int, ...]) -> NDArray[np.float64]:
    return np.random.default_rng(0).standard_normal(shape)
