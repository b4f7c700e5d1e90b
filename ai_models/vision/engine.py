"""Engines that find, count and describe faces. All give dlib's results, at different cost."""

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Protocol

from ai_models.analysis import AnalysisPlan, FrameAnalysis
from ai_models.identity import Descriptor
from ai_models.landmarks import Box, Face
from ai_models.measures import FaceMeasures, measure_face
from ai_models.vision import faces
from ai_models.vision.backend import DLIB, Backend
from ai_models.vision.descriptor import describe_face, open_network
from ai_models.vision.frame import Image
from ai_models.vision.native.backend import open_native
from ai_models.vision.native.library import AUTO, OFF, NativeUnusable
from ai_models.vision.picture_quality import quality_of

_log = logging.getLogger(__name__)
_opening = Lock()


class Engine(Protocol):
    """Images are (H, W, 3) RGB. Each method raises WeightsMissing."""

    def find(self, image: Image, near: Box | None) -> Face | None:
        """The largest face with its landmarks; near: its last known box."""

    def count(self, image: Image) -> int:
        """The number of faces."""

    def describe(self, image: Image, face: Face) -> Descriptor:
        """The descriptor, (128,) float32, of a face found in the image."""


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
    """Searches coarse scales first. model_cache: the folder of the exported descriptor network."""

    model_cache: Path
    backend: Backend = DLIB

    def find(self, image: Image, near: Box | None) -> Face | None:
        return faces.find_face(image, near=near, backend=self.backend)

    def count(self, image: Image) -> int:
        return faces.count_faces(image, self.backend)

    def describe(self, image: Image, face: Face) -> Descriptor:
        return describe_face(image, face, open_network(self.model_cache))


class ExactEngine(FastEngine):
    """dlib's own search at full resolution, regardless of cost."""

    __slots__ = ()

    def find(self, image: Image, near: Box | None) -> Face | None:
        return faces.find_face(image, exact=True, backend=self.backend)


Timed = Callable[[str], AbstractContextManager[object]]  # the context manager around a stage, given its name


def untimed(stage: str) -> AbstractContextManager[object]:
    """A context manager that does nothing."""
    return nullcontext()


def analyze_image(image: Image, plan: AnalysisPlan, engine: Engine, timed: Timed = untimed) -> FrameAnalysis:
    """The analysis of an (H, W, 3) RGB image; computes what is planned, once. Raises WeightsMissing."""
    height, width = image.shape[:2]
    with timed("find"):
        face = engine.find(image, plan.near)
    if face is None:
        return FrameAnalysis(width, height)
    count = descriptor = None
    if plan.count:
        with timed("count"):
            count = engine.count(image)
    if plan.identity:
        with timed("describe"):
            descriptor = engine.describe(image, face)
    return FrameAnalysis(width, height, face, _measures(image, face, plan), count, descriptor)


def _measures(image: Image, face: Face, plan: AnalysisPlan) -> FaceMeasures | None:
    if not plan.measures:
        return None
    height, width = image.shape[:2]
    return measure_face(face, width, height, quality_of(image, face.box) if plan.quality else None)
