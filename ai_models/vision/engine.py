"""Engines that find, count and describe faces. All give dlib's results, at different cost."""

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Protocol

import numpy as np
from msgspec.structs import replace

from ai_models.analysis import AnalysisPlan, Crop, FrameAnalysis
from ai_models.identity import FaceDescriptor
from ai_models.landmarks import Box, Face
from ai_models.measures import FaceMeasures, measure_face
from ai_models.quality import PictureProblem
from ai_models.vision import faces
from ai_models.vision.backend import DLIB, Backend
from ai_models.vision.descriptor import PrecisionChoice, describe
from ai_models.vision.explanation import explain
from ai_models.vision.frame import Image
from ai_models.vision.native.backend import open_native
from ai_models.vision.native.library import AUTO, OFF, NativeUnusable
from ai_models.vision.picture_quality import glare_of, quality_of, scene_of

DARK_BELOW = 70.0  # a face's mean brightness, 0 to 255, under which its levels are stretched
STRETCHED_LIGHT = 110.0  # the mean that they get
_log = logging.getLogger(__name__)
_opening = Lock()


class Engine(Protocol):
    """Images are (H, W, 3) RGB. Each method raises WeightsMissing."""

    def find(self, image: Image, plan: AnalysisPlan) -> Face | None:
        """The user's face with its landmarks, as planned: at a box, near one or anywhere, steady or not."""

    def beside(self, image: Image, user: Box) -> tuple[Box, ...]:
        """The boxes of the faces besides the user's."""

    def explain(self, original: Image, image: Image, *, thoroughly: bool) -> PictureProblem | None:
        """Why no face was found; see explanation.explain."""

    def describe(self, image: Image, face: Face, *, is_exact: bool) -> FaceDescriptor:
        """The descriptor of a face found in the image. is_exact: it will be enrolled, not only compared."""


def open_backend(model_cache: Path, native: str = AUTO) -> Backend:
    """The backend of an engine, opened once per process: in C where that can be used, otherwise dlib.

    native: "auto", "off" for dlib, or the width of vectors in bits (library.CHOICES). Raises WeightsMissing.
    """
    if native == OFF:
        return DLIB
    with _opening:
        return _open_backend(model_cache, native)


@cache
def _open_backend(model_cache: Path, native: str) -> Backend:
    try:
        return open_native(model_cache, native)
    except NativeUnusable as error:
        _log.warning("Faces are searched for by dlib alone, which is slower: %s.", error)
        return DLIB


@dataclass(frozen=True, slots=True)
class FastEngine:
    """Searches coarse scales first. model_cache: the folder of the exported descriptor network.

    precision: in which faces are compared, wherever that gives the same verdict as float32.
    """

    model_cache: Path
    backend: Backend = DLIB
    precision: PrecisionChoice = "auto"

    def find(self, image: Image, plan: AnalysisPlan) -> Face | None:
        if plan.at:
            return faces.face_at(image, plan.at, self.backend)
        return faces.find_face(image, near=plan.near, steady=plan.steady, backend=self.backend)

    def beside(self, image: Image, user: Box) -> tuple[Box, ...]:
        return faces.faces_beside(image, user, self.backend)

    def explain(self, original: Image, image: Image, *, thoroughly: bool) -> PictureProblem | None:
        return explain(original, image, self.backend, thoroughly=thoroughly)

    def describe(self, image: Image, face: Face, *, is_exact: bool) -> FaceDescriptor:
        if face.steady_points is not None:  # descriptors are aligned by dlib's own landmarks
            face = faces.face_at(image, face.box, self.backend)
        return describe(image, face, self.model_cache, "fp32" if is_exact else self.precision)


class ExactEngine(FastEngine):
    """dlib's own search at full resolution, regardless of cost."""

    __slots__ = ()

    def find(self, image: Image, plan: AnalysisPlan) -> Face | None:
        return faces.find_face(image, exact=True, steady=plan.steady, backend=self.backend)


Timed = Callable[[str], AbstractContextManager[object]]  # the context manager around a stage, given its name


def untimed(stage: str) -> AbstractContextManager[object]:
    """A context manager that does nothing."""
    return nullcontext()


def analyze_image(
    image: Image, plan: AnalysisPlan, engine: Engine, timed: Timed = untimed, crop: Crop | None = None
) -> FrameAnalysis:
    """The analysis of an (H, W, 3) RGB image; computes what is planned, once. Raises WeightsMissing.

    crop: the image's place, if it is part of a picture; other faces are then not searched for.
    """
    whole = crop or Crop(0, 0, image.shape[1], image.shape[0])
    plan = replace(plan, near=_box_in(plan.near, plan, whole), at=_box_in(plan.at, plan, whole))
    original = image
    if plan.measures:
        image = brightened(image, plan.at or plan.near)
    with timed("find"):
        face = engine.find(image, plan)
    if face is None:
        return _unseen(original, image, engine, plan, whole, is_part=crop is not None)
    others = descriptor = None
    if plan.others and crop is None:
        with timed("count"):
            others = engine.beside(image, face.box)
    if plan.identity:
        with timed("describe"):
            descriptor = engine.describe(image, face, is_exact=plan.exact_identity)
    measures = _measures(original, face, plan, whole) if plan.measures else None
    scene = scene_of(original, face.box) if plan.scene and crop is None else None
    in_whole = face.moved(crop.left, crop.top) if crop else face
    return FrameAnalysis(whole.width, whole.height, in_whole, measures, others, descriptor, scene)


def _unseen(
    original: Image, image: Image, engine: Engine, plan: AnalysisPlan, whole: Crop, *, is_part: bool
) -> FrameAnalysis:
    """The analysis of a picture without a face. A part of one, or a frame of version 1, needs no explanation."""
    if is_part or not plan.measures:
        return FrameAnalysis(whole.width, whole.height)
    problem = engine.explain(original, image, thoroughly=plan.explain)
    return FrameAnalysis(whole.width, whole.height, problem=problem, is_explained=plan.explain)


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
    light, glare = light_of(image, face.box), glare_of(image, face.points)
    in_whole = face.moved(whole.left, whole.top) if whole.left or whole.top else face
    return measure_face(in_whole, whole.width, whole.height, pose=plan.pose, quality=quality, light=light, glare=glare)
