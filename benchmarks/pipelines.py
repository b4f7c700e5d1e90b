"""Neck and blink frames by the plain pipeline and by ours, in its stages, without a request around them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ai_models import blink, posture
from ai_models.analysis import AnalysisPlan
from ai_models.landmarks import Box, Face, Points
from ai_models.measures import eye_aspect_ratio
from ai_models.posture import ContractBaseline
from ai_models.vision import faces
from ai_models.vision.backend import Backend
from ai_models.vision.descriptor import PrecisionChoice
from ai_models.vision.engine import Engine, ExactEngine, FastEngine, analyze_image, open_backend
from ai_models.vision.frame import Image
from ai_models.vision.native import library
from ai_models.vision.native.backend import NativeBackend
from benchmarks.plain import FIND, LANDMARKS, PlainEngine
from benchmarks.plain import decode as decode
from benchmarks.turns import Mark, Sample, Way

DECODE, DESCRIPTOR, VERDICT = "decode", "align, describe", "verdict"
STAGES = (DECODE, FIND, LANDMARKS, DESCRIPTOR, VERDICT)
BASELINE = ContractBaseline(face_x=150, face_y=240, nose_to_center=20)  # the verdict's time does not depend on it
PLAIN, OURS = "plain", "ours"
VARIANTS = {"ours by dlib": library.OFF, "ours, 128 bits": "128"}  # of the setting NATIVE_VISION

Marked = Callable[[Mark], Engine]  # an engine that marks the ends of its stages


@dataclass(frozen=True, slots=True)
class Item:
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


def neck(marked: Marked, *, use_near: bool = False) -> Way[Item]:
    """Posture and identity."""
    return lambda item: _run(item, marked, AnalysisPlan(identity=True, near=item.near if use_near else None))


def blink_way(marked: Marked) -> Way[Item]:
    return lambda item: _run(item, marked, AnalysisPlan())


def _run(item: Item, marked: Marked, plan: AnalysisPlan) -> Sample:
    sample = Sample()
    image = decode(item.data)
    sample.mark(DECODE)
    analysis = analyze_image(image, plan, marked(sample.mark))
    sample.mark(DESCRIPTOR if analysis.descriptor else FIND)
    if analysis.face:
        points = analysis.face.points
        if plan.identity:
            posture.judge(posture.measure(points), BASELINE)
        else:
            blink.is_closed(eye_aspect_ratio(points))
        sample.mark(VERDICT)
    return sample.found(analysis.face)


def backends(cache: Path) -> dict[str, Backend]:
    """Ours as it chooses on this machine, and those of its variants that differ from that."""
    return {name: open_backend(cache, native) for name, native in natives(cache).items()}


def natives(cache: Path) -> dict[str, str]:
    """The same as settings of NATIVE_VISION."""
    chosen = {OURS: library.AUTO}
    own = open_backend(cache)
    if not isinstance(own, NativeBackend):
        return chosen
    return chosen | {name: native for name, native in VARIANTS.items() if native != str(own.vector_bits)}


def neck_ways(cache: Path) -> dict[str, Way[Item]]:
    """Plain, ours as a start chooses it on this machine, and ours otherwise."""
    found = backends(cache)
    ways = {PLAIN: neck(PlainEngine)} | {name: neck(ours(cache, backend)) for name, backend in found.items()}
    ways["ours, near"] = neck(ours(cache, found[OURS]), use_near=True)
    ways["ours, exact search"] = neck(ours(cache, found[OURS], engine=ExactEngine))
    ways["ours in float32"] = neck(ours(cache, found[OURS], "fp32"))
    return ways


def blink_ways(cache: Path) -> dict[str, Way[Item]]:
    return {PLAIN: blink_way(PlainEngine)} | {
        name: blink_way(ours(cache, backend)) for name, backend in backends(cache).items()
    }


def find_face(image: Image) -> Face | None:
    return faces.find_face(image)
