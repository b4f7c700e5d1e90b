"""The frames to measure: made from skimage's astronaut, or read from a folder of clips and pictures. All are JPEGs.

Made frames are the same on every run: webcam pictures of 640 × 480 in short sequences. The person sways, and in half
of the sequences leans in, sinks or tilts the head at the end.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from ai_models.vision.frame import Image
from detections.analysis import PICTURE_SUFFIXES as PICTURES
from detections.analysis import images
from tests.pictures import FACE_CENTRE, FACE_PX, astronaut, coffee, jpeg

WEBCAM = WIDTH, HEIGHT = 640, 480
SEED = 20
SEQUENCE_FRAMES = 8
MAX_CLIP_FRAMES = 24
TOP_ROWS = 300  # in the whole astronaut, turned or compressed again, dlib finds a larger false face low down
FACE_SIZES_PX = ((120, 200), (60, 120), (200, 260))
FACE_SIZE_SHARES = (0.7, 0.15, 0.15)
SMALL_FACES_PX = (60, 100)
CLIPS = frozenset({".mp4", ".avi", ".mov", ".mkv", ".webm", ".m4v", ".mpg", ".mpeg"})


@dataclass(frozen=True, slots=True)
class FrameSequence:
    """JPEGs of one person, one after the other."""

    name: str
    frames: tuple[bytes, ...]


def made(count: int, sizes: Sequence[tuple[int, int]] = FACE_SIZES_PX, seed: int = SEED) -> list[FrameSequence]:
    """About `count` frames of the astronaut. sizes: ranges of the face box's width; the first is the most frequent."""
    random = np.random.default_rng(seed)
    shares = FACE_SIZE_SHARES if len(sizes) > 1 else (1.0,)
    sequences = []
    for index in range(max(1, round(count / SEQUENCE_FRAMES))):
        low, high = sizes[int(random.choice(len(sizes), p=shares))]
        frames = _sequence(random, low, high, misbehaves=index % 2 == 1)
        sequences.append(FrameSequence(f"made {index}", tuple(frames)))
    return sequences


def made_small(count: int) -> list[FrameSequence]:
    """Frames with a face 60 to 100 pixels wide."""
    return made(count, [SMALL_FACES_PX], SEED + 1)


def made_empty(count: int) -> list[FrameSequence]:
    """Frames without a face: the coffee cup, shifted and scaled."""
    random = np.random.default_rng(SEED + 2)
    frames = []
    for _ in range(count):
        scale = random.uniform(1.0, 1.3)
        shift = random.uniform(-60, 0, 2)
        matrix = np.array([[scale, 0, shift[0]], [0, scale, shift[1]]])
        image = cv2.warpAffine(coffee(), matrix, WEBCAM, borderMode=cv2.BORDER_REPLICATE)
        frames.append(jpeg(_with_noise(image, 1.0, random), 90))
    return [FrameSequence("empty", tuple(frames))]


def from_folder(folder: Path, max_frames: int) -> list[FrameSequence]:
    """Each clip, and each folder's pictures together, as a sequence; whole sequences are left out evenly."""
    paths = [path for path in sorted([folder, *folder.rglob("*")]) if path.name[:1] != "." or path == folder]
    sources = [path for path in paths if path.suffix.lower() in CLIPS or _pictures(path)]
    if not sources:
        raise SystemExit(f"There is no picture and no video in {folder}.")
    mean = np.mean([min(_length(source), MAX_CLIP_FRAMES) for source in sources])
    read = [
        FrameSequence(str(source.relative_to(folder)), tuple(_read(source)))
        for source in _evenly(sources, int(max_frames / mean))
    ]
    return [sequence for sequence in read if sequence.frames]


def some(sequences: Sequence[FrameSequence], count: int) -> list[FrameSequence]:
    """Sequences taken evenly from all, with about `count` frames together."""
    mean = total(sequences) / len(sequences)
    return _evenly(sequences, round(count / mean))


def total(sequences: Sequence[FrameSequence]) -> int:
    return sum(len(sequence.frames) for sequence in sequences)


def at_size(image: Image, width: int, height: int) -> Image:
    """The picture scaled to fit; if its shape is another, its edges are extended to the sides."""
    scale = min(width / image.shape[1], height / image.shape[0])
    inner = round(image.shape[1] * scale), round(image.shape[0] * scale)
    interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    scaled = image if scale == 1 else cv2.resize(image, inner, interpolation=interpolation)
    left, top = (width - inner[0]) // 2, (height - inner[1]) // 2
    edges = top, height - inner[1] - top, left, width - inner[0] - left
    return np.asarray(cv2.copyMakeBorder(scaled, *edges, cv2.BORDER_REPLICATE), np.uint8)


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
        centre = x + random.uniform(-6, 6), y + random.uniform(-6, 6)
        turn = turn_deg + random.uniform(-1.5, 1.5)
        if fault and index >= SEQUENCE_FRAMES - 3:
            down = random.uniform(0.1, 0.6) * size_px if fault == "sinks" else 0.0
            size_px *= random.uniform(1.02, 1.2) if fault == "leans in" else 1.0
            turn += random.choice([-1, 1]) * random.uniform(6, 14) if fault == "tilts" else 0.0
            centre = centre[0], centre[1] + down
        matrix = cv2.getRotationMatrix2D(FACE_CENTRE, turn, size_px / FACE_PX)
        matrix[:, 2] += np.subtract(centre, FACE_CENTRE)
        yield _webcam_jpeg(matrix, brightness, random)


def _webcam_jpeg(matrix: Any, brightness: float, random: Any) -> bytes:
    options: Any = {"flags": cv2.INTER_CUBIC, "borderMode": cv2.BORDER_REPLICATE}
    image = cv2.warpAffine(np.ascontiguousarray(astronaut()[:TOP_ROWS]), matrix, WEBCAM, **options)
    return jpeg(_with_noise(image, brightness, random), int(random.integers(75, 96)))


def _with_noise(image: Any, brightness: float, random: Any) -> Image:
    noise = random.standard_normal(image.shape, np.float32) * np.float32(random.uniform(1, 5))
    return np.asarray(np.clip(image * np.float32(brightness) + noise, 0, 255).round(), np.uint8)


def _pictures(folder: Path) -> list[Path]:
    paths = folder.iterdir() if folder.is_dir() else ()
    return sorted(path for path in paths if path.suffix.lower() in PICTURES and path.name[0] != ".")


def _length(source: Path) -> int:
    if source.is_dir():
        return len(_pictures(source))
    return max(1, int(cv2.VideoCapture(str(source)).get(cv2.CAP_PROP_FRAME_COUNT)))


def _read(source: Path) -> Iterator[bytes]:
    """Every n-th frame, so that a long clip gives MAX_CLIP_FRAMES; JPEGs as they are."""
    step = -(-_length(source) // MAX_CLIP_FRAMES)
    for path in _pictures(source)[::step] or [source]:
        if path.suffix.lower() in (".jpg", ".jpeg"):
            yield path.read_bytes()
        else:
            yield from (jpeg(image, 90) for _, image in images(path, step, is_quiet=True))
