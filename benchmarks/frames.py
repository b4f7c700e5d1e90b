"""The frames to measure: made from skimage's astronaut, or read from a folder of clips and pictures. All are JPEGs.

Made frames are the same on every run: webcam pictures of 640 × 480 in short sequences. The person sways, and in half
of the sequences leans in, sinks or tilts the head at the end.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from ai_models.vision.frame import Image
from detections.analysis import images
from evaluation.clips import find_clips
from tests.pictures import BOUNDARY, coffee, framed, jpeg

WEBCAM = WIDTH, HEIGHT = 640, 480
SEED = 20
SEQUENCE_FRAMES = 8
MAX_CLIP_FRAMES = 24
FACE_SIZES_PX = ((120, 200), (60, 120), (200, 260))
FACE_SIZE_SHARES = (0.7, 0.15, 0.15)
SMALL_FACES_PX = (60, 100)

FrameSequence = list[bytes]  # JPEGs of one person, one after the other


def made(count: int, sizes: Sequence[tuple[int, int]] = FACE_SIZES_PX, seed: int = SEED) -> list[FrameSequence]:
    """About `count` frames of the astronaut. sizes: ranges of the face box's width; the first is the most frequent."""
    random = np.random.default_rng(seed)
    shares = FACE_SIZE_SHARES if len(sizes) > 1 else (1.0,)
    sequences = []
    for index in range(max(1, round(count / SEQUENCE_FRAMES))):
        low, high = sizes[int(random.choice(len(sizes), p=shares))]
        sequences.append(list(_sequence(random, low, high, misbehaves=index % 2 == 1)))
    return sequences


def made_small(count: int) -> list[FrameSequence]:
    """Frames with a face 60 to 100 pixels wide."""
    return made(count, [SMALL_FACES_PX], SEED + 1)


def made_empty(count: int) -> FrameSequence:
    """Frames without a face: the coffee cup, shifted and scaled."""
    random = np.random.default_rng(SEED + 2)
    frames = []
    for _ in range(count):
        scale, shift = random.uniform(1.0, 1.3), random.uniform(-60, 0, 2)
        matrix = np.array([[scale, 0, shift[0]], [0, scale, shift[1]]])
        image = cv2.warpAffine(coffee(), matrix, WEBCAM, borderMode=BOUNDARY)
        frames.append(jpeg(_with_noise(image, 1.0, random), 90))
    return frames


def from_folder(folder: Path, max_frames: int) -> list[FrameSequence]:
    """Its clips, laid out as for `manage.py evaluate`; whole ones are left out evenly. Raises DatasetError."""
    clips = [clip for of_person in find_clips(folder).values() for clip in of_person]
    mean = np.mean([min(_length(files), MAX_CLIP_FRAMES) for files in clips])
    return [list(_read(files)) for files in _evenly(clips, int(max_frames / mean))]


def some(sequences: Sequence[FrameSequence], count: int) -> list[FrameSequence]:
    """Sequences taken evenly from all, with about `count` frames together."""
    return _evenly(sequences, round(count * len(sequences) / total(sequences)))


def total(sequences: Sequence[FrameSequence]) -> int:
    return sum(map(len, sequences))


def at_size(image: Image, width: int, height: int) -> Image:
    """The picture scaled to fit; if its shape is another, its edges are extended to the sides."""
    scale = min(width / image.shape[1], height / image.shape[0])
    interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    scaled = cv2.resize(image, None, fx=scale, fy=scale, interpolation=interpolation)
    right, bottom = width - scaled.shape[1], height - scaled.shape[0]
    edges = bottom // 2, bottom - bottom // 2, right // 2, right - right // 2
    return np.asarray(cv2.copyMakeBorder(scaled, *edges, BOUNDARY), np.uint8)


def _evenly(values: Sequence[Any], count: int) -> list[Any]:
    indexes = np.linspace(0, len(values) - 1, max(1, min(len(values), count))).round().astype(int)
    return [values[index] for index in indexes]


def _sequence(random: Any, low: int, high: int, *, misbehaves: bool) -> Iterator[bytes]:
    face_px = random.uniform(low, high)
    x, y = WIDTH / 2 + random.uniform(-120, 120), HEIGHT / 2 + random.uniform(-70, 50)
    turn_deg, brightness = random.uniform(-4, 4), random.uniform(0.6, 1.2)
    fault = random.choice(["leans in", "sinks", "tilts"]) if misbehaves else None
    for index in range(SEQUENCE_FRAMES):
        size_px = face_px * random.uniform(0.985, 1.015)
        centre_x, centre_y = x + random.uniform(-6, 6), y + random.uniform(-6, 6)
        turn = turn_deg + random.uniform(-1.5, 1.5)
        if fault and index >= SEQUENCE_FRAMES - 3:
            centre_y += random.uniform(0.1, 0.6) * size_px if fault == "sinks" else 0.0
            size_px *= random.uniform(1.02, 1.2) if fault == "leans in" else 1.0
            turn += random.choice([-1, 1]) * random.uniform(6, 14) if fault == "tilts" else 0.0
        image = framed(size_px, (centre_x, centre_y), turn_deg=turn)
        yield jpeg(_with_noise(image, brightness, random), int(random.integers(75, 96)))


def _with_noise(image: Any, brightness: float, random: Any) -> Image:
    noise = random.standard_normal(image.shape, np.float32) * np.float32(random.uniform(1, 5))
    return np.asarray(np.clip(image * np.float32(brightness) + noise, 0, 255).round(), np.uint8)


def _length(files: Sequence[Path]) -> int:
    """Of a video, or of a folder's pictures."""
    return len(files) if len(files) > 1 else max(1, int(cv2.VideoCapture(str(files[0])).get(cv2.CAP_PROP_FRAME_COUNT)))


def _read(files: Sequence[Path]) -> Iterator[bytes]:
    """Every n-th frame, so that a long clip gives MAX_CLIP_FRAMES; JPEGs as they are."""
    step = -(-_length(files) // MAX_CLIP_FRAMES)
    for file in files[::step]:
        if file.suffix.lower() in (".jpg", ".jpeg"):
            yield file.read_bytes()
        else:
            yield from (jpeg(image, 90) for _, image in images(file, step, is_quiet=True))
