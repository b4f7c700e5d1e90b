"""Pictures and videos of people, a folder for each person, measured as a session measures its frames."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from ai_models.analysis import AnalysisPlan
from ai_models.identity import Descriptor
from ai_models.landmarks import Box
from ai_models.measures import FaceMeasures
from ai_models.vision.frame import Image, InvalidFrame
from detections import vision
from detections.analysis import PICTURE_SUFFIXES, UnsupportedMedia, images
from evaluation.traces import DatasetError

VIDEO_SUFFIXES = frozenset({".mp4", ".avi", ".mov", ".mkv", ".webm"})
LAYOUT = "It must hold a folder for each person, with pictures (JPEG, PNG) or videos in it or in its subfolders"


@dataclass(frozen=True, slots=True, eq=False)
class FaceSample:
    """A face in one frame of a file."""

    file: Path
    measures: FaceMeasures
    descriptor: Descriptor


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """The faces in a video, or in a folder's pictures in order. frames: all of them, including those without a face."""

    person: str
    frames: int
    samples: Sequence[FaceSample]


def find_clips(folder: Path) -> dict[str, list[list[Path]]]:
    """The files of each person's clips. Raises DatasetError."""
    if not folder.is_dir():
        raise DatasetError(f"{folder} is not a folder. {LAYOUT}.")
    people = {subfolder.name: _clips(subfolder) for subfolder in sorted(folder.iterdir()) if subfolder.is_dir()}
    people = {person: clips for person, clips in people.items() if clips}
    if not people:
        raise DatasetError(f"There are no pictures or videos in the folders of {folder}. {LAYOUT}.")
    return people


def analyze_clip(person: str, files: Sequence[Path], on_progress: Callable[[], object]) -> Clip:
    """The faces in a clip's files; on_progress is called after each file. Raises DatasetError, WeightsMissing."""
    samples: list[FaceSample] = []
    frames, near = 0, None
    for file in files:
        for image in images_of(file):
            frames += 1
            sample = _sample(file, image, near)
            near = sample.measures.box if sample else None
            samples += [sample] if sample else []
        on_progress()
    return Clip(person, frames, samples)


def _clips(folder: Path) -> list[list[Path]]:
    files = sorted(file for file in _files(folder) if not file.name.startswith("."))
    videos = [[file] for file in files if file.suffix.lower() in VIDEO_SUFFIXES]
    pictures = [file for file in files if file.suffix.lower() in PICTURE_SUFFIXES]
    return [*videos, *(list(group) for _, group in groupby(pictures, key=lambda file: file.parent))]


def _files(folder: Path) -> Iterator[Path]:
    # Unlike Path.rglob, this follows links to folders, the easiest way to arrange data sets by person.
    for path in folder.iterdir():
        if path.is_dir():
            yield from _files(path)
        else:
            yield path


def images_of(file: Path) -> Iterator[Image]:
    """The picture, or each frame of a video. Raises DatasetError."""
    try:
        for _, image in images(file, 1, is_quiet=True):
            yield image
    except (UnsupportedMedia, InvalidFrame, OSError) as error:
        raise DatasetError(f"{file}: {error}") from error


def _sample(file: Path, image: Image, near: Box | None) -> FaceSample | None:
    plan = AnalysisPlan(near=near, measures=True, steady=True, identity=True, exact_identity=True)
    analysis = vision.analyze_image(image, plan)
    if analysis.measures is None or analysis.descriptor is None:
        return None
    return FaceSample(file, analysis.measures, analysis.descriptor.exact)
