"""Neck and blink frames by the plain pipeline and by ours, in its stages, without a request around them."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from ai_models import blink, posture
from ai_models.analysis import AnalysisPlan
from ai_models.landmarks import Box, Points
from ai_models.measures import eye_aspect_ratio
from ai_models.posture import ContractBaseline
from ai_models.vision.backend import Backend
from ai_models.vision.descriptor import PrecisionChoice
from ai_models.vision.engine import Engine, ExactEngine, FastEngine, analyze_image, open_backend
from ai_models.vision.faces import find_face
from ai_models.vision.frame import Image
from ai_models.vision.native import library
from ai_models.vision.native.backend import NativeBackend
from benchmarks.frames import WEBCAM, FrameSequence, at_size
from benchmarks.plain import FIND, LANDMARKS, PlainEngine, decode
from benchmarks.turns import Mark, Sample, Way
from tests import pictures

DECODE, DESCRIPTOR, VERDICT = "decode", "align, describe", "verdict"
STAGES = (DECODE, FIND, LANDMARKS, DESCRIPTOR, VERDICT)
BASELINE = ContractBaseline(face_x=150, face_y=240, nose_to_center=20)  # the verdict's time does not depend on it
PLAIN, OURS, BY_DLIB = "plain", "ours", "ours by dlib"
VARIANTS = {BY_DLIB: library.OFF, "ours, 128 bits": "128"}  # of the setting NATIVE_VISION
WITH_IDENTITY, EYES_ONLY = AnalysisPlan(identity=True), AnalysisPlan()
ENCODERS: dict[str, Callable[..., bytes]] = {"JPEG": lambda image: pictures.jpeg(image, 90), "PNG": pictures.png}

Marked = Callable[[Mark], Engine]  # an engine that marks the ends of its stages


class Item(NamedTuple):
    """A frame as it is sent, and the face's box in the frame before."""

    data: bytes
    near: Box | None = None


class _Marking:
    """A backend that marks the ends of search and landmarks."""

    def __init__(self, backend: Backend, mark: Mark) -> None:
        self.search, self._backend, self._mark = backend.search, backend, mark

    def landmarks(self, image: Image, box: Box) -> Points:
        self._mark(FIND)
        points = self._backend.landmarks(image, box)
        self._mark(LANDMARKS)
        return points


def ours(
    cache: Path, backend: Backend, precision: PrecisionChoice = "auto", engine: type[FastEngine] = FastEngine
) -> Marked:
    return lambda mark: engine(cache, _Marking(backend, mark), precision)


def way(marked: Marked, plan: AnalysisPlan, *, use_near: bool = False) -> Way[Item]:
    """Posture and identity, or the eyes only."""

    def run(item: Item) -> Sample:
        sample = Sample()
        image = decode(item.data)
        sample.mark(DECODE)
        near = item.near if use_near else None
        analysis = analyze_image(image, AnalysisPlan(identity=plan.identity, near=near), marked(sample.mark))
        sample.mark(DESCRIPTOR if analysis.descriptor else FIND)
        if analysis.face:
            points = analysis.face.points
            if plan.identity:
                posture.judge(posture.measure(points), BASELINE)
            else:
                blink.is_closed(eye_aspect_ratio(points))
            sample.mark(VERDICT)
        return sample.found(analysis.face)

    return run


def natives(cache: Path) -> dict[str, str]:
    """Settings of NATIVE_VISION: ours as it chooses on this machine, and the variants that differ from that."""
    own = open_backend(cache)
    bits = str(own.vector_bits) if isinstance(own, NativeBackend) else None
    return {OURS: library.AUTO} | {name: native for name, native in VARIANTS.items() if bits not in (None, native)}


def ways(cache: Path, plan: AnalysisPlan) -> dict[str, Way[Item]]:
    """Plain, ours as a start chooses it on this machine, and ours otherwise."""
    own, ways = open_backend(cache), {PLAIN: way(PlainEngine, plan)}
    ways |= {name: way(ours(cache, open_backend(cache, native)), plan) for name, native in natives(cache).items()}
    if plan.identity:
        ways["ours, near"] = way(ours(cache, own), plan, use_near=True)
        ways["ours, exact search"] = way(ours(cache, own, engine=ExactEngine), plan)
        ways["ours in float32"] = way(ours(cache, own, "fp32"), plan)
    return ways


def items(sequences: Sequence[FrameSequence], size: tuple[int, int] = WEBCAM, encoding: str = "JPEG") -> list[Item]:
    """The frames at a size and in a format; JPEGs of that size stay as they are."""
    found = []
    for sequence in sequences:
        near = None
        for data in sequence:
            image = decode(data)
            if (image.shape[1], image.shape[0], encoding) != (*size, "JPEG"):
                image = at_size(image, *size)
                data = ENCODERS[encoding](image)
            found.append(Item(data, near))
            face = find_face(image)
            near = face.box if face else None
    return found
