"""Bursts and single frames of the dearest pictures that are accepted: what costs a core most for the bytes it takes."""

import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from random import Random

import cv2
import numpy as np

from ai_models.vision.frame import MAX_SIDE_PX, PNG_DATA_UNCHECKED_BYTES, Image
from detections.sessions.request_serializers import BURST_MAX_SIDE_PX, MAX_BURST
from tests import pictures
from tests.hostile.broken_pictures import joined, png

MAX_BYTES = 8 * 2**20 - 64 * 2**10  # FRAME_MAX_BYTES, less what a form takes
VARIANTS = 2  # of each kind of picture; a burst takes them by turns
SIDES = (240, 640, 960, 1280, 1600, BURST_MAX_SIDE_PX)
PIXEL_BYTES = 8  # of a PNG with four channels of 16 bits
SINGLE_SIDES = (1280, BURST_MAX_SIDE_PX, 3000, MAX_SIDE_PX)

Kind = Callable[[int, int], bytes]  # by the picture's side in pixels, and the variant


@dataclass(frozen=True, slots=True)
class Burst:
    """frames: one, or several for a form. crops: of each frame, or none."""

    description: str
    frames: list[bytes]
    crops: list[str]


def bursts(seed: int) -> Iterator[Burst]:
    """Endless, the same ones for the same seed. Every fourth is a single frame, of any size that is accepted."""
    random = Random(seed)  # noqa: S311
    number = 1
    while True:
        kinds = random.sample(KINDS, random.choice([1, 2, 2, 3]))
        if number % 4 == 0:
            side = random.choice(SINGLE_SIDES)
            frames = [kinds[0](side, 0)]
        else:
            side = random.choice(SIDES)
            frames = _fitting([kinds[random.randrange(len(kinds))](side, n % VARIANTS) for n in range(MAX_BURST)])
        if sum(map(len, frames)) > MAX_BYTES:
            continue
        crops = [f"0,0,{side},{side}"] * len(frames) if len(frames) > 1 and random.random() < 0.2 else []
        name = ", ".join(kind.__name__ for kind in kinds[: len(frames)])
        yield Burst(f"{len(frames)} × {side} px of {name}{' as crops' if crops else ''}", frames, crops)
        number += 1


def _fitting(frames: list[bytes]) -> list[bytes]:
    """As many of them, from the first, as a request may carry; at least two."""
    sizes = np.cumsum([len(frame) for frame in frames])
    return frames[: max(2, int(np.searchsorted(sizes, MAX_BYTES)))]


@cache
def face(side: int, variant: int) -> bytes:
    return _jpeg(_canvas(pictures.at_desk(right_px=40.0 * variant), side))


@cache
def nobody(side: int, variant: int) -> bytes:
    return _jpeg(np.full((side, side, 3), 90 + variant, np.uint8))


@cache
def crowd(side: int, variant: int) -> bytes:
    """As many faces as there is room for, each just large enough to be found."""
    tile = pictures.smaller(pictures.astronaut()[40:240, 120:320], 0.5)
    tiles = -(-side // tile.shape[0]) + 1
    rows = np.tile(tile, (tiles, tiles, 1))
    return _jpeg(rows[variant * 7 : variant * 7 + side, :side])


@cache
def tilted(side: int, variant: int) -> bytes:
    """Faces turned as far as they are barely found, or barely not."""
    tile = pictures.smaller(pictures.warped(turn_deg=28.0 + 14 * variant)[0:300, 80:380], 0.5)
    tiles = -(-side // tile.shape[0])
    return _jpeg(np.tile(tile, (tiles, tiles, 1))[:side, :side])


@cache
def noise(side: int, variant: int) -> bytes:
    return _jpeg(_noise(side, variant), quality=20)


@cache
def blurred_noise(side: int, variant: int) -> bytes:
    """Edges of every direction and size, where a search for faces finds most to look at."""
    return _jpeg(np.asarray(cv2.GaussianBlur(_noise(side, variant), (0, 0), 6 + 6 * variant), np.uint8))


@cache
def progressive(side: int, variant: int) -> bytes:
    """In full colour and ten scans, each of which is decoded over all pixels."""
    image = pictures.noisy(_canvas(pictures.at_desk(right_px=20.0 * variant), side), 20)
    options = [cv2.IMWRITE_JPEG_PROGRESSIVE, 1, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444]
    return cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 30, *options])[1].tobytes()


@cache
def deep_png(side: int, variant: int) -> bytes:
    """Four channels of 16 bits: eight bytes a pixel to decompress, from next to none."""
    return png(side, side, 16, 6, variant)


@cache
def noisy_png(side: int, variant: int) -> bytes:
    """As many bytes as a picture may have for its pixels, up to what a request may carry."""
    return pictures.png(_noise(min(side, 1500), variant))


@cache
def checked_png(side: int, variant: int) -> bytes:
    """Just so large that its data is decompressed twice: to be checked, and to be decoded."""
    pixels = np.full((side, side * PIXEL_BYTES), 90, np.uint8)
    random = np.random.default_rng(variant)
    noisy_rows = min(side, -(-(PNG_DATA_UNCHECKED_BYTES + 2**13) // (side * PIXEL_BYTES)))
    pixels[:noisy_rows] = random.integers(0, 256, (noisy_rows, side * PIXEL_BYTES), np.uint8)
    return _deep(side, np.pad(pixels, ((0, 0), (1, 0))).tobytes())


@cache
def png_with_too_much(side: int, variant: int) -> bytes:
    """Behind the rows of the picture, half a gigabyte of zeros in half a megabyte."""
    return _deep(side, bytes(PNG_DATA_UNCHECKED_BYTES * 1000))


KINDS: list[Kind] = [
    face,
    nobody,
    crowd,
    tilted,
    noise,
    blurred_noise,
    progressive,
    deep_png,
    noisy_png,
    checked_png,
    png_with_too_much,
]


def _deep(side: int, rows: bytes) -> bytes:
    """A PNG of four channels of 16 bits."""
    header = struct.pack(">IIBBBBB", side, side, 16, 6, 0, 0, 0)
    return joined([(b"IHDR", header), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b"")])


def _noise(side: int, seed: int) -> Image:
    return np.random.default_rng(seed).integers(0, 256, (side, side, 3), np.uint8)


def _canvas(image: Image, side: int) -> Image:
    """The picture in the corner of a grey square."""
    canvas = np.full((side, side, 3), 127, np.uint8)
    part = image[:side, :side]
    canvas[: part.shape[0], : part.shape[1]] = part
    return canvas


def _jpeg(image: Image, quality: int = 30) -> bytes:
    return pictures.jpeg(np.ascontiguousarray(image), quality)
