"""Neck and blink frames by the plain pipeline and by ours, in its stages, without a request around them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ai_models import blink, posture
from ai_models.identity import Descriptor
from ai_models.landmarks import Box, Face, Points
from ai_models.measures import eye_aspect_ratio
from ai_models.posture import ContractBaseline
from ai_models.vision import faces
from ai_models.vision.backend import DLIB, Backend
from ai_models.vision.descriptor import Network, face_chip
from ai_models.vision.engine import open_backend
from ai_models.vision.frame import Image, read_frame
from ai_models.vision.frame import decode as decode_frame
from ai_models.vision.native import library
from benchmarks import plain
from benchmarks.plain import ALIGNMENT, DECODE, DESCRIPTOR, FIND, LANDMARKS, VERDICT
from benchmarks.turns import Mark, Sample, Way

BASELINE = ContractBaseline(face_x=150, face_y=240, nose_to_center=20)  # the verdict's time does not depend on it
OURS = "ours"
VARIANTS = {"ours by dlib": library.OFF, "ours, 128 bits": "128"}  # of the setting NATIVE_VISION


@dataclass(frozen=True, slots=True)
class Item:
    """A frame as it is sent, and the face's box in the frame before."""

    data: bytes
    near: Box | None = None


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The steps of one way. find: also gets the box of the face a moment ago; describe: also gets the found face."""

    decode: Callable[[bytes], Image]
    find: Callable[[Image, Box | None, Mark], Face | None]
    describe: Callable[[Image, Face, Mark], Descriptor | None]

    @property
    def neck(self) -> Way[Item]:
        """Posture and identity."""
        return lambda item: self._run(item, is_neck=True)

    @property
    def blink(self) -> Way[Item]:
        return lambda item: self._run(item, is_neck=False)

    def _run(self, item: Item, *, is_neck: bool) -> Sample:
        sample = Sample()
        image = self.decode(item.data)
        sample.mark(DECODE)
        face = self.find(image, item.near, sample.mark)
        if face is None:
            sample.mark(FIND)
        elif is_neck:
            posture.judge(posture.measure(face.points), BASELINE)
            sample.mark(VERDICT)
            self.describe(image, face, sample.mark)
        else:
            blink.is_closed(eye_aspect_ratio(face.points))
            sample.mark(VERDICT)
        return sample.found(face)


PLAIN = Pipeline(
    plain.decode,
    lambda image, near, mark: plain.find_face(image, mark),
    lambda image, face, mark: plain.describe(image, mark),
)


class _Marking:
    """A backend that marks the ends of search and landmarks."""

    def __init__(self, backend: Backend, mark: Mark) -> None:
        self.search, self._backend, self._mark = backend.search, backend, mark

    def landmarks(self, image: Image, box: Box) -> Points:
        self._mark(FIND)
        points = self._backend.landmarks(image, box)
        self._mark(LANDMARKS)
        return points


def ours(network: Network, backend: Backend, *, use_near: bool = False, exact: bool = False) -> Pipeline:
    def find(image: Image, near: Box | None, mark: Mark) -> Face | None:
        marking = _Marking(backend, mark)
        return faces.find_face(image, near=near if use_near else None, exact=exact, backend=marking)

    def describe(image: Image, face: Face, mark: Mark) -> Descriptor:
        chip = face_chip(image, face)
        mark(ALIGNMENT)
        descriptor = network(chip)
        mark(DESCRIPTOR)
        return descriptor

    return Pipeline(decode, find, describe)


def backends(cache: Path) -> dict[str, Backend]:
    """Ours as it chooses on this machine, and those of its variants that differ from that."""
    chosen = open_backend(cache)
    return {OURS: chosen} | {name: open_backend(cache, native) for name, native in variants(cache).items()}


def variants(cache: Path) -> dict[str, str]:
    """The settings of NATIVE_VISION that differ from the one chosen here, by their names."""
    if open_backend(cache) is DLIB:
        return {}
    own = str(library.width_of(library.AUTO))
    return {name: native for name, native in VARIANTS.items() if native != own}


def decode(data: bytes) -> Image:
    return decode_frame(read_frame(data))


def find_face(image: Image) -> Face | None:
    return faces.find_face(image)
