"""Pictures and videos of people, a folder for each person: what a session would measure in them."""

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
from evaluation.traces import DataProblem

VIDEO_SUFFIXES = frozenset({".mp4", ".avi", ".mov", ".mkv", ".webm"})
LAYOUT = "It holds a folder for each person, with pictures (JPEG, PNG) or videos in it, or in folders further down"


@dataclass(frozen=True, slots=True, eq=False)
class FaceSample:
    """A face in one frame of a file."""

    file: Path
    measures: FaceMeasures
    descriptor: Descriptor


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """What was seen in a video, or in a folder's pictures one after the other. frames: with those without a face."""

    person: str
    frames: int
    samples: Sequence[FaceSample]


def find_clips(folder: Path) -> dict[str, list[list[Path]]]:
    """The files of each person's clips. Raises DataProblem."""
    if not folder.is_dir():
        raise DataProblem(f"{folder} is no folder. {LAYOUT}.")
    people = {each.name: _clips(each) for each in sorted(folder.iterdir()) if each.is_dir()}
    people = {person: clips for person, clips in people.items() if clips}
    if not people:
        raise DataProblem(f"There is no picture and no video in the folders of {folder}. {LAYOUT}.")
    return people


def watch(person: str, files: Sequence[Path], told: Callable[[], object]) -> Clip:
    """What a clip shows; told is called after each file. Raises DataProblem, WeightsMissing."""
    samples: list[FaceSample] = []
    frames, near = 0, None
    for file in files:
        for image in _images(file):
            frames += 1
            sample = _sample(file, image, near)
            near = sample.measures.box if sample else None
            samples += [sample] if sample else []
        told()
    return Clip(person, frames, samples)


def _clips(folder: Path) -> list[list[Path]]:
    files = sorted(each for each in _files(folder) if not each.name.startswith("."))
    videos = [[each] for each in files if each.suffix.lower() in VIDEO_SUFFIXES]
    pictures = [each for each in files if each.suffix.lower() in PICTURE_SUFFIXES]
    return [*videos, *(list(group) for _, group in groupby(pictures, key=lambda each: each.parent))]


def _files(folder: Path) -> Iterator[Path]:
    # Path.rglob does not follow links to folders, with which people's folders are easily made up.
    for each in folder.iterdir():
        if each.is_dir():
            yield from _files(each)
        else:
            yield each


def _images(file: Path) -> Iterator[Image]:
    try:
        for _, image in images(file, 1, is_quiet=True):
            yield image
    except (UnsupportedMedia, InvalidFrame, OSError) as error:
        raise DataProblem(f"{file}: {error}") from error


def _sample(file: Path, image: Image, near: Box | None) -> FaceSample | None:
    analysis = vision.analyze_image(image, AnalysisPlan(near=near, measures=True, identity=True))
    if analysis.measures is None or analysis.descriptor is None:
        return None
    return FaceSample(file, analysis.measures, analysis.descriptor)
