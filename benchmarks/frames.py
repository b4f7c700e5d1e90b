"""The frames that are measured: made from the astronaut, or from a folder of clips and pictures.

All are JPEGs as a browser would send them. Made frames are the same on every run: webcam pictures of 640 × 480 in short
sequences, in each of which the person sways, and in half of which she leans in, sinks or tilts her head at the end.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import skimage.data

from ai_models.vision.frame import Image

WIDTH, HEIGHT = 640, 480
SEED = 20
FRAMES_A_SEQUENCE = 8
FRAMES_OF_A_LONG_CLIP = 24

TOP_ROWS = 300  # in the whole astronaut, turned or compressed again, dlib finds a larger false face low down
FACE_CENTRE = (222.0, 127.0)
FACE_BOX_PX = 88  # dlib's box of the astronaut's face
FACE_SIZES_PX = ((120, 200), (60, 120), (200, 260))
FACE_SIZE_SHARES = (0.7, 0.15, 0.15)
SMALL_FACES_PX = (60, 100)

PICTURES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp"})
CLIPS = frozenset({".mp4", ".avi", ".mov", ".mkv", ".webm", ".m4v", ".mpg", ".mpeg"})


@dataclass(frozen=True, slots=True)
class FrameSequence:
    """Frames of one sitting, one after the other, as JPEG."""

    name: str
    frames: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class _Pose:
    face_px: float
    centre: tuple[float, float]
    turn_deg: float
    brightness: float


def made(count: int, sizes: Sequence[tuple[int, int]] = FACE_SIZES_PX, seed: int = SEED) -> list[FrameSequence]:
    """About count frames of the astronaut; sizes are of the face's box, the first far more often than the others."""
    random = np.random.default_rng(seed)
    shares = FACE_SIZE_SHARES if len(sizes) > 1 else (1.0,)
    sequences = []
    for place in range(max(1, round(count / FRAMES_A_SEQUENCE))):
        low, high = sizes[int(random.choice(len(sizes), p=shares))]
        frames = [_webcam_jpeg(pose, random) for pose in _sitting(random, low, high, misbehaves=place % 2 == 1)]
        sequences.append(FrameSequence(f"made {place}", tuple(frames)))
    return sequences


def made_small(count: int) -> list[FrameSequence]:
    """Frames in which the face is from 60 to 100 pixels wide."""
    return made(count, [SMALL_FACES_PX], SEED + 1)


def made_empty(count: int) -> list[FrameSequence]:
    """Frames without a face: the coffee cup, shifted and scaled."""
    random = np.random.default_rng(SEED + 2)
    frames = []
    for _ in range(count):
        scale = random.uniform(1.0, 1.3)
        shift = random.uniform(-60, 0, 2)
        matrix = np.array([[scale, 0, shift[0]], [0, scale, shift[1]]])
        image = cv2.warpAffine(_coffee(), matrix, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REPLICATE)
        frames.append(jpeg(_with_noise(image, 1.0, random), 90))
    return [FrameSequence("empty", tuple(frames))]


def from_folder(folder: Path, max_frames: int) -> list[FrameSequence]:
    """Each clip, and each folder's pictures together, as one sequence; whole sequences are left out evenly."""
    sources = list(_sources(folder))
    if not sources:
        raise SystemExit(f"There is no picture and no video in {folder}.")
    lengths = [min(_length(source), FRAMES_OF_A_LONG_CLIP) for source in sources]
    wanted = max(1, min(len(sources), int(max_frames / np.mean(lengths))))
    places = np.linspace(0, len(sources) - 1, wanted).round().astype(int)
    sequences = [FrameSequence(_name(sources[place], folder), tuple(_read(sources[place]))) for place in places]
    return [each for each in sequences if each.frames]


def some(sequences: Sequence[FrameSequence], count: int) -> list[FrameSequence]:
    """Sequences taken evenly from all, with about count frames together."""
    mean = sum(len(each.frames) for each in sequences) / len(sequences)
    wanted = max(1, min(len(sequences), round(count / mean)))
    return [sequences[place] for place in np.linspace(0, len(sequences) - 1, wanted).round().astype(int)]


def at_size(image: Image, width: int, height: int) -> Image:
    """The picture scaled to fit and, where its shape is another, with its edges drawn out to the sides."""
    scale = min(width / image.shape[1], height / image.shape[0])
    inner = round(image.shape[1] * scale), round(image.shape[0] * scale)
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    scaled = image if scale == 1 else cv2.resize(image, inner, interpolation=how)
    left, top = (width - inner[0]) // 2, (height - inner[1]) // 2
    edges = top, height - inner[1] - top, left, width - inner[0] - left
    return np.asarray(cv2.copyMakeBorder(scaled, *edges, cv2.BORDER_REPLICATE), np.uint8)


