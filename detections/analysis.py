"""From files to pictures, and from a picture to what version 1 measures in it. Uses no database."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tqdm import tqdm

from ai_models import blink, posture
from ai_models.landmarks import Face
from ai_models.measures import eye_aspect_ratio
from ai_models.posture import ContractBaseline, ContractMeasures, Verdict
from ai_models.vision.frame import JPEG_START, PNG_START, Image, decode, read_frame
from detections import vision

NO_FACE = "no face found"
PICTURE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png"})


class UnsupportedMedia(Exception):
    """An input is neither a picture nor a video; the message says why."""


@dataclass(frozen=True, slots=True)
class Origin:
    """The source of a picture; frame: its number in a video, from 0, or None."""

    path: str
    frame: int | None = None

    def __str__(self) -> str:
        return self.path if self.frame is None else f"{self.path}#{self.frame}"


@dataclass(frozen=True, slots=True)
class FaceReading:
    """The measures of one face; the eye aspect ratio is NaN if an eye has no width."""

    face: Face
    measures: ContractMeasures
    eye_aspect_ratio: float
    is_closed: bool


@dataclass(frozen=True, slots=True)
class Analysis:
    """One picture's result. reading: None if no face was found. verdict: None without a face or a baseline.

    number counts the pictures of one run from 1.
    """

    origin: Origin
    number: int
    reading: FaceReading | None
    verdict: Verdict | None = None

    def judged(self, baseline: ContractBaseline) -> "Analysis":
        if self.reading is None:
            return self
        return replace(self, verdict=posture.judge(self.reading.measures, baseline))

    def as_json(self) -> dict[str, Any]:
        """The analysis as JSON types: numbers unrounded, null for a missing face, verdict or number."""
        return {
            "path": self.origin.path,
            "frame": self.origin.frame,
            "problem": None if self.reading else NO_FACE,
            **_reading_as_json(self.reading),
            "verdict": _verdict_as_json(self.verdict),
        }


def files(path: Path) -> list[Path]:
    """The path itself, or a folder's pictures sorted by name. Raises UnsupportedMedia, OSError."""
    if not path.is_dir():
        return [path]
    pictures = sorted(file for file in path.iterdir() if _is_named_as_picture(file))
    if not pictures:
        raise UnsupportedMedia("There is no JPEG or PNG picture in this folder.")
    return pictures


def images(path: Path, every: int, *, is_quiet: bool = False) -> Iterator[tuple[Origin, Image]]:
    """The pictures in one input, each with its origin. Raises UnsupportedMedia, InvalidFrame, OSError.

    is_quiet: no progress bar for a video.
    """
    with path.open("rb") as file:
        start = file.read(len(PNG_START))
    if start.startswith((JPEG_START, PNG_START)):
        yield Origin(str(path)), decode(read_frame(path.read_bytes()))
    else:
        yield from _video_images(path, every, is_quiet=is_quiet)


def analyze(image: Image, origin: Origin, number: int = 1) -> Analysis:
    """The analysis, without a verdict, of an (H, W, 3) RGB image's largest face. Raises WeightsMissing."""
    face = vision.analyze_image(image).face
    if face is None:
        return Analysis(origin, number, None)
    ratio = eye_aspect_ratio(face.points)
    return Analysis(origin, number, FaceReading(face, posture.measure(face.points), ratio, blink.is_closed(ratio)))


def mean_baseline(measures: Sequence[ContractMeasures]) -> ContractBaseline:
    """The mean of one or more frames' measures."""
    count = len(measures)
    return ContractBaseline(
        face_x=sum(frame.face_x for frame in measures) / count,
        face_y=sum(frame.face_y for frame in measures) / count,
        nose_to_center=sum(frame.nose_to_center for frame in measures) / count,
    )


def first_baseline(analyses: Iterable[Analysis], count: int) -> ContractBaseline | None:
    """The baseline from the first `count` analyses with a face; None if there are fewer."""
    measures = [analysis.reading.measures for analysis in analyses if analysis.reading][:count]
    return mean_baseline(measures) if len(measures) == count else None


def judge_after(seen: Iterable[tuple[Analysis, Image]], count: int) -> Iterator[tuple[Analysis, Image]]:
    """Every picture, judged against the baseline from the first `count` with a face; not judged if there are fewer.

    Those wait for the baseline, so pictures without a face may come earlier; at most `count` are in memory.
    """
    baseline: ContractBaseline | None = None
    waiting: list[tuple[Analysis, Image]] = []
    for analysis, image in seen:
        if baseline or analysis.reading is None:
            yield (analysis.judged(baseline) if baseline else analysis), image
            continue
        waiting.append((analysis, image))
        baseline = first_baseline((earlier for earlier, _ in waiting), count)
        if baseline:
            for earlier, image_then in waiting:
                yield earlier.judged(baseline), image_then
            waiting.clear()
    yield from waiting


def verdict_text(verdict: Verdict) -> str:
    """The verdict in ASCII text, for the table and for OpenCV's fonts."""
    faults = []
    if not verdict.is_level:
        faults.append("tilted")
    if not verdict.is_at_distance:
        faults.append("too close or too low")
    return f"bad: {', '.join(faults)}" if faults else "good"


def eyes_text(reading: FaceReading) -> str:
    return "closed" if reading.is_closed else "open"


def _is_named_as_picture(path: Path) -> bool:
    # macOS leaves hidden files beside pictures, with the same suffix.
    return path.suffix.lower() in PICTURE_SUFFIXES and not path.name.startswith(".")


def _video_images(path: Path, every: int, *, is_quiet: bool) -> Iterator[tuple[Origin, Image]]:
    import cv2

    # FFmpeg explicitly: OpenCV's other readers would read photo_001.bmp as the start of an image sequence.
    video = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG)
    try:
        frames = max(0, int(video.get(cv2.CAP_PROP_FRAME_COUNT)))
        if not video.grab():
            raise UnsupportedMedia("This is neither a JPEG or PNG picture nor a readable video.")
        total = math.ceil(frames / every) or None
        with tqdm(total=total, desc=path.name, unit="frame", disable=is_quiet) as progress:
            number, more = 0, True
            while more:
                if number % every == 0:
                    yield Origin(str(path), number), _retrieve(video)
                    progress.update()
                number, more = number + 1, video.grab()
    finally:
        video.release()


def _retrieve(video: Any) -> Image:
    import cv2

    is_whole, image = video.retrieve()
    if not is_whole:
        raise UnsupportedMedia("The video is damaged; it was read up to this point.")
    converted: Image = cv2.cvtColor(image, cv2.COLOR_BGR2RGB)
    return converted


def _reading_as_json(reading: FaceReading | None) -> dict[str, Any]:
    if reading is None:
        names = ("face_box", "face_x", "face_y", "nose_to_center", "head_angle_deg", "eye_aspect_ratio", "closed")
        return dict.fromkeys(names)
    box, measures = reading.face.box, reading.measures
    return {
        "face_box": {"left": box.left, "top": box.top, "right": box.right, "bottom": box.bottom},
        "face_x": measures.face_x,
        "face_y": measures.face_y,
        "nose_to_center": measures.nose_to_center,
        "head_angle_deg": measures.head_angle_deg,
        "eye_aspect_ratio": None if math.isnan(reading.eye_aspect_ratio) else reading.eye_aspect_ratio,
        "closed": reading.is_closed,
    }


def _verdict_as_json(verdict: Verdict | None) -> dict[str, bool] | None:
    if verdict is None:
        return None
    return {"good": verdict.is_good, "level": verdict.is_level, "at_distance": verdict.is_at_distance}
