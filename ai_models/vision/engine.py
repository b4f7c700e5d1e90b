"""Engines that find, count and describe faces. All give dlib's results, at different cost."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from ai_models.analysis import AnalysisPlan, Crop, FrameAnalysis
from ai_models.identity import Descriptor
from ai_models.landmarks import Box, Face
from ai_models.measures import FaceMeasures, measure_face
from ai_models.vision import faces
from ai_models.vision.descriptor import describe_face, open_network
from ai_models.vision.frame import Image
from ai_models.vision.picture_quality import quality_of

DARK_BELOW = 70.0  # a face's mean brightness, 0 to 255, under which its levels are stretched
STRETCHED_LIGHT = 110.0  # the mean that they get


class Engine(Protocol):
    """Images are (H, W, 3) RGB. Each method raises WeightsMissing."""

    def find(self, image: Image, near: Box | None, at: Box | None = None) -> Face | None:
        """The largest face with its landmarks; near: its last known box, at: its box, which is not searched for."""

    def count(self, image: Image) -> int:
        """The number of faces."""

    def describe(self, image: Image, face: Face) -> Descriptor:
        """The descriptor, (128,) float32, of a face found in the image."""


@dataclass(frozen=True, slots=True)
class FastEngine:
    """Searches coarse scales first. model_cache: the folder of the exported descriptor network."""

    model_cache: Path

    def find(self, image: Image, near: Box | None, at: Box | None = None) -> Face | None:
        return faces.face_at(image, at) if at else faces.find_face(image, near=near)

    def count(self, image: Image) -> int:
        return faces.count_faces(image)

    def describe(self, image: Image, face: Face) -> Descriptor:
        return describe_face(image, face, open_network(self.model_cache))


class ExactEngine(FastEngine):
    """dlib's own search at full resolution, regardless of cost."""

    __slots__ = ()

    def find(self, image: Image, near: Box | None, at: Box | None = None) -> Face | None:
        return faces.find_face(image, exact=True)


Timed = Callable[[str], AbstractContextManager[object]]  # the context manager around a stage, given its name


def untimed(stage: str) -> AbstractContextManager[object]:
    """A context manager that does nothing."""
    return nullcontext()


def analyze_image(
    image: Image, plan: AnalysisPlan, engine: Engine, timed: Timed = untimed, crop: Crop | None = None
) -> FrameAnalysis:
    """The analysis of an (H, W, 3) RGB image; computes what is planned, once. Raises WeightsMissing.

    crop: the image's place, if it is part of a picture; faces are then not counted.
    """
    whole = crop or Crop(0, 0, image.shape[1], image.shape[0])
    near, at = (_box_in(box, plan, whole) for box in (plan.near, plan.at))
    original = image
    if plan.measures:
        image = brightened(image, at or near)
    with timed("find"):
        face = engine.find(image, near, at)
    if face is None:
        return FrameAnalysis(whole.width, whole.height)
    count = descriptor = None
    if plan.count and crop is None:
        with timed("count"):
            count = engine.count(image)
    if plan.identity:
        with timed("describe"):
            descriptor = engine.describe(image, face)
    measures = _measures(original, face, plan, whole) if plan.measures else None
    in_whole = face.moved(crop.left, crop.top) if crop else face
    return FrameAnalysis(whole.width, whole.height, in_whole, measures, count, descriptor)


def _box_in(box: Box | None, plan: AnalysisPlan, whole: Crop) -> Box | None:
    """A planned box in the pixels of a crop."""
    if box is None:
        return None
    if plan.near_width and plan.near_width != whole.width:
        box = box.scaled(whole.width / plan.near_width)
    return box.moved(-whole.left, -whole.top) if whole.left or whole.top else box


def brightened(image: Image, near: Box | None) -> Image:
    """An (H, W, 3) RGB image with its levels stretched if it is dark around a face's last known box, or everywhere.

    In the dark, open eyes measure a quarter more closed: at 10 % of full light 0.257 instead of 0.337, stretched 0.34.
    Closed ones stay closed.
    """
    light = light_of(image, near or Box(0, 0, image.shape[1], image.shape[0]))
    if light is None or light >= DARK_BELOW:
        return image
    import cv2

    return np.asarray(cv2.convertScaleAbs(image, alpha=STRETCHED_LIGHT / max(1.0, light)), np.uint8)


def light_of(image: Image, box: Box) -> float | None:
    """The mean brightness, 0 to 255, of an (H, W, 3) image inside a box; None if the box lies outside the image."""
    part = image[max(0, box.top) : max(0, box.bottom + 1) : 4, max(0, box.left) : max(0, box.right + 1) : 4]
    return float(part.mean()) if part.size else None


def _measures(image: Image, face: Face, plan: AnalysisPlan, whole: Crop) -> FaceMeasures:
    quality = quality_of(image, face.box) if plan.quality else None
    light = light_of(image, face.box)
    in_whole = face.moved(whole.left, whole.top) if whole.left or whole.top else face
    return measure_face(in_whole, whole.width, whole.height, quality, light)
