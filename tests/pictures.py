"""Test pictures: the astronaut (NASA, public domain) has a face, the coffee cup none; the rest is warped from them."""

import base64
from functools import cache

import cv2
import numpy as np
import skimage.data

from ai_models.frame import Image

FACE_CENTRE = (222.0, 127.0)  # of the astronaut's face, whose box is about 88 pixels wide
EYE_CENTRES = ((203.5, 101.5), (246.5, 104.5))
EYE_REACH = (14.0, 12.0)  # pixels around an eye that its closing moves
EYE_SQUEEZE = 3.0
BOUNDARY = cv2.BORDER_REPLICATE


@cache
def astronaut() -> Image:
    return np.ascontiguousarray(skimage.data.astronaut())


@cache
def coffee() -> Image:
    return np.ascontiguousarray(skimage.data.coffee())


def warped(*, scale: float = 1.0, turn_deg: float = 0.0, down_px: float = 0.0) -> Image:
    """The astronaut scaled and turned (clockwise) about the face's centre, then moved down."""
    matrix = cv2.getRotationMatrix2D(FACE_CENTRE, -turn_deg, scale)
    matrix[1, 2] += down_px
    height, width = astronaut().shape[:2]
    return np.asarray(cv2.warpAffine(astronaut(), matrix, (width, height), borderMode=BOUNDARY), np.uint8)


def beside(left: Image, right: Image) -> Image:
    """Two pictures in one, side by side."""
    height = max(left.shape[0], right.shape[0])
    padded = [np.pad(each, ((0, height - each.shape[0]), (0, 0), (0, 0))) for each in (left, right)]
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
    """The astronaut with both eyes squeezed to a slit: lids drawn together over the eye's line."""
    height, width = astronaut().shape[:2]
    map_y, map_x = np.mgrid[0:height, 0:width].astype(np.float32)
    for centre_x, centre_y in EYE_CENTRES:
        away = np.hypot((map_x - centre_x) / EYE_REACH[0], (map_y - centre_y) / EYE_REACH[1])
        strength = np.clip(1 - away**2, 0, 1)
        map_y += (map_y - centre_y) * EYE_SQUEEZE * strength
    return np.asarray(cv2.remap(astronaut(), map_x, map_y.astype(np.float32), cv2.INTER_LINEAR), np.uint8)