def jpeg(image: Image, quality: int = 90) -> bytes:
    return cv2.imencode(".jpg", image[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()


def png(image: Image) -> bytes:
    return cv2.imencode(".png", image[:, :, ::-1])[1].tobytes()


@cache
def _astronaut() -> Image:
    return np.ascontiguousarray(skimage.data.astronaut()[:TOP_ROWS])  # type: ignore[no-untyped-call]


@cache
def _coffee() -> Image:
    return np.ascontiguousarray(skimage.data.coffee())  # type: ignore[no-untyped-call]


def _sitting(random: Any, low: int, high: int, *, misbehaves: bool) -> Iterator[_Pose]:
    face_px = random.uniform(low, high)
    x, y = WIDTH / 2 + random.uniform(-120, 120), HEIGHT / 2 + random.uniform(-70, 50)
    turn_deg, brightness = random.uniform(-4, 4), random.uniform(0.6, 1.2)
    fault = random.choice(["leans in", "sinks", "tilts"]) if misbehaves else None
    for place in range(FRAMES_A_SEQUENCE):
        pose = _Pose(
            face_px=face_px * random.uniform(0.985, 1.015),
            centre=(x + random.uniform(-6, 6), y + random.uniform(-6, 6)),
            turn_deg=turn_deg + random.uniform(-1.5, 1.5),
            brightness=brightness,
        )
        yield _at_fault(pose, fault, random) if fault and place >= FRAMES_A_SEQUENCE - 3 else pose


def _at_fault(pose: _Pose, fault: str, random: Any) -> _Pose:
    scale = random.uniform(1.02, 1.2) if fault == "leans in" else 1.0
    down = random.uniform(0.1, 0.6) * pose.face_px if fault == "sinks" else 0.0
    turn = random.choice([-1, 1]) * random.uniform(6, 14) if fault == "tilts" else 0.0
    return _Pose(pose.face_px * scale, (pose.centre[0], pose.centre[1] + down), pose.turn_deg + turn, pose.brightness)


def _webcam_jpeg(pose: _Pose, random: Any) -> bytes:
    matrix = cv2.getRotationMatrix2D(FACE_CENTRE, pose.turn_deg, pose.face_px / FACE_BOX_PX)
    matrix[:, 2] += np.subtract(pose.centre, FACE_CENTRE)
    how = {"flags": cv2.INTER_CUBIC, "borderMode": cv2.BORDER_REPLICATE}
    image = cv2.warpAffine(_astronaut(), matrix, (WIDTH, HEIGHT), **how)  # type: ignore[call-overload]
    return jpeg(_with_noise(image, pose.brightness, random), int(random.integers(75, 96)))


def _with_noise(image: Any, brightness: float, random: Any) -> Image:
    noise = random.standard_normal(image.shape, np.float32) * np.float32(random.uniform(1, 5))
    return np.asarray(np.clip(image * np.float32(brightness) + noise, 0, 255).round(), np.uint8)


def _sources(folder: Path) -> Iterator[Path]:
    """Clips, and folders that hold pictures themselves."""
    for path in sorted([folder, *folder.rglob("*")]):
        if path.is_dir():
            if _pictures_in(path):
                yield path
        elif path.suffix.lower() in CLIPS and not path.name.startswith("."):
            yield path


def _pictures_in(folder: Path) -> list[Path]:
    named = (path for path in folder.iterdir() if path.suffix.lower() in PICTURES and not path.name.startswith("."))
    return sorted(named)


def _length(source: Path) -> int:
    if source.is_dir():
        return len(_pictures_in(source))
    video = cv2.VideoCapture(str(source))
    length = max(1, int(video.get(cv2.CAP_PROP_FRAME_COUNT)))
    video.release()
    return length


def _name(source: Path, folder: Path) -> str:
    return str(source.relative_to(folder))


def _read(source: Path) -> Iterator[bytes]:
    every = max(1, -(-_length(source) // FRAMES_OF_A_LONG_CLIP))
    if source.is_dir():
        for path in _pictures_in(source)[::every]:
            yield from _as_jpeg(cv2.imread(str(path)), path.read_bytes())
        return
    video = cv2.VideoCapture(str(source))
    place = 0
    while video.grab():
        if place % every == 0:
            is_whole, image = video.retrieve()
            if is_whole:
                yield from _as_jpeg(image)
        place += 1
    video.release()


def _as_jpeg(image: Any, original: bytes = b"") -> Iterator[bytes]:
    if original.startswith(b"\xff\xd8\xff") and image is not None:
        yield original
    elif image is not None:
        yield jpeg(image[:, :, ::-1])
